//! People sign in through an OpenID Connect provider that somebody else wrote.

use mandate_engine::{
    DirectoryRole, NewGroup, ProviderFault, ProviderReturn, SignInStep, SignedIn, Visit,
};
use mandate_model::{GroupId, Member, User, UserId};
use reqwest::Url;
use serde_json::{Map, Value, json};

use crate::house::{Browser, CALLBACK, House, OidcPeer, SECRET, places};

/// A house with a provider.
struct Story {
    house: House,
    peer: OidcPeer,
}

impl Story {
    async fn with(by_user_info: bool, client: &str, more: Value) -> Option<Self> {
        let peer = OidcPeer::start(by_user_info)?;
        let place = places().await.remove(0);
        let house = House::open(place).await;
        house.come_to_the_present();
        let story = Self { house, peer };
        story.add_provider(client, more).await;
        Some(story)
    }

    async fn add_provider(&self, client: &str, more: Value) {
        let mut body = json!({
            "name": "peer", "kind": "oidc", "issuer": self.peer.issuer, "clientId": client,
        });
        let map = body.as_object_mut().unwrap();
        if client != "public" {
            map.insert("clientSecret".to_owned(), SECRET.into());
        }
        map.extend(more.as_object().cloned().unwrap());
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine.create_provider(admin, map.clone()).await.unwrap();
    }

    /// Somebody goes to the provider and comes back.
    async fn come_back(&self, browser: &Browser, subject: &str) -> (String, ProviderReturn) {
        self.come_back_of(browser, subject, false).await
    }

    async fn come_back_of(
        &self,
        browser: &Browser,
        subject: &str,
        fresh: bool,
    ) -> (String, ProviderReturn) {
        let engine = &self.house.engine;
        let flow = engine.begin_flow("/account/", None, fresh).await.unwrap();
        let sent_to = engine
            .send_to_provider(&flow, "peer", CALLBACK)
            .await
            .unwrap();
        let back = self.peer.sign_in(browser, &sent_to, subject).await;
        (flow, returned(&back))
    }

    /// The same, until they are signed in here.
    async fn sign_in(&self, browser: &Browser, subject: &str) -> Result<SignedIn, ProviderFault> {
        let (flow, back) = self.come_back(browser, subject).await;
        self.house.engine.return_from_provider(&flow, &back).await?;
        Ok(self.finish(&flow).await)
    }

    /// Somebody comes back, and is known here or not.
    async fn returns(&self, subject: &str) -> Result<String, ProviderFault> {
        let (flow, back) = self.come_back(&Browser::new(), subject).await;
        self.house.engine.return_from_provider(&flow, &back).await
    }

    async fn is_refused(&self, subject: &str) {
        let outcome = self.returns(subject).await;
        assert!(
            matches!(outcome, Err(ProviderFault::NotHere { .. })),
            "{outcome:?}"
        );
    }

    /// Which account is whose.
    async fn links(&self) -> Vec<(String, UserId)> {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let links = engine.list_provider_links(admin, "peer", "", 10);
        let links = links.await.unwrap().into_iter();
        links.map(|link| (link.subject, link.user)).collect()
    }

    async fn finish(&self, flow: &str) -> SignedIn {
        let engine = &self.house.engine;
        let visit = Visit::default();
        let session = engine.finish_flow(flow, &visit).await.unwrap().unwrap();
        let signed_in = engine.session_of(&session.cookie).await.unwrap();
        signed_in.unwrap()
    }

    async fn group(&self, name: &str) -> GroupId {
        let new = NewGroup {
            display_name: name.to_owned(),
            ..NewGroup::default()
        };
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine
            .create_group(admin, new, Vec::new())
            .await
            .unwrap()
            .id
    }

    async fn groups_of(&self, user: &User) -> Vec<String> {
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        let groups = engine
            .groups_of(admin, Member::User(user.id), false)
            .await
            .unwrap();
        let mut names: Vec<String> = groups.into_iter().map(|group| group.display_name).collect();
        names.sort();
        names
    }

