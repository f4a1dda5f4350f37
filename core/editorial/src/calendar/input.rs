//! Input of slots and rules.

use super::rule::{RecurrencePhrase, RecurrenceRule};
use crate::input::MAX_REMARK_CHARS;
use crate::input::{LocalTime, check_line, check_remark, given, optional_line};
use crate::service::{invalid_at, invalid_error};
use cairn_content::{ContentError, Result};
use cairn_store::editorial::{NewSlot, NewSlotRule};
use serde::Deserialize;

/// Where a slot is.
#[derive(utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SlotStatus {
    /// Nobody has it yet.
    Planned,
    /// Somebody has it, or a document fills it.
    Assigned,
    /// Its content was made.
    Done,
    /// It will not be made.
    Cancelled,
}

/// The states of a slot.
const SLOT_STATUSES: [&str; 4] = ["planned", "assigned", "done", "cancelled"];

/// Fields that slots and rules have in common. A key that is missing stays as it is, `null` takes away.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct SlotInput {
    /// Title of the content to make.
    pub title: Option<String>,
    /// Uid of a content type.
    #[serde(deserialize_with = "given")]
    pub content_type: Option<Option<String>>,
    /// Code of the locale that it is for.
    #[serde(deserialize_with = "given")]
    pub locale: Option<Option<String>>,
    /// Of the journey, free text.
    #[serde(deserialize_with = "given")]
    pub phase: Option<Option<String>>,
    /// Number of an admin user.
    #[serde(deserialize_with = "given")]
    pub owner: Option<Option<i64>>,
    /// Team that makes it, free text.
    #[serde(deserialize_with = "given")]
    pub team: Option<Option<String>>,
    /// Channel that it is made for, free text.
    #[serde(deserialize_with = "given")]
    pub channel: Option<Option<String>>,
    /// Free text, several lines.
    #[serde(deserialize_with = "given")]
    pub note: Option<Option<String>>,
    /// State of the slot.
    #[schema(value_type = Option<SlotStatus>)]
    pub status: Option<String>,
    /// The document that fills it.
    #[serde(deserialize_with = "given")]
    pub document_id: Option<Option<String>>,
    /// When: a local time in a zone.
    pub when: Option<LocalTime>,
}

/// A rule. A key that is missing stays as it is, `null` takes away.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
pub struct RuleInput {
    /// Title of the content to make.
    pub title: Option<String>,
    /// Uid of a content type.
    #[serde(deserialize_with = "given")]
    pub content_type: Option<Option<String>>,
    /// Code of the locale that its slots are for.
    #[serde(deserialize_with = "given")]
    pub locale: Option<Option<String>>,
    /// Of the journey, free text.
    #[serde(deserialize_with = "given")]
    pub phase: Option<Option<String>>,
    /// Number of an admin user.
    #[serde(deserialize_with = "given")]
    pub owner: Option<Option<i64>>,
    /// Team of its slots, free text.
    #[serde(deserialize_with = "given")]
    pub team: Option<Option<String>>,
    /// Channel of its slots, free text.
    #[serde(deserialize_with = "given")]
    pub channel: Option<Option<String>>,
    /// Free text, several lines.
    #[serde(deserialize_with = "given")]
    pub note: Option<Option<String>>,
    /// An RRULE; or `every`.
    pub rule: Option<String>,
    /// The same in words of every day.
    pub every: Option<RecurrencePhrase>,
    /// The first local time: `2026-12-01T10:00`.
    pub start: Option<String>,
    /// Time zone of `start` and `until`: `Europe/Amsterdam`.
    pub zone: Option<String>,
    /// The last local time.
    #[serde(deserialize_with = "given")]
    pub until: Option<Option<String>>,
}

/// Applies a change to an optional text.
fn optional_text(path: &str, change: &Option<Option<String>>, before: Option<String>) -> Result<Option<String>> {
    match change {
        None => Ok(before),
        Some(text) => optional_line(path, text.as_deref()),
    }
}

