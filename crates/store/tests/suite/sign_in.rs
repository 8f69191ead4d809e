//! What people are signed in to, while two servers change it at once.

use mandate_model::{AppId, Timestamp, UserId};
use mandate_store::{
    DeviceCodeRecord, LinkMaker, RefreshRecord, Session, SetUpLinkRecord, SignInSessionRecord,
};
use uuid::Uuid;

use crate::place::{Place, places};
use crate::samples::user;

/// A person.
const ADA: UserId = UserId(Uuid::from_u128(1));
const BROWSER: Uuid = Uuid::from_u128(10);
const FAMILY: Uuid = Uuid::from_u128(11);
const APP: AppId = AppId(Uuid::from_u128(12));
const HANDLE: Uuid = Uuid::from_u128(13);
const NOW: Timestamp = Timestamp(1000);

/// One place for each database, with a person in it.
async fn places_of_ada() -> Vec<Place> {
    let places = places().await;
    for place in &places {
        let mut session = place.store.write().await.unwrap();
        session.insert_user(&user(1, "ada")).await.unwrap();
        session.commit().await.unwrap();
    }
    places
}

fn refresh_token(octet: u8) -> RefreshRecord {
    RefreshRecord {
        hash: vec![octet; 32],
        family: FAMILY,
        app: APP,
        user: ADA,
        session: Some(BROWSER),
        content: "{}".to_owned(),
        issued_at: NOW,
        used_at: None,
        expires_at: Timestamp(9000),
    }
}

/// Signed in, with a refresh token.
async fn sign_in(session: &mut Session) {
    session.claim_credential(ADA, HANDLE).await.unwrap();
    let record = SignInSessionRecord {
        id: BROWSER,
        hash: [1; 32],
        user_id: ADA,
        methods: "pwd".to_owned(),
        provider: None,
        address: None,
        agent: String::new(),
        authenticated_at: NOW,
        issued_at: NOW,
        seen_at: NOW,
        ends_at: Timestamp(9000),
    };
    session.insert_sign_in_session(&record).await.unwrap();
    session
        .insert_refresh_token(&refresh_token(2))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_handle_stays_and_what_is_written_is_read() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        let new = session.claim_credential(ADA, HANDLE).await.unwrap();
        assert_eq!(
            (new.handle, new.password_hash, new.valid_from.0),
            (HANDLE, None, 0)
        );
        let password = Some(("hash", Timestamp(5)));
        session.set_password(ADA, password, true).await.unwrap();
        session.set_valid_from(ADA, Timestamp(6)).await.unwrap();
        // A clock that is behind gives nothing back.
        session.set_valid_from(ADA, Timestamp(4)).await.unwrap();
        let known = session.claim_credential(ADA, Uuid::nil()).await.unwrap();
        assert_eq!(known.handle, HANDLE);
        assert_eq!(known.password_hash.as_deref(), Some("hash"));
        assert_eq!(
            (known.password_at, known.must_change),
            (Some(Timestamp(5)), true)
        );
        assert_eq!(known.valid_from, Timestamp(6));
        session.set_password(ADA, None, false).await.unwrap();
        let none = session.find_credential(ADA).await.unwrap().unwrap();
        assert_eq!(
            (none.password_hash, none.password_at, none.must_change),
            (None, None, false)
        );
    }
}

#[tokio::test]
async fn a_page_beside_a_reset_does_not_bring_the_old_password_back() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        session.claim_credential(ADA, HANDLE).await.unwrap();
        session
            .set_password(ADA, Some(("old", NOW)), false)
            .await
            .unwrap();
        session.commit().await.unwrap();

        let mut reset = place.store.write().await.unwrap();
        reset.claim_credential(ADA, HANDLE).await.unwrap();
        reset
            .set_password(ADA, Some(("new", NOW)), false)
            .await
            .unwrap();
        reset.set_valid_from(ADA, NOW).await.unwrap();
        let store = place.store.clone();
        let page = tokio::spawn(async move {
            let mut page = store.write().await.unwrap();
            let seen = page.claim_credential(ADA, Uuid::nil()).await.unwrap();
            page.commit().await.unwrap();
            seen
        });
        place.until_it_waits(&page).await;
        reset.commit().await.unwrap();
        let seen = page.await.unwrap();
        assert_eq!(
            (seen.password_hash.as_deref(), seen.valid_from),
            (Some("new"), NOW)
        );
        let mut session = place.store.read().await.unwrap();
        assert_eq!(session.find_credential(ADA).await.unwrap(), Some(seen));
    }
}

