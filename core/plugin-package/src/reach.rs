//! The reach of a plugin: its grants, and everything that its manifest has it do without a grant. The person who installs it consents to
//! that, and is asked again on an upgrade where the new version reaches further.
//!
//! Every section of the manifest is destructured here by name, so that a new section or key does not compile until somebody has
//! decided what it means for consent.

mod claim;
mod sentences;

#[cfg(test)]
mod tests;

use crate::component::UndeclaredParts;
use crate::grants::Grants;
use crate::manifest::{
    AdminView, ContentTypes, Cors, HookAction, HookCondition, Manifest, ManifestCalendar, ManifestHook, ManifestJob,
    ManifestLimits, ManifestRoute, ManifestSchedule, Phase, ProvidedService, Quota, ReadPolicy, RouteBody,
    Subscription, SubscriptionTarget,
};
use crate::names;
use claim::{EventClaim, ReachClaim, RequestPattern};
use std::collections::{BTreeMap, BTreeSet};

/// Reach of a version of a plugin: all that it may do and does; see the module.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginReach {
    grants: Grants,
    lines: Vec<ReachLine>,
}

/// One thing that a plugin does, for the person who consents.
#[derive(Debug, Clone, PartialEq)]
pub struct ReachLine {
    /// Section that it comes from: `hook`, `route` …
    pub kind: &'static str,
    /// Sentence in English.
    pub english: String,
    /// Sentence in Dutch.
    pub dutch: String,
    claims: Vec<ReachClaim>,
}

impl PluginReach {
    /// The reach of a version with these grants, by its resolved manifest and what its package has besides.
    pub fn from_manifest(manifest: &Manifest, grants: &Grants, undeclared: UndeclaredParts) -> Self {
        let Manifest {
            // The plugin's identity is no reach; its key is compared where signatures are verified.
            plugin: _,
            // Requested grants do not count: `grants` has what was granted.
            grants: _,
            // Choices are resolved: their values are in the sections that refer to them.
            choices: _,
            content_types,
            hooks,
            subscriptions,
            jobs,
            schedules,
            routes,
            read_policy,
            // Searches of the plugin's own need the grant `search`.
            indexes: _,
            // Publishing events needs the grant `events.publish`.
            events: _,
            // Rows for the matrix of roles: nobody has them before somebody gives them.
            permissions: _,
            // Numbers about itself.
            metrics: _,
            // Filled in by the operator, who sees them then; where secrets go is in the grants.
            settings: _,
            // Made by the operator, who sees them then; what they sign with is in the grants.
            signing_keys: _,
            views,
            calendars,
            limits,
        } = manifest;
        let id = manifest.id();
        let mut lines = Vec::new();
        lines.extend(hooks.iter().flat_map(|hook| hook_lines(id, grants, hook)));
        lines.extend(read_policy.iter().flat_map(|policy| policy_line(id, policy)));
        let UndeclaredParts { lifecycle, privacy, public_files } = undeclared;
        lines.extend(routes.iter().map(|route| route_line(id, route)));
        lines.extend(pages_line(routes, public_files));
        lines.extend(routes.iter().filter_map(|route| route.provides).map(service_line));
        // A subscription whose choice has no values receives nothing.
        let subscriptions = subscriptions.iter().filter(|subscription| !subscription.to.is_empty());
        lines.extend(subscriptions.map(|subscription| subscription_line(id, subscription)));
        lines.extend(schedules.iter().map(schedule_line));
        lines.extend(views.iter().map(view_line));
        let calendar_types: BTreeSet<&str> = calendars.iter().map(calendar_type).collect();
        lines.extend(calendar_types.into_iter().map(sentences::calendar_sentence));
        lines.extend(lifecycle.then(|| sentences::lifecycle_sentence(vec![ReachClaim::Lifecycle])));
        lines.extend(privacy.then(|| sentences::privacy_sentence(vec![ReachClaim::PersonalData])));
        lines.push(limits_line(limits, jobs, hooks, content_types.as_ref()));
        Self { grants: grants.clone(), lines }
    }

    /// Everything that it does, besides what its grants permit.
    pub fn lines(&self) -> &[ReachLine] {
        &self.lines
    }

    /// True if a line is new, or says more than in the version before. `None`: there was no version before.
    pub fn is_new(line: &ReachLine, before: Option<&Self>) -> bool {
        let is_covered = |claim: &ReachClaim| {
            before.is_some_and(|before| before.lines.iter().flat_map(|line| &line.claims).any(|had| had.covers(claim)))
        };
        !line.claims.iter().all(is_covered)
    }

