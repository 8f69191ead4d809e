//! Forms of which each field is a property of the management API: what was typed becomes a body, and what there is becomes
//! fields. Which rules hold is the engine's to say; its errors come back beside the fields.

mod input;
mod page;

pub(crate) use input::{Field, Kind, Part, field, fields_of, submit};
pub(crate) use page::{Crumb, FormPage, show_confirm, show_form};
