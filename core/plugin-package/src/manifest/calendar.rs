//! `[[calendar]]`: dated documents of the plugin's own types in the content calendar.

use super::hook::read_filter;
use super::items::{ManifestText, read_field_name, read_section_name, read_text, read_uid};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::words;
use serde_json::{Map, Value as Json};

/// Most calendars of a plugin: each is a query of whoever looks at the content calendar.
const MAX_CALENDARS: usize = 8;

words! {
    /// Colour of the entries.
    CalendarTone {
        /// No colour.
        Neutral = "neutral",
        /// Something is going on.
        Info = "info",
        /// All is well.
        Success = "success",
        /// Something needs attention.
        Warning = "warning",
        /// Something is wrong.
        Danger = "danger",
    }
}

/// One `[[calendar]]`: a kind of entry of the content calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct ManifestCalendar {
    /// Its name, for what people have switched off.
    pub name: String,
    /// Uid of the content type: one of the plugin's own.
    pub content_type: String,
    /// The field with the day or moment at which an entry begins.
    pub start: String,
    /// The field with the day or moment at which it ends.
    pub end: Option<String>,
    /// The field that entries are called by; `None`: the type's title.
    pub title: Option<String>,
    /// Only documents that fit this REST filter object.
    pub filter: Option<Map<String, Json>>,
    /// The kind of entry as people see it; the name where there is none.
    pub label: Option<ManifestText>,
    /// The name of an icon of the admin.
    pub icon: Option<String>,
    /// Colour of the entries.
    pub tone: CalendarTone,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// Those that are too many are told of.
pub(super) fn read_calendars(all: &[TomlSection<'_>]) -> Vec<ManifestCalendar> {
    if let Some(s) = all.get(MAX_CALENDARS) {
        s.error(format!("exceeds the limit: a plugin can have at most {MAX_CALENDARS} calendars"), "");
    }
    all.iter().filter_map(read_calendar).collect()
}

fn read_calendar(s: &TomlSection<'_>) -> Option<ManifestCalendar> {
    let name = s.required("name", "name = \"events\"", read_section_name);
    let content_type = s.required("type", "type = \"plugin::bookings.event\"", read_uid);
    let start = s.required("start", "start = \"startsAt\"", read_field_name);
    let end = s.optional("end", read_field_name);
    let title = s.optional("title", read_field_name);
    let filter = s.optional("filter", read_filter);
    let label = s.optional("label", read_text);
    let icon = s.optional("icon", |i| i.text_of("the name of an icon, such as \"ticket\"", names::is_kebab));
    let tone = s.optional_or("tone", CalendarTone::Neutral, TomlItem::word);
    s.finish();
    Some(ManifestCalendar {
        name: name?,
        content_type: content_type?,
        start: start?,
        end,
        title,
        filter,
        label,
        icon,
        tone,
        at: s.at,
    })
}