    async fn change_provider(&self, change: Value) {
        let body: Map<String, Value> = change.as_object().cloned().unwrap();
        let (engine, admin) = (&self.house.engine, &self.house.admin);
        engine.update_provider(admin, "peer", body).await.unwrap();
    }
}

fn returned(address: &str) -> ProviderReturn {
    let address = Url::parse(address).unwrap();
    let field = |name: &str| {
        let found = address.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    };
    ProviderReturn {
        state: field("state"),
        code: field("code"),
        iss: field("iss"),
        error: field("error"),
    }
}

fn ada() -> Value {
    json!({
        "preferred_username": "ada@contoso.com", "name": "Ada Lovelace",
        "email": "ada@contoso.com", "email_verified": true,
    })
}

#[tokio::test]
async fn people_sign_in_with_what_a_provider_of_others_says() {
    // Client secret in the header with RS256, in the form with PS256, and none with ES256.
    for (client, by_user_info) in [("mandate", false), ("posting", true), ("public", true)] {
        let Some(story) = Story::with(by_user_info, client, json!({})).await else {
            return;
        };
        let ada_here = story.house.hire("ada").await;
        story.peer.set("u1", &ada()).await;
        let signed_in = story.sign_in(&Browser::new(), "u1").await.unwrap();
        assert_eq!(signed_in.user.id, ada_here.id, "{client}");
        assert_eq!(signed_in.provider.as_deref(), Some("peer"));
        assert_eq!(signed_in.methods, ["fed"]);
        let steps = story
            .house
            .engine
            .try_provider(&story.house.admin, "peer", None)
            .await
            .unwrap();
        assert!(steps.iter().all(|step| step.good), "{steps:?}");
    }
}

#[tokio::test]
async fn an_account_that_is_renamed_stays_the_same_and_its_name_is_not_inherited() {
    let Some(story) = Story::with(false, "mandate", json!({})).await else {
        return;
    };
    let ada_here = story.house.hire("ada").await;
    story.peer.set("u1", &ada()).await;
    story.sign_in(&Browser::new(), "u1").await.unwrap();
    // She marries.
    let renamed = json!({ "preferred_username": "ada.king@contoso.com" });
    story.peer.set("u1", &renamed).await;
    let again = story.sign_in(&Browser::new(), "u1").await.unwrap();
    assert_eq!(again.user.id, ada_here.id);
    // Somebody else gets the name that she had.
    story.peer.set("u2", &ada()).await;
    let other = story.sign_in(&Browser::new(), "u2").await;
    assert!(
        matches!(other, Err(ProviderFault::NotHere { .. })),
        "{other:?}"
    );
    // Until somebody who may says that it is her.
    let (engine, admin) = (&story.house.engine, &story.house.admin);
    engine
        .unlink_from_provider(admin, "peer", "ada@contoso.com")
        .await
        .unwrap();
    let other = story.sign_in(&Browser::new(), "u2").await.unwrap();
    assert_eq!(other.user.id, ada_here.id);
}

#[tokio::test]
async fn groups_follow_what_the_provider_says_but_only_those_that_were_mapped() {
    let Some(story) = Story::with(true, "mandate", json!({})).await else {
        return;
    };
    let ada_here = story.house.hire("ada").await;
    let (admins, helpers) = (story.group("admins").await, story.group("helpers").await);
    let other = story.group("other").await;
    let member = Member::User(ada_here.id);
    story
        .house
        .engine
        .add_members(&story.house.admin, other, vec![member])
        .await
        .unwrap();
    story
        .change_provider(json!({ "groups": { "Admins": admins, "role/helpers": helpers } }))
        .await;
    let with = |groups: Value| {
        let mut claims = ada();
        claims["groups"] = groups;
        claims
    };
    let browser = Browser::new();
    let others = other.to_string();
    let said = [
        (
            json!(["Admins", "everybody", "other", others]),
            vec!["admins", "other"],
        ),
        (json!(["role/helpers", "admins"]), vec!["helpers", "other"]),
        (json!("Admins"), vec!["admins", "other"]),
        (json!([]), vec!["other"]),
        (json!(["Admins"]), vec!["admins", "other"]),
        (Value::Null, vec!["admins", "other"]),
    ];
    for (groups, expected) in said {
        story.peer.set("u1", &with(groups.clone())).await;
        let outcome = story.sign_in(&browser, "u1").await;
        // What is no list says nothing, and then nobody is let in rather than thrown out of a group.
        assert_eq!(outcome.is_ok(), !groups.is_null(), "{groups} {outcome:?}");
        assert_eq!(story.groups_of(&ada_here).await, expected, "{groups}");
    }
    // No claim at all is none of the groups.
    story.peer.set("u1", &ada()).await;
    story.sign_in(&browser, "u1").await.unwrap();
    assert_eq!(story.groups_of(&ada_here).await, ["other"]);
}

