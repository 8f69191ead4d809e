use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use mandate_engine::{Actor, App, Permission};
use mandate_model::Timestamp;
use mandate_pki::authority::{CertificateRequest, SerialNumber};
use mandate_pki::certificate::Certificate;
use mandate_pki::keys::{KeyKind, PrivateKey};
use mandate_pki::name::DistinguishedName;
use serde_json::{Value, json};

use crate::house::{House, claims, escaped};

const SCOPE: &str = "scope=https%3A%2F%2Fmdm.example.com%2F.default";

#[tokio::test]
async fn a_client_of_its_own_gets_a_token_by_secret_in_the_form_or_in_the_header() {
    let house = House::open().await;
    let app = house.client(false, &[]).await;
    let secret = house.secret(&app).await;
    let form = format!("grant_type=client_credentials&{SCOPE}");
    let whole = format!("{form}&client_id={}&client_secret={secret}", app.id);
    let tokens = house.token(&whole).await.expect(200);
    let said = claims(tokens["access_token"].as_str().unwrap());
    assert_eq!(
        (said["idtyp"].as_str(), said["aud"].as_str()),
        (Some("app"), Some("https://mdm.example.com"))
    );
    assert_eq!(said["roles"], json!(["User.Read.All"]));
    assert!(said["scp"].is_null() && tokens["refresh_token"].is_null());
    assert!(house.takes(tokens["access_token"].as_str().unwrap()).await);
    let header = format!(
        "Basic {}",
        STANDARD.encode(format!("{}:{}", app.id, escaped(&secret)))
    );
    let path = "/common/oauth2/v2.0/token";
    let basic = [("authorization", header.as_str())];
    house.send("POST", path, &basic, &form).await.expect(200);
    // Both at once is one too many.
    let both = house.send("POST", path, &basic, &whole).await;
    assert_eq!(both.refusal(400).0, "invalid_request");
    // Version 1.
    let first = format!(
        "grant_type=client_credentials&resource=https%3A%2F%2Fgraph.microsoft.com&client_id={}&client_secret={secret}",
        app.id
    );
    let tokens = house.post("/common/oauth2/token", &first).await.expect(200);
    assert!(tokens["expires_on"].is_string() && tokens["resource"].is_string());
}

#[tokio::test]
async fn what_is_wrong_has_its_error() {
    let house = House::open().await;
    let app = house.client(true, &[Permission::UserRead]).await;
    let secret = house.secret(&app).await;
    let good = format!(
        "grant_type=client_credentials&client_id={}&client_secret={secret}&{SCOPE}",
        app.id
    );
    let stranger = "00000000-0000-0000-0000-000000000001";
    for (wrong, status, error) in [
        (good.replace(&secret, "wrong"), 401, "invalid_client"),
        (
            good.replace(&app.id.to_string(), stranger),
            401,
            "invalid_client",
        ),
        (
            good.replace(&format!("&client_secret={secret}"), ""),
            401,
            "invalid_client",
        ),
        (
            good.replace("client_credentials", "password"),
            400,
            "unsupported_grant_type",
        ),
        (
            good.replace("client_credentials", "implicit"),
            400,
            "unsupported_grant_type",
        ),
        (
            good.replace("mdm.example.com%2F.default", "evil.example%2F.default"),
            400,
            "invalid_scope",
        ),
        (
            good.replace(".default", "User.Read.All"),
            400,
            "invalid_scope",
        ),
        (format!("{good}&scope=x"), 400, "invalid_request"),
        (format!("{good}&x=%00"), 400, "invalid_request"),
        (good.replace(SCOPE, ""), 400, "invalid_request"),
        ("%ff=%ff".to_owned(), 400, "invalid_request"),
        (String::new(), 400, "invalid_request"),
        (
            format!("{good}&x={}", "y".repeat(70_000)),
            413,
            "invalid_request",
        ),
    ] {
        let answer = house.token(&wrong).await;
        assert_eq!(
            answer.refusal(status).0,
            error,
            "{}",
            &wrong[..wrong.len().min(200)]
        );
        assert!(!answer.text.contains(&secret));
    }
    house.token(&good).await.expect(200);
}

/// A client with the key of a certificate.
struct Signer {
    key: PrivateKey,
    certificate: Certificate,
}

