//! Standings against a naive evaluation of the same records.

use super::*;
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

fn licence_fact(id: i64, starts_at: Option<i64>, ends_at: Option<i64>) -> LicensingFact {
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

fn consent_fact(id: i64, given_at: Option<i64>, withdrawn_at: Option<i64>) -> LicensingFact {
    LicensingFact::Consent {
        id,
        person: "Ann".into(),
        kind: "portrait".into(),
        given_at,
        withdrawn_at,
        source: "source".into(),
    }
}

fn embargo_fact(until: i64, distance: i64) -> LicensingFact {
    let source = if distance == 0 { "file" } else { "source" };
    LicensingFact::Settings {
        embargo_until: Some(until),
        fallback: Some("other".into()),
        policy: None,
        source: source.into(),
        distance,
    }
}

fn timeline(facts: Vec<LicensingFact>) -> UsageTimeline {
    UsageTimeline::from_facts("file", facts, UnlinkedPolicy::Ignore, 30 * DAY)
}

#[test]
fn licence_status_follows_its_start_and_end() {
    let (start, end) = (100 * DAY, 200 * DAY);
    let s = timeline(vec![licence_fact(1, Some(start), Some(end))]);
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
fn every_linked_record_must_be_valid() {
    let s = timeline(vec![licence_fact(1, None, Some(50)), licence_fact(2, None, Some(5_000 * DAY))]);
    assert_eq!((s.status_at(50), s.next_change(50)), (UsageStatus::Expired, None));
    let s = timeline(vec![licence_fact(1, None, Some(50)), consent_fact(1, Some(0), Some(60))]);
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
    let s = timeline(vec![consent_fact(1, None, None)]);
    assert_eq!((s.status_at(0), s.next_change(0)), (UsageStatus::Blocked, None));
    assert_eq!(timeline(vec![consent_fact(1, Some(0), None)]).status_at(0), UsageStatus::Clear);
}

#[test]
fn files_without_records_are_unknown_and_deliverable() {
    let s = timeline(vec![]);
    assert_eq!(
        (s.status_at(0), s.is_deliverable_at(0), s.next_change(0), s.fallback_document()),
        (UsageStatus::Unknown, true, None, None)
    );
    assert_eq!(s.reasons_at(0)[0].why, UsageReasonKind::Unknown);
    let s = timeline(vec![embargo_fact(10, 1)]);
    assert_eq!(
        (s.status_at(9), s.status_at(10), s.fallback_document()),
        (UsageStatus::Embargoed, UsageStatus::Unknown, Some("other"))
    );
    assert_eq!(s.reasons_at(9)[0].inherited_from.as_deref(), Some("source"));
    assert!(!s.is_linked());
}

#[test]
fn licences_are_limited_to_their_channels() {
    let mut fact = licence_fact(1, None, None);
    if let LicensingFact::Licence { channels, .. } = &mut fact {
        channels.extend(["web".to_owned(), "print".to_owned()]);
    }
    let s = timeline(vec![fact, licence_fact(2, None, None)]);
    assert!(s.out_of_scope("web").is_empty());
    assert_eq!(s.out_of_scope("Web").iter().map(|r| r.right).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn usage_statuses_survive_a_json_round_trip() {
    for state in UsageStatus::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        assert_eq!(UsageStatus::from_stored(state.as_str()), Some(state));
    }
}

/// Every record on its own, and the worst of them.
fn naive_status(facts: &[LicensingFact], window: i64, now: i64) -> UsageStatus {
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

fn any_fact() -> impl Strategy<Value = LicensingFact> {
    let time = || proptest::option::of(-60i64..60);
    prop_oneof![
        (0i64..9, time(), time()).prop_map(|(id, start, end)| licence_fact(id, start, end)),
        (0i64..9, time(), time()).prop_map(|(id, given, withdrawn)| consent_fact(id, given, withdrawn)),
        (-60i64..60, 0i64..3).prop_map(|(until, distance)| embargo_fact(until, distance)),
    ]
}

proptest! {
    #[test]
    fn timeline_equals_evaluating_each_record(facts in proptest::collection::vec(any_fact(), 0..6), window in 0i64..40, now in -80i64..80) {
        let s = UsageTimeline::from_facts("file", facts.clone(), UnlinkedPolicy::Ignore, window);
        prop_assert_eq!(s.status_at(now), naive_status(&facts, window, now));
        prop_assert_eq!(s.is_deliverable_at(now), naive_status(&facts, window, now).is_deliverable());
        // The status is constant until the next change, and differs then.
        let next = s.next_change(now);
        for t in now..next.unwrap_or(200) {
            prop_assert_eq!(s.status_at(t), s.status_at(now));
        }
        if let Some(next) = next {
            prop_assert!(next > now && s.status_at(next) != s.status_at(now));
        }
        // A file that is not delivered has a reason.
        if !s.is_deliverable_at(now) {
            prop_assert!(!s.reasons_at(now).is_empty());
        }
    }
}
