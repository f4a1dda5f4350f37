//! Subscriptions that a plugin narrows to some of the events that its manifest names.

use crate::contract::bindings::host::events::Narrowing;
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::definition::conditions;
use cairn_store::events::Event;
use cairn_store::plugins::KvPut;
use cairn_store::{StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// A target that a plugin has narrowed a subscription to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SubscriptionFilter {
    name: String,
    content_type: Option<String>,
    /// Filter on the event's data.
    filters: Option<Map<String, Json>>,
}

impl SubscriptionFilter {
    pub(crate) fn matches_event(&self, event: &Event) -> bool {
        let e = &event.event;
        self.name == e.name
            && self.content_type.as_ref().is_none_or(|uid| e.content_type.as_ref() == Some(uid))
            && self
                .filters
                .as_ref()
                .is_none_or(|f| e.data.as_object().is_some_and(|data| conditions::matches_filter(f, data)))
    }
}

/// Parses stored narrowings. Returns an error if a filter is malformed.
pub(crate) fn parse_narrowing(to: Option<&[Narrowing]>) -> Result<Option<Vec<SubscriptionFilter>>, Error> {
    let Some(to) = to else { return Ok(None) };
    let one = |(i, n): (usize, &Narrowing)| {
        let invalid_filter = |why: String| invalid_field(&format!("to[{i}].filters"), "filter", why);
        let filters = match n.filters.as_deref() {
            None => None,
            Some(text) => {
                let map: Map<String, Json> = serde_json::from_str(text).map_err(|e| invalid_filter(e.to_string()))?;
                conditions::check_filter(&map, &|_| true).map_err(invalid_filter)?;
                Some(map)
            }
        };
        Ok(SubscriptionFilter { name: n.name.clone(), content_type: n.content_type.clone(), filters })
    };
    to.iter().enumerate().map(one).collect::<Result<_, _>>().map(Some)
}

/// Namespace of narrowings: stored beside a plugin's own entries, under a name that no plugin has.
fn narrowing_namespace(plugin: &str) -> String {
    format!("{plugin}/narrowed")
}

/// Stores a narrowing, in the present transaction; `None` removes it.
pub(crate) fn store_narrowing(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    subscription: &str,
    to: Option<&Vec<SubscriptionFilter>>,
    now: i64,
) -> Result<(), Error> {
    let result = match to {
        None => tx.plugin_kv().delete(&narrowing_namespace(plugin), &[subscription], now).map(drop),
        Some(to) => {
            let value = serde_json::to_vec(to).unwrap_or_default();
            let kv_put = KvPut { key: subscription.to_owned(), value, expires_at: None, expect: None };
            tx.plugin_kv().put(&narrowing_namespace(plugin), &[kv_put], now).map(drop)
        }
    };
    result.map_err(|e| from_content_error(e.into()))
}

pub(crate) fn load_narrowing(
    tx: &WriteTx<'_>,
    plugin: &str,
    subscription: &str,
    now: i64,
) -> Result<Option<Vec<SubscriptionFilter>>, StoreError> {
    let entry = tx
        .reader()
        .plugin_kv()
        .get_entries(&narrowing_namespace(plugin), &[subscription], now)?
        .into_iter()
        .next()
        .flatten();
    let Some(kv_entry) = entry else { return Ok(None) };
    let corrupt = |e: serde_json::Error| StoreError::Corrupt {
        place: format!("narrowing of {plugin}:{subscription}"),
        message: e.to_string(),
    };
    serde_json::from_slice(&kv_entry.value).map(Some).map_err(corrupt)
}
