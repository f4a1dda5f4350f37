//! Reads of the content API, as the server answers them: with the caller's permissions, the read policies of the plugin, and without
//! private fields.

use super::TestHarness;
use super::callers::TestCaller;
use super::requests::{PREVIEW_OWNER, TestResponse};
use crate::error::{TestError, to_test_error};
use cairn_access::{Caller, Locales};
use cairn_content::{ContentError, RequestContext, RouteRead};
use cairn_model::{ContentType, ContentTypeKind};
use cairn_plugin_host::policies::{PolicyReach, PolicyViewer};
use cairn_query::{Query, QueryTree};
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use chrono::{DateTime, Utc};
use std::sync::Arc;

impl TestHarness {
    /// Reads an address of the content API, such as `/api/articles?populate=*`. `preview`: the time that a preview shows to the caller; schedules
    /// of content are not applied, because tests have none.
    ///
    /// # Errors
    /// An address that is none of a content type; an account or a token that does not exist; a preview of the past; the database's.
    pub async fn read_content(
        &self,
        caller: &TestCaller,
        address: &str,
        preview: Option<DateTime<Utc>>,
    ) -> Result<TestResponse, TestError> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let query = Query::from_text(query);
        let (content_type, id) = self.find_content_route(path)?;
        let found = match self.find_caller(caller).await? {
            Ok(found) => found,
            Err(e) => return Ok(TestResponse::from_error(e.kind().status(), e.message(), e.details())),
        };
        let result = match preview {
            None => self.read_as(&found, content_type, id, &query).await,
            Some(at) => {
                self.check_preview_time(at)?;
                let person = found.user().map(|user| user.document_id.clone());
                self.rehearse_read(person, at, content_type, id, query).await
            }
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
        query: &Query,
    ) -> Result<Vec<u8>, ContentError> {
        let read = route_read(content_type, id);
        require_action(caller, content_type, &read)?;
        let locales = self.access.locales();
        let context = RequestContext {
            access: caller.permissions.before_policies(),
            content_type: content_type.id,
            query,
            default_locale: &locales.default,
            // Reads are not recorded.
            actor: &Arc::new(Actor::public()),
        };
        let reached = self.content.query_reach(&context, read.action());
        let viewer =
            PolicyViewer { actor: &caller.actor(), rights: &caller.permissions, locale: query_locale(&locales, query) };
        let access = self.plugins.apply_policies(viewer, PolicyReach::Types(&reached)).await.access;
        let context = RequestContext { access: &access, ..context };
        let response = match &read {
            RouteRead::Single => self.content.find_single(context)?,
            RouteRead::List => self.content.find(context).await?,
            RouteRead::One(id) => self.content.find_one(context, id)?,
        };
        Ok(response.body)
    }

    /// Reads in a preview at a time, as a user or the public: in a transaction that is rolled back, as the server does.
    async fn rehearse_read(
        &self,
        person: Option<String>,
        at: DateTime<Utc>,
        content_type: &ContentType,
        id: Option<&str>,
        query: Query,
    ) -> Result<Vec<u8>, ContentError> {
        let (content, access, plugins) = (self.content.clone(), self.access.clone(), self.plugins.clone());
        let (type_id, read) = (content_type.id, route_read(content_type, id));
        let rehearse = move |tx: &mut WriteTx<'_>| {
            let caller = access.caller_seen_as(&tx.reader(), person.as_deref(), at)?;
            let caller = caller.ok_or_else(ContentError::forbidden)?;
            let content_type = content.registry().get(type_id);
            require_action(&caller, content_type, &read)?;
            let locales = access.locales();
            let context = RequestContext {
                access: caller.permissions.before_policies(),
                content_type: type_id,
                query: &query,
                default_locale: &locales.default,
                actor: &Arc::new(Actor::public()),
            };
            let reached = content.query_reach(&context, read.action());
            let viewer = PolicyViewer {
                actor: &caller.actor(),
                rights: &caller.permissions,
                locale: query_locale(&locales, &query),
            };
            let access = plugins.apply_policies_in(tx, viewer, PolicyReach::Types(&reached)).access;
            let context = RequestContext { access: &access, ..context };
            Ok::<_, ContentError>(content.read_in(&tx.reader(), context, &read)?.body)
        };
        self.content.store().rehearse(PREVIEW_OWNER, at.timestamp_millis(), rehearse).await
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

/// The documents that an address names.
fn route_read(content_type: &ContentType, id: Option<&str>) -> RouteRead {
    match id {
        Some(id) => RouteRead::One(id.to_owned()),
        None if content_type.kind == ContentTypeKind::Single => RouteRead::Single,
        None => RouteRead::List,
    }
}

fn require_action(caller: &Caller, content_type: &ContentType, read: &RouteRead) -> Result<(), ContentError> {
    match caller.permissions.allows_action(content_type.id, read.action()) {
        true => Ok(()),
        false => Err(ContentError::forbidden()),
    }
}

/// The locale that a query names, or else the default one.
fn query_locale<'l>(locales: &'l Locales, query: &Query) -> &'l str {
    let named = query.get("locale").ok().flatten().and_then(QueryTree::as_text);
    let mut known = locales.available.iter().map(|locale| locale.code.as_str());
    named.and_then(|code| known.find(|known| known.eq_ignore_ascii_case(code))).unwrap_or(&locales.default)
}
