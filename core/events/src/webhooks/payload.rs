//! Bodies of webhook requests: Strapi's names and shape.
//!
//! The entry is read when it is delivered, by the query engine: populated one level deep through relations and completely through
//! components, and never with private attributes. If the version was deleted by then, it is taken from the history; if there is none, it
//! contains its ids. It is never null.

use super::gone;
use cairn_access::iso;
use cairn_access::webhooks::{BATCH, EVENTS, check};
use cairn_model::registry::USER_UID;
use cairn_model::{Attribute, Attributes, FieldKind, Registry, TypeId};
use cairn_query::{Access, Action, Limits, Request, Rule, Tree, plan_tree};
use cairn_store::content::Prepared;
use cairn_store::events::{Event, NewEvent, WebhookRow};
use cairn_store::{Reader, StoreError};
use chrono::DateTime;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Depth to which components in components are populated.
const DEPTH: usize = 6;
/// Number of plans cached per webhook: by type, version and locale.
const KEPT: usize = 500;

/// The name under which receivers know an event; `None` if it is not for webhooks.
pub(crate) fn name_of(event: &NewEvent) -> Option<&'static str> {
    // Rights of files have the same names here and there.
    if let Some(name) = EVENTS.iter().find(|name| is_of_rights(name) && **name == event.name) {
        return Some(name);
    }
    if event.name == crate::BATCH_ENDED {
        return Some(BATCH);
    }
    let happened = event.name.strip_prefix("cairn.document.")?;
    match event.content_type.as_deref()? {
        // As in Strapi: what users do is nobody's business outside.
        USER_UID => None,
        uid if uid.starts_with("api::") => match happened {
            "created" => Some("entry.create"),
            "updated" => Some("entry.update"),
            "deleted" => Some("entry.delete"),
            "published" => Some("entry.publish"),
            "unpublished" => Some("entry.unpublish"),
            "draft-discarded" => Some("entry.draft-discard"),
            _ => None,
        },
        cairn_model::registry::FILE_UID => match happened {
            "created" => Some("media.create"),
            "updated" => Some("media.update"),
            "deleted" => Some("media.delete"),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an event is about the licensing of files: its content is in the event itself.
pub(crate) fn is_of_rights(name: &str) -> bool {
    name.starts_with("asset.") || name.starts_with("consent.")
}

/// Builds the bodies of one webhook.
pub(crate) struct Payloads {
    access: Arc<Access>,
    conditional: bool,
    keep: bool,
    plans: Mutex<HashMap<(TypeId, bool, String), Arc<Prepared>>>,
}

/// When an event is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    /// In the order of events.
    Now,
    /// When later events of the same document may have been sent already.
    Late,
}

/// The entry to send.
enum Entry {
    Is(String),
    /// The webhook's condition does not match it.
    Unwanted,
}

impl Payloads {
    /// Prepares bodies for a webhook: its condition becomes part of every read.
    pub(crate) fn new(registry: &Registry, webhook: &WebhookRow) -> Self {
        let condition = webhook.webhook.condition.as_ref();
        let keep = condition.is_none_or(|c| cairn_query::variables(c).is_empty());
        let types = webhook.webhook.types.as_deref();
        // One that the model has grown away from holds for nothing; the query engine sees to that.
        if let Some(Err(message)) = condition.map(|c| check(registry, types, c)) {
            tracing::warn!(
                webhook = webhook.webhook.name,
                message,
                "the condition of a webhook no longer matches the model; no events match it"
            );
        }
        let mut access = Access::full();
        if let Some(condition) = condition {
            let condition = Arc::new(condition.clone());
            access.everything = false;
            access.key = format!("webhook {}", webhook.id).into();
            for ct in registry.types() {
                access.rules.insert((ct.id, Action::Find), Rule::default());
                let named = types.is_some_and(|types| types.contains(&ct.uid));
                let rule = Rule { condition: named.then(|| condition.clone()), fields: None };
                access.rules.insert((ct.id, Action::FindOne), rule);
            }
        }
        Self { access: Arc::new(access), conditional: condition.is_some(), keep, plans: Mutex::default() }
    }

    /// The body for an event; `None` if the webhook's condition does not match. `now` is in milliseconds.
    pub(crate) fn body(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        name: &str,
        now: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.told(reader, event, name, now, Told::Now)
    }

    /// Does the same as [`Self::body`] for an event that is sent later than those that came after it: also `None` if one of
    /// these has made it obsolete.
    pub(crate) fn late_body(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        name: &str,
        now: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.told(reader, event, name, now, Told::Late)
    }

    fn told(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        name: &str,
        now: i64,
        told: Told,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let registry = reader.registry();
        let uid = event.event.content_type.as_deref().unwrap_or_default();
        let created_at = time(event.at);
        if is_of_rights(name) {
            let body = json!({ "event": name, "createdAt": created_at, "rights": event.event.data });
            return Ok(Some(body.to_string().into_bytes()));
        }
        let Some(ct) = registry.by_uid(uid) else {
            // The type is gone; what is known of the document is its id.
            let entry = json!({ "documentId": event.event.document_id });
            let body = json!({ "event": name, "createdAt": created_at, "model": "", "uid": uid, "entry": entry });
            return Ok(Some(body.to_string().into_bytes()));
        };
        let entry = match self.entry(reader, event, ct.id, now, told)? {
            Entry::Is(entry) => entry,
            Entry::Unwanted => return Ok(None),
        };
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Body<'a> {
            event: &'a str,
            created_at: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            model: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            uid: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            entry: Option<&'a RawValue>,
            #[serde(skip_serializing_if = "Option::is_none")]
            media: Option<&'a RawValue>,
        }
        let corrupt = |e: serde_json::Error| StoreError::Corrupt {
            place: format!("the entry of event {}", event.id),
            message: e.to_string(),
        };
        let raw = RawValue::from_string(entry).map_err(corrupt)?;
        let is_media = name.starts_with("media.");
        let (entry, media) = if is_media { (None, Some(&*raw)) } else { (Some(&*raw), None) };
        let (model, uid) = if is_media { (None, None) } else { (Some(ct.singular.as_str()), Some(uid)) };
        let body = Body { event: name, created_at: &created_at, model, uid, entry, media };
        serde_json::to_vec(&body).map(Some).map_err(corrupt)
    }

    fn entry(&self, reader: &Reader<'_>, event: &Event, ct: TypeId, now: i64, told: Told) -> Result<Entry, StoreError> {
        let e = &event.event;
        let document_id = e.document_id.as_deref().unwrap_or_default();
        let locale = e.locale.as_deref().unwrap_or_default();
        let registry = reader.registry();
        let deleted = e.name.ends_with(".deleted");
        if !deleted || told == Told::Late {
            // Of what was unpublished the draft is left.
            let published = e.status.as_deref() == Some("published") && !e.name.ends_with(".unpublished");
            let mut out = Vec::with_capacity(2_048);
            let found =
                reader.one(&self.prepared(reader, ct, published && !deleted, locale, now), document_id, &mut out)?;
            if deleted && found {
                // It came back, of which another event tells.
                return Ok(Entry::Unwanted);
            }
            if found {
                return Ok(Entry::Is(text(out)));
            }
            if !deleted && (self.conditional || told == Told::Late) {
                // It does not hold, or the version is gone, of which another event tells.
                return Ok(Entry::Unwanted);
            }
        }
        let ids = gone::ids(document_id, e.locale.as_deref());
        if self.conditional {
            // Nobody can ask any more whether the condition held: the receiver may know it, and learns no more than that.
            return Ok(Entry::Is(Json::Object(ids).to_string()));
        }
        let kept = reader.last_snapshot(&registry.get(ct).uid, document_id, locale)?;
        Ok(Entry::Is(gone::entry(registry, registry.get(ct), ids, kept).to_string()))
    }

    fn prepared(&self, reader: &Reader<'_>, ct: TypeId, published: bool, locale: &str, now: i64) -> Arc<Prepared> {
        let key = (ct, published, locale.to_owned());
        if self.keep
            && let Some(kept) = self.plans.lock().get(&key)
        {
            return kept.clone();
        }
        let prepared = Arc::new(self.prepare(reader, ct, published, locale, now));
        if self.keep {
            let mut plans = self.plans.lock();
            if plans.len() >= KEPT {
                plans.clear();
            }
            plans.insert(key, prepared.clone());
        }
        prepared
    }

    fn prepare(&self, reader: &Reader<'_>, ct: TypeId, published: bool, locale: &str, now: i64) -> Prepared {
        let registry = reader.registry();
        let mut access = (*self.access).clone();
        access.variables = BTreeMap::from([("now".to_owned(), Json::from(time(now)))]);
        let limits = Limits { populate_depth: 2 * DEPTH + 2, populate_nodes: 10_000, ..Limits::default() };
        let is_api = registry.get(ct).is_api();
        let request = Request {
            registry,
            access: &access,
            content_type: ct,
            action: Action::FindOne,
            default_locale: locale,
            limits,
            lenient: !is_api,
        };
        let status = if published { "published" } else { "draft" };
        let mut query = vec![("locale".to_owned(), word(locale))];
        if is_api {
            query.push(("status".to_owned(), word(status)));
        }
        let populate = populate(registry, &registry.get(ct).attributes, DEPTH);
        let mut whole = query.clone();
        whole.extend(populate.map(|tree| ("populate".to_owned(), tree)));
        // What is asked is made from the model; a plan that is too large for its limits goes without what is populated.
        let planned = plan_tree(&request, &Tree::Map(whole)).or_else(|_| plan_tree(&request, &Tree::Map(query)));
        match planned {
            Ok(planned) => reader.compile(&planned.plan, locale),
            Err(error) => {
                tracing::error!(message = error.message, "the entry for a webhook cannot be loaded");
                let nothing = cairn_query::Filter::Or(Vec::new());
                reader.compile(&none(ct, nothing), locale)
            }
        }
    }
}

