//! Bodies of webhook requests: Strapi's names and shape.
//!
//! The entry is read when it is delivered, by the query engine: populated one level deep through relations and completely through
//! components, and never with private attributes. If the version was deleted by then, it is taken from the history; if there is none, it
//! contains its ids. It is never null.

use super::{check_condition, deleted_entry};
use crate::names::{BATCH_EVENT, EVENT_NAMES, is_plugin_event};
use cairn_access::format_iso;
use cairn_model::registry::USER_UID;
use cairn_model::{Attribute, Attributes, FieldKind, Registry, TypeId};
use cairn_query::{Access, AccessRule, Action, QueryBuilder, QueryLimits, QueryRequest, QueryTree, plan_query};
use cairn_store::content::CompiledPlan;
use cairn_store::events::{Event, NewEvent, WebhookRow};
use cairn_store::{Reader, StoreError};
use chrono::DateTime;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Depth to which components in components are populated.
const MAX_COMPONENT_DEPTH: usize = 6;
/// Number of plans cached per webhook: by type, version and locale.
const MAX_CACHED_PLANS: usize = 500;

/// The name under which receivers know an event; `None` if it is not for webhooks.
pub(crate) fn receiver_event_name(event: &NewEvent) -> Option<&str> {
    // Rights of files have the same names here and there.
    if let Some(name) = EVENT_NAMES.iter().find(|name| is_licensing_event(name) && **name == event.name) {
        return Some(name);
    }
    if is_plugin_event(&event.name) {
        return Some(&event.name);
    }
    if event.name == crate::BATCH_ENDED {
        return Some(BATCH_EVENT);
    }
    match event.content_type.as_deref()? {
        // Changes to users are not sent, as in Strapi: they are private.
        USER_UID => None,
        uid if uid.starts_with("api::") => entry_event_name(event),
        cairn_model::registry::FILE_UID => match document_action(event)? {
            "created" => Some("media.create"),
            "updated" => Some("media.update"),
            "deleted" => Some("media.delete"),
            _ => None,
        },
        _ => None,
    }
}

/// The name of an event of an entry, as webhooks and listeners know it (`entry.create`); `None` if it is about no document. The content type
/// is not looked at.
pub fn entry_event_name(event: &NewEvent) -> Option<&'static str> {
    match document_action(event)? {
        "created" => Some("entry.create"),
        "updated" => Some("entry.update"),
        "deleted" => Some("entry.delete"),
        "published" => Some("entry.publish"),
        "unpublished" => Some("entry.unpublish"),
        "draft-discarded" => Some("entry.draft-discard"),
        _ => None,
    }
}

fn document_action(event: &NewEvent) -> Option<&str> {
    event.name.strip_prefix("cairn.document.")
}

/// True if an event is about the licensing of files: its content is in the event itself.
pub(crate) fn is_licensing_event(name: &str) -> bool {
    name.starts_with("asset.") || name.starts_with("consent.")
}

/// Builds the bodies of one webhook.
pub(crate) struct PayloadBuilder {
    access: Arc<Access>,
    conditional: bool,
    keep: bool,
    plans: Mutex<HashMap<(TypeId, bool, String), Arc<CompiledPlan>>>,
}

/// When an event is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DeliveryTiming {
    /// In the order of events.
    Now,
    /// When later events of the same document may have been sent already.
    Late,
}

/// The entry to send.
enum EntryPayload {
    Json(String),
    /// The webhook's condition does not match it.
    Unwanted,
}

impl PayloadBuilder {
    /// Prepares bodies for a webhook: its condition becomes part of every read.
    pub(crate) fn new(registry: &Registry, webhook: &WebhookRow) -> Self {
        let condition = webhook.webhook.condition.as_ref();
        let keep = condition.is_none_or(|c| cairn_query::condition_variables(c).is_empty());
        let types = webhook.webhook.types.as_deref();
        // A condition that no longer fits the model matches nothing; the query engine sees to that.
        if let Some(Err(message)) = condition.map(|c| check_condition(registry, types, c)) {
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
            let rules = Arc::make_mut(&mut access.rules);
            for ct in registry.types() {
                rules.insert((ct.id, Action::Find), AccessRule::default());
                let is_listed = types.is_some_and(|types| types.contains(&ct.uid));
                let rule = AccessRule { condition: is_listed.then(|| condition.clone()), fields: None };
                rules.insert((ct.id, Action::FindOne), rule);
            }
        }
        Self { access: Arc::new(access), conditional: condition.is_some(), keep, plans: Mutex::default() }
    }

