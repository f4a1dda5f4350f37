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
