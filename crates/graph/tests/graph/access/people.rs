//! Everybody who asks: people with one role each, clients with one permission each, and nobody.

use std::collections::BTreeSet;

use mandate_engine::{
    AccessClaims, Actor, ClientProof, GRAPH_URL, NewRegistration, Permission, RegistrationChange,
};
use serde_json::json;

use super::published::{self, includes, permission};
use super::world::World;
use crate::house::id;

/// Somebody who asks.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) name: String,
    pub(super) token: Option<String>,
    /// What their roles allow; everything for clients.
    actions: Option<BTreeSet<String>>,
    /// What their token carries; everything for people, but for one.
    carried: Option<&'static str>,
    /// Whether a scope limits them.
    pub(super) is_scoped: bool,
}

impl Subject {
    /// Whether they may do something, be it only within a scope.
    pub(super) fn may(&self, action: &str) -> bool {
        let by_role = self
            .actions
            .as_ref()
            .is_none_or(|actions| actions.contains(action));
        let by_token = self
            .carried
            .is_none_or(|carried| includes(carried, permission(action)));
        by_role && by_token
    }
}

/// All of them. People with roles of device management have them for the north only.
pub(super) async fn everybody(world: &mut World) -> Vec<Subject> {
    let mut all = vec![Subject {
        name: "nobody in particular".to_owned(),
        token: None,
        actions: None,
        carried: None,
        is_scoped: false,
    }];
    all.push(person(world, "nothing at all", None, &[], false).await);
    for role in published::built_in() {
        let assignment = Some((role.id, role.name));
        all.push(person(world, role.name, assignment, &role.actions, true).await);
    }
    let every: Vec<&str> = published::ACTIONS.iter().map(|(name, _)| *name).collect();
    for (name, actions) in [
        ("custom, all of it", every.as_slice()),
        ("custom, nothing", &[]),
    ] {
        let body = json!({
            "displayName": name,
            "rolePermissions": [{"resourceActions": [{"allowedResourceActions": actions}]}],
        });
        let path = "/beta/deviceManagement/roleDefinitions";
        let role = id(&world.house.post(path, body).await.expect(200));
        all.push(person(world, name, Some((&role, name)), actions, true).await);
    }
    for role in published::directory() {
        let mut subject = person(world, role.name, None, &role.actions, false).await;
        let user = world.person_of(&subject.name);
        let body = json!({"@odata.id": format!("https://h/v1.0/users/{user}")});
        let path = format!("/v1.0/directoryRoles/{}/members/$ref", role.id);
        assert_eq!(world.house.post(&path, body).await.status, 204);
        subject.is_scoped = false;
        all.push(subject);
    }
    all.push(reading_administrator(world).await);
    for permission in Permission::ALL {
        all.push(client(world, permission).await);
    }
    all
}

/// A person with a role for the north, or with none, through a client that may do everything.
async fn person(
    world: &mut World,
    name: &str,
    role: Option<(&str, &str)>,
    actions: &[&str],
    is_scoped: bool,
) -> Subject {
    let account = name.to_lowercase().replace([' ', ','], "-");
    let user = world.house.user(&account).await;
    world.note_person(name, &user);
    if let Some((role, role_name)) = role {
        let group = world.house.group(&format!("have {account}")).await;
        let member = json!({"@odata.id": format!("https://h/v1.0/users/{user}")});
        let path = format!("/v1.0/groups/{group}/members/$ref");
        assert_eq!(world.house.post(&path, member).await.status, 204);
        let body = json!({
            "displayName": format!("{role_name} of the north"),
            "members": [group],
            "resourceScopes": [world.north.group],
            "scopeType": "resourceScope",
            "roleDefinition@odata.bind": format!("https://h/beta/deviceManagement/roleDefinitions('{role}')"),
            "roleScopeTags@odata.bind": [format!("https://h/beta/deviceManagement/roleScopeTags('{}')", world.north.tag)],
            "roleScopeTagIds": ["0"],
        });
        let path = "/beta/deviceManagement/roleAssignments";
        world.house.post(path, body).await.expect(201);
    }
    let token = person_token(world, &user, &Permission::ALL).await;
    Subject {
        name: name.to_owned(),
        token: Some(token),
        actions: Some(actions.iter().map(|name| (*name).to_owned()).collect()),
        carried: None,
        is_scoped,
    }
}

/// Somebody who may do everything, but uses a client that may only look at profiles.
async fn reading_administrator(world: &mut World) -> Subject {
    let user = world.person_of("Global Administrator");
    let carried = Permission::ConfigurationRead;
    Subject {
        name: "Global Administrator with a client that reads".to_owned(),
        token: Some(person_token(world, &user, &[carried]).await),
        actions: None,
        carried: Some(carried.name()),
        is_scoped: false,
    }
}

async fn client(world: &World, permission: Permission) -> Subject {
    let engine = &world.house.engine;
    let new = NewRegistration {
        name: permission.name().to_owned(),
        permissions: vec![permission],
        ..NewRegistration::default()
    };
    let app = engine.register_app(&Actor::system(), new).await.unwrap();
    let token = engine
        .app_token(
            &app,
            ClientProof::Secret,
            GRAPH_URL,
            "https://mdm.example.com:8443",
        )
        .unwrap();
    Subject {
        name: format!("app {}", permission.name()),
        token: Some(token),
        actions: None,
        carried: Some(permission.name()),
        is_scoped: false,
    }
}

/// A token of a person, through a client that may do for people what it is for.
pub(super) async fn person_token(world: &World, user: &str, scopes: &[Permission]) -> String {
    let engine = &world.house.engine;
    let app = world.client;
    let change = RegistrationChange {
        delegated: Some(Permission::ALL.to_vec()),
        ..RegistrationChange::default()
    };
    let system = Actor::system();
    engine.change_app(&system, app, change).await.unwrap();
    let (now, tokens) = (engine.now(), engine.tokens());
    let seconds = now.unix_seconds();
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.name()).collect();
    let claims = AccessClaims {
        aud: GRAPH_URL.to_owned(),
        iss: tokens.issuer("https://mdm.example.com:8443"),
        iat: seconds,
        nbf: seconds,
        exp: seconds + 3600,
        appid: app.to_string(),
        azp: app.to_string(),
        azpacr: "0".to_owned(),
        idtyp: "user".to_owned(),
        // Administrators have proved a second thing.
        amr: Some(vec!["pwd".to_owned(), "mfa".to_owned()]),
        oid: user.to_owned(),
        sub: user.to_owned(),
        tid: tokens.tenant().to_string(),
        scp: Some(scopes.join(" ")),
        jti: format!("{user}-{}", scopes.len()),
        ver: "2.0".to_owned(),
        ..AccessClaims::default()
    };
    tokens.sign(&claims, now).unwrap()
}
