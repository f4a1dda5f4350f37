//! The rules of moving a deal: which stages it may enter, what has to be filled in, and how its status follows. It knows no host;
//! [`crate::deals`] tells it what is there.

use serde::{Deserialize, Serialize};

/// The fields of a deal that a stage can require.
pub(crate) const REQUIRABLE: [&str; 8] =
    ["amount", "closeDate", "contact", "eventDate", "eventVenue", "guests", "owner", "packageWish"];

/// Purpose of a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum StageKind {
    /// The deal is being worked on.
    #[default]
    Open,
    /// The deal is won by entering it.
    Won,
    /// The deal is lost by entering it.
    Lost,
    /// After the deal was won.
    Post,
}

impl StageKind {
    /// How a deal stands that is in a stage of this kind, unless somebody said that it is lost.
    pub(crate) const fn deal_status(self) -> DealStatus {
        match self {
            Self::Open => DealStatus::Open,
            Self::Won | Self::Post => DealStatus::Won,
            Self::Lost => DealStatus::Lost,
        }
    }
}

/// How a deal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum DealStatus {
    /// Neither won nor lost.
    #[default]
    Open,
    /// It reached a stage that counts as won.
    Won,
    /// It came to nothing.
    Lost,
}

/// Requirement for a deal to enter a stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum EntryRule {
    /// A quote that the customer accepted.
    AcceptedQuote,
    /// The deposit of such a quote.
    PaidDeposit,
}

impl EntryRule {
    /// Key of the text for a deal that does not meet it.
    const fn code(self) -> &'static str {
        match self {
            Self::AcceptedQuote => "acceptedQuote",
            Self::PaidDeposit => "paidDeposit",
        }
    }
}

/// A stage, as far as the rules look at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StageFacts<'a> {
    pub(crate) id: &'a str,
    pub(crate) pipeline: &'a str,
    pub(crate) order: i64,
    pub(crate) kind: StageKind,
    pub(crate) required: &'a [String],
    pub(crate) entry_rule: Option<EntryRule>,
}

/// A change of a deal, as far as the rules look at it.
pub(crate) struct Move<'a> {
    /// The stage it was in; none for a new deal.
    pub(crate) from: Option<StageFacts<'a>>,
    pub(crate) to: StageFacts<'a>,
    pub(crate) pipeline: &'a str,
    /// The status it had; none for a new deal.
    pub(crate) had: Option<DealStatus>,
    /// The status that was sent.
    pub(crate) wanted: DealStatus,
    pub(crate) lost_reason: &'a str,
    pub(crate) move_reason: &'a str,
    /// True if a field of the deal is filled in.
    pub(crate) is_filled: &'a dyn Fn(&str) -> bool,
    /// True if the rule of the stage that it enters is met, or somebody decided that it need not be.
    pub(crate) meets_rule: bool,
    /// True if it has a contract that is not signed yet, and nobody decided that it need not be.
    pub(crate) is_contract_open: bool,
}

/// Rule that a change breaks: a field, and a key of the texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuleBreak {
    pub(crate) field: String,
    pub(crate) code: &'static str,
}

/// Outcome of a change for a deal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MoveOutcome {
    pub(crate) status: DealStatus,
    /// True if it entered another stage, or is new.
    pub(crate) entered: bool,
}

