//! Domains are proved by name servers, well-behaved and other ones.

use mandate_engine::{Domain, EngineError, Options};
use mandate_simulator::name_server::{NameServer, Saying};

use crate::house::{House, places};

impl House {
    /// A name server that the house asks.
    async fn name_server(&self) -> NameServer {
        let server = NameServer::start().await.unwrap();
        self.mail_servers.ask(server.address());
        server
    }

    async fn pending(&self, name: &str) -> Domain {
        self.engine.create_domain(&self.admin, name).await.unwrap()
    }

    async fn verify(&self, name: &str) -> Result<Domain, String> {
        let verified = self.engine.verify_domain(&self.admin, name).await;
        verified.map_err(|error| match error {
            EngineError::NotPossible { reason } => reason,
            other => panic!("{other}"),
        })
    }
}

fn octets(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

#[tokio::test]
async fn a_domain_is_proved_by_its_record_and_by_nothing_else() {
    for place in places().await {
        let house = House::open_without_push(place, Options::default()).await;
        let names = house.name_server().await;
        let domain = house.pending("fabrikam.example").await;
        let name = domain.name.as_str();
        assert!(
            house
                .verify(name)
                .await
                .unwrap_err()
                .contains("no TXT record")
        );
        names.say(name, Saying::Nothing);
        assert!(
            house
                .verify(name)
                .await
                .unwrap_err()
                .contains("no TXT record")
        );
        // The record of somebody below, and one that only looks so.
        names.say_texts(&format!("www.{name}"), &[&domain.proof]);
        names.say_texts(name, &["v=spf1 -all", "mandate-domain-verification=other"]);
        let refused = house.verify(name).await.unwrap_err();
        assert!(
            refused.contains("mandate-domain-verification=other"),
            "{refused}"
        );
        assert!(!house.engine.is_domain_verified(name).await.unwrap());
        // Two organisations may want to be proved at once.
        names.say_texts(name, &["mandate-domain-verification=other", &domain.proof]);
        assert!(house.verify(name).await.unwrap().is_verified());
        assert!(
            house
                .engine
                .is_domain_verified("FABRIKAM.example.")
                .await
                .unwrap()
        );
        assert_eq!(names.asked(), vec![name; 4]);
    }
}

#[tokio::test]
async fn long_answers_come_over_tcp_and_long_texts_in_parts() {
    for place in places().await {
        let house = House::open_without_push(place, Options::default()).await;
        let names = house.name_server().await;
        let domain = house.pending("fabrikam.example").await;
        let mut texts = vec![octets(&"x".repeat(2000)); 8];
        texts.push(octets(&domain.proof));
        names.say(&domain.name, Saying::OverTcpOnly(texts));
        assert!(house.verify(&domain.name).await.unwrap().is_verified());
    }
}

#[tokio::test]
async fn name_servers_that_misbehave_prove_nothing_and_stop_nobody() {
    for place in places().await {
        let house = House::open_without_push(place, Options::default()).await;
        let names = house.name_server().await;
        let mut pending = Vec::new();
        for name in [
            "trouble", "silence", "other-id", "loop", "cut-off", "garbage", "huge",
        ] {
            pending.push(house.pending(&format!("{name}.example")).await);
        }
        let sayings = [
            Saying::Trouble,
            Saying::Silence,
            Saying::OtherId(vec![octets(&pending[2].proof)]),
            Saying::Loop,
            Saying::CutOff,
            Saying::Texts(vec![vec![0xff; 300], vec![0], Vec::new()]),
            Saying::OverTcpOnly(vec![vec![b'y'; 40_000]]),
        ];
        for (domain, saying) in pending.iter().zip(sayings) {
            names.say(&domain.name, saying);
        }
        let verifying = pending.iter().map(|domain| {
            let (engine, admin) = (house.engine.clone(), house.admin.clone());
            let name = domain.name.clone();
            tokio::spawn(async move {
                let verified = engine.verify_domain(&admin, &name).await;
                assert!(
                    matches!(verified, Err(EngineError::NotPossible { .. })),
                    "{name}: {verified:?}"
                );
            })
        });
        for verified in verifying.collect::<Vec<_>>() {
            verified.await.unwrap();
        }
        for domain in &pending {
            assert!(!house.engine.is_domain_verified(&domain.name).await.unwrap());
        }
        // The next one is asked as if nothing had been.
        let good = house.pending("good.example").await;
        names.say_texts(&good.name, &[&good.proof]);
        assert!(house.verify(&good.name).await.unwrap().is_verified());
    }
}

#[tokio::test]
async fn windows_is_led_by_a_cname() {
    for place in places().await {
        let house = House::open_without_push(place, Options::default()).await;
        let names = house.name_server().await;
        let check = async || {
            let checked = house
                .engine
                .check_discovery(&house.admin, "contoso.com")
                .await;
            checked.unwrap().message
        };
        assert!(check().await.contains("no CNAME"));
        let name = "enterpriseenrollment.contoso.com";
        names.say(name, Saying::Alias("elsewhere.example".to_owned()));
        assert!(check().await.contains("elsewhere.example"));
    }
}

#[tokio::test]
async fn there_is_a_default_domain_whoever_deletes_at_the_same_time() {
    for place in places().await {
        let house = House::open_without_push(place, Options::default()).await;
        let names = house.name_server().await;
        let (engine, admin) = (&house.engine, &house.admin);
        for number in 0..4 {
            let domain = house.pending(&format!("d{number}.example")).await;
            let name = domain.name.as_str();
            names.say_texts(name, &[&domain.proof]);
            house.verify(name).await.unwrap();
            let (chosen, deleted) = tokio::join!(
                engine.make_domain_default(admin, name),
                engine.delete_domain(admin, name, true),
            );
            // Whoever comes second is told of the first.
            assert_ne!(chosen.is_ok(), deleted.is_ok(), "{chosen:?}, {deleted:?}");
            let domains = engine.domains().await.unwrap();
            let default = domains.iter().filter(|domain| domain.is_default);
            assert_eq!(default.count(), 1);
        }
    }
}
