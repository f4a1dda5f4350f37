//! Webhooks: external receivers that are notified of changes to content.
//!
//! Each is a consumer (`webhook:<id>`): one that is slow or dead delays nobody. Requests are signed according to Standard Webhooks, with
//! the event's id, which is the same however often it is sent. Every attempt is recorded with its request and response.

mod batch;
mod condition;
mod deleted_entry;
mod headers;
mod payload;
mod receiver;
mod secrets;
mod send;
mod sign;
mod url;

pub use condition::check_condition;
pub use headers::{MAX_HEADERS, WebhookHeaders, check_header_name, check_header_value};
pub use payload::entry_event_name;
pub use secrets::{WebhookSecret, WebhookSecrets, check_secret, generate_secret};
pub use send::SendOutcome;
pub use url::check_url;

use crate::outbound::AddressGuard;
use crate::{Engine, Subscriber};
use cairn_access::AccessControl;
use cairn_store::StoreError;
use parking_lot::Mutex;
use receiver::WebhookReceiver;
use std::collections::HashMap;
use std::sync::Arc;

/// The webhooks of one tenant. It holds no handle on the store besides the access control's.
pub struct WebhookSet {
    access: AccessControl,
    guard: AddressGuard,
    cached: Mutex<CachedReceivers>,
}

#[derive(Default)]
struct CachedReceivers {
    /// Stamp of the rows that were read last.
    stamp: Option<(i64, i64, i64)>,
    /// Receivers by id of the webhook.
    receivers: HashMap<i64, Arc<WebhookReceiver>>,
}

impl WebhookSet {
    /// Creates the webhooks of a tenant. `guard`: their permitted targets.
    pub fn new(access: AccessControl, guard: AddressGuard) -> Arc<Self> {
        Arc::new(Self { access, guard, cached: Mutex::default() })
    }

    /// Updates the engine's subscribers if any webhook has changed since the last call, by this process or another. Returns an error if
    /// they cannot be read.
    pub fn sync_receivers(&self, engine: &Engine) -> Result<(), StoreError> {
        // Held all along, so that an older reading never replaces a newer one.
        let mut cached = self.cached.lock();
        let stamp = self.access.store().read(|r| r.webhooks().get_stamp())?;
        if cached.stamp == Some(stamp) {
            return Ok(());
        }
        let rows = self.access.store().read(|r| r.webhooks().list())?;
        let mut before = std::mem::take(&mut cached.receivers);
        for row in rows.into_iter().filter(|row| row.webhook.enabled) {
            // An unchanged webhook keeps its connections and its plans.
            let same = before.remove(&row.id).filter(|r| r.revision() == row.revision);
            let receiver = same.unwrap_or_else(|| Arc::new(WebhookReceiver::new(&self.access, &self.guard, row)));
            cached.receivers.insert(receiver.id(), receiver);
        }
        cached.stamp = Some(stamp);
        let subscribers = cached.receivers.values().map(|r| Subscriber::External(r.clone())).collect();
        engine.set_subscribers("webhooks", subscribers);
        Ok(())
    }

    /// Sends a test event (`trigger-test`) to a webhook, whether it is enabled or not, and waits for the response. `None` if there is no
    /// such webhook. It is recorded as an attempt. Returns an error if the database does not respond.
    pub async fn send_test(&self, id: i64) -> Result<Option<SendOutcome>, StoreError> {
        let Some(row) = self.access.store().read(|r| r.webhooks().get(id))? else { return Ok(None) };
        WebhookReceiver::new(&self.access, &self.guard, row).send_test().await.map(Some)
    }
}
