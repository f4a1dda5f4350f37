//! `events`: the plugin's own, with the commit of what they tell.

pub(crate) mod subscription_filter;

use crate::call::quotas::PluginQuotas;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::events::{Host, Narrowing, Outgoing};
use crate::contract::bindings::types::{Error, FieldError};
use crate::contract::guest_errors::{denied_error, from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_plugin_package::Capability;
use cairn_plugin_package::settings::SettingProblem;
use cairn_store::events::NewEvent;
use serde_json::{Value as Json, json};

/// Most events of one call.
const MAX_EVENTS: usize = 1_000;
/// Longest key of an event, in bytes.
const MAX_KEY_BYTES: usize = 255;

impl Host for CallState {
    async fn publish(&mut self, events: Vec<Outgoing>) -> HostResult<()> {
        self.granted_call(Capability::EventsPublish)?;
        to_guest_charge(self.budget.charge_writes(events.len()))?;
        let longest = events.iter().map(|e| e.data.len()).max().unwrap_or_default();
        to_guest_charge(self.budget.check_output(longest))?;
        let events = self.new_events(events)?;
        let (actor, now) = (self.definition.actor.clone(), CallState::now(self));
        let bounds = PluginQuotas::for_plugin(&self.definition);
        let emitted = self.with_transaction(move |tx| {
            bounds.count_events(tx, events.len(), now)?;
            events.iter().try_for_each(|e| tx.events().emit(&actor, e, now)).map_err(|e| from_content_error(e.into()))
        });
        Ok(emitted.await?)
    }

    async fn narrow(&mut self, subscription: String, to: Option<Vec<Narrowing>>) -> HostResult<()> {
        self.host_call()?;
        if !self.definition.manifest.subscriptions.iter().any(|s| s.name == subscription) {
            let message = format!("plugin.toml has no [[subscription]] with name = {subscription:?}");
            return Err(invalid_field("subscription", "unknown", message).into());
        }
        let narrowed = subscription_filter::parse_narrowing(to.as_deref())?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        Ok(self
            .with_transaction(move |tx| {
                subscription_filter::store_narrowing(tx, &plugin, &subscription, narrowed.as_ref(), now)
            })
            .await?)
    }
}

impl CallState {
    fn new_events(&self, events: Vec<Outgoing>) -> Result<Vec<NewEvent>, Error> {
        if events.len() > MAX_EVENTS {
            return Err(invalid_field(
                "events",
                "too-many",
                format!("{} events in one call; the limit is {MAX_EVENTS}", events.len()),
            ));
        }
        let manifest = &self.definition.manifest;
        let event = |(i, e): (usize, Outgoing)| {
            if !manifest.events.iter().any(|known| known.name == e.name && known.version == e.version) {
                return Err(denied_error(format!(
                    "{:?} version {} is not an event of this plugin: plugin.toml needs an [[event]] with that name and version",
                    e.name, e.version
                )));
            }
            if e.key.is_empty() || e.key.len() > MAX_KEY_BYTES {
                return Err(invalid_field(
                    &format!("events[{i}].key"),
                    "key",
                    format!("a key must have 1 to {MAX_KEY_BYTES} bytes"),
                ));
            }
            let data: Json = serde_json::from_str(&e.data)
                .map_err(|error| invalid_field(&format!("events[{i}].data"), "json", error.to_string()))?;
            let schema = self.definition.event_schemas.get(&(e.name.clone(), e.version));
            let problems = schema.map(|schema| schema.check(&data)).unwrap_or_default();
            if !problems.is_empty() {
                let field = |p: SettingProblem| FieldError {
                    path: format!("events[{i}].data{}{}", if p.path.is_empty() { "" } else { "." }, p.path),
                    code: p.code,
                    message: p.message,
                };
                return Err(Error::Invalid(problems.into_iter().map(field).collect()));
            }
            Ok(NewEvent {
                name: e.name,
                key: e.key,
                content_type: None,
                document_id: None,
                locale: None,
                status: None,
                data: json!({ "version": e.version, "data": data }),
            })
        };
        events.into_iter().enumerate().map(event).collect()
    }
}
