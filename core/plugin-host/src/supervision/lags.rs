//! Subscriptions that stay behind.

use crate::definition::plugin_definition::qualified_name;
use crate::supervision::health::SubscriptionHealth;
use crate::tenant::alarms::{alarm_namespace, notify_super_admins, raise_alarm};
use crate::tenant::plugins::Plugins;
use cairn_store::{StoreError, WriteTx};
use std::sync::atomic::Ordering;

/// A subscription stays behind when this many events wait for it, the first of them for [`LAG_ALARM_MS`] milliseconds.
const LAG_ALARM_EVENTS: i64 = 1_000;
const LAG_ALARM_MS: i64 = 5 * 60_000;
/// How often subscriptions are checked, in milliseconds.
const LAG_CHECK_INTERVAL_MS: i64 = 30_000;
/// A subscription has caught up when at most this many events wait for it.
const LAG_CLEARED_EVENTS: i64 = 100;

impl Plugins {
    /// Reports subscriptions of plugins that stay behind, and clears the alarms of those that have caught up. Checks every half
    /// minute, however often it is called.
    ///
    /// # Errors
    /// Returned when the database fails; the next call reports what is still due.
    pub async fn watch_lags(&self) -> Result<(), StoreError> {
        let Some(context) = self.host_context() else { return Ok(()) };
        let (now, store) = (context.now(), context.content.store());
        if now.saturating_sub(self.lags_checked_at.load(Ordering::Acquire)) < LAG_CHECK_INTERVAL_MS {
            return Ok(());
        }
        self.lags_checked_at.store(now, Ordering::Release);
        let lags = self.subscription_lags()?;
        let late = |lag: &SubscriptionHealth| {
            lag.lag >= LAG_ALARM_EVENTS
                && lag.behind_since.is_some_and(|since| now.saturating_sub(since) >= LAG_ALARM_MS)
        };
        let raised = store.read(|r| {
            let each = lags.iter().map(|lag| {
                let key = format!("lag:{}", lag.name);
                Ok(r.plugin_kv()
                    .get_entries(&alarm_namespace(&lag.plugin), &[key.as_str()], now)?
                    .into_iter()
                    .flatten()
                    .next()
                    .is_some())
            });
            each.collect::<Result<Vec<bool>, StoreError>>()
        })?;
        for (lag, raised) in lags.into_iter().zip(raised) {
            let key = format!("lag:{}", lag.name);
            if !raised && late(&lag) {
                tracing::error!(
                    consumer = qualified_name(&lag.plugin, &lag.name),
                    lag = lag.lag,
                    "a subscription is falling behind"
                );
                let notify_once = move |tx: &mut WriteTx<'_>| match raise_alarm(tx, &lag.plugin, &key, None, now)? {
                    true => notify_super_admins(tx, &lag.plugin, "lag", &lag.name, lag.lag, now),
                    false => Ok(()),
                };
                store.write(notify_once).await?;
            } else if raised && lag.lag < LAG_CLEARED_EVENTS {
                store
                    .write(move |tx| tx.plugin_kv().delete(&alarm_namespace(&lag.plugin), &[key.as_str()], now))
                    .await?;
            }
        }
        Ok(())
    }
}
