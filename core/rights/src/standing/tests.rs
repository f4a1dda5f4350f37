//! Standings against a naive evaluation of the same records.

use super::*;
use proptest::prelude::*;

const DAY: i64 = 86_400_000;

fn right(id: i64, starts_at: Option<i64>, ends_at: Option<i64>) -> RightsFact {
    RightsFact::Right {
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

fn consent(id: i64, given_at: Option<i64>, withdrawn_at: Option<i64>) -> RightsFact {
    RightsFact::Consent {
        id,
        person: "Ann".into(),
        kind: "portrait".into(),
        given_at,
        withdrawn_at,
        source: "source".into(),
    }
}

fn embargo(until: i64, distance: i64) -> RightsFact {
    let source = if distance == 0 { "file" } else { "source" };
    RightsFact::Settings {
        embargo_until: Some(until),
        fallback: Some("other".into()),
        policy: None,
        source: source.into(),
        distance,
    }
}

fn standing(facts: Vec<RightsFact>) -> Standing {
    Standing::of("file", facts, Unlinked::Ignore, 30 * DAY)
}

#[test]
fn a_licence_from_its_beginning_to_its_end() {
    let (start, end) = (100 * DAY, 200 * DAY);
    let s = standing(vec![right(1, Some(start), Some(end))]);
    let at = |now| (s.at(now), s.may_deliver(now), s.next_change(now));
    assert_eq!(at(start - 1), (State::Embargoed, false, Some(start)));
    assert_eq!(at(start), (State::Clear, true, Some(end - 30 * DAY)));
    assert_eq!(at(end - 30 * DAY), (State::Expiring, true, Some(end)));
    assert_eq!(at(end - 1), (State::Expiring, true, Some(end)));
    assert_eq!(at(end), (State::Expired, false, None));
    let reason = &s.reasons(end)[0];
    assert_eq!((reason.why, reason.right, reason.since), (Why::LicenceExpired, Some(1), Some(end)));
    assert_eq!(reason.message(), "the licence from Studio expired on 2026-12-31 (Europe/Amsterdam)");
    assert_eq!(s.ends_at(start), Some(end));
}

#[test]
fn all_that_is_linked_must_hold() {
    let s = standing(vec![right(1, None, Some(50)), right(2, None, Some(5_000 * DAY))]);
    assert_eq!((s.at(50), s.next_change(50)), (State::Expired, None));
    let s = standing(vec![right(1, None, Some(50)), consent(1, Some(0), Some(60))]);
    assert_eq!((s.at(50), s.at(60), s.next_change(50)), (State::Expired, State::Blocked, Some(60)));
    assert_eq!(s.reasons(60).iter().map(|r| r.why).collect::<Vec<_>>(), [Why::ConsentWithdrawn, Why::LicenceExpired]);
    assert_eq!(s.reasons(60)[0].inherited_from.as_deref(), Some("source"));
    // Asked, and not answered.
    let s = standing(vec![consent(1, None, None)]);
    assert_eq!((s.at(0), s.next_change(0)), (State::Blocked, None));
    assert_eq!(standing(vec![consent(1, Some(0), None)]).at(0), State::Clear);
}

#[test]
fn nothing_linked() {
    let s = standing(vec![]);
    assert_eq!((s.at(0), s.may_deliver(0), s.next_change(0), s.fallback()), (State::Unknown, true, None, None));
    assert_eq!(s.reasons(0)[0].why, Why::Unknown);
    let s = standing(vec![embargo(10, 1)]);
    assert_eq!((s.at(9), s.at(10), s.fallback()), (State::Embargoed, State::Unknown, Some("other")));
    assert_eq!(s.reasons(9)[0].inherited_from.as_deref(), Some("source"));
    assert!(!s.is_linked());
}

#[test]
fn channels() {
    let mut fact = right(1, None, None);
    if let RightsFact::Right { channels, .. } = &mut fact {
        channels.extend(["web".to_owned(), "print".to_owned()]);
    }
    let s = standing(vec![fact, right(2, None, None)]);
    assert!(s.out_of_scope("web").is_empty());
    assert_eq!(s.out_of_scope("Web").iter().map(|r| r.right).collect::<Vec<_>>(), [Some(1)]);
}

#[test]
fn states_have_the_forms_that_are_agreed() {
    for state in State::ALL {
        assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
        assert_eq!(State::read(state.as_str()), Some(state));
    }
}

/// Every record on its own, and the worst of them.
fn naive(facts: &[RightsFact], window: i64, now: i64) -> State {
    let mut worst = (0, State::Unknown);
    let mut be = |n: i32, state| {
        if n > worst.0 {
            worst = (n, state);
        }
    };
    for fact in facts {
        match fact {
            RightsFact::Right { starts_at, ends_at, .. } => {
                be(1, State::Clear);
                if let Some(end) = ends_at {
                    if now >= *end {
                        be(4, State::Expired);
                    } else if now >= end - window {
                        be(2, State::Expiring);
                    }
                }
                if starts_at.is_some_and(|start| now < start) {
                    be(3, State::Embargoed);
                }
            }
            RightsFact::Consent { given_at, withdrawn_at, .. } => {
                be(1, State::Clear);
                match given_at {
                    None => be(5, State::Blocked),
                    Some(given) if now < *given => be(3, State::Embargoed),
                    _ => {}
                }
                if withdrawn_at.is_some_and(|at| now >= at) {
                    be(5, State::Blocked);
                }
            }
            RightsFact::Settings { embargo_until: Some(until), .. } if now < *until => be(3, State::Embargoed),
            _ => {}
        }
    }
    worst.1
}

fn some_fact() -> impl Strategy<Value = RightsFact> {
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
        let s = Standing::of("file", facts.clone(), Unlinked::Ignore, window);
        prop_assert_eq!(s.at(now), naive(&facts, window, now));
        prop_assert_eq!(s.may_deliver(now), naive(&facts, window, now).may_deliver());
        // Nothing changes before the next change, and something does then.
        let next = s.next_change(now);
        for t in now..next.unwrap_or(200) {
            prop_assert_eq!(s.at(t), s.at(now));
        }
        if let Some(next) = next {
            prop_assert!(next > now && s.at(next) != s.at(now));
        }
        // What is not delivered has a reason.
        if !s.may_deliver(now) {
            prop_assert!(!s.reasons(now).is_empty());
        }
    }
}