    /// Lists the additions to the reach of the version before, in English: grants and all else. Empty: none, and nobody needs to
    /// consent again.
    pub fn widened_from(&self, before: &Self) -> Vec<String> {
        let wider = self.grants.list().iter().map(|granted| Grants::from(vec![granted.clone()]));
        let wider = wider.filter(|alone| !alone.widened_from(&before.grants).is_empty());
        let grants = wider.flat_map(|alone| alone.sentences()).map(|sentence| sentence.english);
        let lines = self.lines.iter().filter(|line| Self::is_new(line, Some(before)));
        grants.chain(lines.map(|line| line.english.clone())).collect()
    }
}

/// The actions that a hook is for; all of them where none is named.
fn target_actions(action: Option<HookAction>) -> Vec<HookAction> {
    action.map_or_else(|| HookAction::ALL.to_vec(), |action| vec![action])
}

fn is_own(id: &str, uid: &str) -> bool {
    names::uid_owner(uid) == Some(id)
}

/// One line for each content type that a hook is for.
fn hook_lines(id: &str, grants: &Grants, hook: &ManifestHook) -> Vec<ReachLine> {
    let ManifestHook {
        // The name does not matter: a renamed hook sees and changes the same.
        name: _,
        on,
        phase,
        when,
        select,
        // The order among hooks of several plugins.
        order: _,
        // In the limits.
        budget: _,
        on_failure,
        // For its own writes.
        reentrant: _,
        at: _,
    } = hook;
    let mut by_type: BTreeMap<&str, BTreeSet<HookAction>> = BTreeMap::new();
    for target in on {
        by_type.entry(&target.uid).or_default().extend(target_actions(target.action));
    }
    let line = |(uid, actions): (&str, BTreeSet<HookAction>)| {
        if is_own(id, uid) {
            return sentences::own_hook_sentence(uid);
        }
        let mut claims: Vec<ReachClaim> = actions
            .iter()
            .map(|&action| ReachClaim::Hook {
                uid: uid.to_owned(),
                action,
                early: *phase == Phase::Prepare,
                when: when_of(when),
                stops_writes: *on_failure == crate::manifest::OnFailure::Refuse,
            })
            .collect();
        let shown_claim = |field: Option<String>| ReachClaim::Shown { uid: uid.to_owned(), field };
        match select.is_empty() {
            true => claims.push(shown_claim(None)),
            false => claims.extend(select.iter().map(|path| shown_claim(Some(path.clone())))),
        }
        sentences::hook_sentence(grants, uid, &actions, select, claims)
    };
    by_type.into_iter().map(line).collect()
}

fn when_of(when: &HookCondition) -> (BTreeSet<String>, Option<String>) {
    let HookCondition { changed, filter } = when;
    let filter = filter.as_ref().map(|filter| serde_json::Value::Object(filter.clone()).to_string());
    (changed.iter().cloned().collect(), filter)
}

fn policy_line(id: &str, policy: &ReadPolicy) -> Option<ReachLine> {
    let ReadPolicy { types, at: _ } = policy;
    let others: Vec<&String> = types.iter().filter(|uid| !is_own(id, uid)).collect();
    if others.is_empty() {
        return None;
    }
    let claims = others.iter().map(|uid| ReachClaim::Decides { uid: (*uid).clone() }).collect();
    Some(sentences::policy_sentence(&others, claims))
}

fn route_line(id: &str, route: &ManifestRoute) -> ReachLine {
    let ManifestRoute {
        name: _,
        method,
        path,
        auth,
        permission,
        body,
        rate,
        // Idempotency and raw bodies are about how the plugin handles a request.
        idempotency: _,
        raw_body: _,
        cors,
        // Pages and images from outside have a line of their own, about what visitors see.
        pages: _,
        outside_images: _,
        // What it answers is for those who call it; the claims are about what the plugin can do.
        responses: _,
        // A service has a line of its own, about what is sent to it.
        provides: _,
        at: _,
    } = route;
    // How the plugin gets it, and what it makes of it, is its own affair: a body as a file needs a grant to be read.
    let RouteBody { form: _, max, types: _, schema: _ } = body;
    let passage = RequestPattern::from_route(*method, path);
    let mut claims = vec![
        ReachClaim::Route { passage: passage.clone(), auth: auth.clone(), permission: permission.clone() },
        ReachClaim::Rate { passage: passage.clone(), rate: *rate },
        ReachClaim::Body { passage: passage.clone(), max: *max },
    ];
    if let Some(Cors { origins, headers: _, credentials, max_age: _ }) = cors {
        let origin_claim = |origin: &String| ReachClaim::Origin {
            passage: passage.clone(),
            origin: origin.clone(),
            credentials: *credentials,
        };
        claims.extend(origins.iter().map(origin_claim));
    }
    sentences::route_sentence(id, route, claims)
}

