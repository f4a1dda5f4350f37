//! `policies`: forgetting answers, with the commit of what changed them.

use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::policies::Host;
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_plugin_package::Capability;
use cairn_store::plugins::KvPut;
use cairn_store::{StoreError, WriteTx};

/// Most keys of one call.
const MAX_KEYS: usize = 1_000;
/// Longest key, in bytes.
const MAX_KEY_BYTES: usize = 512;

/// How long invalidations are retained, in milliseconds: longer than any answer is cached.
const INVALIDATION_RETENTION_MS: i64 = 25 * 3_600_000;
/// Key of the last number. Numbers sort before it.
pub(crate) const EPOCH_KEY: &str = "epoch";

impl Host for CallState {
    async fn invalidate(&mut self, keys: Vec<String>) -> HostResult<()> {
        self.granted_call(Capability::Policies)?;
        if keys.len() > MAX_KEYS {
            return Err(invalid_field(
                "keys",
                "too-many",
                format!("{} keys in one call; the limit is {MAX_KEYS}", keys.len()),
            )
            .into());
        }
        if let Some(i) = keys.iter().position(|key| key.is_empty() || key.len() > MAX_KEY_BYTES) {
            return Err(invalid_field(
                &format!("keys[{i}]"),
                "key",
                format!("a key must have 1 to {MAX_KEY_BYTES} bytes"),
            )
            .into());
        }
        if keys.is_empty() {
            return Ok(());
        }
        to_guest_charge(self.budget.charge_writes(1))?;
        let (plugin, now) = (self.definition.id().to_owned(), CallState::now(self));
        Ok(self
            .with_transaction(move |tx| {
                invalidate_answers(tx, &plugin, &keys, now).map_err(|e| from_content_error(e.into()))
            })
            .await?)
    }
}

/// Namespace of the invalidations: stored beside a plugin's own entries, under a name that no plugin has.
pub(crate) fn invalidation_namespace(plugin: &str) -> String {
    format!("{plugin}/policies")
}

/// Formats numbers so that they sort as texts.
pub(crate) fn format_number(n: i64) -> String {
    format!("{n:020}")
}

/// Invalidates answers that depend on one of these keys on all nodes, with the commit of this transaction.
pub(crate) fn invalidate_answers(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    keys: &[String],
    now: i64,
) -> Result<(), StoreError> {
    tx.touch_policies();
    let place = invalidation_namespace(plugin);
    // The row is held until the commit, so that numbers become visible in their order.
    let number = tx.plugin_kv().increment(&place, EPOCH_KEY, 1, None, now)?;
    let number = number
        .ok_or_else(|| StoreError::Corrupt { place: place.clone(), message: "it does not contain a number".into() })?;
    let value = serde_json::to_vec(keys).unwrap_or_default();
    let kv_put = KvPut {
        key: format_number(number),
        value,
        expires_at: Some(now.saturating_add(INVALIDATION_RETENTION_MS)),
        expect: None,
    };
    tx.plugin_kv().put(&place, &[kv_put], now).map(drop)
}
