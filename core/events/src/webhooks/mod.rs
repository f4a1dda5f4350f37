//! Webhooks: external receivers that are notified of changes to content.
//!
//! Each is a consumer (`webhook:<id>`): one that is slow or dead delays nobody. Requests are signed according to Standard Webhooks, with
//! the event's id, which is the same however often it is sent. Every attempt is recorded with its request and response.

mod batch;
mod gone;
mod payload;
mod receiver;
mod send;
mod sign;

pub use send::Sent;

use crate::outbound::Guard;
use crate::{Engine, Subscriber};
use cairn_access::AccessControl;
use cairn_access::webhooks::BATCH;
use cairn_store::StoreError;
use cairn_store::events::NewEvent;
use parking_lot::Mutex;
use receiver::Receiver;
use std::collections::HashMap;
use std::sync::Arc;

/// The name under which receivers know an event of an entry or a file (`entry.create`); `None` if it is about neither.
pub fn event_name(event: &NewEvent) -> Option<&'static str> {
    payload::name_of(event).filter(|name| !payload::is_of_rights(name) && *name != BATCH)
}

/// The webhooks of one tenant. It holds no handle on the store besides the access control's.
pub struct Webhooks {
    access: AccessControl,
    guard: Guard,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Stamp of the rows that were read last.
    stamp: Option<(i64, i64, i64)>,
    /// Receivers by id of the webhook.
    receivers: HashMap<i64, Arc<Receiver>>,
}

impl Webhooks {
    /// Creates the webhooks of a tenant. `guard`: their permitted targets.
    pub fn new(access: AccessControl, guard: Guard) -> Arc<Self> {
        Arc::new(Self { access, guard, known: Mutex::default() })
    }

    /// Updates the engine's subscribers if any webhook has changed since the last call, by this process or another.
    ///
    /// # Errors
    /// Returns an error if they cannot be read.
    pub fn follow(&self, engine: &Engine) -> Result<(), StoreError> {
        // Held all along, so that an older reading never replaces a newer one.
        let mut known = self.known.lock();
        let stamp = self.access.store().read(|r| r.webhooks_stamp())?;
        if known.stamp == Some(stamp) {
            return Ok(());
        }
        let rows = self.access.store().read(|r| r.webhooks())?;
        let mut before = std::mem::take(&mut known.receivers);
        for row in rows.into_iter().filter(|row| row.webhook.enabled) {
            // One that stayed as it was keeps its connections and its plans.
            let same = before.remove(&row.id).filter(|r| r.revision() == row.revision);
            let receiver = same.unwrap_or_else(|| Arc::new(Receiver::new(&self.access, &self.guard, row)));
            known.receivers.insert(receiver.id(), receiver);
        }
        known.stamp = Some(stamp);
        let subscribers = known.receivers.values().map(|r| Subscriber::Outside(r.clone())).collect();
        engine.set_subscribers("webhooks", subscribers);
        Ok(())
    }

    /// Sends a test event (`trigger-test`) to a webhook, whether it is enabled or not, and waits for the response. `None` if there is no
    /// such webhook. It is recorded as an attempt.
    ///
    /// # Errors
    /// Returns an error if the database does not respond.
    pub async fn test(&self, id: i64) -> Result<Option<Sent>, StoreError> {
        let Some(row) = self.access.store().read(|r| r.webhook(id))? else { return Ok(None) };
        Receiver::new(&self.access, &self.guard, row).test().await.map(Some)
    }
}
