//! The management API as an administrator's script uses it: Microsoft Graph with a client-credentials token.

use crate::http::{Answer, Http, HttpError, Request};
use hyper::Method;
use hyper::header::AUTHORIZATION;
use serde_json::{Value, json};
use std::fmt::Write as _;
use thiserror::Error;
use tokio::sync::Mutex;

/// A call that failed.
#[derive(Debug, Error)]
pub enum GraphError {
    /// No answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The token endpoint refused; check tenant, client id and secret.
    #[error(
        "no token for client `{client}` ({status}: {body}); check `--tenant`, `--client-id` and `--client-secret`"
    )]
    Token {
        /// Client id.
        client: String,
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        body: String,
    },
    /// Another status than 2xx.
    #[error("{method} {path} answered {status}: {body}")]
    Refused {
        /// Method.
        method: Method,
        /// Path.
        path: String,
        /// HTTP status.
        status: u16,
        /// Beginning of the body.
        body: String,
    },
    /// The answer lacks something.
    #[error("{path} answered without `{field}`")]
    Missing {
        /// Path.
        path: String,
        /// Property.
        field: &'static str,
    },
}

/// Who calls.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// Tenant id.
    pub tenant: String,
    /// Client (application) id.
    pub client_id: String,
    /// Client secret.
    pub client_secret: String,
}

/// A caller of the management API.
#[derive(Debug)]
pub struct Graph {
    http: Http,
    server: String,
    credentials: Credentials,
    token: Mutex<Option<String>>,
}

impl Graph {
    /// A caller of the server at that base URL; the token is fetched with the first call.
    pub fn new(http: &Http, server: &str, credentials: Credentials) -> Self {
        Self {
            http: http.clone(),
            server: server.trim_end_matches('/').to_owned(),
            credentials,
            token: Mutex::new(None),
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Result<Value, GraphError> {
        self.call(Method::GET, path, None).await
    }

    /// POST with a JSON body; `Null` when the answer is empty.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, GraphError> {
        self.call(Method::POST, path, Some(body)).await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> Result<Value, GraphError> {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// POST, returning the new object's `id`.
    pub async fn create(&self, path: &str, body: &Value) -> Result<String, GraphError> {
        let created = self.post(path, body).await?;
        text(&created, path, "id")
    }

    /// Makes the server the management authority, and gives everybody a licence: without both nothing can be enrolled.
    pub async fn open_for_enrolment(&self) -> Result<(), GraphError> {
        let authority = json!({ "authority": "intune", "confirm": true });
        self.patch("/mandate/v1/authority", &authority).await?;
        let licences = json!({ "everybody": true });
        self.patch("/mandate/v1/licences", &licences)
            .await
            .map(|_| ())
    }

    /// Creates a user; the mail nickname is the first part of the name.
    pub async fn create_user(&self, name: &str, display_name: &str) -> Result<String, GraphError> {
        let nickname = name.split('@').next().unwrap_or(name);
        let body = json!({
            "accountEnabled": true,
            "displayName": display_name,
            "mailNickname": nickname,
            "userPrincipalName": name,
            "mail": name,
        });
        self.create("/beta/users", &body).await
    }

    /// Creates a security group.
    pub async fn create_group(
        &self,
        display_name: &str,
        nickname: &str,
    ) -> Result<String, GraphError> {
        let body = json!({
            "displayName": display_name, "mailEnabled": false, "mailNickname": nickname, "securityEnabled": true,
        });
        self.create("/beta/groups", &body).await
    }

    /// Adds a member to a group.
    pub async fn add_member(&self, group: &str, member: &str) -> Result<(), GraphError> {
        let reference = format!("{}/beta/directoryObjects/{member}", self.server);
        let body = json!({ "@odata.id": reference });
        self.post(&format!("/beta/groups/{group}/members/$ref"), &body)
            .await
            .map(|_| ())
    }

    /// An enrolment link; without a user (id or principal name) the devices will have none.
    pub async fn enrolment_link(
        &self,
        user: Option<&str>,
        devices: usize,
    ) -> Result<String, GraphError> {
        const PATH: &str = "/mandate/v1/enrollmentLinks";
        let mut body = json!({ "platform": "ios", "lifetimeMinutes": 24 * 60, "uses": devices });
        match user {
            Some(name) if name.contains('@') => body["userPrincipalName"] = name.into(),
            Some(id) => body["userId"] = id.into(),
            None => {}
        }
        text(&self.post(PATH, &body).await?, PATH, "url")
    }

    /// Assigns a device configuration to one group.
    pub async fn assign(&self, configuration: &str, group: &str) -> Result<(), GraphError> {
        let target =
            json!({ "@odata.type": "#microsoft.graph.groupAssignmentTarget", "groupId": group });
        let body = json!({ "assignments": [{ "target": target }] });
        let path = format!("/beta/deviceManagement/deviceConfigurations/{configuration}/assign");
        self.post(&path, &body).await.map(|_| ())
    }

    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, GraphError> {
        let mut answer = self.send(&method, path, body).await?;
        if answer.status == 401 {
            // The token may have run out.
            *self.token.lock().await = None;
            answer = self.send(&method, path, body).await?;
        }
        if !answer.is_success() {
            let (path, status, body) = (path.to_owned(), answer.status, answer.excerpt());
            return Err(GraphError::Refused {
                method,
                path,
                status,
                body,
            });
        }
        Ok(serde_json::from_slice(&answer.body).unwrap_or(Value::Null))
    }

    async fn send(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, GraphError> {
        let url = format!("{}{path}", self.server);
        let token = self.token().await?;
        let request =
            Request::new(method.clone(), &url).header(AUTHORIZATION, &format!("Bearer {token}"))?;
        let request = match body {
            Some(body) => request.body("application/json", body.to_string())?,
            None => request,
        };
        Ok(self.http.send(&request).await?)
    }

    async fn token(&self) -> Result<String, GraphError> {
        let mut kept = self.token.lock().await;
        if let Some(token) = kept.as_ref() {
            return Ok(token.clone());
        }
        let form = form(&[
            ("client_id", &self.credentials.client_id),
            ("client_secret", &self.credentials.client_secret),
            ("scope", "https://graph.microsoft.com/.default"),
            ("grant_type", "client_credentials"),
        ]);
        let url = format!(
            "{}/{}/oauth2/v2.0/token",
            self.server, self.credentials.tenant
        );
        let request =
            Request::new(Method::POST, &url).body("application/x-www-form-urlencoded", form)?;
        let answer = self.http.send(&request).await?;
        let token = serde_json::from_slice::<Value>(&answer.body)
            .ok()
            .and_then(|body| body.get("access_token")?.as_str().map(str::to_owned));
        match token {
            Some(token) if answer.is_success() => {
                *kept = Some(token.clone());
                Ok(token)
            }
            _ => Err(GraphError::Token {
                client: self.credentials.client_id.clone(),
                status: answer.status,
                body: answer.excerpt(),
            }),
        }
    }
}

fn text(object: &Value, path: &str, field: &'static str) -> Result<String, GraphError> {
    let found = object.get(field).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| GraphError::Missing {
        path: path.to_owned(),
        field,
    })
}

fn form(fields: &[(&str, &str)]) -> String {
    let mut body = String::new();
    for (name, value) in fields {
        if !body.is_empty() {
            body.push('&');
        }
        let _ = write!(body, "{name}=");
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                body.push(char::from(byte));
            } else {
                let _ = write!(body, "%{byte:02X}");
            }
        }
    }
    body
}
