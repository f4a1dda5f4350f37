//! Requests to routes of the plugin, as the server passes them on.

use super::TestHarness;
use super::callers::TestCaller;
use crate::error::{TestError, to_test_error};
use cairn_assets::Arrival;
use cairn_content::Refusal;
use cairn_plugin_host::policies::CallerAccess;
use cairn_plugin_host::routes::{RehearsedResponse, RequestFile, RouteError, RouteMatch, RouteRequest, RouteResponse};
use cairn_plugin_package::manifest::{Auth, BodyForm, ManifestRoute};
use cairn_query::Access;
use cairn_store::StoreError;
use cairn_store::events::{Actor, ActorKind};
use chrono::{DateTime, Utc};
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// On whose behalf previews wait for their turn to write.
pub(super) const PREVIEW_OWNER: &str = "preview";

/// A request to a route.
#[derive(Debug, Clone)]
pub struct TestRequest {
    /// HTTP method, such as `GET`.
    pub method: String,
    /// Path from `/api/` on, with the query.
    pub address: String,
    /// Names and values of headers.
    pub headers: Vec<(String, String)>,
    /// Body of the request, maybe empty.
    pub body: Vec<u8>,
    /// Caller of the request.
    pub caller: RequestCaller,
    /// The time that a preview shows to the caller; `None`: the request is an ordinary one.
    pub preview: Option<DateTime<Utc>>,
}

/// The caller of a request to a route.
#[derive(Debug, Clone)]
pub enum RequestCaller {
    /// A caller of the content API, with their permissions.
    Content(TestCaller),
    /// A caller without an account, with all permissions on documents or none.
    Fictional {
        /// The caller as plugins see them.
        actor: Actor,
        /// True if they have all permissions on documents.
        full: bool,
    },
}

impl RequestCaller {
    fn kind(&self) -> ActorKind {
        match self {
            Self::Content(TestCaller::Public) => ActorKind::Public,
            Self::Content(TestCaller::Account(_)) => ActorKind::User,
            Self::Content(TestCaller::Token(_)) => ActorKind::Token,
            Self::Fictional { actor, .. } => actor.kind,
        }
    }
}

/// A response to a request or a read.
#[derive(Debug, Clone, PartialEq)]
pub struct TestResponse {
    /// Status of the response.
    pub status: u16,
    /// Its body: JSON, or else a text. Of a response that is a file, `{"file": …}` with the file's id.
    pub body: Json,
}

impl TestResponse {
    /// A response with an error, as the server writes it.
    pub(super) fn from_error(status: u16, message: impl Into<String>, details: Json) -> Self {
        let error = json!({ "status": status, "message": message.into(), "details": details });
        Self { status, body: json!({ "data": null, "error": error }) }
    }

    fn from_refusal(refusal: Refusal) -> Self {
        Self::from_error(refusal.kind.status(), refusal.message, refusal.details)
    }

    fn from_route(response: RouteResponse) -> Self {
        let body = match response.file {
            Some(file) => json!({ "file": file.id }),
            None => match serde_json::from_slice(&response.body) {
                Ok(json) => json,
                Err(_) => json!(String::from_utf8_lossy(&response.body)),
            },
        };
        Self { status: response.status, body }
    }

    fn without_body(status: u16) -> Self {
        Self { status, body: Json::Null }
    }
}

