//! Standings against a naive evaluation of the same records.

use super::*;
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

fn right(id: i64, starts_at: Option<i64>, ends_at: Option<i64>) -> LicensingFact {
    LicensingFact::Licence {
        id,
        holder: "Studio".into(),
        licence: "licensed".into(),
        starts_at,
        ends_at,
        end_local: Some("2026-12-31".into()),
        zone: Some("Europe/Amsterdam".into()),
        channels: Vec::new(),
        source: "file".into(),
    }
}

fn consent(id: i64, given_at: Option<i64>, withdrawn_at: Option<i64>) -> LicensingFact {
    LicensingFact::Consent {
        id,
        person: "Ann".into(),
        kind: "portrait".into(),
        given_at,
        withdrawn_at,
        source: "source".into(),
    }
}

fn embargo(until: i64, distance: i64) -> LicensingFact {
    let source = if distance == 0 { "file" } else { "source" };
    LicensingFact::Settings {
        embargo_until: Some(until),
        fallback: Some("other".into()),
        policy: None,
        source: source.into(),
        distance,
    }
}

fn standing(facts: Vec<LicensingFact>) -> UsageTimeline {
    UsageTimeline::from_facts("file", facts, UnlinkedPolicy::Ignore, 30 * DAY)
}

#[test]
fn a_licence_from_its_beginning_to_its_end() {
    let (start, end) = (100 * DAY, 200 * DAY);
    let s = standing(vec![right(1, Some(start), Some(end))]);
    let at = |now| (s.status_at(now), s.is_deliverable_at(now), s.next_change(now));
    assert_eq!(at(start - 1), (UsageStatus::Embargoed, false, Some(start)));
    assert_eq!(at(start), (UsageStatus::Clear, true, Some(end - 30 * DAY)));
    assert_eq!(at(end - 30 * DAY), (UsageStatus::Expiring, true, Some(end)));
    assert_eq!(at(end - 1), (UsageStatus::Expiring, true, Some(end)));
    assert_eq!(at(end), (UsageStatus::Expired, false, None));
    let reason = &s.reasons_at(end)[0];
    assert_eq!((reason.why, reason.right, reason.since), (UsageReasonKind::LicenceExpired, Some(1), Some(end)));
    assert_eq!(reason.message(), "the licence from Studio expired on 2026-12-31 (Europe/Amsterdam)");
    assert_eq!(s.ends_at(start), Some(end));
}

#[test]
fn all_that_is_linked_must_hold() {
    let s = standing(vec![right(1, None, Some(50)), right(2, None, Some(5_000 * DAY))]);
    assert_eq!((s.status_at(50), s.next_change(50)), (UsageStatus::Expired, None));
    let s = standing(vec![right(1, None, Some(50)), consent(1, Some(0), Some(60))]);
    assert_eq!(
        (s.status_at(50), s.status_at(60), s.next_change(50)),
        (UsageStatus::Expired, UsageStatus::Blocked, Some(60))
    );
    assert_eq!(
        s.reasons_at(60).iter().map(|r| r.why).collect::<Vec<_>>(),
        [UsageReasonKind::ConsentWithdrawn, UsageReasonKind::LicenceExpired]
    );
    assert_eq!(s.reasons_at(60)[0].inherited_from.as_deref(), Some("source"));
    // Asked, and not answered.
    let s = standing(vec![consent(1, None, None)]);
    assert_eq!((s.status_at(0), s.next_change(0)), (UsageStatus::Blocked, None));
    assert_eq!(standing(vec![consent(1, Some(0), None)]).status_at(0), UsageStatus::Clear);
}

