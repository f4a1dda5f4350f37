//! Read policies: which documents a caller of the content API may see, as plugins decide. A plugin is called once per caller and types; its
//! answer becomes a part of the [`Access`] that the caller reads with, so that the planner adds it to its own queries. An answer is cached
//! for as long as the plugin says, or until the plugin invalidates it. A plugin that fails shows no document of these types, and the types are
//! named beside the access: a list of them would look as if there were none. Only plugins with a policy for a type that can be reached are
//! called.

pub use crate::call::caller_access::CallerAccess;
pub use crate::tenant::policy_cache::PolicedRights;
pub use crate::tenant::policy_index::PolicyReach;

use crate::call::ambient::in_current_transaction;
use crate::call::caller_access::LimitedAccess;
use crate::call::error::CallError;
use crate::call::guest_result::check_guest_error;
use crate::call::state::{CallContext, CallState};
use crate::contract::actors::to_guest_actor;
use crate::contract::bindings::read_policy::exports::cairn::plugin::read_policy as guest;
use crate::contract::bindings::types::{Call, Error};
use crate::contract::guest_errors::denied_error;
use crate::contract::plugin_export::PluginExport;
use crate::runtime::generation::Generation;
use crate::runtime::invocation::{call_in_transaction, call_limits, call_outside_transaction, new_call_id};
use crate::tenant::plugins::{CallFailureRecord, Plugins};
use crate::tenant::policy_cache::{AccessKey, AnswerKey, CallerKey, PolicyAnswer};
use crate::tenant::policy_index::PolicyIndex;
use cairn_model::{Registry, TypeId};
use cairn_query::{Access, CallerPermissions, ReadPolicies, check_limit};
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Weak};

/// A filter that no document fits.
fn match_nothing_filter() -> Arc<Json> {
    Arc::new(cairn_model::change::permissions::never_condition())
}

/// Longest time that an answer is cached, in milliseconds: as long as invalidations are retained.
const MAX_CACHE_MS: i64 = 24 * 3_600_000;
/// Time after which a plugin that reads as a caller is told to try again, where a policy was not answered, in milliseconds.
const RETRY_AFTER_MS: u64 = 1_000;
/// Name of the calls in the circuit breaker and in records.
const EXPORT_NAME: &str = "evaluate";

/// The caller that policies are evaluated for.
#[derive(Debug, Clone, Copy)]
pub struct PolicyViewer<'a> {
    /// Actor of the request, as the plugin sees it.
    pub actor: &'a Actor,
    /// Permissions of the caller before policies apply.
    pub rights: &'a CallerPermissions,
    /// Locale of the response.
    pub locale: &'a str,
}

/// Permissions of a caller of the content API during one call of a plugin. The result of a policy is used until the call ends.
#[derive(Debug, Clone)]
struct PolicedAccess {
    rights: CallerPermissions,
    actor: Arc<Actor>,
    locale: Arc<str>,
    plugins: Weak<Plugins>,
    known: Arc<Mutex<HashMap<Vec<TypeId>, Arc<Access>>>>,
    /// True if the policies are evaluated in the transaction in which the plugin is called.
    in_transaction: bool,
}

impl LimitedAccess for PolicedAccess {
    fn access_to<'a>(&'a self, types: &'a [TypeId]) -> BoxFuture<'a, Result<Arc<Access>, Error>> {
        self.load_access(types).boxed()
    }
}

impl PolicedAccess {
    async fn load_access(&self, types: &[TypeId]) -> Result<Arc<Access>, Error> {
        let stopped = || denied_error("the plugins that decide what the caller may read are not available");
        if let Some(known) = self.known.lock().get(types) {
            return Ok(known.clone());
        }
        let viewer = PolicyViewer { actor: &self.actor, rights: &self.rights, locale: &self.locale };
        let plugins = self.plugins.upgrade().ok_or_else(stopped)?;
        let reach = PolicyReach::Everything(types);
        let rights = match self.in_transaction {
            true => in_current_transaction(|tx| plugins.apply_policies_in(tx, viewer, reach)).ok_or_else(stopped)?,
            false => plugins.apply_policies(viewer, reach).await,
        };
        if types.iter().any(|ct| rights.unanswered.contains(ct)) {
            return Err(Error::Unavailable(Some(RETRY_AFTER_MS)));
        }
        let access = rights.access;
        self.known.lock().insert(types.to_vec(), access.clone());
        Ok(access)
    }
}

