//! Whose preflights go where.

use mandate_engine::{Actor, EngineError, MailSignIn, Permission, PreflightRequest};
use mandate_model::AppId;

use super::{HOST, of};
use crate::house::{House, places};

fn client(permissions: &[Permission]) -> Actor {
    Actor::app(
        AppId(uuid::Uuid::from_u128(7)),
        "client",
        permissions.iter().copied(),
    )
}

fn host(name: &str) -> PreflightRequest {
    PreflightRequest {
        host: Some(name.to_owned()),
        ..PreflightRequest::default()
    }
}

#[tokio::test]
async fn who_may_only_read_looks_at_hosts_of_profiles_alone() {
    for place in places().await {
        let house = House::open(place).await;
        let nobody = super::listen(|_| async { panic!("somebody connected") }).await;
        house.mail_servers.name(HOST, &[nobody]);
        let mail = house.mail_profile("Mail").await;
        let reader = client(&[Permission::ConfigurationRead]);
        let writer = client(&[Permission::ConfigurationReadWrite]);

        // That of the profile itself, named or not: it ends at loopback.
        for request in [
            of(mail.id),
            PreflightRequest {
                host: Some(HOST.to_owned()),
                ..of(mail.id)
            },
        ] {
            house.engine.preflight(&reader, request).await.unwrap();
        }
        let other = PreflightRequest {
            host: Some("other.contoso.com".to_owned()),
            ..of(mail.id)
        };
        let signing_in = PreflightRequest {
            sign_in: Some(MailSignIn {
                user_name: "ada".to_owned(),
                password: "x".to_owned().into(),
            }),
            ..of(mail.id)
        };
        for request in [host(HOST), other, signing_in] {
            let refused = house.engine.preflight(&reader, request.clone()).await;
            let is_refused = matches!(refused, Err(EngineError::NotAllowed { .. }));
            assert!(is_refused, "{request:?}: {refused:?}");
        }
        house.engine.preflight(&writer, host(HOST)).await.unwrap();
        let stranger = client(&[Permission::DevicesReadWrite]);
        let refused = house.engine.preflight(&stranger, of(mail.id)).await;
        assert!(matches!(refused, Err(EngineError::NotAllowed { .. })));
    }
}

#[tokio::test]
async fn what_is_no_host_no_mail_profile_or_no_name_is_refused_by_name() {
    for place in places().await {
        let house = House::open(place).await;
        let root = house.root_of("Root", &house.foreign_authority()).await;
        let mail = house.mail_profile("Mail").await;
        let named = |user_name: &str| PreflightRequest {
            sign_in: Some(MailSignIn {
                user_name: user_name.to_owned(),
                password: "x".to_owned().into(),
            }),
            ..of(mail.id)
        };
        let method = PreflightRequest {
            authentication_method: Some("carrierPigeon".to_owned()),
            ..of(mail.id)
        };
        let roots = PreflightRequest {
            roots: vec![mail.id],
            ..of(mail.id)
        };
        for (request, property) in [
            (PreflightRequest::default(), "hostName"),
            (host("https://mail.contoso.com"), "hostName"),
            (host("mail.contoso.com:25"), "hostName"),
            (host("mail.contoso.com/x"), "hostName"),
            (host("a b"), "hostName"),
            (host(""), "hostName"),
            (of(root.id), "profileId"),
            (method, "authenticationMethod"),
            (roots, "rootProfileIds"),
            (named("ada:x"), "userName"),
            (named(""), "userName"),
        ] {
            let refused = house.engine.preflight(&house.admin, request.clone()).await;
            match refused {
                Err(EngineError::Invalid(violations)) => {
                    assert_eq!(violations[0].property, property, "{request:?}");
                }
                other => panic!("{request:?}: {other:?}"),
            }
        }
    }
}
