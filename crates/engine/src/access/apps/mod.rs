//! Clients of the management API: what they are, what they may do, and how they prove who they are.

mod authenticate;
mod credentials;
mod redirect;
mod register;
mod view;

pub use authenticate::{ClientProof, ClientRefusal};
pub use credentials::{
    CertificateCredential, MOST_CREDENTIALS, NewSecret, SecretCredential, SecretLife,
};
pub use redirect::{Redirect, RedirectKind};
pub use register::{NewApp, NewRegistration, RegistrationChange};
pub use view::{App, Registration};
