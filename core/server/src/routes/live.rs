//! `GET /api/live`, and for admins `/admin/api/live`: changes of documents as server-sent events, for callers who may read them.
//!
//! An event has ids, never content: a client that wants the content requests it, and gets what it may read. An event is sent only where the
//! caller may read the document at that moment, which the query engine decides; so nobody learns of documents that they must not know of.
//!
//! Read policies are looked up for every event of a type that has one, before it is sent. A policy is called again only where its result is
//! no longer cached: it is for as long as the plugin says, or until the plugin invalidates it. What remains for each event and listener is
//! one check for invalidations, besides the query that is made anyway for callers who may not read every document.

use crate::error::WireError;
use crate::extract::admin::{authenticate_caller, session_cookie};
use crate::extract::authorization;
use crate::extract::tenant::CurrentTenant;
use crate::front::ClientAddress;
use crate::live::{Listener, State};
use crate::routes::content::{Seen, seen};
use crate::tenant::Tenant;
use axum::body::Body;
use axum::extract::{Extension, Query};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Response, StatusCode};
use bytes::Bytes;
use cairn_access::Caller;
use cairn_content::{Ask, ContentError, RefusalKind};
use cairn_events::webhooks::event_name;
use cairn_model::{ContentType, TypeId};
use cairn_plugin_host::policies::Reach;
use cairn_query::{Access, Action, Rule};
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
const BUFFER: usize = 64;
/// How long a client may take nothing before it is disconnected.
const STUCK: Duration = Duration::from_secs(30);
/// Number of missed events above which a client has to start afresh.
const MISSED: i64 = 20_000;
/// Documents that are remembered as shown to a caller with a row condition.
const SEEN: usize = 20_000;
/// How long browsers wait before they reconnect, in milliseconds.
const RETRY: u32 = 3_000;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The parameters of the query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    /// Uids of content types, separated by commas; without it all types that the caller may list.
    types: Option<String>,
}

/// Opens the stream.
pub(crate) async fn open(
    CurrentTenant(tenant): CurrentTenant,
    Extension(client): ClientAddress,
    Query(asked): Query<Asked>,
    head: Parts,
) -> Result<Response<Body>, WireError> {
    let caller = authenticate_caller(&tenant, &head).await?;
    // With what they are looked for again while they listen.
    let header = match authorization::one(&head.headers)? {
        Some(header) => Some(header.to_vec()),
        None => session_cookie(&head).map(|token| format!("Bearer {token}").into_bytes()),
    };
    let types = types(&tenant, &caller, asked.types.as_deref())?;
    let from = resumed(&head.headers)?;
    let listener = tenant.live.listen(&tenant, client.0, &tenant.config.live)?;
    let listener = listener.map_err(|_| {
        WireError::new(StatusCode::TOO_MANY_REQUESTS, "RateLimitError", "Too many connections are open")
    })?;
    let (first, last) = tenant.content.store().read(|r| Ok::<_, StoreError>((r.first_event()?, r.last_event()?)))?;
    // What came between is no longer kept, or never was here: the client reads everything anew.
    let lost = from.is_some_and(|from| from > last || from < first - 1 || last - from > MISSED);
    let (sender, mut receiver) = mpsc::channel(BUFFER);
    let pos = from.filter(|_| !lost).unwrap_or(last);
    let (seen, sights) = (HashMap::new(), HashMap::new());
    let stream = Stream { tenant, listener, header, caller, types, pos, sender, seen, sights };
    tokio::spawn(stream.run(lost));
    let body = poll_fn(move |cx| receiver.poll_recv(cx)).map(Ok::<Bytes, Infallible>);
    let mut response = Response::new(Body::from_stream(body));
    let out = response.headers_mut();
    out.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream; charset=utf-8"));
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(NO_BUFFERING, HeaderValue::from_static("no"));
    Ok(response)
}

/// The event after which the client wants to continue, as its browser says.
fn resumed(headers: &HeaderMap) -> Result<Option<i64>, WireError> {
    let Some(value) = headers.get(LAST_EVENT_ID).filter(|v| !v.is_empty()) else { return Ok(None) };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|n| *n >= 0);
    number.map(Some).ok_or_else(|| WireError::validation("Last-Event-ID: expected the id of an event from this stream"))
}

