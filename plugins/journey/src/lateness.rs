//! Fate of slots that were due while the server was off: their row says whether the customer hears of the last one, of each, or of none.
//! It knows no host.

use crate::model::{LatePolicy, Lateness};

/// A slot is late if it comes so much later than planned, in milliseconds.
const LATE_MILLIS: i64 = 86_400_000;

/// Facts that decide about a slot which is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LateFacts {
    /// By how much it comes later than planned, in milliseconds.
    pub(crate) late_by: i64,
    /// A later one of its row is due as well, and is heard of instead.
    pub(crate) has_next: bool,
    /// The journey only passes through the phase, whose window is over already.
    pub(crate) is_passing: bool,
}

/// Decision of a row about a slot; `None` where the customer hears of it as of any other.
pub(crate) fn judge_lateness(policy: LatePolicy, facts: LateFacts) -> Option<Lateness> {
    if facts.late_by <= LATE_MILLIS && !facts.is_passing {
        return None;
    }
    match policy {
        LatePolicy::Drop => Some(Lateness::Dropped),
        LatePolicy::Mark => Some(Lateness::Marked),
        LatePolicy::Collapse => (facts.has_next || facts.is_passing).then_some(Lateness::Collapsed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_decide_what_becomes_of_what_is_late() {
        let facts = |days, has_next, is_passing| LateFacts { late_by: days * LATE_MILLIS, has_next, is_passing };
        for policy in [LatePolicy::Collapse, LatePolicy::Mark, LatePolicy::Drop] {
            assert_eq!(judge_lateness(policy, facts(0, false, false)), None);
            assert_eq!(judge_lateness(policy, facts(1, true, false)), None);
        }
        // Six weekly ones: five are collapsed, and the last one is told of.
        assert_eq!(judge_lateness(LatePolicy::Collapse, facts(35, true, false)), Some(Lateness::Collapsed));
        assert_eq!(judge_lateness(LatePolicy::Collapse, facts(2, false, false)), None);
        assert_eq!(judge_lateness(LatePolicy::Collapse, facts(0, false, true)), Some(Lateness::Collapsed));
        assert_eq!(judge_lateness(LatePolicy::Mark, facts(2, true, false)), Some(Lateness::Marked));
        assert_eq!(judge_lateness(LatePolicy::Drop, facts(2, false, false)), Some(Lateness::Dropped));
    }
}