/// A plan that finds nothing.
fn none(content_type: TypeId, filter: cairn_query::Filter) -> cairn_query::Plan {
    cairn_query::Plan {
        content_type,
        status: cairn_query::Status::Draft,
        locale: cairn_query::Locales::All,
        filter: Some(filter),
        has_published: None,
        publication: None,
        sort: Vec::new(),
        page: cairn_query::Page::Offset { start: 0, limit: 1, with_count: false },
        node: cairn_query::Node { content_type, fields: vec![cairn_query::Field::DocumentId], populate: Vec::new() },
    }
}

/// The populate parameter: relations and media plainly, components with their contents. `None` if there is nothing.
fn populate(registry: &Registry, attributes: &Attributes, depth: usize) -> Option<Tree> {
    let of = |a: &Attribute| -> Option<Tree> {
        let inner = |id| {
            let found = depth.checked_sub(1).and_then(|d| populate(registry, &registry.component(id).attributes, d));
            found.map_or_else(|| word("true"), |tree| Tree::Map(vec![("populate".to_owned(), tree)]))
        };
        match &a.kind {
            _ if a.hidden() => None,
            FieldKind::Relation(_) | FieldKind::Media { .. } => Some(word("true")),
            FieldKind::Component { component, .. } => Some(inner(*component)),
            FieldKind::DynamicZone { components } => {
                let on = components.iter().map(|id| (registry.component(*id).uid.clone(), inner(*id))).collect();
                Some(Tree::Map(vec![("on".to_owned(), Tree::Map(on))]))
            }
            _ => None,
        }
    };
    let all: Vec<(String, Tree)> =
        attributes.iter().filter_map(|(_, a)| of(a).map(|tree| (a.name.clone(), tree))).collect();
    (!all.is_empty()).then_some(Tree::Map(all))
}

fn word(text: &str) -> Tree {
    Tree::Text(text.to_owned())
}

fn text(bytes: Vec<u8>) -> String {
    // The store writes JSON, which is UTF-8.
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

pub(crate) fn time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(iso).unwrap_or_default()
}
