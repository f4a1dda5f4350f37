//! `[[calendar]]` of the running plugins: which of their documents the content calendar shows. The host calls no plugin for it.

use crate::runtime::generation::Generation;
use crate::tenant::plugins::Plugins;
use cairn_plugin_package::manifest::{CalendarTone, ManifestCalendar};
use serde_json::{Map, Value as Json};

/// A kind of entry that a running plugin adds to the content calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct ActiveCalendar {
    /// Id of the plugin.
    pub plugin: String,
    /// Name of the plugin, in the requested language.
    pub plugin_name: String,
    /// Name in the manifest.
    pub name: String,
    /// The kind of entry for people, in the requested language.
    pub label: String,
    /// Name of one of the admin's icons.
    pub icon: Option<String>,
    /// Colour of the entries.
    pub tone: CalendarTone,
    /// Uid of the content type.
    pub content_type: String,
    /// Field with the beginning.
    pub start: String,
    /// Field with the end.
    pub end: Option<String>,
    /// Field that entries are called by; `None`: the title of the type.
    pub title: Option<String>,
    /// Only documents that match this REST filter object.
    pub filter: Option<Map<String, Json>>,
}

impl Plugins {
    /// The calendars of all running plugins, with texts for `locale`; by plugin, then in the order of the manifest.
    pub fn list_calendars(&self, locale: &str) -> Vec<ActiveCalendar> {
        let running = self.running();
        let mut calendars: Vec<ActiveCalendar> = Vec::new();
        for generation in &running.generations {
            let calendars_of = generation.manifest.calendars.iter();
            calendars.extend(calendars_of.map(|calendar| to_active_calendar(generation, calendar, locale)));
        }
        calendars.sort_by(|a, b| a.plugin.cmp(&b.plugin));
        calendars
    }
}

fn to_active_calendar(generation: &Generation, calendar: &ManifestCalendar, locale: &str) -> ActiveCalendar {
    let ManifestCalendar { name, content_type, start, end, title, filter, label, icon, tone, at: _ } = calendar.clone();
    let resolve_text = |text: &str| generation.translations.resolve_text(text, locale).to_owned();
    ActiveCalendar {
        plugin: generation.id().to_owned(),
        plugin_name: resolve_text(&generation.manifest.plugin.name.value),
        label: label.map_or_else(|| name.clone(), |label| resolve_text(&label.value)),
        name,
        icon,
        tone,
        content_type,
        start,
        end,
        title,
        filter,
    }
}
