//! Reads of the content API, as the server answers them: with the caller's permissions, the read policies of the plugin, and without
//! private fields.

use super::TestHarness;
use super::callers::TestCaller;
use super::requests::TestResponse;
use crate::error::{TestError, to_test_error};
use cairn_access::Caller;
use cairn_content::{ContentError, RequestContext};
use cairn_model::{ContentType, ContentTypeKind};
use cairn_plugin_host::policies::{PolicyReach, PolicyViewer};
use cairn_query::Action;
use cairn_store::events::Actor;
use std::sync::Arc;

impl TestHarness {
    /// Reads an address of the content API, such as `/api/articles?populate=*`.
    ///
    /// # Errors
    /// An address that is none of a content type; an account or a token that does not exist; the database's.
    pub async fn read_content(&self, caller: &TestCaller, address: &str) -> Result<TestResponse, TestError> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let (content_type, id) = self.find_content_route(path)?;
        let result = match self.find_caller(caller).await? {
            Ok(caller) => self.read_as(&caller, content_type, id, query).await,
            Err(e) => return Ok(TestResponse::from_error(e.status(), e.message(), e.details())),
        };
        match result {
            Ok(body) => Ok(TestResponse { status: 200, body: serde_json::from_slice(&body).map_err(to_test_error)? }),
            Err(ContentError::Refused(refusal)) => {
                Ok(TestResponse::from_error(refusal.kind.status(), refusal.message, refusal.details))
            }
            Err(e) => Err(to_test_error(e)),
        }
    }

    async fn read_as(
        &self,
        caller: &Caller,
        content_type: &ContentType,
        id: Option<&str>,
        query: &str,
    ) -> Result<Vec<u8>, ContentError> {
        let is_single = content_type.kind == ContentTypeKind::Single;
        let action = if id.is_some() { Action::FindOne } else { Action::Find };
        if !caller.permissions.allows_action(content_type.id, action) {
            return Err(ContentError::forbidden());
        }
        let locales = self.access.locales();
        let named = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "locale");
        let mut known = locales.available.iter().map(|locale| locale.code.as_str());
        let locale = named.and_then(|(_, code)| known.find(|known| known.eq_ignore_ascii_case(&code)));
        let viewer = PolicyViewer {
            actor: &caller.actor(),
            rights: &caller.permissions,
            locale: locale.unwrap_or(&locales.default),
        };
        let access = self.plugins.apply_policies(viewer, PolicyReach::From(&[content_type.id])).await.access;
        let context = RequestContext {
            access: &access,
            content_type: content_type.id,
            query,
            default_locale: &locales.default,
            // Reads are not recorded.
            actor: &Arc::new(Actor::public()),
        };
        let response = match id {
            None if is_single => self.content.find_single(context)?,
            None => self.content.find(context).await?,
            Some(id) => self.content.find_one(context, id)?,
        };
        Ok(response.body)
    }

    /// The content type of an address, and the id of the document that it names.
    fn find_content_route<'a>(&self, path: &'a str) -> Result<(&ContentType, Option<&'a str>), TestError> {
        let unknown = || {
            let is_route = path.strip_prefix("/api/").is_some_and(|path| {
                let segments: Vec<&str> = path.split('/').collect();
                self.plugins.find_route("GET", &segments).is_ok()
            });
            match is_route {
                true => TestError(format!("{path} is a route of the plugin: write request = \"GET {path}\"")),
                false => {
                    let types = self.content.registry().types().iter().filter(|t| t.is_api());
                    let known: Vec<String> = types.map(|t| format!("/api/{}", t.api_path())).collect();
                    TestError(format!("no content type is at {path}; there are {}", known.join(", ")))
                }
            }
        };
        let mut segments = path.strip_prefix("/api/").ok_or_else(unknown)?.split('/');
        let (first, second, third) = (segments.next().unwrap_or_default(), segments.next(), segments.next());
        let (found, id, rest) = match (self.content.by_route(first), second) {
            (Some(found), id) => (Some(found), id, third),
            // A type of a plugin.
            (None, Some(second)) => (self.content.by_route(&format!("{first}/{second}")), third, segments.next()),
            (None, None) => (None, None, None),
        };
        let found = found.filter(|found| rest.is_none() && (id.is_none() || found.kind == ContentTypeKind::Collection));
        found.map(|found| (found, id)).ok_or_else(unknown)
    }

    /// The address of a type in the content API, or of one of its documents: `ticket` is one of the plugin's own.
    pub(crate) fn content_address(&self, name: &str, id: Option<&str>) -> Result<String, TestError> {
        let uid = self.resolve_uid(name)?;
        let found = self.content.registry().by_uid(&uid).filter(|found| found.is_api());
        let found = found.ok_or_else(|| TestError(format!("{uid} has no address of its own in the content API")))?;
        let base = format!("/api/{}", found.api_path());
        Ok(id.map_or_else(|| base.clone(), |id| format!("{base}/{id}")))
    }
}
