//! `GET /api/live`, and for admins `/admin/api/live`: changes of documents as server-sent events, for callers who may read them.
//!
//! An event has ids, never content: a client that wants the content requests it, and gets what it may read. An event is sent only where the
//! caller may read the document at that moment, which the query engine decides; so nobody learns of documents that they must not know of.
//!
//! Read policies are looked up for every event of a type that has one, before it is sent. A policy is called again only where its result is
//! no longer cached: it is for as long as the plugin says, or until the plugin invalidates it. What remains for each event and listener is
//! one check for invalidations, besides the query that is made anyway for callers who may not read every document.
//!
//! Who the caller is, and what they may read, is looked up again as soon as users, sessions, groups, administrators or settings have
//! changed, and in any case before the next event is sent: a stream ends or narrows with the change. The heartbeat only notices what time
//! changes, such as the end of a session.

use crate::policed_request::{PolicedCaller, apply_read_policies};
use axum::body::Body;
use axum::extract::{Extension, Query};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response};
use bytes::Bytes;
use cairn_access::{Caller, CallersVersion};
use cairn_app::Tenant;
use cairn_app::live::{Listener, TooManyListeners};
use cairn_content::{ContentError, RefusalKind, RequestContext};
use cairn_events::webhooks::entry_event_name;
use cairn_http::error::WireError;
use cairn_http::extract::admin::{authenticate_caller, session_cookie};
use cairn_http::extract::authorization;
use cairn_http::extract::client_address::ClientAddress;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_model::ErrorKind;
use cairn_model::{ContentType, TypeId};
use cairn_plugin_host::policies::PolicyReach;
use cairn_query::{Access, AccessKey, AccessRule, Action, QueryBuilder};
use cairn_store::StoreError;
use cairn_store::events::{Actor, Event};
use futures_util::StreamExt;
use futures_util::stream::poll_fn;
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeSet, HashMap};
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// Messages that wait for one client.
const CLIENT_BUFFER_MESSAGES: usize = 64;
/// How long a client may take nothing before it is disconnected.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);
/// Number of missed events above which a client has to start afresh.
const MAX_MISSED_EVENTS: i64 = 20_000;
/// Documents that are remembered as shown to a caller with a row condition.
const MAX_SEEN_DOCUMENTS: usize = 20_000;
/// How long browsers wait before they reconnect, in milliseconds.
const RETRY_MS: u32 = 3_000;
/// When a client that was refused should try again.
const REFUSED_RETRY: Duration = Duration::from_secs(30);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The parameters of the query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LiveParams {
    /// Uids of content types, separated by commas; without it all types that the caller may list.
    types: Option<String>,
}

/// Opens the stream.
pub(crate) async fn open_stream(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    Query(params): Query<LiveParams>,
    head: Parts,
) -> Result<Response<Body>, WireError> {
    // The version is taken before the caller is read: a later commit changes it.
    let version = tenant.access.callers_version();
    let caller = authenticate_caller(&tenant, &head).await?;
    // The credentials are retained, to authenticate the caller again while the stream is open.
    let header = match authorization::authorization_header(&head.headers)? {
        Some(header) => Some(header.to_vec()),
        None => session_cookie(&head).map(|token| format!("Bearer {token}").into_bytes()),
    };
    let types = listened_types(&tenant, &caller, params.types.as_deref())?;
    let from = last_event_id(&head.headers)?;
    let listener = tenant.live.add_listener(&tenant, &caller, client.0, &tenant.config.live)?;
    let listener = listener.map_err(too_many_listeners)?;
    let (first_position, last_position) = tenant
        .content
        .store()
        .read(|r| Ok::<_, StoreError>((r.events().first_position()?, r.events().last_position()?)))?;
    // Missed events are no longer stored, or never were here: the client has to read everything anew.
    let needs_reset = from.is_some_and(|from| {
        from > last_position || from < first_position - 1 || last_position - from > MAX_MISSED_EVENTS
    });
    let (sender, mut receiver) = mpsc::channel(CLIENT_BUFFER_MESSAGES);
    let pos = from.filter(|_| !needs_reset).unwrap_or(last_position);
    let (seen, sights) = (HashMap::new(), HashMap::new());
    let stream = LiveStream { tenant, listener, header, caller, version, types, pos, sender, seen, sights };
    tokio::spawn(stream.run(needs_reset));
    let body = poll_fn(move |cx| receiver.poll_recv(cx)).map(Ok::<Bytes, Infallible>);
    let mut response = Response::new(Body::from_stream(body));
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// The refusal of a stream: 429 where the client's own network has too many, 503 where others have.
fn too_many_listeners(error: TooManyListeners) -> WireError {
    let refusal = match error {
        TooManyListeners::FromNetwork => {
            let message =
                "Too many live connections are open from your network. Close some of them, or try again later";
            WireError::new(ErrorKind::TooMany, message)
        }
        TooManyListeners::InAll => {
            let message = "All live connections are in use. Try again later";
            WireError::new(ErrorKind::Unavailable, message)
        }
    };
    refusal.with_retry_after(REFUSED_RETRY)
}

/// The event after which the client wants to continue, as its browser says.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, WireError> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|v| !v.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|n| *n >= 0);
    number.map(Some).ok_or_else(|| WireError::validation("Last-Event-ID: expected the id of an event from this stream"))
}