/// Returns the access of a caller to types that no policy decides about.
fn unrestricted_rights(rights: &CallerPermissions, guards: &PolicyIndex) -> PolicedRights {
    let policies = match guards.guarded.is_empty() {
        true => ReadPolicies::none(),
        false => ReadPolicies::unneeded(guards.guarded.clone()),
    };
    PolicedRights { access: rights.with_policies(&policies), cache_key: None, unanswered: BTreeSet::new() }
}

impl Plugins {
    /// True if a running plugin restricts what callers see.
    pub fn has_policies(&self) -> bool {
        !self.running().policy_index.guarded.is_empty()
    }

    /// True if a plugin decides which documents of a type callers see, also if it does not run now.
    pub fn has_policy_for(&self, content_type: TypeId) -> bool {
        !self.running().policy_index.guarded_types(PolicyReach::Types(&[content_type])).is_empty()
    }

    /// The access that a plugin has on behalf of a caller of the content API. It is lazy, so that a plugin that reads nothing of a type
    /// does not wait for the policies of that type.
    pub fn access_as(&self, rights: CallerPermissions, actor: Arc<Actor>, locale: &str) -> CallerAccess {
        self.caller_access(rights, actor, locale, false)
    }

    /// Does the same as [`Self::access_as`] for a call inside a transaction: the policies are evaluated in it.
    pub fn access_in_transaction_as(&self, rights: CallerPermissions, actor: Arc<Actor>, locale: &str) -> CallerAccess {
        self.caller_access(rights, actor, locale, true)
    }

    fn caller_access(
        &self,
        rights: CallerPermissions,
        actor: Arc<Actor>,
        locale: &str,
        in_transaction: bool,
    ) -> CallerAccess {
        if !self.has_policies() {
            return CallerAccess::Ready(rights.with_policies(&ReadPolicies::none()));
        }
        let (plugins, known) = (self.downgrade(), Arc::default());
        let locale = locale.into();
        CallerAccess::Limited(Arc::new(PolicedAccess { rights, actor, locale, plugins, known, in_transaction }))
    }

    /// Returns the access of a caller of the content API to what they read, restricted by the policies. Where no running plugin has a policy for any of it, it costs nothing;
    /// where all answers are cached, a look into memory, and on a shared database one query for each plugin with a policy.
    pub async fn apply_policies(&self, viewer: PolicyViewer<'_>, reach: PolicyReach<'_>) -> PolicedRights {
        let running = self.running().clone();
        let guards = &running.policy_index;
        let types = guards.guarded_types(reach);
        if types.is_empty() {
            return unrestricted_rights(viewer.rights, guards);
        }
        let by_plugin = guards.group_by_plugin(&types);
        let caller = CallerKey {
            actor: viewer.actor.key(),
            rights: viewer.rights.key().clone(),
            groups: viewer.actor.groups.clone(),
            locale: viewer.locale.to_owned(),
        };
        // Invalidations up to now are applied first. If that fails for a plugin, it has no epoch, and documents of its types are not shown.
        let epochs: Vec<Option<i64>> =
            by_plugin.values().map(|(generation, _)| self.refresh_answers(generation)).collect();
        let known_epochs: Option<Vec<i64>> = epochs.iter().copied().collect();
        let now = by_plugin.values().next().map_or(0, |(generation, _)| generation.now());
        let key = AccessKey { caller, types: types.iter().copied().collect() };
        if let Some(epochs) = &known_epochs
            && let Some(rights) = self.policy_cache.get_access(&key, &running, epochs, now)
        {
            return rights;
        }
        let mut collected = CollectedPolicies::new(guards, &types);
        // A plugin that has not answered makes this `None`: the rights are not cached, and the next request calls the plugin again.
        let mut until = Some(i64::MAX);
        for ((plugin, (generation, types)), epoch) in by_plugin.into_iter().zip(epochs) {
            let answers = match epoch {
                Some(epoch) => self.load_policies(generation, viewer, &key.caller, &types, epoch).await,
                None => Err(NoAnswer::Failed),
            };
            for answer in collected.add_answers(plugin, &types, &answers) {
                until = until.and_then(|until| answer.map(|answer| until.min(answer.until)));
            }
        }
        let rights = collected.restrict(viewer.rights, guards);
        if let (Some(epochs), Some(until)) = (known_epochs, until)
            && now < until
        {
            self.policy_cache.put_access(key, &running, epochs, until, rights.clone());
        }
        rights
    }

