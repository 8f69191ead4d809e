use crate::certificate::hex;

/// The serial number of a certificate to be issued: positive, 16 octets, unguessable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SerialNumber([u8; 16]);

impl SerialNumber {
    /// Takes 16 random octets. The first two bits are fixed, so that the number is positive and never starts with zeros.
    pub fn from_random(mut octets: [u8; 16]) -> Self {
        octets[0] = octets[0] & 0x3f | 0x40;
        Self(octets)
    }

    /// Draws a number from a source of randomness.
    pub fn generate(fill: &mut dyn FnMut(&mut [u8])) -> Self {
        let mut octets = [0; 16];
        fill(&mut octets);
        Self::from_random(octets)
    }

    /// The number, unsigned and big-endian, equal to [`crate::certificate::Certificate::serial`].
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for SerialNumber {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "SerialNumber({})", hex(&self.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_number_is_positive_whatever_chance_gives() {
        for octet in 0..=255 {
            let serial = SerialNumber::generate(&mut |octets| octets.fill(octet));
            assert!((0x40..0x80).contains(&serial.as_bytes()[0]));
        }
    }
}