/// The line about pages for visitors; `None` where nothing says that the plugin has any.
fn pages_line(routes: &[ManifestRoute], public_files: bool) -> Option<ReachLine> {
    let outside_images = routes.iter().any(|route| route.outside_images);
    if !public_files && !outside_images && !routes.iter().any(|route| route.pages) {
        return None;
    }
    let claims = [(true, ReachClaim::Pages), (outside_images, ReachClaim::OutsideImages)];
    let claims = claims.into_iter().filter_map(|(has, claim)| has.then_some(claim)).collect();
    Some(sentences::pages_sentence(outside_images, claims))
}

/// The line about a service: without a grant, the plugin gets what people in the admin send to it.
fn service_line(service: ProvidedService) -> ReachLine {
    match service {
        ProvidedService::Translation => sentences::translation_sentence(vec![ReachClaim::Serves(service)]),
    }
}

fn subscription_line(id: &str, subscription: &Subscription) -> ReachLine {
    let Subscription {
        name: _,
        to,
        // How it is told, not of what.
        key: _,
        batch: _,
        retry: _,
        dead: _,
        at: _,
    } = subscription;
    let mut claims = Vec::new();
    for (target, _) in to {
        match target {
            // Events about the plugin's own documents are not listed: it may know them anyway.
            SubscriptionTarget::Documents { uid, .. } if is_own(id, uid) => {}
            SubscriptionTarget::Documents { uid, action } => claims.extend(
                target_actions(*action)
                    .into_iter()
                    .map(|action| ReachClaim::Hears(EventClaim::Documents { uid: uid.clone(), action })),
            ),
            SubscriptionTarget::Event(event) if event.publisher() == id => {}
            SubscriptionTarget::Event(event) => claims.push(ReachClaim::Hears(EventClaim::Event(event.clone()))),
        }
    }
    sentences::subscription_sentence(subscription, claims)
}

fn schedule_line(schedule: &ManifestSchedule) -> ReachLine {
    let ManifestSchedule {
        name: _,
        job,
        cron,
        zone,
        // The exact times, and missed runs, do not extend what the plugin reaches.
        missed: _,
        spread: _,
        at: _,
    } = schedule;
    let claim = ReachClaim::Schedule { job: job.clone(), cron: cron.clone(), zone: zone.clone() };
    sentences::schedule_sentence(schedule, vec![claim])
}

fn view_line(view: &AdminView) -> ReachLine {
    let AdminView {
        name,
        kind,
        // How it looks, and where below the plugin's own part of the admin.
        title: _,
        icon: _,
        path: _,
        types,
        source,
        permission,
        at: _,
    } = view;
    let claim = ReachClaim::View {
        kind: *kind,
        name: name.clone(),
        types: types.iter().cloned().collect(),
        frame: matches!(source, crate::manifest::ViewSource::Frame(_)),
        permission: permission.clone(),
    };
    sentences::view_sentence(view, vec![claim])
}

fn calendar_type(calendar: &ManifestCalendar) -> &str {
    let ManifestCalendar {
        // How people tell its entries from others, and which of its fields are read.
        name: _,
        label: _,
        icon: _,
        tone: _,
        start: _,
        end: _,
        title: _,
        filter: _,
        content_type,
        at: _,
    } = calendar;
    content_type
}

/// The limits of its calls, each the highest that any of its sections asks for.
fn limits_line(
    limits: &ManifestLimits,
    jobs: &[ManifestJob],
    hooks: &[ManifestHook],
    content_types: Option<&ContentTypes>,
) -> ReachLine {
    let ManifestLimits { memory, total_memory, concurrency, transaction, quotas } = limits;
    if let Some(ContentTypes { dir: _, types: _, at: _ }) = content_types {
        // Types of its own, which a package shows one by one; what becomes of their documents is its own affair.
    }
    let longest = jobs.iter().map(|job| {
        let ManifestJob { name: _, timeout, retry: _, batch: _, at: _ } = job;
        timeout.as_millis()
    });
    let budget = hooks.iter().map(|hook| hook.budget.as_millis()).max().unwrap_or_default();
    let amount = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
    let mut claims = vec![
        ReachClaim::Limit { of: "memory", amount: *memory },
        // A plugin without a total of its own gets the operator's.
        ReachClaim::Limit { of: "total-memory", amount: total_memory.unwrap_or(u64::MAX) },
        ReachClaim::Limit { of: "concurrency", amount: (*concurrency).into() },
        ReachClaim::Limit { of: "transaction", amount: amount(transaction.as_millis()) },
        ReachClaim::Limit { of: "job", amount: amount(longest.max().unwrap_or_default()) },
        ReachClaim::Limit { of: "hook", amount: amount(budget) },
    ];
    claims.extend(Quota::ALL.iter().map(|quota| {
        let requested = quotas.get(*quota).unwrap_or_else(|| quota.default_amount());
        ReachClaim::Limit { of: quota.as_str(), amount: requested }
    }));
    sentences::limits_sentence(limits, claims)
}
