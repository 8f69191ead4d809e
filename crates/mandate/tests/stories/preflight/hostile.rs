//! Servers that are none, and such as mean ill.

use mandate_engine::PreflightStep::{ActiveSync, Connection, Encryption, Name, Trust};
use mandate_engine::PreflightVerdict::{Failed, Warned};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{HOST, codes, listen, of, verdict};
use crate::house::{House, places};

#[tokio::test]
async fn what_is_no_tls_is_said_to_be_none() {
    for place in places().await {
        let house = House::open(place).await;
        let mail = house.mail_profile("Mail").await;
        let silent = listen(|stream| async move { drop(stream) }).await;
        let plain = listen(|mut stream| async move {
            drop(stream.write_all(b"220 mail.contoso.com ESMTP\r\n").await);
            let mut rest = [0; 512];
            while matches!(stream.read(&mut rest).await, Ok(length) if length > 0) {}
        })
        .await;
        let endless =
            listen(
                |mut stream| async move { while stream.write_all(&[0x16; 4096]).await.is_ok() {} },
            )
            .await;
        for address in [silent, plain, endless] {
            house.mail_servers.name(HOST, &[address]);
            let report = house.look_for(mail.id).await;
            assert_eq!(codes(&report, Connection), ["connected"]);
            assert_eq!(codes(&report, Encryption), ["noHandshake"]);
            assert_eq!(codes(&report, Trust), Vec::<&str>::new());
            assert_eq!(report.verdict, Failed);
        }
    }
}

#[tokio::test]
async fn endless_and_broken_answers_end() {
    for place in places().await {
        let house = House::open(place).await;
        let mail = house
            .mail_with(serde_json::json!({ "requireSsl": false }))
            .await;
        let endless = listen(|mut stream| async move {
            let mut asked = [0; 4096];
            drop(stream.read(&mut asked).await);
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\n").await);
            while stream
                .write_all(b"x-header: more and more and more\r\n")
                .await
                .is_ok()
            {}
        })
        .await;
        let broken = listen(|mut stream| async move {
            let mut asked = [0; 4096];
            drop(stream.read(&mut asked).await);
            drop(stream.write_all(b"\xff\xfe\x00garbage\r\n\r\n").await);
        })
        .await;
        for address in [endless, broken] {
            house.mail_servers.name(HOST, &[address]);
            let report = house.look_for(mail.id).await;
            assert_eq!(codes(&report, ActiveSync), ["noAnswer"]);
            assert_eq!(report.verdict, Failed);
        }
    }
}

#[tokio::test]
async fn a_body_of_any_length_is_not_read() {
    for place in places().await {
        let house = House::open(place).await;
        let mail = house
            .mail_with(serde_json::json!({ "requireSsl": false }))
            .await;
        let endless = listen(|mut stream| async move {
            let mut asked = [0; 4096];
            drop(stream.read(&mut asked).await);
            let head = "HTTP/1.1 404 No\r\nTransfer-Encoding: chunked\r\n\r\n";
            drop(stream.write_all(head.as_bytes()).await);
            while stream.write_all(b"4\r\nmore\r\n").await.is_ok() {}
        })
        .await;
        house.mail_servers.name(HOST, &[endless]);
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, ActiveSync), ["noActiveSync"]);
    }
}

#[tokio::test]
async fn an_address_that_does_not_answer_is_passed_over_and_told() {
    for place in places().await {
        let house = House::open(place).await;
        let authority = house.foreign_authority();
        let plan = house.mail_server(&authority, HOST, (-1, 700));
        let server = house.start_mail_server(plan).await;
        let mail = house.mail_profile("Mail").await;
        // Somebody had this port a moment ago.
        let dead = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = dead.local_addr().unwrap();
        drop(dead);
        house.mail_servers.name(HOST, &[nobody, server.address()]);
        let report = house.look_for(mail.id).await;
        assert_eq!(verdict(&report, "othersSilent"), Warned);
        assert_eq!(server.knocks().len(), 1);
        house.mail_servers.name(HOST, &[nobody]);
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Connection), ["notConnected"]);
    }
}

#[tokio::test]
async fn places_that_are_nobodys_mail_server_are_never_asked() {
    for place in places().await {
        let house = House::open(place).await;
        let mail = house.mail_profile("Mail").await;
        let here = listen(|_| async { panic!("somebody connected") }).await;
        house.mail_servers.name(HOST, &[here]);
        let report = house.engine.preflight(&house.admin, of(mail.id)).await;
        assert_eq!(codes(&report.unwrap(), Name), ["nameIsLoopback"]);
        for address in ["169.254.169.254:443", "[fe80::1]:443", "0.0.0.0:443"] {
            house.mail_servers.name(HOST, &[address.parse().unwrap()]);
            let report = house.look_for(mail.id).await;
            assert_eq!(codes(&report, Name), ["nameIsNoHost"], "{address}");
            assert_eq!(codes(&report, Connection), Vec::<&str>::new());
        }
        house.mail_servers.name(HOST, &[]);
        let report = house.look_for(mail.id).await;
        assert_eq!(codes(&report, Name), ["nameEmpty"]);
    }
}