/// Decides about a change of a deal, or lists everything that is wrong with it.
pub(crate) fn decide_move(change: &Move<'_>) -> Result<MoveOutcome, Vec<RuleBreak>> {
    let mut breaks = Vec::new();
    let mut refuse = |field: &str, code| breaks.push(RuleBreak { field: field.to_owned(), code });
    let entered = change.from.is_none_or(|from| from.id != change.to.id);
    if change.to.pipeline != change.pipeline {
        refuse("stage", "otherPipeline");
    } else if entered {
        for field in change.to.required.iter().filter(|field| !(change.is_filled)(field)) {
            refuse(field, "required");
        }
        // Stages of different pipelines have no common order: a move between them counts as backward.
        let backward =
            change.from.is_some_and(|from| from.pipeline != change.to.pipeline || from.order > change.to.order);
        if backward && change.move_reason.trim().is_empty() {
            refuse("moveReason", "moveReason");
        }
        if let Some(rule) = change.to.entry_rule.filter(|_| !change.meets_rule) {
            refuse("stage", rule.code());
        }
    }
    let by_stage = change.to.kind.deal_status();
    if entered && by_stage == DealStatus::Won && change.had != Some(DealStatus::Won) && change.is_contract_open {
        refuse("stage", "signedContract");
    }
    // Lost is said of a deal in any open stage; to enter a stage that wins says more than what was said before.
    let lost = change.wanted == DealStatus::Lost && by_stage != DealStatus::Won;
    let status = if lost { DealStatus::Lost } else { by_stage };
    let asked = change.had != Some(change.wanted) && !(change.had.is_none() && change.wanted == DealStatus::Open);
    if asked && change.wanted != status {
        refuse("status", "statusByStage");
    }
    if status == DealStatus::Lost && change.lost_reason.trim().is_empty() {
        refuse("lostReason", "lostReason");
    }
    if breaks.is_empty() { Ok(MoveOutcome { status, entered }) } else { Err(breaks) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAGES: [(&str, StageKind); 6] = [
        ("new", StageKind::Open),
        ("qualified", StageKind::Open),
        ("offer", StageKind::Open),
        ("deposit", StageKind::Open),
        ("ready", StageKind::Won),
        ("review", StageKind::Post),
    ];

    fn stage(n: usize, required: &[String]) -> StageFacts<'_> {
        StageFacts { id: STAGES[n].0, pipeline: "p", order: n as i64, kind: STAGES[n].1, required, entry_rule: None }
    }

    fn change<'a>(from: Option<usize>, to: usize) -> Move<'a> {
        Move {
            from: from.map(|n| stage(n, &[])),
            to: stage(to, &[]),
            pipeline: "p",
            had: from.map(|n| if n > 3 { DealStatus::Won } else { DealStatus::Open }),
            wanted: from.map_or(DealStatus::Open, |n| if n > 3 { DealStatus::Won } else { DealStatus::Open }),
            lost_reason: "",
            move_reason: "",
            is_filled: &|_| false,
            meets_rule: false,
            is_contract_open: false,
        }
    }

    fn codes(change: &Move<'_>) -> Vec<(String, &'static str)> {
        decide_move(change).err().unwrap_or_default().into_iter().map(|b| (b.field, b.code)).collect()
    }

    #[test]
    fn forward_is_always_open_and_back_needs_a_reason() {
        for from in 0..6 {
            for to in 0..6 {
                let plain = change(Some(from), to);
                let with_reason = Move { move_reason: "made a mistake", ..change(Some(from), to) };
                let settled = decide_move(&with_reason).unwrap();
                assert_eq!(settled.entered, from != to);
                assert_eq!(settled.status, if to > 3 { DealStatus::Won } else { DealStatus::Open }, "{from} to {to}");
                assert_eq!(decide_move(&plain).is_err(), to < from, "{from} to {to}");
                if to < from {
                    assert_eq!(codes(&plain), [("moveReason".to_owned(), "moveReason")]);
                }
            }
        }
        assert!(decide_move(&Move { move_reason: "  ", ..change(Some(2), 1) }).is_err());
    }

    #[test]
    fn required_fields_are_all_named_when_the_stage_is_entered() {
        let required = ["amount".to_owned(), "eventDate".to_owned(), "contact".to_owned()];
        let only_contact = |field: &str| field == "contact";
        let entering = Move { to: stage(2, &required), is_filled: &only_contact, ..change(Some(1), 2) };
        assert_eq!(codes(&entering), [("amount".to_owned(), "required"), ("eventDate".to_owned(), "required")]);
        let created = Move { from: None, had: None, ..entering };
        assert_eq!(codes(&created).len(), 2);
        let staying = Move { from: Some(stage(2, &required)), ..created };
        assert_eq!(codes(&staying), []);
    }

    #[test]
    fn rules_of_a_stage_hold_when_it_is_entered() {
        let paid = |n| StageFacts { entry_rule: Some(EntryRule::PaidDeposit), ..stage(n, &[]) };
        let entering = Move { to: paid(4), ..change(Some(3), 4) };
        assert_eq!(codes(&entering), [("stage".to_owned(), "paidDeposit")]);
        assert!(decide_move(&Move { meets_rule: true, ..entering }).is_ok());
        let created = Move { to: paid(4), ..change(None, 4) };
        assert_eq!(codes(&created), [("stage".to_owned(), "paidDeposit")]);
        assert!(decide_move(&Move { from: Some(paid(4)), to: paid(4), ..change(Some(4), 4) }).is_ok());
        let accepted = StageFacts { entry_rule: Some(EntryRule::AcceptedQuote), ..stage(3, &[]) };
        assert_eq!(codes(&Move { to: accepted, ..change(Some(1), 3) }), [("stage".to_owned(), "acceptedQuote")]);
    }

    #[test]
    fn a_deal_with_an_open_contract_is_not_won() {
        let entering = Move { is_contract_open: true, ..change(Some(3), 4) };
        assert_eq!(codes(&entering), [("stage".to_owned(), "signedContract")]);
        let paid = StageFacts { entry_rule: Some(EntryRule::PaidDeposit), ..stage(4, &[]) };
        let both = Move { to: paid, is_contract_open: true, ..change(Some(3), 4) };
        assert_eq!(codes(&both).len(), 2, "each rule is named");
        for (from, to) in [(1, 2), (4, 5), (4, 4)] {
            assert!(decide_move(&Move { is_contract_open: true, ..change(Some(from), to) }).is_ok(), "{from} to {to}");
        }
    }

    #[test]
    fn a_stage_belongs_to_its_pipeline() {
        let foreign = Move { pipeline: "q", ..change(Some(1), 2) };
        assert_eq!(codes(&foreign), [("stage".to_owned(), "otherPipeline")]);
        // A change of both stage and pipeline is a move, which needs a reason.
        let to = StageFacts { pipeline: "q", ..stage(3, &[]) };
        let across = Move { to, pipeline: "q", ..change(Some(1), 3) };
        assert_eq!(codes(&across), [("moveReason".to_owned(), "moveReason")]);
        assert!(decide_move(&Move { move_reason: "a company after all", ..across }).is_ok());
    }

    #[test]
    fn lost_needs_a_reason_and_a_deal_that_is_won_is_not_lost() {
        let lost = Move { wanted: DealStatus::Lost, ..change(Some(2), 2) };
        assert_eq!(codes(&lost), [("lostReason".to_owned(), "lostReason")]);
        let told = Move { lost_reason: "too expensive", ..lost };
        assert_eq!(decide_move(&told).unwrap().status, DealStatus::Lost);
        let won = Move { wanted: DealStatus::Lost, lost_reason: "x", ..change(Some(4), 4) };
        assert_eq!(codes(&won), [("status".to_owned(), "statusByStage")]);
    }

    #[test]
    fn a_lost_deal_stays_lost_until_somebody_says_otherwise() {
        let had = Some(DealStatus::Lost);
        let moved = Move { had, wanted: DealStatus::Lost, lost_reason: "x", ..change(Some(1), 2) };
        assert_eq!(decide_move(&moved).unwrap().status, DealStatus::Lost);
        let reopened = Move { had, wanted: DealStatus::Open, ..change(Some(1), 1) };
        assert_eq!(decide_move(&reopened).unwrap().status, DealStatus::Open);
        let won = Move { had, wanted: DealStatus::Lost, lost_reason: "x", ..change(Some(1), 4) };
        assert_eq!(decide_move(&won).unwrap().status, DealStatus::Won);
    }

    #[test]
    fn nobody_wins_by_saying_so() {
        assert_eq!(
            codes(&Move { wanted: DealStatus::Won, ..change(Some(1), 1) }),
            [("status".into(), "statusByStage")]
        );
        assert_eq!(codes(&Move { wanted: DealStatus::Won, ..change(None, 0) }), [("status".into(), "statusByStage")]);
        assert_eq!(
            codes(&Move { wanted: DealStatus::Open, ..change(Some(4), 4) }),
            [("status".into(), "statusByStage")]
        );
        assert_eq!(decide_move(&change(None, 4)).unwrap().status, DealStatus::Won, "a new one in a stage that wins");
    }
}
