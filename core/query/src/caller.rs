//! From the permissions of a caller's role or token to what they may read: read policies come between, and cannot be left out.

use crate::{Access, Action, PolicyCoverage};
use cairn_model::TypeId;
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The permissions of a caller of the content API from a role or token, before read policies. It decides whether a request is allowed at
/// all; nothing is read with it, since queries are planned with an [`Access`], and [`Self::with_policies`] is the only way to one.
///
/// ```compile_fail
/// fn read(access: &std::sync::Arc<cairn_query::Access>) {}
/// fn handle(caller: &cairn_query::CallerPermissions) {
///     read(caller);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct CallerPermissions(Arc<Access>);

impl CallerPermissions {
    /// Wraps the permissions that were stored for a role or token.
    pub fn new(rights: Arc<Access>) -> Self {
        Self(rights)
    }

    /// True if the caller may do `action` on that type, perhaps only on some rows and attributes.
    pub fn allows_action(&self, content_type: TypeId, action: Action) -> bool {
        self.0.allows_action(content_type, action)
    }

    /// True if drafts are visible.
    pub fn reads_drafts(&self) -> bool {
        self.0.everything || self.0.read_drafts
    }

    /// Key of the permissions: equal keys mean equal permissions and variables.
    pub fn key(&self) -> &Arc<str> {
        self.0.key.whole()
    }

    /// Returns the caller's permissions, with the read policies that apply to them.
    pub fn with_policies(&self, policies: &ReadPolicies) -> Arc<Access> {
        let Some(coverage) = &policies.coverage else { return self.0.clone() };
        let mut access = Access::clone(&self.0);
        // Equal keys mean equal permissions. What was not evaluated is not part of the key: a plan that needs it is refused.
        if let Some(key) = &policies.key {
            access.key = self.0.key.with_suffix(format_args!(" with policies {key}"));
        }
        for (content_type, filters) in &policies.filters {
            access.limits.insert(*content_type, filters.clone());
        }
        access.policies = Some(coverage.clone());
        Arc::new(access)
    }

    /// The stored permissions: for evaluating policies, planning examples, and tests. Must not be used for what a caller reads.
    pub fn before_policies(&self) -> &Arc<Access> {
        &self.0
    }
}

/// The conditions of read policies on the types that they were evaluated for.
#[derive(Debug, Clone, Default)]
pub struct ReadPolicies {
    filters: BTreeMap<TypeId, Arc<Json>>,
    key: Option<Arc<str>>,
    coverage: Option<PolicyCoverage>,
}

impl ReadPolicies {
    /// No policies apply: no plugin has any, or the caller is an admin user, whom no policy limits.
    pub fn none() -> Self {
        Self::default()
    }

    /// No policies are needed: nothing that is read is of a `guarded` type. A query that reaches one all the same is refused.
    pub fn unneeded(guarded: Arc<BTreeSet<TypeId>>) -> Self {
        Self { coverage: Some(PolicyCoverage { guarded, evaluated: BTreeSet::new() }), ..Self::default() }
    }

    /// Policies from filters in the query language, all of which a document of their type has to match. `filters` names each type that was
    /// evaluated, `guarded` every type with a policy. `key`: equal whenever the filters are.
    pub fn new(
        filters: impl IntoIterator<Item = (TypeId, Vec<Arc<Json>>)>,
        guarded: Arc<BTreeSet<TypeId>>,
        key: Arc<str>,
    ) -> Self {
        let mut policies = Self {
            filters: BTreeMap::new(),
            key: Some(key),
            coverage: Some(PolicyCoverage { guarded, evaluated: BTreeSet::new() }),
        };
        for (content_type, all) in filters {
            if let Some(coverage) = &mut policies.coverage {
                coverage.evaluated.insert(content_type);
            }
            let filter = match all.as_slice() {
                [] => continue,
                [one] => one.clone(),
                several => {
                    let several: Vec<&Json> = several.iter().map(|one| &**one).collect();
                    Arc::new(json!({ "$and": several }))
                }
            };
            policies.filters.insert(content_type, filter);
        }
        policies
    }

    /// Distinguishes responses under these policies from those under others; `None`: no policy was involved, and responses are shared as
    /// they are without plugins.
    pub fn cache_key(&self) -> Option<&Arc<str>> {
        self.key.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::sample_registry;

    #[test]
    fn policies_narrow_even_full_permissions() {
        let registry = sample_registry();
        let articles = registry.by_route("articles").unwrap().id;
        let rights = CallerPermissions::new(Arc::new(Access::full()));
        let guarded = Arc::new(BTreeSet::from([articles]));
        let open = rights.with_policies(&ReadPolicies::none());
        assert!(Arc::ptr_eq(&open, rights.before_policies()));
        let filter = |title: &str| Arc::new(json!({ "title": title }));
        let one = ReadPolicies::new([(articles, vec![filter("a")])], guarded.clone(), "1".into());
        let both = ReadPolicies::new([(articles, vec![filter("a"), filter("b")])], guarded.clone(), "2".into());
        let (one, both) = (rights.with_policies(&one), rights.with_policies(&both));
        assert_eq!(one.row_limit(articles, Action::Find), Some(&*filter("a")));
        assert_eq!(
            both.row_limit(articles, Action::Find),
            Some(&json!({ "$and": [{ "title": "a" }, { "title": "b" }] }))
        );
        assert!(one.key != open.key && one.key != both.key);
        // Policies without filters hide nothing, but have a cache key of their own.
        let policies = ReadPolicies::new([(articles, Vec::new())], guarded.clone(), "3".into());
        assert!(policies.cache_key().is_some() && rights.with_policies(&policies).limits.is_empty());
    }
}