/// The types that the client subscribes to; each must be one that the caller may list.
fn listened_types(tenant: &Tenant, caller: &Caller, requested: Option<&str>) -> Result<BTreeSet<TypeId>, WireError> {
    let registry = tenant.content.registry();
    let may = |ct: &&ContentType| ct.is_api() && caller.permissions.allows_action(ct.id, Action::Find);
    let Some(requested) = requested else {
        let all: BTreeSet<TypeId> = registry.types().iter().filter(may).map(|ct| ct.id).collect();
        return if all.is_empty() { Err(WireError::forbidden()) } else { Ok(all) };
    };
    let uids = requested.split(',').map(str::trim).filter(|uid| !uid.is_empty());
    let ids: Option<BTreeSet<TypeId>> = uids.map(|uid| registry.by_uid(uid).filter(may).map(|ct| ct.id)).collect();
    // A type that is not there is answered like one that is not theirs.
    match ids {
        None => Err(WireError::forbidden()),
        Some(types) if types.is_empty() => Err(WireError::validation("types: specify at least one content type")),
        Some(types) => Ok(types),
    }
}

/// The access with which documents of one type are read.
#[derive(Clone)]
struct TypeAccess {
    /// Access of the caller in which every document they may list is one they may read by id.
    access: Arc<Access>,
    /// Key of the access it was made from.
    key: AccessKey,
}

impl TypeAccess {
    fn from_access(access: &Access) -> Self {
        let key = access.key.clone();
        let mut access = access.clone();
        let lists: Vec<(TypeId, AccessRule)> = access
            .rules
            .iter()
            .filter(|((_, a), _)| *a == Action::Find)
            .map(|((t, _), rule)| (*t, rule.clone()))
            .collect();
        let rules = Arc::make_mut(&mut access.rules);
        rules.extend(lists.into_iter().map(|(content_type, rule)| ((content_type, Action::FindOne), rule)));
        access.key = format!("live {}", access.key).into();
        Self { access: Arc::new(access), key }
    }

    fn is_conditional(&self, ct: TypeId) -> bool {
        self.access.is_limited(ct, Action::Find)
    }
}

/// Connection of one client, with what it has been sent.
struct LiveStream {
    tenant: Arc<Tenant>,
    listener: Listener,
    header: Option<Vec<u8>>,
    /// Caller as of the last check.
    caller: Caller,
    /// State of what the caller was read from then.
    version: CallersVersion,
    types: BTreeSet<TypeId>,
    pos: i64,
    sender: mpsc::Sender<Bytes>,
    /// Documents that a caller with restricted access was shown, and with which access: only of these may they learn that they are hidden.
    seen: HashMap<(TypeId, String, String), AccessKey>,
    /// By type; each is used only while the caller's access is the one it was made from.
    sights: HashMap<TypeId, TypeAccess>,
}

/// Why a stream ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StreamEnd {
    /// The client does not listen any more.
    ClientGone,
    /// For this reason, which the client is told.
    Reason(&'static str),
}

