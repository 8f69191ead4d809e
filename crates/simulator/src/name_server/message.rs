//! Messages of RFC 1035 §4: questions are read, answers written.

use super::Saying;

/// RFC 1035 §3.2.2.
const CNAME: u16 = 5;
const TXT: u16 = 16;
/// RFC 1035 §4.1.1, in the second octet of the flags.
const SERVER_FAILURE: u8 = 2;
const NAME_ERROR: u8 = 3;
/// An answer, with recursion wanted and there.
const ANSWER: [u8; 2] = [0x81, 0x80];
/// The same, cut short.
const TRUNCATED: u8 = 0x02;
/// A pointer to the name of the question, which begins behind the header.
const SAME_NAME: [u8; 2] = [0xc0, 0x0c];
const HEADER: usize = 12;
const TTL_SECONDS: u32 = 60;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) id: [u8; 2],
    /// In lower case, without a dot at the end.
    pub(super) name: String,
    kind: u16,
    /// As it came, from the name on.
    octets: Vec<u8>,
}

impl Question {
    /// Reads a message with one question; nothing of anything else.
    pub(super) fn read(message: &[u8]) -> Option<Self> {
        let id = [*message.first()?, *message.get(1)?];
        let mut at = HEADER;
        let mut labels = Vec::new();
        loop {
            let length = usize::from(*message.get(at)?);
            at += 1;
            if length == 0 {
                break;
            }
            // Nobody compresses the one name of a question.
            let label = message.get(at..at + length).filter(|_| length < 64)?;
            labels.push(String::from_utf8_lossy(label).to_lowercase());
            at += length;
        }
        let kind = u16::from_be_bytes([*message.get(at)?, *message.get(at + 1)?]);
        Some(Self {
            id,
            name: labels.join("."),
            kind,
            octets: message.get(HEADER..at + 4)?.to_vec(),
        })
    }

    /// The answer; nothing where there is none.
    pub(super) fn answer(&self, saying: &Saying, is_tcp: bool) -> Option<Vec<u8>> {
        let empty = |code: u8| Some(self.message(self.id, code, 0, &[]));
        match saying {
            Saying::Silence => None,
            Saying::NoSuchName => empty(NAME_ERROR),
            Saying::Trouble => empty(SERVER_FAILURE),
            Saying::Nothing => empty(0),
            Saying::Texts(texts) if self.kind == TXT => Some(self.texts(self.id, texts)),
            Saying::OtherId(texts) if self.kind == TXT => {
                Some(self.texts([self.id[0] ^ 0x55, self.id[1]], texts))
            }
            Saying::OverTcpOnly(texts) if self.kind == TXT && is_tcp => {
                Some(self.texts(self.id, texts))
            }
            Saying::OverTcpOnly(_) if self.kind == TXT => {
                let mut message = self.message(self.id, 0, 0, &[]);
                message[2] |= TRUNCATED;
                Some(message)
            }
            Saying::Alias(alias) if self.kind == CNAME => {
                let record = record(&SAME_NAME, CNAME, &name(alias));
                Some(self.message(self.id, 0, 1, &record))
            }
            Saying::Loop => {
                // The record's own name is a pointer to where it stands.
                let at = HEADER + self.octets.len();
                let own = [0xc0 | u8::try_from(at >> 8).unwrap_or(0x3f), low(at)];
                let record = record(&own, self.kind, b"\x04text");
                Some(self.message(self.id, 0, 1, &record))
            }
            Saying::CutOff => {
                let record = record(&SAME_NAME, self.kind, b"\x04text");
                Some(self.message(self.id, 0, 1, &record[..record.len() - 3]))
            }
            Saying::Texts(_) | Saying::OtherId(_) | Saying::OverTcpOnly(_) | Saying::Alias(_) => {
                empty(0)
            }
        }
    }

    fn texts(&self, id: [u8; 2], texts: &[Vec<u8>]) -> Vec<u8> {
        let mut records = Vec::new();
        for text in texts {
            let mut data = Vec::new();
            for part in text.chunks(255) {
                data.push(low(part.len()));
                data.extend(part);
            }
            records.extend(record(&SAME_NAME, TXT, &data));
        }
        self.message(id, 0, texts.len(), &records)
    }

    fn message(&self, id: [u8; 2], code: u8, count: usize, records: &[u8]) -> Vec<u8> {
        let [high, low] = u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes();
        let mut message = id.to_vec();
        message.extend([ANSWER[0], ANSWER[1] | code, 0, 1, high, low, 0, 0, 0, 0]);
        message.extend(&self.octets);
        message.extend(records);
        message
    }
}

fn record(name: &[u8], kind: u16, data: &[u8]) -> Vec<u8> {
    let mut record = name.to_vec();
    record.extend(kind.to_be_bytes());
    // Class IN.
    record.extend([0, 1]);
    record.extend(TTL_SECONDS.to_be_bytes());
    let length = u16::try_from(data.len()).unwrap_or(u16::MAX);
    record.extend(length.to_be_bytes());
    record.extend(data);
    record
}

fn name(text: &str) -> Vec<u8> {
    let mut octets = Vec::new();
    for label in text.split('.').filter(|label| !label.is_empty()) {
        octets.push(low(label.len()));
        octets.extend(label.as_bytes());
    }
    octets.push(0);
    octets
}

/// The low octet of a number.
fn low(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A question for the TXT records of `a.bc`.
    const ASKED: &[u8] =
        b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01A\x02bc\x00\x00\x10\x00\x01";

    #[test]
    fn a_question_is_read_and_answered_under_its_id() {
        let question = Question::read(ASKED).unwrap();
        assert_eq!(question.name, "a.bc");
        let answer = question
            .answer(&Saying::Texts(vec![b"hi".to_vec()]), false)
            .unwrap();
        assert_eq!(answer[..4], [0x12, 0x34, 0x81, 0x80]);
        assert!(answer.ends_with(b"\xc0\x0c\x00\x10\x00\x01\x00\x00\x00\x3c\x00\x03\x02hi"));
        let answer = question.answer(&Saying::NoSuchName, false).unwrap();
        assert_eq!(answer[3] & 0x0f, NAME_ERROR);
        assert_eq!(question.answer(&Saying::Silence, false), None);
    }

    #[test]
    fn what_is_no_question_is_not_read() {
        for length in 0..ASKED.len() {
            assert_eq!(Question::read(&ASKED[..length]), None, "{length}");
        }
    }
}
