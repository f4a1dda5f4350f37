//! `events`: the plugin's own, with the commit of what they tell.

use crate::bindings::host::events::{Host, Narrowing, Outgoing};
use crate::bindings::types::{Error, FieldError};
use crate::faults::{denied, invalid, of_content};
use crate::quotas::Bounds;
use crate::state::{State, charged};
use cairn_plugin_package::Capability;
use cairn_plugin_package::settings::SettingProblem;
use cairn_store::events::NewEvent;
use serde_json::{Value as Json, json};

/// Most events of one call.
const MOST: usize = 1_000;
/// Longest key of an event, in bytes.
const KEY: usize = 255;

impl Host for State {
    async fn publish(&mut self, events: Vec<Outgoing>) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.granted_call(Capability::EventsPublish)? {
            return Ok(Err(error));
        }
        if let Err(error) = charged(self.budget.write(events.len()))? {
            return Ok(Err(error));
        }
        if let Err(error) = charged(self.budget.output(events.iter().map(|e| e.data.len()).max().unwrap_or_default()))?
        {
            return Ok(Err(error));
        }
        let events = match self.outgoing(events) {
            Ok(events) => events,
            Err(error) => return Ok(Err(error)),
        };
        let (actor, now) = (self.generation.actor.clone(), State::now(self));
        let bounds = Bounds::of(&self.generation);
        Ok(self
            .write(move |tx| {
                bounds.count_events(tx, events.len(), now)?;
                events.iter().try_for_each(|e| tx.emit(&actor, e, now)).map_err(|e| of_content(e.into()))
            })
            .await)
    }

    async fn narrow(
        &mut self,
        subscription: String,
        to: Option<Vec<Narrowing>>,
    ) -> wasmtime::Result<Result<(), Error>> {
        if let Err(error) = self.host_call()? {
            return Ok(Err(error));
        }
        if !self.generation.manifest.subscriptions.iter().any(|s| s.name == subscription) {
            let message = format!("plugin.toml has no [[subscription]] with name = {subscription:?}");
            return Ok(Err(invalid("subscription", "unknown", message)));
        }
        let narrowed = match crate::events::narrowed(to.as_deref()) {
            Ok(narrowed) => narrowed,
            Err(error) => return Ok(Err(error)),
        };
        let (plugin, now) = (self.generation.id().to_owned(), State::now(self));
        Ok(self.write(move |tx| crate::events::narrow(tx, &plugin, &subscription, narrowed.as_ref(), now)).await)
    }
}

impl State {
    fn outgoing(&self, events: Vec<Outgoing>) -> Result<Vec<NewEvent>, Error> {
        if events.len() > MOST {
            return Err(invalid(
                "events",
                "too-many",
                format!("{} events in one call; the limit is {MOST}", events.len()),
            ));
        }
        let manifest = &self.generation.manifest;
        let event = |(i, e): (usize, Outgoing)| {
            if !manifest.events.iter().any(|known| known.name == e.name && known.version == e.version) {
                return Err(denied(format!(
                    "{:?} version {} is not an event of this plugin: plugin.toml needs an [[event]] with that name and version",
                    e.name, e.version
                )));
            }
            if e.key.is_empty() || e.key.len() > KEY {
                return Err(invalid(&format!("events[{i}].key"), "key", format!("a key must have 1 to {KEY} bytes")));
            }
            let data: Json = serde_json::from_str(&e.data)
                .map_err(|error| invalid(&format!("events[{i}].data"), "json", error.to_string()))?;
            let schema = self.generation.event_schemas.get(&(e.name.clone(), e.version));
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
