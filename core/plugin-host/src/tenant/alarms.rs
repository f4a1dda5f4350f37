//! Alarms about plugins that do too much: a loop of events that was cut off, a subscription that stays behind. Each is reported once,
//! and again only after it was over.

use cairn_access::SUPER_ADMIN_ROLE;
use cairn_notify::{Kind, Notification, notify};
use cairn_store::events::Event;
use cairn_store::plugins::KvPut;
use cairn_store::{StoreError, WriteTx};
use serde_json::json;

/// How long until a loop that continues is reported again, in milliseconds.
const LOOP_ALARM_MS: i64 = 86_400_000;

/// Namespace of the plugin's raised alarms: stored beside its own entries, under a name that no plugin has.
pub(crate) fn alarm_namespace(plugin: &str) -> String {
    format!("{plugin}/alarms")
}

/// Raises an alarm, for `lasting` milliseconds where it ends by itself. False where it is raised already.
pub(crate) fn raise_alarm(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    key: &str,
    lasting: Option<i64>,
    now: i64,
) -> Result<bool, StoreError> {
    let expires_at = lasting.map(|ms| now.saturating_add(ms));
    let kv_put = KvPut { key: key.to_owned(), value: Vec::new(), expires_at, expect: Some(0) };
    Ok(tx.plugin_kv().put(&alarm_namespace(plugin), &[kv_put], now)?.is_none())
}

/// Notifies the super admins.
pub(crate) fn notify_super_admins(
    tx: &mut WriteTx<'_>,
    plugin: &str,
    alarm: &str,
    subscription: &str,
    count: i64,
    now: i64,
) -> Result<(), StoreError> {
    let to = tx
        .reader()
        .admin_users()
        .list()?
        .into_iter()
        .filter(|user| user.roles.iter().any(|role| role == SUPER_ADMIN_ROLE));
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