impl Signer {
    fn new(until: Timestamp) -> Self {
        let key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        let mut request = CertificateRequest::new(
            key.public_key_info(),
            DistinguishedName::common_name("tool"),
            SerialNumber::from_random([7; 16]),
        );
        request.not_before = until.plus(-365 * Timestamp::DAY).unix_seconds();
        request.not_after = until.unix_seconds();
        let certificate = request.self_sign(&key).unwrap();
        Self { key, certificate }
    }

    fn sign(&self, header: &Header, claims: &Value) -> String {
        // PKCS#8 of an RSA key of 2048 bits holds the `RSAPrivateKey` behind 26 octets.
        let key = EncodingKey::from_rsa_der(&self.key.to_pkcs8()[26..]);
        encode(header, claims, &key).unwrap()
    }

    /// As MSAL for Python signs with a SHA-1 thumbprint: padding is kept.
    fn old(&self) -> Header {
        Header {
            x5t: Some(URL_SAFE.encode(self.certificate.sha1())),
            ..Header::new(Algorithm::RS256)
        }
    }

    /// As it signs with the certificate: line breaks are kept.
    fn new_style(&self) -> Header {
        let text = STANDARD.encode(self.certificate.der());
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|c| std::str::from_utf8(c).unwrap())
            .collect();
        Header {
            x5t_s256: Some(URL_SAFE_NO_PAD.encode(self.certificate.sha256())),
            x5c: Some(vec![lines.join("\n")]),
            ..Header::new(Algorithm::PS256)
        }
    }
}

fn said(house: &House, app: &App, audience: &str) -> Value {
    let now = house.engine.now().unix_seconds();
    let id = app.id.to_string();
    json!({"iss": id, "sub": id, "aud": audience, "exp": now + 600, "nbf": now, "iat": now,
        "jti": house.engine.request_id().to_string()})
}

fn form(assertion: &str) -> String {
    format!(
        "grant_type=client_credentials&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion={assertion}&{SCOPE}"
    )
}

async fn certified(house: &House) -> (App, Signer) {
    let app = house.client(false, &[]).await;
    let signer = Signer::new(house.engine.now().plus(300 * Timestamp::DAY));
    let pem = signer.certificate.to_pem();
    let system = Actor::system();
    house
        .engine
        .add_app_certificate(&system, app.id, "", pem.as_bytes())
        .await
        .unwrap();
    (app, signer)
}

#[tokio::test]
async fn a_client_proves_itself_with_a_certificate_in_both_ways() {
    let house = House::open().await;
    let (app, signer) = certified(&house).await;
    let tenant = house.tenant();
    for header in [signer.old(), signer.new_style()] {
        for audience in [
            format!("https://mdm.example.com:8443/{tenant}/oauth2/v2.0/token"),
            "https://mdm.example.com:8443/common/oauth2/v2.0/token".to_owned(),
            "https://login.microsoftonline.com/example.com/oauth2/v2.0/token".to_owned(),
            format!("https://mdm.example.com:8443/{tenant}/v2.0"),
        ] {
            let assertion = signer.sign(&header, &said(&house, &app, &audience));
            let tokens = house.token(&form(&assertion)).await.expect(200);
            let token = claims(tokens["access_token"].as_str().unwrap());
            assert_eq!(token["azpacr"], "2");
        }
    }
}