    /// Does the same as [`Self::apply_policies`] inside a transaction: plugins see what it has written, and in a rehearsal its time. No answer
    /// comes from the cache or goes into it, and nothing is recorded of the calls.
    pub fn apply_policies_in(
        &self,
        tx: &mut WriteTx<'_>,
        viewer: PolicyViewer<'_>,
        reach: PolicyReach<'_>,
    ) -> PolicedRights {
        let running = self.running().clone();
        let guards = &running.policy_index;
        let types = guards.guarded_types(reach);
        if types.is_empty() {
            return unrestricted_rights(viewer.rights, guards);
        }
        let mut collected = CollectedPolicies::new(guards, &types);
        for (plugin, (generation, types)) in guards.group_by_plugin(&types) {
            let answers = evaluate_policy_in(tx, generation, viewer, &types);
            collected.add_answers(plugin, &types, &answers);
        }
        collected.restrict(viewer.rights, guards)
    }

    /// Forgets a plugin's answers that were invalidated; returns the number of the last invalidation, or `None` if it cannot be read.
    fn refresh_answers(&self, generation: &Generation) -> Option<i64> {
        let (plugin, store) = (generation.id(), generation.content().store());
        let refreshed = self.policy_cache.refresh(store, plugin, generation.now());
        let log = |error: &StoreError| tracing::error!(plugin, %error, "the read policies cannot be read: no documents are shown");
        refreshed.inspect_err(log).ok()
    }

    /// A plugin's answers for these types, in their order. `epoch`: number of the last invalidation that was applied.
    async fn load_policies(
        &self,
        generation: &Arc<Generation>,
        viewer: PolicyViewer<'_>,
        caller: &CallerKey,
        types: &[TypeId],
        epoch: i64,
    ) -> PolicyAnswers {
        let whom = AnswerKey { plugin: generation.id().to_owned(), number: generation.number, caller: caller.clone() };
        let now = generation.now();
        let answers = self.policy_cache.get_answers(&whom, types, now);
        let missing: Vec<TypeId> =
            types.iter().zip(&answers).filter(|(_, answer)| answer.is_none()).map(|(ct, _)| *ct).collect();
        let mut policy_answers = Vec::new();
        if !missing.is_empty() {
            policy_answers = self.evaluate_policy(generation, viewer, &missing, now).await?;
            for (ct, answer) in missing.iter().zip(&policy_answers) {
                self.policy_cache.put_answer(&whom, *ct, answer.clone(), epoch, now);
            }
        }
        let mut iter = policy_answers.into_iter();
        let answer = |cached: Option<_>| cached.or_else(|| iter.next()).ok_or(NoAnswer::Failed);
        answers.into_iter().map(answer).collect()
    }

    async fn evaluate_policy(
        &self,
        generation: &Arc<Generation>,
        viewer: PolicyViewer<'_>,
        types: &[TypeId],
        now: i64,
    ) -> PolicyAnswers {
        let Ok(_pass) = self.breaker.acquire_permit(generation.id(), PluginExport::Policy, EXPORT_NAME) else {
            return Err(NoAnswer::Failed);
        };
        let call_context = policy_call_context(viewer);
        let limits = call_limits(generation, PluginExport::Policy);
        let uids = type_uids(generation, types);
        let input = json!({ "types": uids, "actor": viewer.actor.key() });
        let outcome = call_outside_transaction(generation, call_context.clone(), limits, async |store, call| {
            call_evaluate(generation, store, &call, &uids).await
        })
        .await;
        self.queue_logs(outcome.logs);
        let answers = check_policies(generation, outcome.result, types, limits.output, now);
        match answers {
            Ok(answers) => {
                self.record_success(generation.id(), PluginExport::Policy, EXPORT_NAME, outcome.took);
                answers.map_err(|error| {
                    tracing::debug!(plugin = generation.id(), ?error, "no documents are shown");
                    NoAnswer::Refused
                })
            }
            Err(failure) => {
                let took = outcome.took;
                self.record_failure(CallFailureRecord {
                    generation,
                    context: &call_context,
                    error: &failure,
                    took,
                    input,
                });
                Err(NoAnswer::Failed)
            }
        }
    }
}

