//! What a channel does for the engine.

use mandate_model::{CompileInput, Compiled, Platform, Refusal};

/// Turns intent into what one platform takes.
pub trait Channel: Send + Sync + std::fmt::Debug {
    /// The platform it serves.
    fn platform(&self) -> Platform;

    /// What a device is to receive for a profile. Pure: the same input gives the same bytes.
    fn compile(&self, input: &CompileInput<'_>) -> Result<Compiled, Refusal>;
}