/// The types that the client subscribes to; each must be one that the caller may list.
fn types(tenant: &Tenant, caller: &Caller, asked: Option<&str>) -> Result<BTreeSet<TypeId>, WireError> {
    let registry = tenant.content.registry();
    let may = |ct: &&ContentType| ct.is_api() && caller.rights.may(ct.id, Action::Find);
    let Some(asked) = asked else {
        let all: BTreeSet<TypeId> = registry.types().iter().filter(may).map(|ct| ct.id).collect();
        return if all.is_empty() { Err(WireError::forbidden()) } else { Ok(all) };
    };
    let uids = asked.split(',').map(str::trim).filter(|uid| !uid.is_empty());
    let found: Option<BTreeSet<TypeId>> = uids.map(|uid| registry.by_uid(uid).filter(may).map(|ct| ct.id)).collect();
    // A type that is not there is answered like one that is not theirs.
    match found {
        None => Err(WireError::forbidden()),
        Some(types) if types.is_empty() => Err(WireError::validation("types: specify at least one content type")),
        Some(types) => Ok(types),
    }
}

/// The access with which documents of one type are read.
#[derive(Clone)]
struct Sight {
    /// Access of the caller in which every document they may list is one they may read by id.
    access: Arc<Access>,
    /// Key of the access it was made from.
    key: Arc<str>,
}

impl Sight {
    fn of(access: &Access) -> Self {
        let key = access.key.clone();
        let mut access = access.clone();
        let lists: Vec<(TypeId, Rule)> = access
            .rules
            .iter()
            .filter(|((_, a), _)| *a == Action::Find)
            .map(|((t, _), rule)| (*t, rule.clone()))
            .collect();
        for (content_type, rule) in lists {
            access.rules.insert((content_type, Action::FindOne), rule);
        }
        access.key = format!("live {}", access.key).into();
        Self { access: Arc::new(access), key }
    }

    fn is_conditional(&self, ct: TypeId) -> bool {
        self.access.is_limited(ct, Action::Find)
    }
}

/// Connection of one client, with what it has been sent.
struct Stream {
    tenant: Arc<Tenant>,
    listener: Listener,
    header: Option<Vec<u8>>,
    /// Caller as of the last check.
    caller: Caller,
    types: BTreeSet<TypeId>,
    pos: i64,
    sender: mpsc::Sender<Bytes>,
    /// Documents that a caller with restricted access was shown, and with which access: only of these may they learn that they are hidden.
    seen: HashMap<(TypeId, String, String), Arc<str>>,
    /// By type; each is used only while the caller's access is the one it was made from.
    sights: HashMap<TypeId, Sight>,
}

/// What a client is sent for an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// The event itself, under this name.
    As(&'static str),
    /// The document was shown to them before, and may no longer be.
    Hidden,
}

