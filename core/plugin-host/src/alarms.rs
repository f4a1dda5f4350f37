//! Alarms about plugins that do too much: a loop of events that was cut off, a subscription that stays behind. Each is reported once,
//! and again only after it was over.

use crate::health::SubscriptionHealth;
use crate::jobs::qualified_name;
use crate::plugins::Plugins;
use cairn_access::SUPER_ADMIN_ROLE;
use cairn_notify::{Kind, Notification, notify};
use cairn_store::events::Event;
use cairn_store::plugins::KvPut;
use cairn_store::{StoreError, WriteTx};
use serde_json::json;
use std::sync::atomic::Ordering;

/// How long until a loop that continues is reported again, in milliseconds.
const LOOP_ALARM_MS: i64 = 86_400_000;
/// A subscription stays behind when this many events wait for it, the first of them for [`LAG_ALARM_MS`] milliseconds.
const LAG_ALARM_EVENTS: i64 = 1_000;
const LAG_ALARM_MS: i64 = 5 * 60_000;
/// How often subscriptions are checked, in milliseconds.
const LAG_CHECK_INTERVAL_MS: i64 = 30_000;
/// A subscription has caught up when at most this many events wait for it.
const LAG_CLEARED_EVENTS: i64 = 100;

/// Namespace of the plugin's raised alarms: stored beside its own entries, under a name that no plugin has.
fn alarm_namespace(plugin: &str) -> String {
    format!("{plugin}/alarms")
}

/// Raises an alarm, for `lasting` milliseconds where it ends by itself. False where it is raised already.
fn raise_alarm(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    key: &str,
    lasting: Option<i64>,
    now: i64,
) -> Result<bool, StoreError> {
    let expires_at = lasting.map(|ms| now.saturating_add(ms));
    let kv_put = KvPut { key: key.to_owned(), value: Vec::new(), expires_at, expect: Some(0) };
    Ok(tx.put_plugin_entries(&alarm_namespace(plugin), &[kv_put], now)?.is_none())
}

/// Notifies the super admins.
fn notify_super_admins(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    alarm: &str,
    subscription: &str,
    count: i64,
    now: i64,
) -> Result<(), StoreError> {
    let to =
        tx.reader().admin_users()?.into_iter().filter(|user| user.roles.iter().any(|role| role == SUPER_ADMIN_ROLE));
    let notification = Notification {
        kind: Kind::PluginAlarm,
        to: to.map(|user| user.id).collect(),
        data: json!({ "name": plugin, "alarm": alarm, "subscription": subscription, "count": count }),
        once_key: format!("plugin-alarm:{plugin}:{alarm}:{subscription}:{now}"),
        link: None,
    };
    notify(tx, &notification, now)
}

/// Reports an event that was not delivered because too many in a row led to it. Returns an error if the database fails.
pub(crate) fn raise_loop_alarm(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    subscription: &str,
    event: &Event,
    now: i64,
) -> Result<(), StoreError> {
    if !raise_alarm(tx, plugin, &format!("loop:{subscription}"), Some(LOOP_ALARM_MS), now)? {
        return Ok(());
    }
    let (name, depth) = (event.event.name.as_str(), event.depth);
    tracing::error!(plugin, subscription, event = name, depth, "event loop detected: further events were discarded");
    notify_super_admins(tx, plugin, "loop", subscription, depth, now)
}

impl Plugins {
    /// Reports subscriptions of plugins that stay behind, and clears the alarms of those that have caught up. Checks every half
    /// minute, however often it is called.
    ///
    /// # Errors
    /// Returned when the database fails; the next call reports what is still due.
    pub async fn watch_lags(&self) -> Result<(), StoreError> {
        let Some(ground) = self.host_context() else { return Ok(()) };
        let (now, store) = (ground.now(), ground.content.store());
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
                Ok(r.plugin_entries(&alarm_namespace(&lag.plugin), &[key.as_str()], now)?
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
                let said = move |tx: &mut WriteTx<'_>| match raise_alarm(tx, &lag.plugin, &key, None, now)? {
                    true => notify_super_admins(tx, &lag.plugin, "lag", &lag.name, lag.lag, now),
                    false => Ok(()),
                };
                store.write(said).await?;
            } else if raised && lag.lag < LAG_CLEARED_EVENTS {
                store
                    .write(move |tx| tx.delete_plugin_entries(&alarm_namespace(&lag.plugin), &[key.as_str()], now))
                    .await?;
            }
        }
        Ok(())
    }
}
