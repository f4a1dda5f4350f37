//! Subscriptions of plugins: consumers whose effects are in the database, so that each event has them exactly once.

use crate::call::error::CallError as CallFailed;
use crate::call::state::CallContext;
use crate::capabilities::events::subscription_filter::load_narrowing;
use crate::contract::actors::change_origin;
use crate::contract::bindings::event_handler::exports::cairn::plugin::event_handler as guest;
use crate::contract::bindings::types::Actor as GuestActor;
use crate::contract::plugin_export::PluginExport;
use crate::definition::permissions;
use crate::definition::plugin_definition::qualified_name;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{CallOutcome, call_in_transaction, call_limits, new_call_id};
use crate::tenant::alarms;
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use cairn_events::{Consumer, DeliveryError, DeliveryFailure, RetryPolicy, Subscriber, TransactionalConsumer};
use cairn_model::FILE_UID;
use cairn_plugin_package::Capability;
use cairn_plugin_package::manifest::{DeadLetters, HookAction, Subscription, SubscriptionTarget};
use cairn_store::events::Event;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Largest number of events in a row that may lead to one that a plugin receives: a longer chain counts as a loop.
const MAX_CAUSE_DEPTH: i64 = 16;

/// A subscription of a running plugin. Each delivery calls the generation that runs at the time.
struct PluginConsumer {
    plugins: Weak<Plugins>,
    plugin: String,
    subscription: Subscription,
    /// Name of the consumer: `plugin:crm:deals`.
    name: String,
}

/// The consumers of a plugin.
pub(crate) fn subscribers(plugins: &Weak<Plugins>, generation: &Generation) -> Vec<Subscriber> {
    let one = |subscription: &Subscription| {
        let hearing = PluginConsumer {
            plugins: plugins.clone(),
            plugin: generation.id().to_owned(),
            name: qualified_name(generation.id(), &subscription.name),
            subscription: subscription.clone(),
        };
        Subscriber::Transactional(Arc::new(hearing))
    };
    generation.manifest.subscriptions.iter().map(one).collect()
}

impl Consumer for PluginConsumer {
    fn name(&self) -> &str {
        &self.name
    }

    fn wants_event(&self, event: &Event) -> bool {
        self.subscription.to.iter().any(|(target, _)| matches_target(target, event))
    }

    fn retry_policy(&self) -> RetryPolicy {
        let retry = &self.subscription.retry;
        RetryPolicy {
            first_pause: retry.first,
            factor: retry.factor,
            max_pause: retry.max,
            attempts: i64::from(retry.attempts),
        }
    }

    fn holds_key_after_dead(&self) -> bool {
        self.subscription.dead == DeadLetters::HoldKey
    }

    fn batch_size(&self) -> usize {
        usize::try_from(self.subscription.batch).unwrap_or(usize::MAX)
    }

    fn max_cause_depth(&self) -> i64 {
        MAX_CAUSE_DEPTH
    }
}

/// True if a target names an event.
fn matches_target(target: &SubscriptionTarget, event: &Event) -> bool {
    let new_event = &event.event;
    match target {
        SubscriptionTarget::Documents { uid, action } => {
            let verb = new_event.name.strip_prefix("cairn.document.");
            let verb = verb.filter(|_| new_event.content_type.as_deref() == Some(uid));
            verb.is_some_and(|verb| action.is_none_or(|action| event_verb(action) == verb))
        }
        SubscriptionTarget::Event(event_name) => {
            let version = new_event.data["version"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(1);
            event_name.matches_event(&new_event.name, version)
        }
    }
}

/// True if a plugin may receive an event: of documents, those of its own types and of types that it was granted to read, whatever its
/// manifest names. Events of files need a grant of their own.
pub(crate) fn may_receive(generation: &Generation, event: &Event) -> bool {
    let Some(uid) = &event.event.content_type else { return true };
    permissions::is_own(generation.id(), uid)
        || generation.grants.may_read(uid).is_some()
        || (uid == FILE_UID && generation.has_grant(Capability::FilesRead))
}

/// The word for an action in the events of documents.
fn event_verb(action: HookAction) -> &'static str {
    match action {
        HookAction::Create => "created",
        HookAction::Update => "updated",
        HookAction::Delete => "deleted",
        HookAction::Publish => "published",
        HookAction::Unpublish => "unpublished",
        HookAction::DiscardDraft => "draft-discarded",
    }
}

