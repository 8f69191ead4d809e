//! What is under which MAC.

use super::AuditRecord;

/// Computes the MACs of the chain. The key is the engine's.
pub trait AuditMac: Send + Sync + std::fmt::Debug {
    /// HMAC-SHA-256 of some bytes.
    fn mac(&self, bytes: &[u8]) -> Link;
}

/// The MAC of an entry, to which the next one is linked.
pub type Link = [u8; 32];

/// One end of the chain: the number of the last entry and its MAC. At the base these are of the last entry that was let
/// go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditMark {
    /// Number of the entry; 0 before the first one.
    pub number: i64,
    /// MAC of the entry; zeros before the first one.
    pub link: Vec<u8>,
    /// The MAC over both and over which end it is.
    pub mac: Vec<u8>,
}

/// What the first entry is linked to.
pub(super) const BEGINNING: Link = [0; 32];
/// What an entry is linked to when the end of the chain was not as it should be: it shows for ever that something
/// happened before it.
pub(super) const BREAK: Link = [0xff; 32];
pub(super) const HEAD: &str = "head";
pub(super) const BASE: &str = "base";

impl AuditMark {
    /// A mark under its MAC; `name` says which end it is.
    pub(super) fn sealed(mac: &dyn AuditMac, name: &'static str, number: i64, link: &[u8]) -> Self {
        Self {
            number,
            link: link.to_vec(),
            mac: mac.mac(&mark_text(name, number, link)).to_vec(),
        }
    }

    pub(super) fn is_sealed(&self, mac: &dyn AuditMac, name: &'static str) -> bool {
        same(
            &self.mac,
            &mac.mac(&mark_text(name, self.number, &self.link)),
        )
    }

    /// Whether this is a true head: nobody without the key made or altered it. One that was true once is so still.
    pub fn is_head(&self, mac: &dyn AuditMac) -> bool {
        self.is_sealed(mac, HEAD)
    }

    /// Whether this is a true base.
    pub fn is_base(&self, mac: &dyn AuditMac) -> bool {
        self.is_sealed(mac, BASE)
    }
}

impl AuditRecord {
    /// The MAC of this entry at a place behind another.
    pub fn link(&self, mac: &dyn AuditMac, number: i64, before: &[u8]) -> Link {
        mac.mac(&self.text(number, before))
    }

    /// The MAC of this entry at a place where the chain was found broken.
    pub fn link_after_break(&self, mac: &dyn AuditMac, number: i64) -> Link {
        self.link(mac, number, &BREAK)
    }

    /// Everything that the entry says, each part with its length before it, so that no two entries read alike.
    fn text(&self, number: i64, before: &[u8]) -> Vec<u8> {
        let mut text = Text::new("mandate audit entry 1");
        text.part(before);
        text.part(&number.to_be_bytes());
        text.part(self.id.as_bytes());
        text.part(&self.at.0.to_be_bytes());
        text.part(self.actor_kind.as_bytes());
        text.optional(self.actor_id.as_ref().map(|id| id.as_bytes().as_slice()));
        text.part(self.actor.as_bytes());
        text.optional(self.app_id.as_ref().map(|id| id.as_bytes().as_slice()));
        text.optional(self.app_name.as_deref().map(str::as_bytes));
        text.optional(self.address.as_deref().map(str::as_bytes));
        text.optional(self.request.as_deref().map(str::as_bytes));
        text.part(self.activity.as_bytes());
        text.part(self.operation.as_bytes());
        text.part(self.resource_kind.as_bytes());
        text.part(self.resource_id.as_bytes());
        text.part(self.resource_name.as_bytes());
        text.part(self.changes.as_bytes());
        text.0
    }
}

fn mark_text(name: &str, number: i64, link: &[u8]) -> Vec<u8> {
    let mut text = Text::new("mandate audit mark 1");
    text.part(name.as_bytes());
    text.part(&number.to_be_bytes());
    text.part(link);
    text.0
}

/// Compares MACs. They are in the database for whoever could measure the time.
pub(super) fn same(left: &[u8], right: &[u8]) -> bool {
    left == right
}

/// Parts, each with its length before it.
struct Text(Vec<u8>);

impl Text {
    fn new(purpose: &str) -> Self {
        let mut text = Self(Vec::with_capacity(512));
        text.part(purpose.as_bytes());
        text
    }

    fn part(&mut self, bytes: &[u8]) {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.0.extend(length.to_be_bytes());
        self.0.extend(bytes);
    }

    fn optional(&mut self, bytes: Option<&[u8]>) {
        self.0.push(u8::from(bytes.is_some()));
        self.part(bytes.unwrap_or_default());
    }
}