#[tokio::test]
async fn only_people_of_the_organisation_come_in_and_strangers_where_it_is_wanted() {
    let Some(story) = Story::with(false, "mandate", json!({})).await else {
        return;
    };
    let refused = |outcome: Result<SignedIn, ProviderFault>| {
        assert!(
            matches!(outcome, Err(ProviderFault::NotHere { .. })),
            "{outcome:?}"
        );
    };
    story.peer.set("u1", &ada()).await;
    refused(story.sign_in(&Browser::new(), "u1").await);
    story
        .change_provider(json!({ "createsPeople": true }))
        .await;
    let new = story.sign_in(&Browser::new(), "u1").await.unwrap();
    assert_eq!(new.user.user_principal_name, "ada@contoso.com");
    assert_eq!(new.user.display_name, "Ada Lovelace");
    assert_eq!(new.user.mail.as_deref(), Some("ada@contoso.com"));
    // Not of ours, and an address that nobody verified.
    let outsider = json!({ "preferred_username": "eve@evil.example" });
    let unverified = json!({ "email": "bob@contoso.com", "email_verified": false });
    for claims in [outsider, unverified, json!({})] {
        story.peer.set("u2", &claims).await;
        refused(story.sign_in(&Browser::new(), "u2").await);
    }
    let verified = json!({ "email": "bob@contoso.com", "email_verified": true });
    story.peer.set("u3", &verified).await;
    let bob = story.sign_in(&Browser::new(), "u3").await.unwrap();
    assert_eq!(bob.user.user_principal_name, "bob@contoso.com");
    // Whoever is disabled here stays out.
    let (engine, admin) = (&story.house.engine, &story.house.admin);
    engine
        .update_user(admin, bob.user.id, |bob| bob.account_enabled = false)
        .await
        .unwrap();
    refused(story.sign_in(&Browser::new(), "u3").await);
}

#[tokio::test]
async fn who_is_to_prove_it_anew_does_although_the_provider_knows_them() {
    let Some(story) = Story::with(false, "mandate", json!({})).await else {
        return;
    };
    story.house.hire("ada").await;
    story.peer.set("u1", &ada()).await;
    let browser = Browser::new();
    story.sign_in(&browser, "u1").await.unwrap();
    // The provider has a session now and asks nothing, unless it is told to.
    let (flow, back) = story.come_back_of(&browser, "u1", true).await;
    let engine = &story.house.engine;
    engine.return_from_provider(&flow, &back).await.unwrap();
    let view = engine.look_at_flow(&flow).await.unwrap();
    assert_eq!(view.step, SignInStep::Done);
}