#[test]
fn nothing_linked() {
    let s = standing(vec![]);
    assert_eq!(
        (s.status_at(0), s.is_deliverable_at(0), s.next_change(0), s.fallback_document()),
        (UsageStatus::Unknown, true, None, None)
    );
    assert_eq!(s.reasons_at(0)[0].why, UsageReasonKind::Unknown);
    let s = standing(vec![embargo(10, 1)]);
    assert_eq!(
        (s.status_at(9), s.status_at(10), s.fallback_document()),
        (UsageStatus::Embargoed, UsageStatus::Unknown, Some("other"))
    );
    assert_eq!(s.reasons_at(9)[0].inherited_from.as_deref(), Some("source"));
    assert!(!s.is_linked());
}

#[test]
fn channels() {
    let mut fact = right(1, None, None);
    if let LicensingFact::Licence { channels, .. } = &mut fact {
        channels.extend(["web".to_owned(), "print".to_owned()]);
    }
    let s = standing(vec![fact, right(2, None, None)]);
    assert!(s.out_of_scope("web").is_empty());
    assert_eq!(s.out_of_scope("Web").iter().map(|r| r.right).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn states_have_the_forms_that_are_agreed() {
    for state in UsageStatus::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        assert_eq!(UsageStatus::from_stored(state.as_str()), Some(state));
    }
}

/// Every record on its own, and the worst of them.
fn naive(facts: &[LicensingFact], window: i64, now: i64) -> UsageStatus {
    let mut worst = (0, UsageStatus::Unknown);
    let mut be = |n: i32, state| {
        if n > worst.0 {
            worst = (n, state);
        }
    };
    for fact in facts {
        match fact {
            LicensingFact::Licence { starts_at, ends_at, .. } => {
                be(1, UsageStatus::Clear);
                if let Some(end) = ends_at {
                    if now >= *end {
                        be(4, UsageStatus::Expired);
                    } else if now >= end - window {
                        be(2, UsageStatus::Expiring);
                    }
                }
                if starts_at.is_some_and(|start| now < start) {
                    be(3, UsageStatus::Embargoed);
                }
            }
            LicensingFact::Consent { given_at, withdrawn_at, .. } => {
                be(1, UsageStatus::Clear);
                match given_at {
                    None => be(5, UsageStatus::Blocked),
                    Some(given) if now < *given => be(3, UsageStatus::Embargoed),
                    _ => {}
                }
                if withdrawn_at.is_some_and(|at| now >= at) {
                    be(5, UsageStatus::Blocked);
                }
            }
            LicensingFact::Settings { embargo_until: Some(until), .. } if now < *until => be(3, UsageStatus::Embargoed),
            _ => {}
        }
    }
    worst.1
}

fn some_fact() -> impl Strategy<Value = LicensingFact> {
    let time = || proptest::option::of(-60i64..60);
    prop_oneof![
        (0i64..9, time(), time()).prop_map(|(id, start, end)| right(id, start, end)),
        (0i64..9, time(), time()).prop_map(|(id, given, withdrawn)| consent(id, given, withdrawn)),
        (-60i64..60, 0i64..3).prop_map(|(until, distance)| embargo(until, distance)),
    ]
}

proptest! {
    #[test]
    fn as_by_looking_at_each_record(facts in proptest::collection::vec(some_fact(), 0..6), window in 0i64..40, now in -80i64..80) {
        let s = UsageTimeline::from_facts("file", facts.clone(), UnlinkedPolicy::Ignore, window);
        prop_assert_eq!(s.status_at(now), naive(&facts, window, now));
        prop_assert_eq!(s.is_deliverable_at(now), naive(&facts, window, now).is_deliverable());
        // Nothing changes before the next change, and something does then.
        let next = s.next_change(now);
        for t in now..next.unwrap_or(200) {
            prop_assert_eq!(s.status_at(t), s.status_at(now));
        }
        if let Some(next) = next {
            prop_assert!(next > now && s.status_at(next) != s.status_at(now));
        }
        // What is not delivered has a reason.
        if !s.is_deliverable_at(now) {
            prop_assert!(!s.reasons_at(now).is_empty());
        }
    }
}
