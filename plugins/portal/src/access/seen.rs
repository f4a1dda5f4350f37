//! The vehicles that somebody sees, and which parts of them. It knows no host.

use crate::model::{Access, Role, Scope, Vehicle, VehicleStatus};
use cairn_plugin::{Instant, Row, time};

const DAY_MILLIS: i64 = 86_400_000;

/// A vehicle as somebody sees it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SeenVehicle {
    pub(crate) vehicle: Row<Vehicle>,
    pub(crate) access: String,
    /// How the person is called.
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) scope: Scope,
    /// The sale after which it became theirs, as the vehicle counts them. What is about its owner belongs to one of them, and stays theirs.
    pub(crate) ownership: i64,
    /// True if the vehicle is theirs now, and not only what is left of the time in which it was.
    pub(crate) is_current: bool,
    /// The day on which it was no longer theirs.
    pub(crate) until_day: Option<String>,
}

impl SeenVehicle {
    pub(crate) fn id(&self) -> &str {
        &self.vehicle.document_id
    }

    /// True if nothing of it changes any more.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.vehicle.status == VehicleStatus::Cancelled
    }
}

/// Everything that somebody sees, and until when that stays so.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    pub(crate) vehicles: Vec<SeenVehicle>,
    /// When an access begins or ends, or a cancelled order disappears; none: at no time that is known.
    pub(crate) until: Option<Instant>,
}

/// Selects what somebody with these accesses sees at a time. An access whose times cannot be read shows nothing.
pub(crate) fn select_seen(accesses: Vec<Row<Access>>, now: Instant, cancelled_days: u32) -> Seen {
    let mut seen = Seen { vehicles: Vec::new(), until: None };
    for access in accesses {
        let (Some(starts), Some(ends)) = (read(&access.starts_at), read(&access.ends_at)) else { continue };
        let cancelled = access.vehicle.as_ref().and_then(|vehicle| vehicle.cancelled_at.clone());
        let Some(cancelled) = read(&cancelled) else { continue };
        let gone = cancelled.map(|at| at.saturating_add(i64::from(cancelled_days).saturating_mul(DAY_MILLIS)));
        let next = [starts, ends, gone].into_iter().flatten().filter(|at| *at > now).min();
        seen.until = seen.until.into_iter().chain(next).min();
        let has_begun = starts.is_none_or(|at| at <= now);
        let has_ended = ends.is_some_and(|at| at <= now);
        let is_gone = gone.is_some_and(|at| at <= now);
        let (id, fields) = (access.document_id, access.fields);
        let Some(vehicle) = fields.vehicle else { continue };
        let is_current = !has_ended && fields.ownership == vehicle.ownership;
        if !has_begun || is_gone || (!is_current && fields.role == Role::Delegate) {
            continue;
        }
        let scope = if fields.role == Role::Owner { Scope::ALL } else { fields.scope };
        let until_day = fields.ends_at.and_then(|at| at.get(..10).map(str::to_owned)).filter(|_| !is_current);
        let (name, role, ownership) = (fields.name, fields.role, fields.ownership);
        seen.vehicles.push(SeenVehicle { vehicle, access: id, name, role, scope, ownership, is_current, until_day });
    }
    seen
}

/// The outer `None` is a text that is no time.
fn read(at: &Option<String>) -> Option<Option<Instant>> {
    match at {
        Some(at) => time::parse(at).ok().map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const NOW: &str = "2026-06-01T12:00:00.000Z";

    fn select(access: Value) -> Seen {
        let mut all = json!({ "documentId": "a", "role": "owner", "vehicle": { "documentId": "v", "title": "F22" } });
        for (name, value) in access.as_object().unwrap() {
            all[name] = value.clone();
        }
        let row = serde_json::from_value(all).unwrap();
        select_seen(vec![row], time::parse(NOW).unwrap(), 90)
    }

    #[test]
    fn owners_see_everything_and_delegates_their_scope() {
        let owner = select(json!({ "seesTimeline": false }));
        assert_eq!((owner.vehicles[0].scope, owner.until), (Scope::ALL, None));
        let delegate = select(json!({ "role": "delegate", "seesTimeline": true, "seesPayments": null }));
        let scope = delegate.vehicles[0].scope;
        assert_eq!(scope, Scope { sees_timeline: true, ..Scope::default() });
    }

    #[test]
    fn a_delegate_sees_nothing_after_the_end_and_an_owner_what_was_theirs() {
        let ended = json!({ "role": "delegate", "endsAt": NOW, "seesTimeline": true });
        assert!(select(ended).vehicles.is_empty());
        let former = select(json!({ "endsAt": "2026-05-31T23:00:00.000Z" }));
        let vehicle = &former.vehicles[0];
        assert!(!vehicle.is_current);
        assert_eq!(vehicle.until_day.as_deref(), Some("2026-05-31"));
        let running = select(json!({ "role": "delegate", "endsAt": "2026-06-01T12:00:00.001Z" }));
        assert!(running.vehicles[0].is_current);
        assert_eq!(running.until, time::parse("2026-06-01T12:00:00.001Z").ok());
    }

    #[test]
    fn after_a_sale_an_access_of_before_is_not_current_even_without_an_end() {
        let sold = || json!({ "documentId": "v", "title": "F22", "ownership": 1 });
        let former = select(json!({ "vehicle": sold() }));
        assert!(!former.vehicles[0].is_current && former.vehicles[0].ownership == 0);
        let delegate = json!({ "vehicle": sold(), "role": "delegate", "seesPayments": true });
        assert!(select(delegate).vehicles.is_empty());
        let next = select(json!({ "vehicle": sold(), "role": "delegate", "seesPayments": true, "ownership": 1 }));
        assert!(next.vehicles[0].is_current && next.vehicles[0].ownership == 1);
    }

    #[test]
    fn what_has_not_begun_or_was_cancelled_long_ago_is_not_seen() {
        let later = select(json!({ "startsAt": "2026-06-02T00:00:00.000Z" }));
        assert!(later.vehicles.is_empty());
        assert_eq!(later.until, time::parse("2026-06-02T00:00:00.000Z").ok());
        let vehicle = |at: &str| json!({ "vehicle": { "documentId": "v", "title": "F22", "status": "cancelled", "cancelledAt": at } });
        assert!(select(vehicle("2026-03-03T12:00:00.000Z")).vehicles.is_empty());
        let lately = select(vehicle("2026-03-03T12:00:00.001Z"));
        assert!(lately.vehicles[0].is_cancelled() && lately.until.is_some());
    }

    #[test]
    fn an_access_that_cannot_be_read_shows_nothing() {
        for broken in [json!({ "endsAt": "soon" }), json!({ "startsAt": "x" }), json!({ "vehicle": null })] {
            assert!(select(broken).vehicles.is_empty());
        }
    }
}