    /// The body for an event; `None` if the webhook's condition does not match. `now` is in milliseconds.
    pub(crate) fn build_body(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        name: &str,
        now: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.build_body_at(reader, event, name, now, DeliveryTiming::Now)
    }

    /// Does the same as [`Self::build_body`] for an event that is sent later than those that came after it: also `None` if one of
    /// these has made it obsolete.
    pub(crate) fn build_late_body(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        name: &str,
        now: i64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.build_body_at(reader, event, name, now, DeliveryTiming::Late)
    }

    fn build_body_at(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        name: &str,
        now: i64,
        timing: DeliveryTiming,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let registry = reader.registry();
        let uid = event.event.content_type.as_deref().unwrap_or_default();
        let created_at = format_time(event.at);
        if is_licensing_event(name) {
            let body = json!({ "event": name, "createdAt": created_at, "rights": event.event.data });
            return Ok(Some(body.to_string().into_bytes()));
        }
        if is_plugin_event(name) {
            return Ok(Some(plugin_event_body(event, name, &created_at)));
        }
        let Some(ct) = registry.by_uid(uid) else {
            // The type is gone; what is known of the document is its id.
            let entry = json!({ "documentId": event.event.document_id });
            let body = json!({ "event": name, "createdAt": created_at, "model": "", "uid": uid, "entry": entry });
            return Ok(Some(body.to_string().into_bytes()));
        };
        let entry = match self.load_entry(reader, event, ct.id, now, timing)? {
            EntryPayload::Json(entry) => entry,
            EntryPayload::Unwanted => return Ok(None),
        };
        #[derive(serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        struct EntryBody<'a> {
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
        let body = EntryBody { event: name, created_at: &created_at, model, uid, entry, media };
        serde_json::to_vec(&body).map(Some).map_err(corrupt)
    }

    fn load_entry(
        &self,
        reader: &Reader<'_>,
        event: &Event,
        ct: TypeId,
        now: i64,
        timing: DeliveryTiming,
    ) -> Result<EntryPayload, StoreError> {
        let e = &event.event;
        let document_id = e.document_id.as_deref().unwrap_or_default();
        let locale = e.locale.as_deref().unwrap_or_default();
        let registry = reader.registry();
        let deleted = e.name.ends_with(".deleted");
        if !deleted || timing == DeliveryTiming::Late {
            // Of what was unpublished the draft is left.
            let published = e.status.as_deref() == Some("published") && !e.name.ends_with(".unpublished");
            let mut out = Vec::with_capacity(2_048);
            let exists = reader.entries().write_one(
                &self.cached_plan(reader, ct, published && !deleted, locale, now),
                document_id,
                &mut out,
            )?;
            if deleted && exists {
                // The entry exists again, which another event reports.
                return Ok(EntryPayload::Unwanted);
            }
            if exists {
                return Ok(EntryPayload::Json(json_text(out)));
            }
            if !deleted && (self.conditional || timing == DeliveryTiming::Late) {
                // The condition does not match, or the version is gone, which another event reports.
                return Ok(EntryPayload::Unwanted);
            }
        }
        let ids = deleted_entry::entry_ids(document_id, e.locale.as_deref());
        if self.conditional {
            // The condition of a deleted entry cannot be checked any more: a receiver, which may know the entry, gets its ids alone.
            return Ok(EntryPayload::Json(Json::Object(ids).to_string()));
        }
        let snapshot = reader.history().get_last_snapshot(&registry.get(ct).uid, document_id, locale)?;
        Ok(EntryPayload::Json(
            deleted_entry::entry_from_snapshot(registry, registry.get(ct), ids, snapshot).to_string(),
        ))
    }

    fn cached_plan(
        &self,
        reader: &Reader<'_>,
        ct: TypeId,
        published: bool,
        locale: &str,
        now: i64,
    ) -> Arc<CompiledPlan> {
        let key = (ct, published, locale.to_owned());
        if self.keep
            && let Some(plan) = self.plans.lock().get(&key)
        {
            return plan.clone();
        }
        let prepared = Arc::new(self.compile_plan(reader, ct, published, locale, now));
        if self.keep {
            let mut plans = self.plans.lock();
            if plans.len() >= MAX_CACHED_PLANS {
                plans.clear();
            }
            plans.insert(key, prepared.clone());
        }
        prepared
    }