impl TestHarness {
    /// Sends a request to a route of the plugin, as the server does after its own checks. In a preview, schedules of content are not applied:
    /// tests have none.
    ///
    /// # Errors
    /// A path that is no route of the plugin; an account or a token that does not exist; a preview of the past; a response that the manifest does not
    /// declare, where it declares some of the route; an accepted body that does not fit its schema.
    pub async fn send_request(&self, test_request: TestRequest) -> Result<TestResponse, TestError> {
        let TestRequest { method, address, headers, body, caller, preview } = test_request;
        let (path, query) = address.split_once('?').unwrap_or((address.as_str(), ""));
        let within = path.strip_prefix("/api/").ok_or_else(|| TestError(format!("{path} must begin with /api/")))?;
        let segments: Vec<&str> = within.split('/').collect();
        let route_match = self.plugins.find_route(&method, &segments).map_err(|others| match others.is_empty() {
            true => TestError(format!("the plugin has no route at {path}")),
            false => TestError(format!("{path} supports {}, not {method}", others.join(", "))),
        })?;
        let locale = self.access.locales().default.clone();
        if let Some(refused) = refuse_caller(&route_match.route, caller.kind()) {
            return Ok(refused);
        }
        preview.map_or(Ok(()), |at| self.check_preview_time(at))?;
        // In a preview, the policies are asked in its transaction.
        let access_as = |rights, actor, locale: &str| match preview {
            Some(_) => self.plugins.access_in_transaction_as(rights, actor, locale),
            None => self.plugins.access_as(rights, actor, locale),
        };
        let (permitted, actor, access) = match caller {
            RequestCaller::Fictional { actor, full } => {
                let access = Arc::new(if full { Access::full() } else { Access::none() });
                let permitted = self.plugins.check_route_permission(&route_match, &locale, |_| full);
                (permitted, Arc::new(actor), CallerAccess::from(access))
            }
            RequestCaller::Content(caller) => match self.find_caller(&caller).await? {
                Err(e) => return Ok(TestResponse::from_error(e.kind().status(), e.message(), e.details())),
                Ok(caller) => {
                    let has_permission = |name: &str| caller.allows_plugin_permission(&route_match.plugin, name);
                    let permitted = self.plugins.check_route_permission(&route_match, &locale, has_permission);
                    let actor = Arc::new(caller.actor());
                    (permitted, actor.clone(), access_as(caller.permissions, actor, &locale))
                }
            },
        };
        if let Err(refusal) = permitted {
            return Ok(TestResponse::from_refusal(refusal));
        }
        let headers: Vec<(String, String)> =
            headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let (body, file) = match route_match.route.body.form {
            BodyForm::File if !body.is_empty() => (Vec::new(), Some(self.stage_body(&body, &headers)?)),
            BodyForm::Bytes | BodyForm::File => (body, None),
        };
        let query = url::form_urlencoded::parse(query.as_bytes()).map(|(n, v)| (n.into(), v.into())).collect();
        let request = RouteRequest {
            path: path.to_owned(),
            query,
            headers,
            body,
            file,
            client: Some("203.0.113.7".into()),
            actor,
            access,
            locale,
            method,
        };
        let (plugin, route) = (route_match.plugin.clone(), route_match.route.clone());
        let (sent_headers, sent_body) = (request.headers.clone(), request.body.clone());
        let answer = match preview {
            Some(at) => self.rehearse_request(at, route_match, request).await?,
            None => self.plugins.handle_request(route_match, request).await,
        };
        if let Ok(response) = &answer {
            self.plugins.check_declared_response(&plugin, &route, response).map_err(TestError)?;
            self.plugins
                .check_declared_request(&plugin, &route, &sent_headers, &sent_body, response.status)
                .map_err(TestError)?;
        }
        Ok(match answer {
            Ok(response) => TestResponse::from_route(response),
            Err(RouteError::Refused(refusal)) => TestResponse::from_refusal(refusal),
            Err(RouteError::TooMany(_)) => TestResponse::without_body(429),
            Err(RouteError::Paused(_) | RouteError::Busy(_)) => TestResponse::without_body(503),
            Err(RouteError::Failed | RouteError::Gone) => TestResponse::without_body(502),
        })
    }

    pub(super) fn check_preview_time(&self, at: DateTime<Utc>) -> Result<(), TestError> {
        if at < self.now() {
            return Err(TestError("the time of the preview is in the past: choose one from the clock's on".to_owned()));
        }
        Ok(())
    }

