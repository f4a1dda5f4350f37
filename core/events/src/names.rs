//! The names under which receivers of webhooks know events.

/// The events that a webhook receives if it names none.
pub const DEFAULT_EVENTS: &[&str] = EVENT_NAMES.split_at(9).0;

/// A batch, reported as one event. A webhook that names it does not receive the single events of a batch.
pub const BATCH_EVENT: &str = "entry.batch";

/// The events that a webhook can name. Those behind the first nine are sent only to webhooks that name them.
pub const EVENT_NAMES: &[&str] = &[
    "entry.create",
    "entry.update",
    "entry.delete",
    "entry.publish",
    "entry.unpublish",
    "entry.draft-discard",
    "media.create",
    "media.update",
    "media.delete",
    BATCH_EVENT,
    "asset.rights-expiring",
    "asset.rights-expired",
    "asset.rights-restored",
    "asset.purge",
    "consent.withdrawn",
];

/// First parts of the names of the core's events; no plugin has such an id.
pub const CORE_PREFIXES: [&str; 5] = ["asset", "cairn", "consent", "entry", "media"];
/// Longest name of an event, in bytes.
pub const MAX_EVENT_NAME_BYTES: usize = 100;

/// True if a name can be that of an event of a plugin (`crm.deal.won`): its id and further words. They are sent only to webhooks that name
/// them.
pub fn is_plugin_event(name: &str) -> bool {
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let is_of_plugin = |plugin: &str| !CORE_PREFIXES.contains(&plugin);
    name.len() <= MAX_EVENT_NAME_BYTES
        && name.split_once('.').is_some_and(|(plugin, _)| is_of_plugin(plugin))
        && name.split('.').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_plugins_are_told_from_those_of_the_core() {
        for name in ["crm.deal.won", "journey.phase", "a1.b-2.c"] {
            assert!(is_plugin_event(name), "{name}");
        }
        let more = [
            "cairn.document.created",
            "entry.publsh",
            "asset.gone",
            "crm",
            "",
            ".",
            "crm.",
            "crm..won",
            "Crm.won",
            "crm.won ",
            "crm.*",
        ];
        for name in EVENT_NAMES.iter().chain(&more) {
            assert!(!is_plugin_event(name), "{name}");
        }
        assert!(!is_plugin_event(&format!("crm.{}", "a".repeat(100))));
    }
}
