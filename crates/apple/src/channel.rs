//! The engine's view of this channel.

use mandate_engine::Channel;
use mandate_model::{CompileInput, Compiled, Platform, Refusal};

/// Compiles for iOS and iPadOS.
#[derive(Debug, Clone, Copy, Default)]
pub struct AppleChannel;

impl Channel for AppleChannel {
    fn platform(&self) -> Platform {
        Platform::Ios
    }

    fn compile(&self, input: &CompileInput<'_>) -> Result<Compiled, Refusal> {
        crate::compile::compile(input)
    }
}
