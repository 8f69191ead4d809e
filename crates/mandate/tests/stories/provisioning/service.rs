//! The service that brings people, with requests in the forms of Entra ID.

use axum::http::{HeaderMap, Method};
use reqwest::redirect::Policy;
use reqwest::{Body, Certificate, Client};
use serde_json::{Value, json};

use crate::house::Program;

/// The extension of SCIM for people of an organisation (RFC 7643 §4.3).
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// The service, with the token that it was given.
pub(super) struct Service {
    client: Client,
    url: String,
    pub(super) token: String,
}

/// What the service was answered.
pub(super) struct Answered {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answered {
    pub(super) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

impl Service {
    pub(super) fn of(program: &Program, token: &str) -> Self {
        let root = std::fs::read(program.data().join("ca.pem")).unwrap();
        let roots = Certificate::from_pem_bundle(&root).unwrap();
        let client = Client::builder()
            .tls_certs_only(roots)
            .redirect(Policy::none())
            .no_proxy()
            .build();
        Self {
            client: client.unwrap(),
            url: format!("{}/scim/v2", program.url),
            token: token.to_owned(),
        }
    }

    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        (body, headers): (impl Into<Body>, &[(&str, &str)]),
    ) -> Answered {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.url))
            .bearer_auth(&self.token)
            .header("content-type", "application/scim+json")
            .body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        Answered {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answered {
        self.send(Method::GET, path, ("", &[])).await
    }

    pub(super) async fn post(&self, path: &str, body: Value) -> Answered {
        let sent = (body.to_string(), [].as_slice());
        self.send(Method::POST, path, sent).await
    }

    /// A change in part, as Entra wraps it.
    pub(super) async fn patch(&self, path: &str, operations: Value) -> Answered {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations,
        });
        let sent = (body.to_string(), [].as_slice());
        self.send(Method::PATCH, path, sent).await
    }

    /// Looks whether somebody is there, brings them if not, and says their id.
    pub(super) async fn bring(&self, name: &str) -> String {
        let mail = format!("{name}@contoso.com");
        for query in [
            format!("userName+eq+%22{mail}%22"),
            format!("externalId+eq+%22of-{name}%22"),
        ] {
            let found = self.get(&format!("/Users?filter={query}")).await;
            assert_eq!(found.expect(200)["totalResults"], 0);
        }
        let body = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", ENTERPRISE],
            "externalId": format!("of-{name}"), "userName": mail, "active": true, "displayName": name,
            "emails": [{"primary": true, "type": "work", "value": mail}],
            "name": {"formatted": name, "familyName": "Test", "givenName": name},
            "meta": {"resourceType": "User"},
        });
        let made = self.post("/Users", body).await.expect(201);
        let found = self
            .get(&format!("/Users?filter=externalId+eq+%22of-{name}%22"))
            .await;
        assert_eq!(found.expect(200)["Resources"][0]["id"], made["id"]);
        made["id"].as_str().unwrap().to_owned()
    }
}
