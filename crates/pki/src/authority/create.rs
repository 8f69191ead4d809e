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
    /// Kind of the issuing key; where it is not RSA, SCEP needs a registration authority besides
    pub issuing_kind: KeyKind,
    /// Seconds since 1970
    pub now: i64,
    /// How long the root is valid, in seconds
    pub root_validity: i64,
    /// How long the issuing certificate is valid, in seconds; cut to the root's
    pub issuing_validity: i64,
    /// How many authorities may stand between the root and a leaf, at least the issuing one
    pub root_path_length: u8,
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
            root_validity: 10 * YEAR,
            issuing_validity: 5 * YEAR,
            root_path_length: 1,
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
    let [root_serial, issuing_serial] = request.serials;

    let mut root = CertificateRequest::new(
        root_key.public_key_info(),
        request.name("Root CA"),
        root_serial,
    );
    root.authority_path_length = Some(request.root_path_length.max(1));
    root.not_before = request.now - BACKDATING;
    root.not_after = request.now + request.root_validity;
    root.key_usages = KeyUsages::KEY_CERT_SIGN | KeyUsages::CRL_SIGN;
    let root = root.self_sign(&root_key)?;

    let issuing = IssuingRequest {
        subject: request.name("Issuing CA"),
        kind: request.issuing_kind,
        now: request.now,
        validity: request.issuing_validity,
        serial: issuing_serial,
    };
    let issuing = issue_under(&root, &root_key, &issuing)?;
    Ok(AuthorityMaterial {
        root_key,
        root,
        issuing_key: issuing.key,
        issuing: issuing.certificate,
    })
}

/// A further issuing certificate under a root that is there already.
#[derive(Clone, Debug)]
pub struct IssuingRequest {
    /// Its name. It should differ from its predecessor's, since programs find revocation lists and issuers by name
    pub subject: DistinguishedName,
    /// Kind of its key
    pub kind: KeyKind,
    /// Seconds since 1970
    pub now: i64,
    /// How long it is valid, in seconds; cut to the root's
    pub validity: i64,
    /// Serial number
    pub serial: SerialNumber,
}

/// A new issuing certificate with its key.
#[derive(Clone, Debug)]
pub struct IssuingMaterial {
    /// The key
    pub key: PrivateKey,
    /// The certificate, signed by the root
    pub certificate: Certificate,
}

/// Makes a further issuing certificate, with a key of its own, under a root: the step to take before the present one ends.
pub fn issue_under(
    root: &Certificate,
    root_key: &PrivateKey,
    request: &IssuingRequest,
) -> Result<IssuingMaterial> {
    if root.public_key_info() != root_key.public_key_info() {
        return Err(crate::Error::KeyMismatch);
    }
    let key = PrivateKey::generate(request.kind)?;
    let mut issuing = CertificateRequest::new(
        key.public_key_info(),
        request.subject.clone(),
        request.serial,
    );
    issuing.authority_path_length = Some(0);
    issuing.not_before = (request.now - BACKDATING).max(root.not_before());
    issuing.not_after = (request.now + request.validity).min(root.not_after());
    // Besides its work as an authority it answers OCSP, and with RSA opens SCEP requests and signs their answers.
    issuing.key_usages =
        KeyUsages::KEY_CERT_SIGN | KeyUsages::CRL_SIGN | KeyUsages::DIGITAL_SIGNATURE;
    if key.public_key()?.is_rsa() {
        issuing.key_usages = issuing.key_usages | KeyUsages::KEY_ENCIPHERMENT;
    }
    let certificate = issuing.sign(root, root_key)?;
    Ok(IssuingMaterial { key, certificate })
}
