//! The licensing state of a file over time. Pure: built once from what is known of the file, then queried for
//! any instant without a database.

mod view;

pub use view::{LocalEndView, UsageReasonView, UsageStatusView};

use cairn_content::view::Time;
use cairn_store::licensing::LicensingFact;
use chrono::DateTime;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// How a file stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = RightsState)]
pub enum UsageStatus {
    /// All that is linked to it holds.
    Clear,
    /// It holds, and a licence is over soon.
    Expiring,
    /// A licence is over.
    Expired,
    /// A consent was withdrawn, or never given.
    Blocked,
    /// Its time has not come: an embargo, or a licence or consent that begins later.
    Embargoed,
    /// Nothing is linked to it.
    Unknown,
}

impl UsageStatus {
    /// All states, in the order of their definition.
    pub const ALL: [Self; 6] =
        [Self::Clear, Self::Expiring, Self::Expired, Self::Blocked, Self::Embargoed, Self::Unknown];

    /// The name that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Clear => "clear",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Blocked => "blocked",
            Self::Embargoed => "embargoed",
            Self::Unknown => "unknown",
        }
    }

    /// Parses the name of a state.
    pub fn from_stored(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == text)
    }

    /// True if a file in this state is delivered.
    pub fn is_deliverable(self) -> bool {
        matches!(self, Self::Clear | Self::Expiring | Self::Unknown)
    }
}

/// Policy for publishing with a file that nothing is linked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = UnlinkedRights)]
pub enum UnlinkedPolicy {
    /// It has no effect on publishing.
    #[default]
    Ignore,
    /// People are warned.
    Warn,
    /// Entries that use it are not published.
    Block,
}

impl UnlinkedPolicy {
    /// The name that is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ignore => "ignore",
            Self::Warn => "warn",
            Self::Block => "block",
        }
    }

    /// Parses the name of a rule.
    pub fn from_stored(text: &str) -> Option<Self> {
        [Self::Ignore, Self::Warn, Self::Block].into_iter().find(|u| u.as_str() == text)
    }
}

/// Why a file stands as it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = RightsReason)]
pub enum UsageReasonKind {
    /// A licence is over.
    LicenceExpired,
    /// A licence is over soon.
    LicenceExpiring,
    /// A licence begins later.
    LicenceNotStarted,
    /// A licence is not for the channel that was asked about.
    OutOfScope,
    /// A consent was withdrawn.
    ConsentWithdrawn,
    /// A consent was not given yet.
    ConsentNotGiven,
    /// A consent holds from a later moment on.
    ConsentNotStarted,
    /// The file is under embargo.
    Embargo,
    /// Nothing is linked to it.
    Unknown,
}

/// One of the reasons for a file's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsageReason {
    /// Kind of the reason.
    pub why: UsageReasonKind,
    /// Id of the licence.
    pub right: Option<i64>,
    /// Id of the consent.
    pub consent: Option<i64>,
    /// Holder of the licence, or the person who gave the consent.
    pub who: Option<String>,
    /// Beginning in milliseconds, where it has passed.
    pub since: Option<i64>,
    /// End in milliseconds, where it is known.
    pub until: Option<i64>,
    /// End of the licence as it was entered, with its zone.
    pub end: Option<(String, Option<String>)>,
    /// Document id of the file it is inherited from.
    pub inherited_from: Option<String>,
}

impl UsageReason {
    fn from_kind(why: UsageReasonKind) -> Self {
        Self { why, right: None, consent: None, who: None, since: None, until: None, end: None, inherited_from: None }
    }

    /// The reason for API responses, its message included.
    pub fn to_view(&self) -> UsageReasonView {
        let end = self.end.clone().map(|(local, zone)| LocalEndView { local, zone });
        UsageReasonView {
            reason: self.why,
            right: self.right,
            consent: self.consent,
            who: self.who.clone(),
            since: self.since.map(Time),
            until: self.until.map(Time),
            end,
            inherited_from: self.inherited_from.clone(),
            message: self.message(),
        }
    }

    /// The reason as a sentence for people.
    pub fn message(&self) -> String {
        let who = self.who.as_deref().unwrap_or_default();
        let end = match &self.end {
            Some((local, Some(zone))) => format!("{local} ({zone})"),
            Some((local, None)) => local.clone(),
            None => String::new(),
        };
        let until = self.until.map(format_minute).unwrap_or_default();
        match self.why {
            UsageReasonKind::LicenceExpired => format!("the licence from {who} expired on {end}"),
            UsageReasonKind::LicenceExpiring => format!("the licence from {who} expires on {end}"),
            UsageReasonKind::LicenceNotStarted => format!("the licence from {who} starts on {until}"),
            UsageReasonKind::OutOfScope => format!("the licence from {who} does not cover this channel"),
            UsageReasonKind::ConsentWithdrawn => format!("the consent of {who} was withdrawn"),
            UsageReasonKind::ConsentNotGiven => format!("the consent of {who} has not been given yet"),
            UsageReasonKind::ConsentNotStarted => format!("the consent of {who} starts on {until}"),
            UsageReasonKind::Embargo => format!("it is under embargo until {until}"),
            UsageReasonKind::Unknown => "it has no licence or consent on record".to_owned(),
        }
    }
}

