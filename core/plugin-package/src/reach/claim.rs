//! The smallest things that a version does, and which of them covers which.

use crate::manifest::{Auth, EventName, HookAction, HttpMethod, ProvidedService, RouteRate, ViewKind, Zone};
use std::collections::BTreeSet;

/// One thing that a version does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ReachClaim {
    /// It decides on changes of a content type.
    Hook {
        uid: String,
        action: HookAction,
        /// True if it runs before the transaction.
        early: bool,
        /// Called only where one of these fields changes, and the document fits this filter.
        when: (BTreeSet<String>, Option<String>),
        /// True if nothing is stored where it fails.
        stops_writes: bool,
    },
    /// A hook gets that field of a content type; `None`: all that the plugin may read.
    Shown { uid: String, field: Option<String> },
    /// A read policy: it decides who sees which documents.
    Decides { uid: String },
    /// It answers requests.
    Route { passage: RequestPattern, auth: BTreeSet<Auth>, permission: Option<String> },
    /// The rate that its requests are limited to.
    Rate { passage: RequestPattern, rate: Option<RouteRate> },
    /// The largest body of its requests, in bytes.
    Body { passage: RequestPattern, max: u64 },
    /// Scripts of that origin may read its responses.
    Origin { passage: RequestPattern, origin: String, credentials: bool },
    /// It shows pages to visitors.
    Pages,
    /// Its pages show pictures of any site.
    OutsideImages,
    /// It gets what people in the admin send to that service.
    Serves(ProvidedService),
    /// It receives events.
    Hears(EventClaim),
    /// It runs at set times.
    Schedule { job: String, cron: String, zone: Zone },
    /// It is shown in the admin. `types`: empty for all.
    View { kind: ViewKind, name: String, types: BTreeSet<String>, frame: bool, permission: Option<String> },
    /// It takes part in being installed, upgraded, switched off and removed.
    Lifecycle,
    /// It hears whose data are reported and erased.
    PersonalData,
    /// It may use that much of something.
    Limit { of: &'static str, amount: u64 },
}

/// The requests of a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RequestPattern {
    method: HttpMethod,
    /// The path without the names of its parameters.
    shape: String,
}

impl RequestPattern {
    pub(super) fn from_route(method: HttpMethod, path: &str) -> Self {
        let parts = path.split('/').map(|part| match part.strip_prefix('{') {
            Some(name) if name.starts_with('*') => "{*}",
            Some(_) => "{}",
            None => part,
        });
        Self { method, shape: parts.collect::<Vec<_>>().join("/") }
    }
}

/// The events that it receives.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum EventClaim {
    Documents { uid: String, action: HookAction },
    Event(EventName),
}

impl ReachClaim {
    /// True if a version with this claim could do `now` as well.
    pub(super) fn covers(&self, now: &Self) -> bool {
        match (self, now) {
            (
                Self::Hook { uid, action, early, when, stops_writes },
                Self::Hook { uid: u, action: a, early: e, when: w, stops_writes: s },
            ) => (uid, action, early) == (u, a, e) && (*stops_writes || !s) && woken_by(when, w),
            (Self::Shown { uid, field }, Self::Shown { uid: u, field: f }) => {
                uid == u && (field.is_none() || field == f)
            }
            (Self::Route { passage, auth, permission }, Self::Route { passage: p, auth: a, permission: needed }) => {
                let admitted = a.is_subset(auth) && (permission.is_none() || permission == needed);
                passage == p && (auth.contains(&Auth::None) || admitted)
            }
            (Self::Rate { passage, rate }, Self::Rate { passage: p, rate: r }) => passage == p && allows_rate(rate, r),
            (Self::Body { passage, max }, Self::Body { passage: p, max: m }) => passage == p && max >= m,
            (Self::Origin { passage, origin, credentials }, Self::Origin { passage: p, origin: o, credentials: c }) => {
                passage == p && origin == o && (*credentials || !c)
            }
            (Self::Hears(had), Self::Hears(now)) => had.covers(now),
            (
                Self::View { kind, name, types, frame, permission },
                Self::View { kind: k, name: n, types: t, frame: f, permission: p },
            ) => {
                let fewer = types.is_empty() || (!t.is_empty() && t.is_subset(types));
                (kind, name) == (k, n) && fewer && (*frame || !f) && (permission.is_none() || permission == p)
            }
            (Self::Limit { of, amount }, Self::Limit { of: o, amount: a }) => of == o && amount >= a,
            (
                Self::Decides { .. }
                | Self::Schedule { .. }
                | Self::Lifecycle
                | Self::PersonalData
                | Self::Pages
                | Self::OutsideImages
                | Self::Serves(_),
                now,
            ) => self == now,
            (
                Self::Hook { .. }
                | Self::Shown { .. }
                | Self::Route { .. }
                | Self::Rate { .. }
                | Self::Body { .. }
                | Self::Origin { .. }
                | Self::Hears(_)
                | Self::View { .. }
                | Self::Limit { .. },
                _,
            ) => false,
        }
    }
}

/// True if a hook is called for nothing more than before.
fn woken_by(had: &(BTreeSet<String>, Option<String>), now: &(BTreeSet<String>, Option<String>)) -> bool {
    let fields = had.0.is_empty() || (!now.0.is_empty() && now.0.is_subset(&had.0));
    fields && (had.1.is_none() || had.1 == now.1)
}

/// True if no more requests are permitted than before.
fn allows_rate(had: &Option<RouteRate>, now: &Option<RouteRate>) -> bool {
    match (had, now) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(had), Some(now)) => {
            let per = |rate: &RouteRate, other: &RouteRate| u128::from(rate.limit) * other.every.as_millis();
            had.per == now.per && per(now, had) <= per(had, now)
        }
    }
}

impl EventClaim {
    fn covers(&self, now: &Self) -> bool {
        match (self, now) {
            (Self::Event(had), Self::Event(now)) => {
                let below = now.name.strip_prefix(had.name.as_str()).is_some_and(|rest| rest.starts_with('.'));
                let name_matches = match (had.any_below, now.any_below) {
                    (true, _) => below || (now.any_below && had.name == now.name),
                    (false, now_below) => !now_below && had.name == now.name,
                };
                name_matches && (had.version.is_none() || had.version == now.version)
            }
            (had, now) => had == now,
        }
    }
}