impl SlotInput {
    /// The slot after the change.
    pub(super) fn apply_to(&self, before: Option<&NewSlot>) -> Result<NewSlot> {
        let old = before.cloned().unwrap_or_default();
        let title = match (&self.title, before) {
            (Some(title), _) => check_line("title", title)?,
            (None, Some(_)) => old.title,
            (None, None) => return Err(invalid_at("title", "A slot must have a title")),
        };
        let (at, local, zone) = match (&self.when, before) {
            (Some(when), _) => {
                let due = when.resolve("when")?;
                (due.at, due.local, due.zone)
            }
            (None, Some(_)) => (old.at, old.local, old.zone),
            (None, None) => {
                return Err(invalid_at(
                    "when",
                    "A slot must have a time: {\"localTime\": \"2026-12-01T10:00\", \"zone\": \"Europe/Amsterdam\"}",
                ));
            }
        };
        let document_id = optional_text("documentId", &self.document_id, old.document_id.clone())?;
        let status = match &self.status {
            Some(status) if SLOT_STATUSES.contains(&status.as_str()) => status.clone(),
            Some(_) => return Err(invalid_at("status", format!("status must be one of {}", SLOT_STATUSES.join(", ")))),
            // A slot with a document is no longer just planned.
            None if document_id.is_some() && (old.status.is_empty() || old.status == "planned") => {
                "assigned".to_owned()
            }
            None if old.status.is_empty() => "planned".to_owned(),
            None => old.status,
        };
        let content_type = optional_text("contentType", &self.content_type, old.content_type)?;
        if document_id.is_some() && content_type.is_none() {
            return Err(invalid_at("contentType", "Specify the content type of the document"));
        }
        Ok(NewSlot {
            of: old.of,
            title,
            content_type,
            locale: optional_text("locale", &self.locale, old.locale)?,
            phase: optional_text("phase", &self.phase, old.phase)?,
            owner: self.owner.unwrap_or(old.owner),
            team: optional_text("team", &self.team, old.team)?,
            channel: optional_text("channel", &self.channel, old.channel)?,
            note: match &self.note {
                None => old.note,
                Some(note) => check_remark("note", note.as_deref(), MAX_REMARK_CHARS)?,
            },
            status,
            document_id,
            at,
            local,
            zone,
        })
    }
}

impl RuleInput {
    /// The rule after the change.
    pub(super) fn apply_to(&self, before: Option<&NewSlotRule>) -> Result<NewSlotRule> {
        let old = before.cloned().unwrap_or_default();
        let needed = |change: &Option<String>, old: String, key: &str, example: &str| match (change, before) {
            (Some(input), _) => Ok(input.clone()),
            (None, Some(_)) => Ok(old),
            (None, None) => Err(invalid_at(key, format!("{key} is required, for example {example}"))),
        };
        let rule = match (&self.rule, &self.every) {
            (Some(_), Some(_)) => return Err(invalid_error("Use either rule or every, not both")),
            (None, Some(every)) => Some(every.to_rule().map_err(rule_error)?),
            (rule, None) => rule.clone(),
        };
        let rule = NewSlotRule {
            title: match (&self.title, before) {
                (Some(title), _) => check_line("title", title)?,
                (None, Some(_)) => old.title,
                (None, None) => return Err(invalid_at("title", "A rule must have a title")),
            },
            content_type: optional_text("contentType", &self.content_type, old.content_type)?,
            locale: optional_text("locale", &self.locale, old.locale)?,
            phase: optional_text("phase", &self.phase, old.phase)?,
            owner: self.owner.unwrap_or(old.owner),
            team: optional_text("team", &self.team, old.team)?,
            channel: optional_text("channel", &self.channel, old.channel)?,
            note: match &self.note {
                None => old.note,
                Some(note) => check_remark("note", note.as_deref(), MAX_REMARK_CHARS)?,
            },
            rule: needed(&rule, old.rule, "rule", "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU")?,
            start: needed(&self.start, old.start, "start", "2026-12-01T10:00")?,
            zone: needed(&self.zone, old.zone, "zone", "Europe/Amsterdam")?,
            until: match &self.until {
                None => old.until,
                Some(until) => until.clone(),
            },
        };
        parse_stored_rule(&rule)?;
        Ok(rule)
    }
}

/// Parses a stored rule.
pub(super) fn parse_stored_rule(r: &NewSlotRule) -> Result<RecurrenceRule> {
    RecurrenceRule::parse(&r.rule, &r.start, &r.zone, r.until.as_deref()).map_err(rule_error)
}

fn rule_error((key, problem): (&'static str, String)) -> ContentError {
    invalid_at(key, problem)
}
