//! Webhooks: receivers outside that are told what happened to content.
//!
//! Each is a consumer of its own (`webhook:<id>`): one that is slow or dead delays nobody. What is sent is signed as Standard
//! Webhooks has it, with the event's id, which is the same however often it is sent. Every attempt is noted with what was sent
//! and what came back.

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

/// The name that receivers know an event of an entry or a file by (`entry.create`); `None` where it is neither.
pub fn event_name(event: &NewEvent) -> Option<&'static str> {
    payload::name_of(event).filter(|name| !payload::is_of_rights(name) && *name != BATCH)
}

/// The webhooks of one tenant. It keeps no handle on the store beside the access control's.
pub struct Webhooks {
    access: AccessControl,
    guard: Guard,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// Of the rows that were read last.
    stamp: Option<(i64, i64, i64)>,
    /// By number.
    receivers: HashMap<i64, Arc<Receiver>>,
}

impl Webhooks {
    /// Of a tenant. `guard`: where they may lead.
    pub fn new(access: AccessControl, guard: Guard) -> Arc<Self> {
        Arc::new(Self { access, guard, known: Mutex::default() })
    }

    /// Gives the engine those that are sent to, where any of them has changed since the last call, by this process or another.
    ///
    /// # Errors
    /// Where they cannot be read.
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

    /// Sends a test event (`trigger-test`) to a webhook, be it enabled or not, and waits for what comes back. `None` where there is
    /// no such webhook. It is noted as an attempt.
    ///
    /// # Errors
    /// Where the database cannot be asked.
    pub async fn test(&self, id: i64) -> Result<Option<Sent>, StoreError> {
        let Some(row) = self.access.store().read(|r| r.webhook(id))? else { return Ok(None) };
        Receiver::new(&self.access, &self.guard, row).test().await.map(Some)
    }
}
