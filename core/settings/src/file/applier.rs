//! The applier of all sections: a transaction, and the changes and problems so far.

use crate::change::SettingsProblem;
use cairn_store::WriteTx;
use cairn_store::events::Actor;

/// Applies the sections of a file, each of which adds its own methods.
pub(super) struct SettingsApplier<'a, 'tx> {
    pub(super) tx: &'a mut WriteTx<'tx>,
    pub(super) actor: &'a Actor,
    pub(super) now: &'a str,
    /// The same time, in milliseconds.
    pub(super) at: i64,
    pub(super) changes: Vec<String>,
    pub(super) problems: Vec<SettingsProblem>,
}

impl SettingsApplier<'_, '_> {
    pub(super) fn note_change(&mut self, change: impl Into<String>) {
        self.changes.push(change.into());
    }

    pub(super) fn add_problem(&mut self, path: impl Into<String>, message: impl Into<String>) {
        self.problems.push(SettingsProblem { path: path.into(), message: message.into() });
    }
}