#[tokio::test]
async fn an_assertion_that_is_not_quite_right_is_refused() {
    let house = House::open().await;
    let (app, signer) = certified(&house).await;
    let other = house.client(false, &[]).await;
    let stranger = Signer::new(house.engine.now().plus(300 * Timestamp::DAY));
    let audience = "https://mdm.example.com:8443/common/oauth2/v2.0/token";
    let good = said(&house, &app, audience);
    let now = house.engine.now().unix_seconds();
    let changed = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        signer.sign(&signer.old(), &claims)
    };
    let mut wrong = vec![
        changed(
            "aud",
            json!("https://evil.example/common/oauth2/v2.0/token"),
        ),
        changed(
            "aud",
            json!("https://mdm.example.com.evil.example/common/oauth2/v2.0/token"),
        ),
        changed(
            "aud",
            json!("https://mdm.example.com:8443/other.example/oauth2/v2.0/token"),
        ),
        changed(
            "aud",
            json!("https://mdm.example.com:8443/common/oauth2/v2.0/authorize"),
        ),
        changed("aud", json!([])),
        changed("exp", json!(now - 400)),
        changed("exp", json!(now + 7200)),
        changed("exp", json!(i64::MAX)),
        changed("nbf", json!(now + 1000)),
        changed("iss", json!(other.id.to_string())),
        changed("sub", json!(other.id.to_string())),
        changed("sub", json!("x")),
        // Another key under the registered name, and another key under its own.
        stranger.sign(&signer.old(), &good),
        stranger.sign(&signer.new_style(), &good),
        stranger.sign(&stranger.new_style(), &good),
        // The certificate that comes along is not the one that is named.
        signer.sign(
            &Header {
                x5c: stranger.new_style().x5c,
                ..signer.new_style()
            },
            &good,
        ),
        signer.sign(&Header::new(Algorithm::RS256), &good),
        signer.sign(
            &Header {
                alg: Algorithm::RS512,
                ..signer.old()
            },
            &good,
        ),
        "a.b.c".to_owned(),
        String::new(),
    ];
    let public = STANDARD.encode(signer.certificate.public_key_info());
    let symmetric = Header {
        alg: Algorithm::HS256,
        ..signer.old()
    };
    wrong.push(
        encode(
            &symmetric,
            &good,
            &EncodingKey::from_secret(public.as_bytes()),
        )
        .unwrap(),
    );
    let none = json!({"alg": "none", "x5t": signer.old().x5t});
    wrong.push(format!(
        "{}.{}.",
        URL_SAFE_NO_PAD.encode(none.to_string()),
        URL_SAFE_NO_PAD.encode(good.to_string())
    ));
    for assertion in &wrong {
        let answer = house.token(&form(assertion)).await;
        assert!(matches!(answer.status.as_u16(), 400 | 401), "{assertion}");
    }
    // A client id beside it that is another's.
    let right = signer.sign(&signer.old(), &good);
    let mixed = format!("{}&client_id={}", form(&right), other.id);
    assert_eq!(
        house.token(&mixed).await.refusal(401),
        ("invalid_client".to_owned(), 700_027)
    );
    house.token(&form(&right)).await.expect(200);
}

#[tokio::test]
async fn an_assertion_is_taken_from_whoever_brought_it_first() {
    let house = House::open().await;
    let (app, signer) = certified(&house).await;
    let audience = "https://mdm.example.com:8443/common/oauth2/v2.0/token";
    let claims = said(&house, &app, audience);
    let assertion = signer.sign(&signer.old(), &claims);
    let path = "/common/oauth2/v2.0/token";
    let from =
        async |peer: &str, form: &str| house.send("POST", path, &[("peer", peer)], form).await;
    from("192.0.2.1", &form(&assertion)).await.expect(200);
    // MSAL for Python keeps one for ten minutes.
    from("192.0.2.1", &form(&assertion)).await.expect(200);
    let stolen = from("198.51.100.7", &form(&assertion)).await;
    assert_eq!(stolen.refusal(401), ("invalid_client".to_owned(), 700_027));
    // The same name for something else.
    let mut other = claims;
    other["exp"] = json!(other["exp"].as_i64().unwrap() + 1);
    let renamed = signer.sign(&signer.old(), &other);
    assert_eq!(
        from("192.0.2.1", &form(&renamed)).await.refusal(401).1,
        700_027
    );
}

#[tokio::test]
async fn a_certificate_ends_by_time_and_by_removal() {
    let house = House::open().await;
    let (app, signer) = certified(&house).await;
    let audience = "https://mdm.example.com:8443/common/oauth2/v2.0/token";
    house.advance(301 * Timestamp::DAY);
    let late = signer.sign(&signer.old(), &said(&house, &app, audience));
    assert_eq!(house.token(&form(&late)).await.refusal(401).1, 700_027);
    house.advance(-10 * Timestamp::DAY);
    let system = Actor::system();
    let registration = house
        .engine
        .find_registration(&system, app.id)
        .await
        .unwrap()
        .unwrap();
    let id = registration.certificates[0].id;
    house
        .engine
        .remove_app_certificate(&system, app.id, id)
        .await
        .unwrap();
    let gone = signer.sign(&signer.old(), &said(&house, &app, audience));
    assert_eq!(house.token(&form(&gone)).await.refusal(401).1, 700_027);
}
