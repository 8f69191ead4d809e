//! The door for Apple devices.
//!
//! Whatever goes wrong, a device is never answered 401: that makes it remove its enrolment (`protocol`, Apple "Mobile
//! Device Management Protocol Reference"). A request that breaks the rules is 400, one that is not served 403, and
//! when we fail it is 503 or 500 and the device comes again.

mod account;
mod ade;
mod answer;
mod check_in;
mod enroll;
mod identity;
mod machine;
mod mdm;
mod migration;
mod ocsp;
mod pki;
mod scep;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodRouter, any, get, post};
use mandate_engine::{Engine, ServerIdentity};
use mandate_pki::certificate::Certificate;

use crate::session::Server;

pub use migration::{ImportProblem, read_import};

pub(crate) use answer::{Problem, plist_answer};

/// A check-in is small, but for escrowed tokens.
const CHECK_IN_LIMIT: usize = 256 * 1024;
/// Inventories of hundreds of apps and certificates come to megabytes.
const REPORT_LIMIT: usize = 8 * 1024 * 1024;
/// What a device says of itself, with the certificates that prove it.
const MACHINE_LIMIT: usize = 64 * 1024;
const SCEP_LIMIT: usize = 64 * 1024;

/// What the handlers need.
#[derive(Clone)]
pub struct AppleState {
    engine: Engine,
    server: Arc<Server>,
    signer: Option<Arc<ServerIdentity>>,
    /// Authorities of the certificates with which devices prove what they are.
    device_authorities: Arc<Vec<Certificate>>,
}

/// The certificate that a client proved to hold in the TLS handshake; put into the request by the listener.
#[derive(Debug, Clone)]
pub struct PeerCertificate(pub Arc<Certificate>);

impl AppleState {
    /// For an engine. `signer` signs enrolment profiles; `roots` (DER) are what devices have to trust.
    pub fn new(engine: Engine, signer: Option<ServerIdentity>, roots: Vec<Vec<u8>>) -> Self {
        let endpoints = engine.endpoints().clone();
        let base_url = engine.device_base_url().to_owned();
        let server = Arc::new(Server {
            endpoints,
            base_url,
            roots,
        });
        let pem = &engine.options().ade.device_authorities;
        let device_authorities = Certificate::all_from_pem(pem).unwrap_or_default();
        Self {
            device_authorities: Arc::new(device_authorities),
            engine,
            server,
            signer: signer.map(Arc::new),
        }
    }
}

/// Routes for Apple devices, SCEP and the public face of the authority.
pub fn router(state: AppleState) -> Router {
    let add = |router: Router<AppleState>, (path, methods)| router.route(path, methods);
    routes()
        .into_iter()
        .fold(Router::new(), add)
        // Where nothing else is, devices may call that another server enrolled.
        .fallback(migration::elsewhere)
        .with_state(state)
}

/// All paths, in axum's form, for a test that holds each of them to what it lets through.
pub fn paths() -> Vec<&'static str> {
    routes().into_iter().map(|(path, _)| path).collect()
}

fn routes() -> Vec<(&'static str, MethodRouter<AppleState>)> {
    let check_in = any(check_in::check_in).layer(DefaultBodyLimit::max(CHECK_IN_LIMIT));
    let mdm = any(mdm::mdm).layer(DefaultBodyLimit::max(REPORT_LIMIT));
    let scep = any(scep::scep).layer(DefaultBodyLimit::max(SCEP_LIMIT));
    let scep_of = any(scep::scep_of).layer(DefaultBodyLimit::max(SCEP_LIMIT));
    let ocsp = post(ocsp::ocsp).layer(DefaultBodyLimit::max(ocsp::LIMIT));
    vec![
        ("/apple/enroll/{token}", any(enroll::enroll)),
        (
            "/apple/ade/{profile}",
            any(ade::enrol).layer(DefaultBodyLimit::max(MACHINE_LIMIT)),
        ),
        ("/apple/ade/{profile}/sign-in", get(ade::begin_sign_in)),
        ("/apple/ade/{profile}/profile", get(ade::signed_in)),
        (
            "/apple/account/{mode}",
            any(account::enrol).layer(DefaultBodyLimit::max(MACHINE_LIMIT)),
        ),
        (
            "/.well-known/com.apple.remotemanagement",
            get(account::discover),
        ),
        (
            "/apple/migration",
            any(migration::import).layer(DefaultBodyLimit::max(CHECK_IN_LIMIT)),
        ),
        ("/apple/checkin", check_in),
        ("/apple/mdm", mdm),
        ("/scep", scep),
        ("/scep/{authority}", scep_of),
        ("/pki/ca.crt", get(pki::issuing_certificate)),
        ("/pki/ca/{file}", get(pki::issuing_certificate_of)),
        ("/pki/root.crt", get(pki::root_certificate)),
        ("/pki/crl", get(pki::revocation_list)),
        ("/pki/crl/{authority}", get(pki::revocation_list_of)),
        ("/pki/ocsp", ocsp),
        ("/pki/ocsp/{*request}", get(ocsp::ocsp_by_address)),
    ]
}