/// Why a plugin has no answer for types. Either way, no document of them is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NoAnswer {
    /// It refuses the caller.
    Refused,
    /// It failed, took too long or was not called: asked again, it may answer.
    Failed,
}

/// A plugin's answers for types, in their order.
type PolicyAnswers = Result<Vec<Arc<PolicyAnswer>>, NoAnswer>;

/// The limits of types, as they are collected from the answers of plugins.
struct CollectedPolicies {
    limits: BTreeMap<TypeId, Vec<Arc<Json>>>,
    digest: Sha256,
    /// The types among them whose plugins do not run.
    closed: BTreeSet<TypeId>,
    /// The types among them whose plugins failed to answer.
    unanswered: BTreeSet<TypeId>,
}

impl CollectedPolicies {
    fn new(guards: &PolicyIndex, types: &BTreeSet<TypeId>) -> Self {
        let closed: BTreeSet<TypeId> = types.intersection(&guards.closed).copied().collect();
        let limits = closed.iter().map(|ct| (*ct, vec![match_nothing_filter()])).collect();
        Self { limits, digest: Sha256::new(), closed, unanswered: BTreeSet::new() }
    }

    /// Adds a plugin's answers for these types; returns the answer for each, in their order.
    fn add_answers<'a>(
        &mut self,
        plugin: &str,
        types: &[TypeId],
        answers: &'a PolicyAnswers,
    ) -> Vec<Option<&'a Arc<PolicyAnswer>>> {
        if let Err(NoAnswer::Failed) = answers {
            self.unanswered.extend(types);
        }
        let answer_at = |at: usize| answers.as_ref().ok().and_then(|answers| answers.get(at));
        let by_type: Vec<_> = (0..types.len()).map(answer_at).collect();
        for (ct, answer) in types.iter().zip(&by_type) {
            self.add(plugin, *ct, *answer);
        }
        by_type
    }

    /// Adds a plugin's answer for a type; `None`: it has none, and no document is seen.
    fn add(&mut self, plugin: &str, ct: TypeId, answer: Option<&Arc<PolicyAnswer>>) {
        let filters = match answer {
            Some(answer) => answer.filters.clone(),
            None => Some(match_nothing_filter()),
        };
        // The plugin's own key may be too coarse: what it stands for is part of it.
        let key = answer.map_or("", |answer| &*answer.cache_key);
        for part in [plugin, key, &filters.as_ref().map(|f| f.to_string()).unwrap_or_default()] {
            self.digest.update((part.len() as u64).to_le_bytes());
            self.digest.update(part.as_bytes());
        }
        self.digest.update(format!("{ct:?}").as_bytes());
        self.limits.entry(ct).or_default().extend(filters);
    }

    /// The permissions of a caller, restricted by all of it.
    fn restrict(mut self, rights: &CallerPermissions, guards: &PolicyIndex) -> PolicedRights {
        self.digest.update(format!("{:?}", self.closed).as_bytes());
        let cache_key: String = self.digest.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let policies = ReadPolicies::new(self.limits, guards.guarded.clone(), cache_key.into());
        PolicedRights {
            access: rights.with_policies(&policies),
            cache_key: policies.cache_key().cloned(),
            unanswered: self.unanswered,
        }
    }
}

fn policy_call_context(viewer: PolicyViewer<'_>) -> CallContext {
    let id = new_call_id(PluginExport::Policy);
    CallContext {
        export: PluginExport::Policy,
        name: EXPORT_NAME.into(),
        key: id.clone(),
        id,
        actor: to_guest_actor(viewer.actor),
        // A policy is decided by what the caller could read without it.
        access: Some(CallerAccess::Ready(viewer.rights.before_policies().clone())),
        locale: viewer.locale.to_owned(),
        attempt: 1,
    }
}

