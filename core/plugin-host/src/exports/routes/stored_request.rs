//! The record of a request that a plugin failed at: as much as it takes to repeat it, and no secrets.

use super::message::RouteRequest;
use super::path;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_plugin_package::manifest::ManifestRoute;
use cairn_store::events::Actor;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// Longest body that is recorded, in bytes as text: the record of a call has 256 KiB at most, the rest of it included.
const MAX_BODY_BYTES: usize = 192 << 10;
/// Largest size of everything else.
const MAX_REST_BYTES: usize = 48 << 10;

/// Parts of names of headers, of the query and of the path whose values are secret.
const SECRET_NAME_PARTS: [&str; 9] =
    ["authorization", "cookie", "token", "secret", "password", "passwd", "api-key", "apikey", "session"];

/// A recorded request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoredRequest {
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: Vec<(String, String)>,
    #[serde(default)]
    pub(crate) headers: Vec<(String, String)>,
    /// Body, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body: Option<String>,
    /// Body in base64, where it is not text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) body_base64: Option<String>,
    #[serde(default)]
    pub(crate) bytes: usize,
    pub(crate) actor: Actor,
    pub(crate) locale: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) client: Option<String>,
    /// Key that is the same whenever it is repeated.
    pub(crate) key: String,
    /// Names of the parts that are not recorded.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) withheld: Vec<String>,
}

/// True if values of that name are secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase().replace('_', "-");
    SECRET_NAME_PARTS.iter().any(|secret| name.contains(secret))
}

/// Records a request to a route. `file_bytes`: the size of a body that was a file, which is not recorded.
pub(super) fn stored_request(
    route: &ManifestRoute,
    request: &RouteRequest,
    file_bytes: Option<u64>,
    key: &str,
) -> Json {
    let mut withheld = Vec::new();
    let mut open = |kind: &str, all: &[(String, String)]| {
        let (secret, open): (Vec<_>, Vec<_>) = all.iter().cloned().partition(|(name, _)| is_secret_name(name));
        withheld.extend(secret.into_iter().map(|(name, _)| format!("{kind} {name}")));
        open
    };
    let (query, headers) = (open("query", &request.query), open("header", &request.headers));
    let redacted_path = path::redact_path(&route.path, &request.path, is_secret_name);
    if redacted_path != request.path {
        withheld.push("part of the path".to_owned());
    }
    let mut stored = StoredRequest {
        method: request.method.clone(),
        path: redacted_path,
        query,
        headers,
        body: None,
        body_base64: None,
        bytes: file_bytes.map_or(request.body.len(), |bytes| usize::try_from(bytes).unwrap_or(usize::MAX)),
        actor: Actor { request: None, ..(*request.actor).clone() },
        locale: request.locale.clone(),
        client: request.client.clone(),
        key: key.to_owned(),
        withheld,
    };
    if json!(stored).to_string().len() > MAX_REST_BYTES {
        stored.query.clear();
        stored.headers.clear();
        stored.path = stored.path.chars().take(1_000).collect();
        stored.withheld.push("the query and all headers: they are too long".to_owned());
    }
    match std::str::from_utf8(&request.body) {
        Ok("") => stored.withheld.extend(file_bytes.map(|bytes| format!("body: a file of {bytes} bytes"))),
        Ok(text) if json!(text).to_string().len() <= MAX_BODY_BYTES => stored.body = Some(text.to_owned()),
        Err(_) if request.body.len() / 3 * 4 + 4 <= MAX_BODY_BYTES => {
            stored.body_base64 = Some(STANDARD.encode(&request.body))
        }
        _ => stored.withheld.push(format!("body: it has {} bytes", request.body.len())),
    }
    json!(stored)
}

impl StoredRequest {
    /// The body as it was sent; `None` where it was not recorded.
    pub(crate) fn body_bytes(&self) -> Option<Vec<u8>> {
        match (&self.body, &self.body_base64) {
            (Some(text), _) => Some(text.clone().into_bytes()),
            (None, Some(text)) => STANDARD.decode(text).ok(),
            (None, None) => (self.bytes == 0).then(Vec::new),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_names_are_recognised_in_any_spelling() {
        for secret in
            ["Authorization", "proxy-authorization", "X-API-Key", "x_api_key", "Set-Cookie", "csrfToken", "accessToken"]
        {
            assert!(is_secret_name(secret), "{secret}");
        }
        for open in ["content-type", "idempotency-key", "x-hub-signature-256", "user-agent", "page", "key"] {
            assert!(!is_secret_name(open), "{open}");
        }
    }
}