impl TransactionalConsumer for PluginConsumer {
    fn apply_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), StoreError> {
        self.handle_events(tx, events).map_err(|e| match e {
            DeliveryError::Store(e) => e,
            DeliveryError::Failed(_) => StoreError::Conflict,
        })
    }

    fn handle_events(&self, tx: &mut WriteTx<'_>, events: &[Event]) -> Result<(), DeliveryError> {
        // While it is replaced or switched off its events wait.
        let waits = |seconds| DeliveryFailure {
            retry_after: Some(Duration::from_secs(seconds)),
            ..DeliveryFailure::new("the plugin is not running")
        };
        let Some(plugins) = self.plugins.upgrade() else { return Err(DeliveryError::Failed(waits(1))) };
        let Some(generation) = plugins.find_generation(&self.plugin) else {
            return Err(DeliveryError::Failed(waits(10)));
        };
        let _pass = match plugins.breaker.acquire_permit(&self.plugin, PluginExport::Event, &self.subscription.name) {
            Ok(pass) => pass,
            Err(pause) => {
                let error = "the plugin failed too often: its calls are paused";
                return Err(DeliveryError::Failed(DeliveryFailure {
                    retry_after: Some(pause),
                    ..DeliveryFailure::new(error)
                }));
            }
        };
        let narrowed = load_narrowing(tx, &self.plugin, &self.subscription.name, generation.now())?;
        let is_for_plugin = |event: &&Event| {
            may_receive(&generation, event)
                && narrowed.as_ref().is_none_or(|all| all.iter().any(|one| one.matches_event(event)))
        };
        let events: Vec<guest::Event> = events.iter().filter(is_for_plugin).map(to_guest_event).collect();
        match events.is_empty() {
            true => Ok(()),
            false => self.call_guest(&plugins, &generation, tx, events),
        }
    }

    fn needs_own_transaction(&self) -> bool {
        true
    }

    fn transaction_owner(&self) -> Option<&str> {
        Some(&self.plugin)
    }

    fn on_too_deep(&self, tx: &mut WriteTx<'_>, event: &Event, now: i64) -> Result<(), StoreError> {
        alarms::raise_loop_alarm(tx, &self.plugin, &self.subscription.name, event, now)
    }
}

impl PluginConsumer {
    fn call_guest(
        &self,
        plugins: &Plugins,
        generation: &Arc<Generation>,
        tx: &mut WriteTx<'_>,
        events: Vec<guest::Event>,
    ) -> Result<(), DeliveryError> {
        let call_context = event_call_context(generation, &self.subscription.name, &events);
        let name = &self.subscription.name;
        let outcome = handle_events(generation, call_context.clone(), tx, &events);
        plugins.queue_logs(outcome.logs);
        match outcome.result {
            Err(failure) => {
                let input = failed_input(&events);
                let took = outcome.took;
                plugins.record_failure(CallFailureRecord {
                    generation,
                    context: &call_context,
                    error: &failure,
                    took,
                    input,
                });
                if failure.busy.is_some() {
                    // Contention is not counted as an attempt: the events are delivered again.
                    return Err(DeliveryError::Store(StoreError::Conflict));
                }
                Err(DeliveryError::Failed(DeliveryFailure::new(format!(
                    "{}: {}",
                    failure.kind.as_str(),
                    failure.message
                ))))
            }
            Ok(acks) => {
                plugins.record_success(&self.plugin, PluginExport::Event, name, outcome.took);
                // A `Retry` or `Reject` rolls back the whole batch, and its events are delivered one by one.
                acks.into_iter().try_for_each(|ack| match ack {
                    guest::Ack::Done => Ok(()),
                    guest::Ack::Retry((why, after)) => {
                        let retry_after = after.map(Duration::from_millis);
                        Err(DeliveryError::Failed(DeliveryFailure { retry_after, ..DeliveryFailure::new(why) }))
                    }
                    guest::Ack::Reject(why) => Err(DeliveryError::Failed(DeliveryFailure::for_good(why))),
                })
            }
        }
    }
}

/// The context of a call with these events.
pub(crate) fn event_call_context(generation: &Generation, subscription: &str, events: &[guest::Event]) -> CallContext {
    CallContext {
        export: PluginExport::Event,
        name: subscription.into(),
        key: events.first().map(|e| e.id.clone()).unwrap_or_default(),
        id: new_call_id(PluginExport::Event),
        actor: GuestActor::System,
        access: None,
        locale: generation.access().locales().default.to_string(),
        attempt: 1,
    }
}

/// Has a plugin handle events, in a transaction.
pub(crate) fn handle_events(
    generation: &Arc<Generation>,
    context: CallContext,
    tx: &mut WriteTx<'_>,
    events: &[guest::Event],
) -> CallOutcome<Vec<guest::Ack>> {
    let (name, limits) = (context.name.clone(), call_limits(generation, PluginExport::Event));
    let outcome = call_in_transaction(generation, context, limits, tx, async |store, call| {
        let exports = generation.exports.events.as_ref();
        let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export an event handler"))?;
        exports.call::<_, Vec<guest::Ack>>(store, "handle", &call, (&*name, events)).await
    });
    let result = outcome.result.and_then(|acks| match acks.len() == events.len() {
        true => Ok(acks),
        false => Err(CallFailed::invalid_output(format!("{} acks for {} events", acks.len(), events.len()))),
    });
    CallOutcome { result, ..outcome }
}

/// The record of events that a plugin failed at: they are found again by their positions.
fn failed_input(events: &[guest::Event]) -> Json {
    let one = |e: &guest::Event| json!({ "id": e.id, "place": e.sequence, "name": e.name, "key": e.key });
    json!({ "events": events.iter().map(one).collect::<Vec<_>>() })
}

pub(crate) fn to_guest_event(event: &Event) -> guest::Event {
    let e = &event.event;
    let own = !e.name.starts_with("cairn.") && e.data.get("data").is_some();
    let data = match own {
        true => e.data["data"].to_string(),
        false => json!({
            "contentType": e.content_type, "documentId": e.document_id, "locale": e.locale, "status": e.status, "data": e.data,
        })
        .to_string(),
    };
    guest::Event {
        id: event.id.clone(),
        sequence: u64::try_from(event.pos).unwrap_or_default(),
        name: e.name.clone(),
        key: e.key.clone(),
        at: event.at,
        data,
        version: e.data["version"].as_u64().and_then(|n| u32::try_from(n).ok()).filter(|_| own).unwrap_or(1),
        origin: change_origin(&event.actor),
        replayed: event.replayed,
    }
}
