//! `glossary` of the file: terms by key. Each is replaced as a whole.

use super::applier::SettingsApplier;
use super::parser::SettingsParser;
use crate::change::SettingChange;
use crate::glossary::{self, Glossary, GlossaryTerm};
use crate::input::read_each_entry;
use cairn_store::StoreError;
use serde_json::Value as Json;

/// Largest number of terms of a tenant: the editor looks for each of them in each text.
const MAX_TERMS: usize = 2_000;
/// Largest number of terms that are reported one by one. Changes of more are reported by their number.
const MAX_REPORTED_TERMS: usize = 20;

/// Changes by key; `Remove` deletes a term.
pub(crate) type TermChanges = SettingChange<Vec<(String, SettingChange<GlossaryTerm>)>>;

impl SettingsParser<'_> {
    /// `glossary` of the file, or of a tenant.
    pub(super) fn parse_glossary(&mut self, json: &Json) -> Vec<(String, SettingChange<GlossaryTerm>)> {
        let mut found = Vec::new();
        read_each_entry(self.problems, json, "glossary", |problems, key, json, path| {
            if json.is_null() {
                found.push((key.to_owned(), SettingChange::Remove));
                return;
            }
            match glossary::read_term(key, json) {
                Ok(term) => found.push((key.to_owned(), SettingChange::Set(term))),
                Err(below) => problems.add_problems_below(path, below),
            }
        });
        found
    }
}

impl SettingsApplier<'_, '_> {
    /// Stores the terms that changed.
    pub(super) fn apply_glossary(&mut self, setting_change: &TermChanges) -> Result<(), StoreError> {
        let changes = match setting_change {
            SettingChange::Keep => return Ok(()),
            SettingChange::Remove => None,
            SettingChange::Set(changes) => Some(changes),
        };
        let before = glossary::load_glossary(&self.tx.reader())?;
        let mut after = if changes.is_some() { before.clone() } else { Glossary::new() };
        for (key, change) in changes.into_iter().flatten() {
            match change {
                SettingChange::Keep => {}
                SettingChange::Remove => drop(after.remove(key)),
                SettingChange::Set(term) => drop(after.insert(key.clone(), term.clone())),
            }
        }
        if after.len() > MAX_TERMS {
            self.add_problem("glossary", format!("there can be at most {MAX_TERMS} terms"));
            return Ok(());
        }
        if after == before {
            return Ok(());
        }
        self.note_term_changes(&before, &after);
        glossary::store_glossary(self.tx, &after)
    }

    fn note_term_changes(&mut self, before: &Glossary, after: &Glossary) {
        let removed = before.keys().filter(|key| !after.contains_key(*key)).map(|key| (key, "removed"));
        let set = after.iter().filter_map(|(key, term)| match before.get(key) {
            None => Some((key, "added")),
            Some(old) if old != term => Some((key, "changed")),
            Some(_) => None,
        });
        let all: Vec<(&String, &str)> = removed.chain(set).collect();
        if all.len() <= MAX_REPORTED_TERMS {
            for (key, change) in all {
                self.note_change(format!("glossary term {key}: {change}"));
            }
            return;
        }
        let count = |change: &str| all.iter().filter(|(_, own)| *own == change).count();
        let (added, changed, removed) = (count("added"), count("changed"), count("removed"));
        self.note_change(format!("glossary: {added} terms added, {changed} changed, {removed} removed"));
    }
}
