use super::{Authority, CertificateRequest, SerialNumber};
use crate::{
    Result,
    certificate::{Certificate, KeyUsages},
    keys::{KeyKind, PrivateKey},
    name::DistinguishedName,
    oid,
};

const YEAR: i64 = 365 * 86_400 + 86_400 / 4;
/// Devices whose clocks run late must not refuse what was just made.
const BACKDATING: i64 = 3600;

/// What a new authority shall be.
#[derive(Clone, Debug)]
pub struct AuthorityRequest {
    /// Names the authority; stands as `O` and at the head of `CN`
    pub organisation: String,
    /// Kind of the root's key
    pub root_kind: KeyKind,
    /// Kind of the issuing key; RSA, if SCEP shall work without a separate registration authority
    pub issuing_kind: KeyKind,
    /// Seconds since 1970
    pub now: i64,
    /// Serial numbers of root and issuing certificate
    pub serials: [SerialNumber; 2],
}

impl AuthorityRequest {
    /// The usual authority: root of RSA-3072 for ten years, issuing certificate of RSA-2048 for five.
    pub fn new(organisation: impl Into<String>, now: i64, serials: [SerialNumber; 2]) -> Self {
        Self {
            organisation: organisation.into(),
            root_kind: KeyKind::Rsa3072,
            issuing_kind: KeyKind::Rsa2048,
            now,
            serials,
        }
    }

    fn name(&self, role: &str) -> DistinguishedName {
        DistinguishedName::new([
            (oid::ORGANISATION, self.organisation.clone()),
            (oid::COMMON_NAME, format!("{} {role}", self.organisation)),
        ])
    }
}

/// All of a new authority. The root's key is needed again only for the next issuing certificate.
#[derive(Clone, Debug)]
pub struct AuthorityMaterial {
    /// Key of the root
    pub root_key: PrivateKey,
    /// The root, signed by itself
    pub root: Certificate,
    /// Key of the issuing certificate
    pub issuing_key: PrivateKey,
    /// The issuing certificate, signed by the root
    pub issuing: Certificate,
}

impl AuthorityMaterial {
    /// The authority without its root key.
    pub fn authority(&self) -> Result<Authority> {
        Authority::from_parts(
            self.root.clone(),
            self.issuing.clone(),
            self.issuing_key.clone(),
        )
    }
}

/// Makes keys and certificates of a new authority.
pub fn create(request: &AuthorityRequest) -> Result<AuthorityMaterial> {
    let root_key = PrivateKey::generate(request.root_kind)?;
    let issuing_key = PrivateKey::generate(request.issuing_kind)?;
    let not_before = request.now - BACKDATING;
    let [root_serial, issuing_serial] = request.serials;

    let root_name = request.name("Root CA");
    let mut root =
        CertificateRequest::new(root_key.public_key_info(), root_name.clone(), root_serial);
    root.authority_path_length = Some(1);
    (root.not_before, root.not_after) = (not_before, request.now + 10 * YEAR);
    root.key_usages = KeyUsages::KEY_CERT_SIGN | KeyUsages::CRL_SIGN;
    let root = root.self_sign(&root_key)?;

    let mut issuing = CertificateRequest::new(
        issuing_key.public_key_info(),
        request.name("Issuing CA"),
        issuing_serial,
    );
    issuing.authority_path_length = Some(0);
    (issuing.not_before, issuing.not_after) = (not_before, request.now + 5 * YEAR);
    // Besides its work as an authority it opens SCEP requests and signs their answers.
    issuing.key_usages =
        KeyUsages::KEY_CERT_SIGN | KeyUsages::CRL_SIGN | KeyUsages::DIGITAL_SIGNATURE;
    if issuing_key.public_key()?.is_rsa() {
        issuing.key_usages = issuing.key_usages | KeyUsages::KEY_ENCIPHERMENT;
    }
    let issuing = issuing.sign(&root, &root_key)?;
    Ok(AuthorityMaterial {
        root_key,
        root,
        issuing_key,
        issuing,
    })
}
