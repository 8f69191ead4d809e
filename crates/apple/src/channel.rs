//! The engine's view of this channel.

use std::sync::Arc;

use mandate_engine::{Channel, PayloadView};
use mandate_model::{CompileInput, Compiled, Platform, Refusal};

/// Compiles for one of Apple's platforms.
#[derive(Debug, Clone, Copy)]
pub struct AppleChannel(pub Platform);

impl AppleChannel {
    /// One for each platform.
    pub fn all() -> Vec<Arc<dyn Channel>> {
        [Platform::Ios, Platform::MacOs]
            .into_iter()
            .map(|platform| Arc::new(Self(platform)) as Arc<dyn Channel>)
            .collect()
    }
}

impl Channel for AppleChannel {
    fn platform(&self) -> Platform {
        self.0
    }

    fn compile(&self, input: &CompileInput<'_>) -> Result<Compiled, Refusal> {
        crate::compile::compile(input)
    }

    fn explain(&self, document: &[u8]) -> Vec<PayloadView> {
        crate::explain::explain(document)
    }
}