fn format_minute(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map_or_else(String::new, |t| t.format("%Y-%m-%d %H:%M UTC").to_string())
}

/// The relevant data of a licence.
#[derive(Debug, Clone, PartialEq)]
struct Licence {
    id: i64,
    holder: String,
    starts_at: Option<i64>,
    ends_at: Option<i64>,
    end: Option<(String, Option<String>)>,
    channels: Vec<String>,
    source: String,
}

/// The relevant data of a consent.
#[derive(Debug, Clone, PartialEq)]
struct Consent {
    id: i64,
    person: String,
    given_at: Option<i64>,
    withdrawn_at: Option<i64>,
    source: String,
}

#[derive(Debug, Default, PartialEq)]
struct Inner {
    document_id: String,
    licences: Vec<Licence>,
    consents: Vec<Consent>,
    /// Embargoes of the file, and of those it is derived from.
    embargoes: Vec<(i64, String)>,
    fallback: Option<String>,
    unlinked: UnlinkedPolicy,
    /// How long before its end a licence counts as expiring, in milliseconds.
    window: i64,
    /// Every instant at which something may change, in order, each once.
    instants: Vec<i64>,
}

/// The licensing state of a file over time, from all records linked to it (its own and those of the files it is derived
/// from). Cheap to clone and to store.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct UsageTimeline(Arc<Inner>);

impl UsageTimeline {
    /// Computes it from the facts about a file, the nearest first. `window`: how long before its end a licence counts as expiring.
    pub fn from_facts(document_id: &str, facts: Vec<LicensingFact>, unlinked: UnlinkedPolicy, window: i64) -> Self {
        let mut inner = Inner { document_id: document_id.to_owned(), unlinked, window, ..Inner::default() };
        for fact in facts {
            match fact {
                LicensingFact::Licence {
                    id, holder, starts_at, ends_at, end_local, zone, channels, source, ..
                } => {
                    let end = end_local.map(|local| (local, zone));
                    inner.licences.push(Licence { id, holder, starts_at, ends_at, end, channels, source });
                }
                LicensingFact::Consent { id, person, given_at, withdrawn_at, source, .. } => {
                    inner.consents.push(Consent { id, person, given_at, withdrawn_at, source });
                }
                LicensingFact::Settings { embargo_until, fallback, source, .. } => {
                    inner.embargoes.extend(embargo_until.map(|at| (at, source)));
                    inner.fallback = inner.fallback.or(fallback.filter(|f| f != document_id));
                }
                LicensingFact::Asset { .. } => {}
            }
        }
        let of_licence =
            |l: &Licence| [l.starts_at, l.ends_at.map(|at| at.saturating_sub(window)), l.ends_at].into_iter().flatten();
        let of_consent = |c: &Consent| [c.given_at, c.withdrawn_at].into_iter().flatten();
        let mut instants: Vec<i64> = inner.licences.iter().flat_map(of_licence).collect();
        instants.extend(inner.consents.iter().flat_map(of_consent));
        instants.extend(inner.embargoes.iter().map(|(at, _)| at));
        instants.sort_unstable();
        instants.dedup();
        inner.instants = instants;
        Self(Arc::new(inner))
    }

    /// The state at an instant.
    pub fn status_at(&self, now: i64) -> UsageStatus {
        let Inner { licences, consents, embargoes, window, .. } = &*self.0;
        let passed = |at: &i64| *at <= now;
        if consents.iter().any(|c| c.given_at.is_none() || c.withdrawn_at.as_ref().is_some_and(passed)) {
            UsageStatus::Blocked
        } else if licences.iter().any(|l| l.ends_at.as_ref().is_some_and(passed)) {
            UsageStatus::Expired
        } else if embargoes.iter().any(|(at, _)| !passed(at))
            || licences.iter().any(|l| l.starts_at.is_some_and(|at| !passed(&at)))
            || consents.iter().any(|c| c.given_at.is_some_and(|at| !passed(&at)))
        {
            UsageStatus::Embargoed
        } else if licences.iter().any(|l| l.ends_at.is_some_and(|at| passed(&at.saturating_sub(*window)))) {
            UsageStatus::Expiring
        } else if self.is_linked() {
            UsageStatus::Clear
        } else {
            UsageStatus::Unknown
        }
    }

    /// True if the file is delivered at an instant; false: 410.
    pub fn is_deliverable_at(&self, now: i64) -> bool {
        self.status_at(now).is_deliverable()
    }