    /// Calls a route inside a rehearsal.
    async fn rehearse_request(
        &self,
        at: DateTime<Utc>,
        route_match: RouteMatch,
        request: RouteRequest,
    ) -> Result<Result<RouteResponse, RouteError>, TestError> {
        // Runs once, though the database wants work that it could repeat.
        let call = Arc::new(Mutex::new(Some((route_match, request))));
        let plugins = self.plugins.clone();
        let rehearsed = self.content.store().rehearse(PREVIEW_OWNER, at.timestamp_millis(), move |tx| {
            let call = call.lock().take();
            Ok::<_, StoreError>(call.map(|(route_match, request)| plugins.rehearse_request(tx, route_match, request)))
        });
        let rehearsed = rehearsed.await.map_err(to_test_error)?;
        let rehearsed = rehearsed.ok_or_else(|| TestError("the database interrupted the preview".to_owned()))?;
        if let Some(failure) = rehearsed.as_ref().ok().and_then(RehearsedResponse::failure) {
            // A failed preview is recorded nowhere else.
            return Err(TestError(format!("the call failed in the preview: {}", failure.message)));
        }
        Ok(rehearsed.and_then(RehearsedResponse::check))
    }
}

impl TestHarness {
    /// Writes a body to a file, as the server does for routes that receive it so.
    fn stage_body(&self, body: &[u8], headers: &[(String, String)]) -> Result<RequestFile, TestError> {
        let mut arrival = Arrival::new(self.folder.path()).map_err(to_test_error)?;
        arrival.write(body).map_err(to_test_error)?;
        let (temp, sha256) = arrival.finish();
        let media_type = headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone());
        Ok(RequestFile { temp, bytes: body.len() as u64, sha256, media_type: media_type.unwrap_or_default() })
    }
}

/// The response of the server to callers that a route is not for; `None` where it is for them.
fn refuse_caller(route: &ManifestRoute, kind: ActorKind) -> Option<TestResponse> {
    match kind {
        _ if route.admits(Auth::None) => None,
        ActorKind::User if route.admits(Auth::User) => None,
        ActorKind::Token if route.admits(Auth::Token) => None,
        ActorKind::Admin if route.admits(Auth::Admin) => None,
        ActorKind::Public => Some(TestResponse::from_error(401, "Unauthorized", json!({}))),
        _ => Some(TestResponse::from_error(403, "Forbidden", json!({}))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_plugin_package::Manifest;

    fn route(auth: &str) -> ManifestRoute {
        let text = format!(
            "[plugin]\nid = \"crm\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"CRM\"\nlicense = \"MIT\"\n\
             [[permission]]\nname = \"deals.read\"\n[[route]]\nname = \"deals\"\nmethod = \"GET\"\npath = \"/deals\"\nauth = {auth}\n"
        );
        Manifest::parse(&text).expect("a manifest").routes.remove(0)
    }

    #[test]
    fn routes_refuse_callers_that_they_are_not_for() {
        const KINDS: [ActorKind; 4] = [ActorKind::Public, ActorKind::User, ActorKind::Token, ActorKind::Admin];
        let admin = "\"admin\"\npermission = \"deals.read\"";
        let mixed = "[\"admin\", \"token\"]\npermission = \"deals.read\"";
        for (auth, statuses) in [
            ("\"none\"", [None, None, None, None]),
            ("\"user\"", [Some(401), None, Some(403), Some(403)]),
            ("\"token\"", [Some(401), Some(403), None, Some(403)]),
            (admin, [Some(401), Some(403), Some(403), None]),
            ("[\"user\", \"token\"]", [Some(401), None, None, Some(403)]),
            (mixed, [Some(401), Some(403), None, None]),
        ] {
            let route = route(auth);
            let found = KINDS.map(|kind| refuse_caller(&route, kind).map(|response| response.status));
            assert_eq!(found, statuses, "{auth}");
        }
    }
}
