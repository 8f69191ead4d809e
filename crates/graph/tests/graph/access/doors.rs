//! The doors at which nobody shows a token: sign-in for people and clients, and devices. Each path says whom it lets in,
//! and somebody without anything is tried at each of its methods.

use std::collections::BTreeSet;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request};
use mandate_apple::AppleState;
use mandate_graph::Scheme;
use mandate_sign_in::Door;
use tower::ServiceExt;

use crate::house::House;

/// Whom a path lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LetsIn {
    /// Everybody: documents, first pages, certificates. They tell nothing about anybody.
    Everybody,
    /// Whoever can name a client, a code, a link or a token that is good.
    Bearers,
    /// Whoever sends a form that we gave, in the browser that we gave it to; what is only looked at leads to sign-in, or is
    /// not there.
    OwnForms,
    /// Devices that prove who they are; never 401, for that makes them leave.
    Devices,
}

use LetsIn::{Bearers, Devices, Everybody, OwnForms};

const SIGN_IN: &[(LetsIn, &[&str])] = &[
    (
        Everybody,
        &[
            "/account",
            "/sign-in",
            "/sign-in/",
            "/common/discovery/instance",
            "/{tenant}/v2.0/.well-known/openid-configuration",
            "/{tenant}/.well-known/openid-configuration",
            "/{tenant}/discovery/v2.0/keys",
            "/{tenant}/discovery/keys",
            "/{tenant}/userrealm/{name}",
            "/{tenant}/oauth2/nativeclient",
            "/{tenant}/oauth2/deviceauth",
        ],
    ),
    (
        Bearers,
        &[
            "/oidc/userinfo",
            "/sign-in/callback",
            "/sign-in/link/{secret}",
            "/{tenant}/oauth2/authorize",
            "/{tenant}/oauth2/devicecode",
            "/{tenant}/oauth2/token",
            "/{tenant}/oauth2/v2.0/authorize",
            "/{tenant}/oauth2/v2.0/devicecode",
            "/{tenant}/oauth2/v2.0/token",
        ],
    ),
    (
        OwnForms,
        &[
            "/account/",
            "/account/passkey",
            "/account/passkeys",
            "/account/passkeys/{id}/name",
            "/account/passkeys/{id}/remove",
            "/account/password",
            "/account/recovery-codes",
            "/account/sessions/{id}/end",
            "/account/sign-out-everywhere",
            "/account/totp",
            "/account/totp/remove",
            "/device",
            "/device/decide",
            "/language",
            "/sign-in/back",
            "/sign-in/code",
            "/sign-in/codes",
            "/sign-in/name",
            "/sign-in/new-password",
            "/sign-in/passkey",
            "/sign-in/password",
            "/sign-in/provider/{name}",
            "/sign-in/recovery",
            "/sign-in/set-up-passkey",
            "/sign-in/set-up-totp",
            "/sign-out",
            "/{tenant}/oauth2/confirm",
            "/{tenant}/oauth2/logout",
            "/{tenant}/oauth2/v2.0/confirm",
            "/{tenant}/oauth2/v2.0/logout",
        ],
    ),
];

const APPLE: &[(LetsIn, &[&str])] = &[
    (
        Devices,
        &["/apple/checkin", "/apple/migration", "/apple/mdm"],
    ),
    (
        Bearers,
        &[
            "/apple/account/{mode}",
            "/apple/ade/{profile}",
            "/apple/ade/{profile}/profile",
            "/apple/ade/{profile}/sign-in",
            "/apple/enroll/{token}",
            "/scep",
            "/scep/{authority}",
        ],
    ),
    (
        Everybody,
        &[
            "/.well-known/com.apple.remotemanagement",
            "/pki/ca.crt",
            "/pki/ca/{file}",
            "/pki/crl",
            "/pki/crl/{authority}",
            "/pki/ocsp",
            "/pki/ocsp/{*request}",
            "/pki/root.crt",
        ],
    ),
];

const METHODS: [Method; 5] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
];

async fn ask(router: &Router, method: &Method, path: &str) -> (u16, HeaderMap) {
    let request = Request::builder()
        .method(method)
        .uri(path.replace(['{', '}', '*'], ""))
        .header("host", "mdm.example.com:8443")
        .header("content-type", "application/x-www-form-urlencoded");
    let request = request.body(Body::empty()).unwrap();
    let (parts, _) = router.clone().oneshot(request).await.unwrap().into_parts();
    (parts.status.as_u16(), parts.headers)
}

/// Tries somebody without anything everywhere.
async fn hold(router: &Router, paths: Vec<&'static str>, table: &[(LetsIn, &[&'static str])]) {
    let there: BTreeSet<&str> = paths.into_iter().collect();
    let described: BTreeSet<&str> = table
        .iter()
        .flat_map(|(_, paths)| *paths)
        .copied()
        .collect();
    assert_eq!(there, described, "left is there, right is in the table");
    for (lets_in, paths) in table {
        for path in *paths {
            for method in &METHODS {
                let (status, headers) = ask(router, method, path).await;
                let to = headers.get("location").map(|to| to.to_str().unwrap());
                let changes = *method != Method::GET;
                let is_right = match lets_in {
                    _ if status == 405 => true,
                    Everybody if changes => matches!(status, 200 | 403),
                    Everybody => matches!(status, 200 | 303 | 400 | 404),
                    Bearers => (400..=410).contains(&status),
                    OwnForms if changes => status == 403,
                    // The page of a sign-out asks first.
                    OwnForms if path.ends_with("/logout") => matches!(status, 200 | 303 | 400),
                    OwnForms => status == 303 && to == Some("/sign-in"),
                    Devices => matches!(status, 400 | 403),
                };
                assert!(is_right, "{method} {path} ({lets_in:?}): {status} {to:?}");
            }
        }
    }
}

#[tokio::test]
async fn nobody_gets_through_the_door_of_people_and_clients_without_anything() {
    let house = House::open().await;
    let hosts = vec!["mdm.example.com:8443".to_owned()];
    let state = Door::new(house.engine.clone(), Scheme::Https, hosts);
    let router = mandate_sign_in::router(state);
    hold(&router, mandate_sign_in::paths(), SIGN_IN).await;
}

#[tokio::test]
async fn nobody_gets_through_the_door_of_devices_without_anything() {
    let house = House::open().await;
    let state = AppleState::new(house.engine.clone(), None, Vec::new());
    let router = mandate_apple::router(state);
    hold(&router, mandate_apple::paths(), APPLE).await;
}
