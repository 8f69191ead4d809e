//! Randomness from a seed, so that a run can be repeated.

use serde::{Deserialize, Serialize};

/// A small generator (`SplitMix64`, Steele and others 2014). Good for choices, not for secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Chance(u64);

impl Chance {
    /// A generator that always gives the same sequence for `seed`.
    pub fn new(seed: u64) -> Self {
        Self(seed ^ 0x9E37_79B9_7F4A_7C15)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.bits() >> 1)
            .unwrap_or(0)
            .checked_rem(bound)
            .unwrap_or(0)
    }

    /// True with the given probability (0 to 1).
    pub fn happens(&mut self, probability: f64) -> bool {
        if probability <= 0.0 {
            return false;
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "53 bits are enough for a probability"
        )]
        let share = (self.bits() >> 11) as f64 / (1_u64 << 53) as f64;
        share < probability
    }

    /// `N` bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.bits().to_le_bytes()[..chunk.len()]);
        }
        bytes
    }

    /// An upper-case UUID (version 4 form), as Apple's devices print theirs.
    pub fn uuid(&mut self) -> String {
        uuid::Builder::from_random_bytes(self.bytes())
            .into_uuid()
            .to_string()
            .to_uppercase()
    }
}