    /// The next instant at which the state changes, and with it perhaps whether the file is delivered.
    pub fn next_change(&self, now: i64) -> Option<i64> {
        let state = self.status_at(now);
        let first = self.0.instants.partition_point(|at| *at <= now);
        self.0.instants[first..].iter().copied().find(|at| self.status_at(*at) != state)
    }

    /// The file (document) that is shown instead, where one is set. Its own state decides whether that one is delivered.
    pub fn fallback_document(&self) -> Option<&str> {
        self.0.fallback.as_deref()
    }

    /// True if any licence or consent is linked to the file, or to one it is derived from.
    pub fn is_linked(&self) -> bool {
        !self.0.licences.is_empty() || !self.0.consents.is_empty()
    }

    /// Returns the policy for publishing while nothing is linked to the file.
    pub fn unlinked_policy(&self) -> UnlinkedPolicy {
        self.0.unlinked
    }

    /// The instant at which the first of the current licences ends.
    pub fn ends_at(&self, now: i64) -> Option<i64> {
        self.0.licences.iter().filter_map(|l| l.ends_at).filter(|at| *at > now).min()
    }

    /// The reasons for the state: everything that prevents delivery, else what people should know.
    pub fn reasons_at(&self, now: i64) -> Vec<UsageReason> {
        let mut reasons = Vec::new();
        for c in &self.0.consents {
            let reason_for = |why| self.consent_reason(c, why);
            match (c.given_at, c.withdrawn_at) {
                (_, Some(at)) if at <= now => {
                    reasons.push(UsageReason { since: Some(at), ..reason_for(UsageReasonKind::ConsentWithdrawn) });
                }
                (None, _) => reasons.push(reason_for(UsageReasonKind::ConsentNotGiven)),
                (Some(at), _) if at > now => {
                    reasons.push(UsageReason { until: Some(at), ..reason_for(UsageReasonKind::ConsentNotStarted) })
                }
                _ => {}
            }
        }
        for l in &self.0.licences {
            let reason_for = |why| self.licence_reason(l, why);
            let about_to = l.ends_at.map(|at| at.saturating_sub(self.0.window));
            if let Some(at) = l.ends_at.filter(|at| *at <= now) {
                reasons.push(UsageReason { since: Some(at), ..reason_for(UsageReasonKind::LicenceExpired) });
            } else if let Some(at) = l.starts_at.filter(|at| *at > now) {
                reasons.push(UsageReason { until: Some(at), ..reason_for(UsageReasonKind::LicenceNotStarted) });
            } else if let Some(at) = about_to.filter(|at| *at <= now) {
                reasons.push(UsageReason {
                    since: Some(at),
                    until: l.ends_at,
                    ..reason_for(UsageReasonKind::LicenceExpiring)
                });
            }
        }
        for (at, source) in self.0.embargoes.iter().filter(|(at, _)| *at > now) {
            let inherited_from = self.inherited_from(source);
            reasons.push(UsageReason {
                until: Some(*at),
                inherited_from,
                ..UsageReason::from_kind(UsageReasonKind::Embargo)
            });
        }
        if !self.is_linked() {
            reasons.push(UsageReason::from_kind(UsageReasonKind::Unknown));
        }
        reasons
    }

    /// The licences that do not cover a channel.
    pub fn out_of_scope(&self, channel: &str) -> Vec<UsageReason> {
        let out = self.0.licences.iter().filter(|l| !l.channels.is_empty() && !l.channels.iter().any(|c| c == channel));
        out.map(|l| self.licence_reason(l, UsageReasonKind::OutOfScope)).collect()
    }

    /// Ids of the licences, own and inherited.
    pub fn licence_ids(&self) -> impl Iterator<Item = i64> {
        self.0.licences.iter().map(|l| l.id)
    }

    /// Ids of the consents, own and inherited.
    pub fn consent_ids(&self) -> impl Iterator<Item = i64> {
        self.0.consents.iter().map(|c| c.id)
    }

    fn licence_reason(&self, l: &Licence, why: UsageReasonKind) -> UsageReason {
        UsageReason {
            right: Some(l.id),
            who: Some(l.holder.clone()),
            end: l.end.clone(),
            inherited_from: self.inherited_from(&l.source),
            ..UsageReason::from_kind(why)
        }
    }

    fn consent_reason(&self, c: &Consent, why: UsageReasonKind) -> UsageReason {
        UsageReason {
            consent: Some(c.id),
            who: Some(c.person.clone()),
            inherited_from: self.inherited_from(&c.source),
            ..UsageReason::from_kind(why)
        }
    }

    fn inherited_from(&self, source: &str) -> Option<String> {
        (source != self.0.document_id).then(|| source.to_owned())
    }
}

#[cfg(test)]
mod tests;
