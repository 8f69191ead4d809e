use super::Failure;
use crate::asn1::{Element, tag};

/// What may still be spent on turning passwords into keys, in iterations.
///
/// A file chooses its own iteration counts, so whoever may send a file could keep a processor busy for hours.
#[derive(Debug)]
pub(crate) struct Work {
    left: u64,
}

impl Work {
    pub(crate) fn new(iterations: u64) -> Self {
        Self { left: iterations }
    }

    /// Takes the iterations for one value, before they are done. No value that is ever derived is longer than four digests.
    pub(super) fn spend(&mut self, iterations: u32) -> Result<(), Failure> {
        self.left = self
            .left
            .checked_sub(u64::from(iterations))
            .ok_or(Failure::TooMuchWork)?;
        Ok(())
    }
}

/// An iteration count: positive, and within what any machine would do.
pub(crate) fn read_iterations(element: &Element<'_>) -> Result<u32, Failure> {
    if element.tag != tag::INTEGER || element.content.first().is_none_or(|&first| first >= 0x80) {
        return Err(Failure::Malformed);
    }
    let octets = element.unsigned();
    if octets.is_empty() {
        return Err(Failure::Malformed);
    }
    if octets.len() > 4 {
        return Err(Failure::TooMuchWork);
    }
    Ok(octets
        .iter()
        .fold(0, |sum, &octet| (sum << 8) | u32::from(octet)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::writer;

    #[test]
    fn work_is_spent_once() {
        let mut work = Work::new(1000);
        assert_eq!(work.spend(900), Ok(()));
        assert_eq!(work.spend(101), Err(Failure::TooMuchWork));
        assert_eq!(work.spend(100), Ok(()));
        assert_eq!(work.spend(u32::MAX), Err(Failure::TooMuchWork));
    }

    #[test]
    fn counts_are_positive_and_finite() {
        let read = |der: &[u8]| read_iterations(&Element::only(der).unwrap());
        assert_eq!(read(&writer::integer(100_000)), Ok(100_000));
        assert_eq!(read(&writer::integer(0)), Err(Failure::Malformed));
        assert_eq!(read(&[2, 1, 0xff]), Err(Failure::Malformed));
        assert_eq!(read(&[2, 0]), Err(Failure::Malformed));
        assert_eq!(read(&writer::integer(1 << 32)), Err(Failure::TooMuchWork));
    }
}