/// Notice that a client is sent for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum EventNotice {
    /// The event itself, under this name.
    Event(&'static str),
    /// The document was shown to them before, and may no longer be.
    Hidden,
}

impl LiveStream {
    async fn run(mut self, needs_reset: bool) {
        let mut state = self.listener.watch_state();
        let hello = format!("retry: {RETRY_MS}\nid: {}\nevent: ready\ndata: {{}}\n\n", self.pos);
        if !self.send(hello).await
            || (needs_reset && !self.send(format!("id: {}\nevent: reset\ndata: {{}}\n\n", self.pos)).await)
        {
            return;
        }
        let every = Duration::from_secs(self.tenant.config.live.heartbeat_seconds.max(1));
        let mut heartbeat = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let mut outcome = self.follow_caller().await;
            if outcome.is_ok() {
                outcome = self.catch_up().await;
            }
            if outcome.is_ok() {
                tokio::select! {
                    changed = state.changed() => if changed.is_err() { return },
                    () = self.sender.closed() => return,
                    _ = heartbeat.tick() => outcome = self.beat().await,
                }
            }
            if outcome.is_ok() && state.borrow_and_update().closed {
                outcome = Err(StreamEnd::Reason("the server stops"));
            }
            match outcome {
                Ok(()) => {}
                Err(StreamEnd::ClientGone) => return,
                Err(StreamEnd::Reason(reason)) => {
                    self.send(format!("event: end\ndata: {}\n\n", json!({ "reason": reason }))).await;
                    return;
                }
            }
        }
    }

    /// Checks what time may have changed, and tells the client that the connection is alive.
    async fn beat(&mut self) -> Result<(), StreamEnd> {
        self.recheck_caller().await?;
        match self.send(format!(": still here\nid: {}\n\n", self.pos)).await {
            true => Ok(()),
            false => Err(StreamEnd::ClientGone),
        }
    }

    /// Checks the caller again if anything that callers are read from has changed since the last check.
    async fn follow_caller(&mut self) -> Result<(), StreamEnd> {
        if self.tenant.access.callers_version() == self.version { Ok(()) } else { self.recheck_caller().await }
    }

    /// Checks that the caller is still authenticated, and may still list the types.
    async fn recheck_caller(&mut self) -> Result<(), StreamEnd> {
        // The version is taken before the caller is read: a later commit changes it.
        let version = self.tenant.access.callers_version();
        let caller = self.tenant.access.caller_or_admin(self.header.as_deref()).await;
        let caller = caller.map_err(|_| StreamEnd::Reason("signed out"))?;
        if !self.types.iter().all(|ct| caller.permissions.allows_action(*ct, Action::Find)) {
            return Err(StreamEnd::Reason("rights have changed"));
        }
        (self.caller, self.version) = (caller, version);
        Ok(())
    }

    /// The current access of the caller to a type.
    async fn type_access(&mut self, ct: TypeId) -> TypeAccess {
        let PolicedCaller { access, .. } =
            apply_read_policies(&self.tenant, self.caller.clone(), PolicyReach::Types(&[ct]), None).await;
        match self.sights.get(&ct) {
            Some(sight) if sight.key == access.key => sight.clone(),
            _ => {
                let sight = TypeAccess::from_access(&access);
                self.sights.insert(ct, sight.clone());
                sight
            }
        }
    }

    /// Sends everything that is pending, to the caller as they are now.
    async fn catch_up(&mut self) -> Result<(), StreamEnd> {
        loop {
            let events = match self.listener.events_after(&self.tenant, self.pos) {
                Ok(events) => events,
                // The next event or heartbeat causes another attempt.
                Err(error) => {
                    tracing::debug!(%error, "cannot read events for a listener");
                    return Ok(());
                }
            };
            if events.is_empty() {
                return Ok(());
            }
            // Changes of other nodes that were committed before these events count for them.
            if let Err(error) = self.tenant.content.store().wait_until_fresh().await {
                tracing::debug!(%error, "cannot check whether a listener has changed");
                return Ok(());
            }
            for event in events {
                self.follow_caller().await?;
                let notice = match self.notice_for(&event).await {
                    Ok(event_notice) => event_notice,
                    Err(error) => {
                        tracing::debug!(%error, "cannot check whether a listener may read a document");
                        return Ok(());
                    }
                };
                self.pos = event.pos;
                if let Some(notice_to_send) = notice
                    && !self.send(format_message(&event, notice_to_send)).await
                {
                    return Err(StreamEnd::ClientGone);
                }
            }
        }
    }

    async fn send(&self, text: String) -> bool {
        matches!(tokio::time::timeout(SEND_TIMEOUT, self.sender.send(text.into())).await, Ok(Ok(())))
    }

    /// Returns the notice that the caller is sent for an event; `None`: nothing.
    async fn notice_for(&mut self, event: &Event) -> Result<Option<EventNotice>, ContentError> {
        let e = &event.event;
        let tenant = self.tenant.clone();
        let registry = tenant.content.registry();
        let ct =
            e.content_type.as_deref().and_then(|uid| registry.by_uid(uid)).filter(|ct| self.types.contains(&ct.id));
        let (Some(ct), Some(name), Some(document_id)) = (ct, entry_event_name(e), e.document_id.as_deref()) else {
            return Ok(None);
        };
        let drafts = self.caller.permissions.reads_drafts();
        let published = match name {
            // The published version went with it, if there was one.
            "entry.delete" => e.data["published"] == true,
            "entry.publish" | "entry.unpublish" => true,
            _ => !ct.draft_publish,
        };
        if !published && !drafts {
            return Ok(None);
        }
        let sight = self.type_access(ct.id).await;
        if !sight.is_conditional(ct.id) {
            return Ok(Some(EventNotice::Event(name)));
        }
        let locale = e.locale.clone().unwrap_or_default();
        let key = (ct.id, document_id.to_owned(), locale);
        let went = name == "entry.delete" || (name == "entry.unpublish" && !drafts);
        if went {
            // Of what is gone nobody can say whether it would be seen: how it went is told with the access that showed it only.
            let to_notice =
                |with: AccessKey| if with == sight.key { EventNotice::Event(name) } else { EventNotice::Hidden };
            return Ok(self.seen.remove(&key).map(to_notice));
        }
        // Of what was unpublished the draft is left.
        let still_published = published && name != "entry.unpublish";
        if !self.can_see(&sight, ct, document_id, &key.2, still_published)? {
            return Ok(self.seen.remove(&key).map(|_| EventNotice::Hidden));
        }
        if self.seen.len() < MAX_SEEN_DOCUMENTS {
            self.seen.insert(key, sight.key);
        }
        Ok(Some(EventNotice::Event(name)))
    }

    /// True if the caller's condition holds for a version in its current state.
    fn can_see(
        &self,
        sight: &TypeAccess,
        ct: &ContentType,
        document_id: &str,
        locale: &str,
        published: bool,
    ) -> Result<bool, ContentError> {
        let status = if published || !ct.draft_publish { "published" } else { "draft" };
        let query = QueryBuilder::new().with("fields", vec!["documentId".into()]).with("status", status);
        let query = query.with("locale", locale).build();
        let (access, actor) = (&sight.access, Arc::new(Actor::public()));
        let locales = self.tenant.access.locales();
        let context = RequestContext {
            access,
            content_type: ct.id,
            query: &query,
            default_locale: &locales.default,
            actor: &actor,
        };
        match self.tenant.content.find_one(context, document_id) {
            Ok(_) => Ok(true),
            Err(ContentError::Refused(r)) if matches!(r.kind, RefusalKind::NotFound | RefusalKind::Forbidden) => {
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }
}

fn format_message(event: &Event, notice: EventNotice) -> String {
    let e = &event.event;
    let name = match notice {
        EventNotice::Event(name) => name,
        EventNotice::Hidden => "entry.hidden",
    };
    let data = json!({
        "event": name, "uid": e.content_type, "documentId": e.document_id, "locale": e.locale,
        "at": cairn_http::responses::format_time(event.at),
    });
    format!("id: {}\nevent: {name}\ndata: {data}\n\n", event.pos)
}