impl Stream {
    async fn run(mut self, lost: bool) {
        let mut state = self.listener.state();
        let hello = format!("retry: {RETRY}\nid: {}\nevent: ready\ndata: {{}}\n\n", self.pos);
        if !self.send(hello).await
            || (lost && !self.send(format!("id: {}\nevent: reset\ndata: {{}}\n\n", self.pos)).await)
        {
            return;
        }
        let every = Duration::from_secs(self.tenant.config.live.heartbeat_seconds.max(1));
        let mut heartbeat = tokio::time::interval_at(tokio::time::Instant::now() + every, every);
        heartbeat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            if !self.catch_up().await {
                return;
            }
            tokio::select! {
                changed = state.changed() => if changed.is_err() { return },
                () = self.sender.closed() => return,
                _ = heartbeat.tick() => {
                    if let Err(reason) = self.look_again().await {
                        self.send(format!("event: end\ndata: {}\n\n", json!({ "reason": reason }))).await;
                        return;
                    }
                    if !self.send(format!(": still here\nid: {}\n\n", self.pos)).await {
                        return;
                    }
                }
            }
            let State { closed, .. } = *state.borrow_and_update();
            if closed {
                self.send("event: end\ndata: {\"reason\":\"the server stops\"}\n\n".to_owned()).await;
                return;
            }
        }
    }

    /// Checks that the caller is still authenticated, with the same permissions.
    async fn look_again(&mut self) -> Result<(), &'static str> {
        let caller = self.tenant.access.caller_or_admin(self.header.as_deref()).await.map_err(|_| "signed out")?;
        if !self.types.iter().all(|ct| caller.rights.may(*ct, Action::Find)) {
            return Err("rights have changed");
        }
        self.caller = caller;
        Ok(())
    }

    /// The current access of the caller to a type.
    async fn sight(&mut self, ct: TypeId) -> Sight {
        let Seen { access, .. } = seen(&self.tenant, self.caller.clone(), Reach::Only(ct), None).await;
        match self.sights.get(&ct) {
            Some(sight) if sight.key == access.key => sight.clone(),
            _ => {
                let sight = Sight::of(&access);
                self.sights.insert(ct, sight.clone());
                sight
            }
        }
    }

    /// Sends everything that is pending. False where the client is gone.
    async fn catch_up(&mut self) -> bool {
        loop {
            let events = match self.listener.after(&self.tenant, self.pos) {
                Ok(events) => events,
                // It is tried again with the next news, or the next heartbeat.
                Err(error) => {
                    tracing::debug!(%error, "cannot read events for a listener");
                    return true;
                }
            };
            if events.is_empty() {
                return true;
            }
            for event in events {
                let told = match self.told(&event).await {
                    Ok(told) => told,
                    Err(error) => {
                        tracing::debug!(%error, "cannot check whether a listener may read a document");
                        return true;
                    }
                };
                self.pos = event.pos;
                if let Some(told) = told
                    && !self.send(message(&event, told)).await
                {
                    return false;
                }
            }
        }
    }

    async fn send(&self, text: String) -> bool {
        matches!(tokio::time::timeout(STUCK, self.sender.send(text.into())).await, Ok(Ok(())))
    }

    /// What the caller is sent for an event; `None`: nothing.
    async fn told(&mut self, event: &Event) -> Result<Option<Told>, ContentError> {
        let e = &event.event;
        let tenant = self.tenant.clone();
        let registry = tenant.content.registry();
        let ct =
            e.content_type.as_deref().and_then(|uid| registry.by_uid(uid)).filter(|ct| self.types.contains(&ct.id));
        let (Some(ct), Some(name), Some(document_id)) = (ct, event_name(e), e.document_id.as_deref()) else {
            return Ok(None);
        };
        let drafts = self.caller.rights.reads_drafts();
        let published = match name {
            // The published version went with it, if there was one.
            "entry.delete" => e.data["published"] == true,
            "entry.publish" | "entry.unpublish" => true,
            _ => !ct.draft_publish,
        };
        if !published && !drafts {
            return Ok(None);
        }
        let sight = self.sight(ct.id).await;
        if !sight.is_conditional(ct.id) {
            return Ok(Some(Told::As(name)));
        }
        let locale = e.locale.clone().unwrap_or_default();
        let key = (ct.id, document_id.to_owned(), locale);
        let went = name == "entry.delete" || (name == "entry.unpublish" && !drafts);
        if went {
            // Of what is gone nobody can say whether it would be seen: how it went is told with the access that showed it only.
            let told = |with: Arc<str>| if with == sight.key { Told::As(name) } else { Told::Hidden };
            return Ok(self.seen.remove(&key).map(told));
        }
        // Of what was unpublished the draft is left.
        let shown = published && name != "entry.unpublish";
        if !self.sees(&sight, ct, document_id, &key.2, shown)? {
            return Ok(self.seen.remove(&key).map(|_| Told::Hidden));
        }
        if self.seen.len() < SEEN {
            self.seen.insert(key, sight.key);
        }
        Ok(Some(Told::As(name)))
    }

    /// Whether the caller's condition holds for a version in its current state.
    fn sees(
        &self,
        sight: &Sight,
        ct: &ContentType,
        document_id: &str,
        locale: &str,
        published: bool,
    ) -> Result<bool, ContentError> {
        let status = if published || !ct.draft_publish { "published" } else { "draft" };
        let query = format!("fields[0]=documentId&status={status}&locale={locale}");
        let (access, actor) = (&sight.access, Arc::new(Actor::public()));
        let locales = self.tenant.access.locales();
        let ask = Ask { access, content_type: ct.id, query: &query, default_locale: &locales.default, actor: &actor };
        match self.tenant.content.find_one(ask, document_id) {
            Ok(_) => Ok(true),
            Err(ContentError::Refused(r)) if matches!(r.kind, RefusalKind::NotFound | RefusalKind::Forbidden) => {
                Ok(false)
            }
            Err(e) => Err(e),
        }
    }
}

fn message(event: &Event, told: Told) -> String {
    let e = &event.event;
    let name = match told {
        Told::As(name) => name,
        Told::Hidden => "entry.hidden",
    };
    let data = json!({
        "event": name, "uid": e.content_type, "documentId": e.document_id, "locale": e.locale,
        "at": super::admin::time(event.at),
    });
    format!("id: {}\nevent: {name}\ndata: {data}\n\n", event.pos)
}