#[tokio::test]
async fn an_answer_is_good_once_and_for_the_browser_that_was_sent() {
    let Some(story) = Story::with(false, "mandate", json!({})).await else {
        return;
    };
    story.house.hire("ada").await;
    story.peer.set("u1", &ada()).await;
    let engine = &story.house.engine;
    let (_, hers) = story.come_back(&Browser::new(), "u1").await;
    // Somebody is led to the callback with the answer for another browser (login CSRF).
    let victim = engine.begin_flow("/account/", None, false).await.unwrap();
    let stolen = engine.return_from_provider(&victim, &hers).await;
    assert!(matches!(stolen, Err(ProviderFault::Stray)), "{stolen:?}");
    let (flow, back) = story.come_back(&Browser::new(), "u1").await;
    engine.return_from_provider(&flow, &back).await.unwrap();
    let again = engine.return_from_provider(&flow, &back).await;
    assert!(matches!(again, Err(ProviderFault::Stray)), "{again:?}");
    // A code of one request does not go with another: PKCE and nonce are of the first.
    let (_, other) = story.come_back(&Browser::new(), "u1").await;
    let (flow, back) = story.come_back(&Browser::new(), "u1").await;
    let mixed = ProviderReturn {
        code: other.code,
        ..back
    };
    let mixed = engine.return_from_provider(&flow, &mixed).await;
    assert!(
        matches!(mixed, Err(ProviderFault::Unavailable { .. })),
        "{mixed:?}"
    );
}

#[tokio::test]
async fn signing_out_leads_to_the_provider_too() {
    let Some(story) = Story::with(false, "mandate", json!({})).await else {
        return;
    };
    let engine = &story.house.engine;
    let address = engine
        .sign_out_address("peer", "https://mdm.contoso.com/")
        .await
        .unwrap()
        .unwrap();
    assert!(address.starts_with(&format!("{}/session/end?", story.peer.issuer)));
    let page = Browser::new().get(&address).await;
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.body.contains("logout"), "{}", page.body);
    let none = engine.sign_out_address("none", "https://x/").await.unwrap();
    assert_eq!(none, None);
}

#[tokio::test]
async fn a_name_that_somebody_chose_makes_nobody_an_administrator() {
    let Some(story) = Story::with(false, "mandate", json!({})).await else {
        return;
    };
    let (engine, admin) = (&story.house.engine, &story.house.admin);
    let own = story.house.hire("ada").await;
    let role = DirectoryRole::GlobalAdministrator;
    let hers = Member::User(own.id);
    // Mallory calls himself Ada there.
    story.peer.set("mallory", &ada()).await;
    engine
        .add_directory_role_member(admin, role, hers)
        .await
        .unwrap();
    story.is_refused("mallory").await;
    engine
        .remove_directory_role_member(admin, role, own.id.0)
        .await
        .unwrap();
    // The same if she has it by a group.
    let group = story.group("administrators").await;
    engine
        .add_directory_role_member(admin, role, Member::Group(group))
        .await
        .unwrap();
    engine.add_members(admin, group, vec![hers]).await.unwrap();
    story.is_refused("mallory").await;
    assert_eq!(story.links().await, []);
    // An administrator says which account is hers, and nobody else is her from then on.
    let link =
        |provider, person, subject| engine.link_to_provider(admin, provider, person, subject);
    let name = "ada@contoso.com";
    link("peer", name, "u1").await.unwrap();
    for (provider, person, subject) in [
        ("peer", name, "u2"),
        ("peer", "nobody@contoso.com", "u3"),
        ("peer", name, ""),
        ("none", name, "u1"),
    ] {
        let again = link(provider, person, subject).await;
        assert!(again.is_err(), "{provider} {person} {subject}");
    }
    story.peer.set("u1", &json!({})).await;
    story.returns("u1").await.unwrap();
    story.is_refused("mallory").await;
    assert_eq!(story.links().await, [("u1".to_owned(), own.id)]);
    // Where the organisation gives the claim, a name is enough.
    let unlinked = engine.unlink_from_provider(admin, "peer", name).await;
    unlinked.unwrap();
    let trusting = json!({ "trustsNames": true, "nameClaim": "email" });
    story.change_provider(trusting).await;
    let mut unverified = ada();
    unverified["email_verified"] = json!(false);
    story.peer.set("u4", &unverified).await;
    story.is_refused("u4").await;
    story.peer.set("u4", &ada()).await;
    story.returns("u4").await.unwrap();
    assert_eq!(story.links().await, [("u4".to_owned(), own.id)]);
}
