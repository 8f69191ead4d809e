//! What the doors share: which address was called and by whom, and what every page needs.
//!
//! A page is a struct with a template of the same name; its field `page` is a [`Page`], and the template extends
//! `layout.html`. Its texts come from the catalogues in `languages/`, its errors stand beside the fields, and its forms
//! are taken only behind [`check_forms`]. No page has scripts or styles of its own.

mod address;
pub mod assets;
pub mod cookies;
mod form;
mod headers;
mod language;
mod page;
mod phrase;
mod proxies;
mod qr;
mod routes;
mod upload;

pub use address::{Address, Caller, Scheme, address};
pub use form::{FORM_TOKEN, Fields, Guard, Refusal, check_forms, form_token};
pub use headers::{Protection, keep_to_itself, protect};
pub use language::Language;
pub use page::{Brand, Logo, MenuEntry, MenuSection, Page, render};
pub use phrase::phrase_id;
pub use proxies::{Network, NotANetwork, TrustedProxies};
pub use qr::qr_svg;
pub use routes::Routes;
pub use upload::{LARGEST_FILE, Upload, UploadedFile};
