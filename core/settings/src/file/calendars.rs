//! `calendars` of the file: calendars of working time by name. Each is replaced as a whole.

use super::applier::SettingsApplier;
use super::parser::SettingsParser;
use crate::calendars::{self, Calendar, Calendars};
use crate::change::SettingChange;
use crate::input::read_each_entry;
use cairn_access::CachedSetting;
use cairn_access::auth::new_event;
use cairn_store::StoreError;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

/// Largest number of calendars of a tenant.
const MAX_CALENDARS: usize = 100;

/// Event about each calendar that was added, changed or removed.
const CALENDAR_CHANGED: &str = "cairn.settings.calendar-changed";

/// Changes by name; `Remove` deletes a calendar.
pub(crate) type CalendarChanges = SettingChange<Vec<(String, SettingChange<Calendar>)>>;

impl SettingsParser<'_> {
    /// `calendars` of the file, or of a tenant.
    pub(super) fn parse_calendars(&mut self, json: &Json) -> Vec<(String, SettingChange<Calendar>)> {
        let mut found = Vec::new();
        read_each_entry(self.problems, json, "calendars", |problems, name, json, path| {
            if json.is_null() {
                found.push((name.to_owned(), SettingChange::Remove));
                return;
            }
            match calendars::read_calendar(name, json) {
                Ok(calendar) => found.push((name.to_owned(), SettingChange::Set(calendar))),
                Err(below) => problems.add_problems_below(path, below),
            }
        });
        found
    }
}

impl SettingsApplier<'_, '_> {
    /// Stores the calendars that changed.
    pub(super) fn apply_calendars(&mut self, setting_change: &CalendarChanges) -> Result<(), StoreError> {
        let changes = match setting_change {
            SettingChange::Keep => return Ok(()),
            SettingChange::Remove => None,
            SettingChange::Set(changes) => Some(changes),
        };
        let before =
            calendars::load_calendars(self.tx.reader().settings().get(CachedSetting::Calendars.key())?.as_ref());
        let mut after = if changes.is_some() { before.clone() } else { Calendars::new() };
        for (name, change) in changes.into_iter().flatten() {
            match change {
                SettingChange::Keep => {}
                SettingChange::Remove => drop(after.remove(name)),
                SettingChange::Set(calendar) => drop(after.insert(name.clone(), Arc::new(calendar.clone()))),
            }
        }
        if after.len() > MAX_CALENDARS {
            self.add_problem("calendars", format!("there can be at most {MAX_CALENDARS} calendars"));
            return Ok(());
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            self.note_calendar_change(name, "removed")?;
        }
        for (name, calendar) in &after {
            match before.get(name) {
                None => self.note_calendar_change(name, "added")?,
                Some(old) if old != calendar => self.note_calendar_change(name, "changed")?,
                Some(_) => {}
            }
        }
        if after == before {
            return Ok(());
        }
        if after.is_empty() {
            return self.tx.settings().delete(CachedSetting::Calendars.key());
        }
        let map: Map<String, Json> = after.iter().map(|(name, c)| (name.clone(), c.to_json())).collect();
        self.tx.settings().set(CachedSetting::Calendars.key(), &map.into())
    }

    /// Reports the change of a calendar, to plugins as well: what they computed by it may be different now.
    fn note_calendar_change(&mut self, name: &str, change: &str) -> Result<(), StoreError> {
        self.note_change(format!("calendar {name}: {change}"));
        let data = json!({ "name": name, "removed": change == "removed" });
        let event = new_event(CALENDAR_CHANGED, &format!("calendar {name}"), data);
        self.tx.events().emit(self.actor, &event, self.at)
    }
}
