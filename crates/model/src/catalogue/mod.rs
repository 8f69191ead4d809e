//! The settings catalogue: every profile kind, defined once.

/// A profile kind.
#[derive(Debug)]
pub struct Kind {
    /// Graph type name without its namespace.
    pub type_name: &'static str,
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.type_name == other.type_name
    }
}
