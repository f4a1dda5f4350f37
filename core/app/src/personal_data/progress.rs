//! How far each source of an erasure is. Pure: what it means, without the database.

use cairn_store::system::ErasureState;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Where an erasure is at one source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceState {
    /// It still has to be asked.
    Waiting,
    /// It has erased what it may.
    Done,
    /// It does not handle personal data.
    NoPart,
    /// It is a plugin that does not run.
    Off,
    /// It refused or failed.
    Failed,
}

/// How far an erasure is at one source.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceProgress {
    /// Id of the source: `plugin:crm`, `core:account`.
    pub source: String,
    /// State of the source.
    pub state: SourceState,
    /// Number of documents and rows that it has erased.
    pub erased: u64,
    /// Number of steps that it has taken.
    #[serde(default)]
    pub steps: u32,
    /// Cursor for its next step; `None` before the first and after the last.
    #[serde(default)]
    pub cursor: Option<Json>,
    /// Why it is off or failed.
    #[serde(default)]
    pub problem: Option<String>,
}

impl SourceProgress {
    pub(super) fn waiting(source: String) -> Self {
        Self { source, state: SourceState::Waiting, erased: 0, steps: 0, cursor: None, problem: None }
    }

    /// Ends it without success.
    pub(super) fn fail(&mut self, state: SourceState, problem: String) {
        (self.state, self.problem) = (state, Some(problem));
    }
}

/// The position of the source that is asked next.
pub(super) fn find_next(sources: &[SourceProgress]) -> Option<usize> {
    sources.iter().position(|source| source.state == SourceState::Waiting)
}

/// The state of an erasure with these sources.
pub(super) fn overall_state(sources: &[SourceProgress]) -> ErasureState {
    if find_next(sources).is_some() {
        return ErasureState::Running;
    }
    let is_open = |source: &SourceProgress| matches!(source.state, SourceState::Off | SourceState::Failed);
    if sources.iter().any(is_open) { ErasureState::Incomplete } else { ErasureState::Done }
}

/// The sources of an erasure that is continued: those that were off or failed go on where they were, and those that have come since are
/// asked. `current`: all sources now, in order.
pub(super) fn resume(stored: Vec<SourceProgress>, current: Vec<String>) -> Vec<SourceProgress> {
    let mut stored = stored;
    for source in &mut stored {
        if matches!(source.state, SourceState::Off | SourceState::Failed) {
            (source.state, source.problem) = (SourceState::Waiting, None);
        }
    }
    // A source that has been removed for good has no data left to erase.
    stored.retain(|source| source.state != SourceState::Waiting || current.contains(&source.source));
    let (mut new, mut known): (Vec<_>, Vec<_>) = (Vec::new(), stored);
    for source in current {
        match known.iter().position(|one| one.source == source) {
            Some(n) => new.push(known.remove(n)),
            None => new.push(SourceProgress::waiting(source)),
        }
    }
    new.extend(known);
    new
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn progress(source: &str, state: SourceState) -> SourceProgress {
        SourceProgress { state, ..SourceProgress::waiting(source.to_owned()) }
    }

    #[test]
    fn an_erasure_is_done_when_every_source_is() {
        use SourceState::{Done, Failed, NoPart, Off, Waiting};
        for (states, expected) in [
            (vec![], ErasureState::Done),
            (vec![Done, NoPart], ErasureState::Done),
            (vec![Done, Off], ErasureState::Incomplete),
            (vec![Failed, Done], ErasureState::Incomplete),
            (vec![Failed, Waiting], ErasureState::Running),
        ] {
            let sources: Vec<_> = states.iter().map(|state| progress("a", *state)).collect();
            assert_eq!(overall_state(&sources), expected, "{states:?}");
        }
    }

    #[test]
    fn continuing_asks_what_failed_and_what_is_new() {
        let mut failed = progress("plugin:b", SourceState::Waiting);
        failed.cursor = Some(json!(7));
        failed.fail(SourceState::Failed, "no".to_owned());
        let stored = vec![
            progress("plugin:a", SourceState::Done),
            failed,
            progress("plugin:gone", SourceState::Off),
            progress("core:account", SourceState::Done),
        ];
        let current = ["plugin:a", "plugin:b", "plugin:c", "core:account"].map(str::to_owned).to_vec();
        let resumed = resume(stored, current);
        let states: Vec<_> = resumed.iter().map(|one| (one.source.as_str(), one.state)).collect();
        assert_eq!(
            states,
            [
                ("plugin:a", SourceState::Done),
                ("plugin:b", SourceState::Waiting),
                ("plugin:c", SourceState::Waiting),
                ("core:account", SourceState::Done),
            ]
        );
        assert_eq!((&resumed[1].cursor, &resumed[1].problem), (&Some(json!(7)), &None));
        assert_eq!(find_next(&resumed), Some(1));
    }
}