    fn compile_plan(&self, reader: &Reader<'_>, ct: TypeId, published: bool, locale: &str, now: i64) -> CompiledPlan {
        let registry = reader.registry();
        let mut access = (*self.access).clone();
        access.variables = BTreeMap::from([("now".to_owned(), Json::from(format_time(now)))]);
        let limits = QueryLimits {
            populate_depth: 2 * MAX_COMPONENT_DEPTH + 2,
            populate_nodes: 10_000,
            ..QueryLimits::default()
        };
        let is_api = registry.get(ct).is_api();
        let request = QueryRequest {
            registry,
            access: &access,
            content_type: ct,
            action: Action::FindOne,
            default_locale: locale,
            limits,
            lenient: !is_api,
        };
        let status = if published { "published" } else { "draft" };
        let mut query = QueryBuilder::new().with("locale", locale);
        if is_api {
            query.set("status", status);
        }
        let mut full_query = query.clone();
        if let Some(tree) = populate_tree(registry, &registry.get(ct).attributes, MAX_COMPONENT_DEPTH) {
            full_query.set("populate", tree);
        }
        // The query is made from the model; a plan that exceeds the limits does without populated relations.
        let planned = plan_query(&request, &full_query.build()).or_else(|_| plan_query(&request, &query.build()));
        match planned {
            Ok(planned) => reader.entries().compile_plan(&planned.plan, locale),
            Err(error) => {
                tracing::error!(message = error.message, "the entry for a webhook cannot be loaded");
                let nothing = cairn_query::Filter::Or(Vec::new());
                reader.entries().compile_plan(&empty_plan(ct, nothing), locale)
            }
        }
    }
}

/// The body for an event of a plugin, as it published it.
fn plugin_event_body(event: &Event, name: &str, created_at: &str) -> Vec<u8> {
    let published = &event.event.data;
    let plugin = name.split('.').next().unwrap_or_default();
    json!({
        "event": name, "createdAt": created_at, "plugin": plugin, "version": published["version"], "key": event.event.key,
        "data": published["data"],
    })
    .to_string()
    .into_bytes()
}

/// A plan that finds nothing.
fn empty_plan(content_type: TypeId, filter: cairn_query::Filter) -> cairn_query::Plan {
    cairn_query::Plan {
        content_type,
        status: cairn_query::PublicationState::Draft,
        locale: cairn_query::Locales::All,
        filter: Some(filter),
        has_published: None,
        publication: None,
        sort: Vec::new(),
        page: cairn_query::Page::Offset { start: 0, limit: 1, with_count: false },
        node: cairn_query::EntryNode {
            content_type,
            fields: vec![cairn_query::Field::DocumentId],
            populate: Vec::new(),
        },
    }
}

/// The populate parameter: relations and media plainly, components with their contents. `None` if there is nothing.
fn populate_tree(registry: &Registry, attributes: &Attributes, depth: usize) -> Option<QueryTree> {
    let populate_attribute = |a: &Attribute| -> Option<QueryTree> {
        let inner = |id| {
            let query_tree =
                depth.checked_sub(1).and_then(|d| populate_tree(registry, &registry.component(id).attributes, d));
            query_tree.map_or_else(|| QueryTree::from("true"), |tree| QueryTree::from([("populate", tree)]))
        };
        match &a.kind {
            _ if a.is_hidden() => None,
            FieldKind::Relation(_) | FieldKind::Media { .. } => Some(QueryTree::from("true")),
            FieldKind::Component { component, .. } => Some(inner(*component)),
            FieldKind::DynamicZone { components } => {
                let on = components.iter().map(|id| (registry.component(*id).uid.clone(), inner(*id)));
                Some(QueryTree::from([("on", on.collect::<QueryTree>())]))
            }
            _ => None,
        }
    };
    let all: Vec<(String, QueryTree)> =
        attributes.iter().filter_map(|(_, a)| populate_attribute(a).map(|tree| (a.name.clone(), tree))).collect();
    (!all.is_empty()).then_some(QueryTree::Map(all))
}

fn json_text(bytes: Vec<u8>) -> String {
    // The store writes JSON, which is UTF-8.
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
}

pub(crate) fn format_time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(format_iso).unwrap_or_default()
}
