//! `[[subscription]]`: reactions after the commit.

use super::hook::{HookAction, read_document_target};
use super::items::{choice_reference, read_section_name};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::words;
use std::fmt;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// Subject of a subscription.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SubscriptionTarget {
    /// `plugin::crm.deal:*`: documents of a content type.
    Documents {
        /// Uid of the content type, or a reference to a choice.
        uid: String,
        /// `None` for every action.
        action: Option<HookAction>,
    },
    /// `esign.envelope.completed@1`: an event by its name.
    Event(EventName),
}

/// The name of an event, or of all that begin with it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventName {
    /// Without `.*` and version.
    pub name: String,
    /// It ended in `.*`.
    pub any_below: bool,
    /// The version of its data the plugin understands; `None` for any.
    pub version: Option<u32>,
}

impl EventName {
    /// True if this event is meant.
    pub fn matches_event(&self, name: &str, version: u32) -> bool {
        let name_matches = if self.any_below {
            name.strip_prefix(self.name.as_str()).is_some_and(|rest| rest.starts_with('.'))
        } else {
            name == self.name
        };
        name_matches && self.version.is_none_or(|v| v == version)
    }

    /// The plugin that publishes it, or `cairn`.
    pub fn publisher(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name, if self.any_below { ".*" } else { "" })?;
        self.version.map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

words! {
    /// Key by which events wait for each other.
    OrderKey {
        /// Those of one key (a document's id, mostly) come in the order written.
        Document = "document",
        /// None: they come as fast as they can.
        None = "none",
    }
}

words! {
    /// Treatment of the later events of a key when one could not be handled.
    DeadLetters {
        /// They wait, until an operator decides.
        HoldKey = "hold-key",
        /// They are delivered without it.
        Skip = "skip",
    }
}

/// Longer and longer pauses, up to a number of attempts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ManifestRetry {
    /// The pause after the first failure.
    pub first: Duration,
    /// By how much each further one is longer.
    pub factor: f64,
    /// The longest pause between two attempts.
    pub max: Duration,
    /// After so many attempts it is given up.
    pub attempts: u32,
}

/// One `[[subscription]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Its name, handed to the plugin.
    pub name: String,
    /// Subjects of the subscription, and where each is in the manifest.
    pub to: Vec<(SubscriptionTarget, SourceLocation)>,
    /// Key by which events wait for each other.
    pub key: OrderKey,
    /// Most events of one call.
    pub batch: u32,
    /// When a call fails.
    pub retry: ManifestRetry,
    /// When it failed for good.
    pub dead: DeadLetters,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// About five hours.
const EVENT_RETRY: ManifestRetry =
    ManifestRetry { first: Duration::from_secs(2), factor: 2.0, max: Duration::from_secs(3_600), attempts: 14 };

pub(super) fn read_subscription(s: &TomlSection<'_>) -> Option<Subscription> {
    let name = s.required("name", "name = \"deals\"", read_section_name);
    let to = s.filled_list("to", "to = [\"plugin::crm.deal:*\"]", |i| Some((read_target(i)?, i.at)));
    let key = s.optional_or("key", OrderKey::Document, TomlItem::word);
    let batch = s.optional_or("batch", 50, |i| i.integer(1..=500));
    let retry = read_retry(s, EVENT_RETRY);
    let dead = s.optional_or("dead", DeadLetters::HoldKey, TomlItem::word);
    s.finish();
    Some(Subscription { name: name?, to: to?, key, batch, retry, dead, at: s.at })
}

/// The section's `retry`, filled up from `default`.
pub(super) fn read_retry(s: &TomlSection<'_>, default: ManifestRetry) -> ManifestRetry {
    s.section("retry").map_or(default, |s| {
        let first = s.optional_or("first", default.first, |i| i.duration(Duration::from_millis(100)..=DAY));
        let factor = s.optional_or("factor", default.factor, |i| i.number(1.0..=10.0));
        let max = s.optional_or("max", default.max.max(first), |i| i.duration(first..=7 * DAY));
        let attempts = s.optional_or("attempts", default.attempts, |i| i.integer(1..=50));
        s.finish();
        ManifestRetry { first, factor, max, attempts }
    })
}

fn read_target(item: &TomlItem<'_>) -> Option<SubscriptionTarget> {
    let text = item.text()?;
    if text.contains("::") || choice_reference(&text).is_some() {
        let (uid, action) = read_document_target(item)?;
        return Some(SubscriptionTarget::Documents { uid, action });
    }
    item.parse_text(parse_event_name).map(SubscriptionTarget::Event)
}

fn parse_event_name(text: &str) -> Result<EventName, String> {
    const FORM: &str = "is not the name of an event; write it as \"crm.lead.qualified\", \"crm.lead.qualified@1\" or \"crm.lead.*\", \
                        or as a content type with an action, such as \"plugin::crm.deal:*\"";
    let (name, version) = match text.split_once('@') {
        None => (text, None),
        Some((name, version)) => match version.parse::<u32>() {
            Ok(version) if version > 0 => (name, Some(version)),
            _ => return Err("has a version that is not a whole number of at least 1".into()),
        },
    };
    let (name, any_below) = match name.strip_suffix(".*") {
        Some(name) => (name, true),
        None => (name, false),
    };
    let fits = if any_below { names::is_dotted(name) } else { names::is_event(name) };
    match fits {
        true => Ok(EventName { name: name.to_owned(), any_below, version }),
        false => Err(FORM.into()),
    }
}
