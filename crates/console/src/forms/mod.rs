//! Forms for the settings of a profile, made from the settings catalogue.
//!
//! ```text
//!  stored settings ─► Input ─► Form (sections, fields, children) ─► template
//!                       ▲ │
//!       posted fields ──┘ └──► Reading (Graph properties, references, what is wrong)
//! ```
//!
//! An [`Input`] is what stands in the fields, right or wrong, so nothing that was typed is lost. A [`Form`] is what the
//! page shows of it. A [`Reading`] is what it means, in the words of the management API; the kind judges it there.
//! No form of a kind is written by hand: what a new setting needs is its row in the catalogue.

mod either;
mod field;
mod input;
mod problems;
mod reading;
mod shown;
mod suggestions;
mod tree;
mod words;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use field::Field;
pub(crate) use field::Widget;
pub(crate) use input::Input;
pub(crate) use problems::Problems;
pub(crate) use reading::Reading;
pub(crate) use tree::{Form, Making, Offer, Summary, summary};
pub(crate) use words::{Span, said, spans};