fn type_uids(generation: &Generation, types: &[TypeId]) -> Vec<String> {
    let registry = generation.content().registry();
    types.iter().map(|ct| registry.get(*ct).uid.clone()).collect()
}

async fn call_evaluate(
    generation: &Generation,
    store: &mut wasmtime::Store<CallState>,
    call: &Call,
    uids: &[String],
) -> wasmtime::Result<Result<Vec<guest::Policy>, Error>> {
    let exports = generation.exports.policies.as_ref();
    let exports = exports.ok_or_else(|| wasmtime::Error::msg("it does not export a read policy"))?;
    exports.call::<_, Result<Vec<guest::Policy>, Error>>(store, "evaluate", call, (uids,)).await
}

/// A plugin's answers for these types inside a transaction, in their order.
fn evaluate_policy_in(
    tx: &mut WriteTx<'_>,
    generation: &Arc<Generation>,
    viewer: PolicyViewer<'_>,
    types: &[TypeId],
) -> PolicyAnswers {
    let now = tx.rehearsed_time().unwrap_or_else(|| generation.now());
    let limits = call_limits(generation, PluginExport::Policy);
    let uids = type_uids(generation, types);
    let outcome = call_in_transaction(generation, policy_call_context(viewer), limits, tx, async |store, call| {
        call_evaluate(generation, store, &call, &uids).await
    });
    let plugin = generation.id();
    let answers = check_policies(generation, outcome.result, types, limits.output, now).map_err(|failure| {
        tracing::debug!(plugin, error = failure.message, "no documents are shown");
        NoAnswer::Failed
    })?;
    answers.map_err(|error| {
        tracing::debug!(plugin, ?error, "no documents are shown");
        NoAnswer::Refused
    })
}

/// Checks what a plugin returned for these types. The inner error is its own: it refuses the caller, who sees nothing, and the call has not
/// failed.
fn check_policies(
    generation: &Generation,
    result: Result<Result<Vec<guest::Policy>, Error>, CallError>,
    types: &[TypeId],
    most: usize,
    now: i64,
) -> Result<Result<Vec<Arc<PolicyAnswer>>, Error>, CallError> {
    let policies = match result? {
        Ok(policies) => policies,
        Err(error) => return check_guest_error(error, most).map(Err),
    };
    if policies.len() != types.len() {
        let message = format!("{} policies for {} content types", policies.len(), types.len());
        return Err(CallError::invalid_output(message));
    }
    let registry = generation.content().registry();
    let read = |(ct, policy): (&TypeId, guest::Policy)| parse_policy(registry, *ct, policy, most, now);
    types.iter().zip(policies).map(read).collect::<Result<Vec<_>, _>>().map(Ok)
}

fn parse_policy(
    registry: &Registry,
    ct: TypeId,
    policy: guest::Policy,
    most: usize,
    now: i64,
) -> Result<Arc<PolicyAnswer>, CallError> {
    let uid = &registry.get(ct).uid;
    let filters = match policy.filters {
        None => None,
        Some(text) if text.len() > most => {
            return Err(CallError::invalid_output(format!(
                "the filter for {uid} has {} bytes; the limit is {most}",
                text.len()
            )));
        }
        Some(text) => {
            let filters: Json = serde_json::from_str(&text)
                .map_err(|e| CallError::invalid_output(format!("the filter for {uid} is not valid JSON: {e}")))?;
            check_limit(registry, ct, &filters)
                .map_err(|e| CallError::invalid_output(format!("the filter for {uid}: {e}")))?;
            Some(Arc::new(filters))
        }
    };
    let valid = i64::try_from(policy.valid_for).unwrap_or(i64::MAX).min(MAX_CACHE_MS);
    Ok(Arc::new(PolicyAnswer {
        filters,
        cache_key: policy.cache_key.chars().take(500).collect(),
        until: now.saturating_add(valid),
        depends_on: policy.depends_on,
    }))
}