#[tokio::test]
async fn a_refresh_in_flight_does_not_survive_the_end_of_its_session() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        sign_in(&mut session).await;
        session.commit().await.unwrap();

        let mut refresh = place.store.write().await.unwrap();
        refresh.lock_credential(ADA).await.unwrap();
        assert!(
            refresh
                .use_refresh_token(&[2; 32], "{}", NOW)
                .await
                .unwrap()
        );
        refresh
            .insert_refresh_token(&refresh_token(3))
            .await
            .unwrap();
        let store = place.store.clone();
        let sign_out = tokio::spawn(async move {
            let mut session = store.write().await.unwrap();
            assert!(session.delete_sign_in_session(ADA, BROWSER).await.unwrap());
            session.commit().await.unwrap();
        });
        place.until_it_waits(&sign_out).await;
        refresh.commit().await.unwrap();
        sign_out.await.unwrap();
        let mut session = place.store.read().await.unwrap();
        for octet in [2, 3] {
            let found = session.find_refresh_token(&[octet; 32], APP).await.unwrap();
            assert_eq!(found, None, "{octet}");
        }
        let standing = session.standing(ADA, Some(BROWSER), NOW).await.unwrap();
        assert!(!standing.session_lasts);
    }
}

#[tokio::test]
async fn a_refresh_in_flight_does_not_survive_the_end_of_all_access() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        sign_in(&mut session).await;
        session.commit().await.unwrap();

        let mut refresh = place.store.write().await.unwrap();
        refresh.lock_credential(ADA).await.unwrap();
        assert!(
            refresh
                .use_refresh_token(&[2; 32], "{}", NOW)
                .await
                .unwrap()
        );
        refresh
            .insert_refresh_token(&refresh_token(3))
            .await
            .unwrap();
        let store = place.store.clone();
        let end = tokio::spawn(async move {
            let mut session = store.write().await.unwrap();
            session.claim_credential(ADA, HANDLE).await.unwrap();
            session.delete_sign_in_sessions(ADA).await.unwrap();
            session.forget_grants_of_user(ADA).await.unwrap();
            session.commit().await.unwrap();
        });
        place.until_it_waits(&end).await;
        refresh.commit().await.unwrap();
        end.await.unwrap();
        let mut session = place.store.read().await.unwrap();
        let found = session.find_refresh_token(&[3; 32], APP).await.unwrap();
        assert_eq!(found, None);
    }
}

#[tokio::test]
async fn device_codes_end_with_the_session_in_which_they_were_approved() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        sign_in(&mut session).await;
        let code = DeviceCodeRecord {
            hash: vec![4; 32],
            user_code: "BCDFGHJK".to_owned(),
            app: APP,
            content: "{}".to_owned(),
            state: "pending".to_owned(),
            user: None,
            session: None,
            polled_at: None,
            interval_seconds: 5,
            expires_at: Timestamp(9000),
        };
        assert!(session.insert_device_code(&code).await.unwrap());
        let decided = session.decide_device_code(&code.hash, "approved", ADA, BROWSER, NOW);
        assert!(decided.await.unwrap());
        assert!(session.delete_sign_in_session(ADA, BROWSER).await.unwrap());
        let found = session.find_device_code(&[4; 32], APP).await.unwrap();
        assert_eq!(found, None);
        assert!(!session.delete_sign_in_session(ADA, BROWSER).await.unwrap());
    }
}

#[tokio::test]
async fn a_link_says_who_made_it_and_ends_with_the_next_one() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        let makers = [
            LinkMaker::System,
            LinkMaker::App(APP),
            LinkMaker::Person(ADA),
        ];
        for (octet, maker) in (1..).zip(makers) {
            let link = SetUpLinkRecord {
                hash: [octet; 32],
                user_id: ADA,
                maker,
                expires_at: Timestamp(9000),
                created_at: NOW,
            };
            session.insert_set_up_link(&link).await.unwrap();
            let found = session.find_set_up_link(&link.hash, NOW).await.unwrap();
            assert_eq!(found, Some((ADA, maker)));
        }
        let replaced = session.find_set_up_link(&[1; 32], NOW).await.unwrap();
        assert_eq!(replaced, None);
    }
}

#[tokio::test]
async fn one_network_pushes_only_its_own_sign_ins_out() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        session
            .insert_flow(&[9; 32], "{}", Timestamp(50))
            .await
            .unwrap();
        for (octet, origin) in [(1, "here"), (2, "there"), (3, "here"), (4, "here")] {
            let until = Timestamp(i64::from(octet) * 100);
            session
                .insert_flow_from((origin, 2), &[octet; 32], "{}", until)
                .await
                .unwrap();
        }
        for (octet, is_there) in [(9, true), (1, false), (2, true), (3, true), (4, true)] {
            let found = session.find_flow(&[octet; 32], Timestamp(1)).await.unwrap();
            assert_eq!(found.is_some(), is_there, "{octet}");
        }
    }
}

#[tokio::test]
async fn of_too_many_sign_ins_under_way_the_oldest_go() {
    for place in places_of_ada().await {
        let mut session = place.store.write().await.unwrap();
        for octet in 1..=5_u8 {
            let until = Timestamp(i64::from(octet) * 100);
            session
                .insert_flow(&[octet; 32], "{}", until)
                .await
                .unwrap();
        }
        assert_eq!(session.trim_flows(5).await.unwrap(), 0);
        assert_eq!(session.trim_flows(3).await.unwrap(), 2);
        for (octet, is_there) in [(1, false), (2, false), (3, true), (5, true)] {
            let found = session.find_flow(&[octet; 32], Timestamp(1)).await.unwrap();
            assert_eq!(found.is_some(), is_there, "{octet}");
        }
    }
}
