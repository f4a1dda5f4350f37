//! `calendars` of the file: calendars of working time by name. Each is replaced as a whole.

use super::Change;
use super::apply::Apply;
use super::parse::Parser;
use super::walk::join;
use crate::calendars::{self, Calendar, Calendars};
use cairn_store::StoreError;
use serde_json::{Map, Value as Json};
use std::sync::Arc;

/// Largest number of calendars of a tenant.
const MOST: usize = 100;

/// Changes by name; `Remove` deletes a calendar.
pub(crate) type CalendarChanges = Change<Vec<(String, Change<Calendar>)>>;

impl Parser<'_> {
    /// `calendars` of the file, or of a tenant.
    pub(super) fn calendars(&mut self, map: &Map<String, Json>) -> CalendarChanges {
        let path = "calendars";
        let json = match map.get(path) {
            None => return Change::Keep,
            Some(Json::Null) => return Change::Remove,
            Some(json) => json,
        };
        let mut found = Vec::new();
        for (name, json) in self.walk.map(json, path).into_iter().flatten() {
            if json.is_null() {
                found.push((name.clone(), Change::Remove));
                continue;
            }
            match calendars::read(name, json) {
                Ok(calendar) => found.push((name.clone(), Change::Set(calendar))),
                Err(problems) => {
                    let path = join(path, name);
                    for p in problems {
                        let dot = if p.path.is_empty() { "" } else { "." };
                        self.walk.problem(&format!("{path}{dot}{}", p.path), p.message);
                    }
                }
            }
        }
        Change::Set(found)
    }
}

impl Apply<'_, '_> {
    /// Stores the calendars that changed.
    pub(super) fn calendars(&mut self, wanted: &CalendarChanges) -> Result<(), StoreError> {
        let changes = match wanted {
            Change::Keep => return Ok(()),
            Change::Remove => None,
            Change::Set(changes) => Some(changes),
        };
        let before = calendars::stored(self.tx.reader().setting(calendars::SETTING)?.as_ref());
        let mut after = if changes.is_some() { before.clone() } else { Calendars::new() };
        for (name, change) in changes.into_iter().flatten() {
            match change {
                Change::Keep => {}
                Change::Remove => drop(after.remove(name)),
                Change::Set(calendar) => drop(after.insert(name.clone(), Arc::new(calendar.clone()))),
            }
        }
        if after.len() > MOST {
            self.problem("calendars", format!("there can be at most {MOST} calendars"));
            return Ok(());
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            self.changed(format!("calendar {name}: removed"));
        }
        for (name, calendar) in &after {
            match before.get(name) {
                None => self.changed(format!("calendar {name}: added")),
                Some(old) if old != calendar => self.changed(format!("calendar {name}: changed")),
                Some(_) => {}
            }
        }
        if after == before {
            return Ok(());
        }
        if after.is_empty() {
            return self.tx.delete_setting(calendars::SETTING);
        }
        let map: Map<String, Json> = after.iter().map(|(name, c)| (name.clone(), c.to_json())).collect();
        self.tx.set_setting(calendars::SETTING, &map.into())
    }
}
