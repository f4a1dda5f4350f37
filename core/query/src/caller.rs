//! From what a caller's role or token gives to what they may read: read policies come between, and cannot be left out.

use crate::{Access, Action};
use cairn_model::TypeId;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a role or token gives a caller of the content API, before read policies. It says whether something may be asked for at all;
/// nothing is read with it, since queries are planned with an [`Access`], and [`Self::with_policies`] is the way to one.
///
/// ```compile_fail
/// fn read(access: &std::sync::Arc<cairn_query::Access>) {}
/// fn handle(caller: &cairn_query::CallerRights) {
///     read(caller);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct CallerRights(Arc<Access>);

impl CallerRights {
    /// Of the rights that were stored for a role or token.
    pub fn new(rights: Arc<Access>) -> Self {
        Self(rights)
    }

    /// Whether the caller may do `action` on that type, perhaps only on some rows and attributes.
    pub fn may(&self, content_type: TypeId, action: Action) -> bool {
        self.0.may(content_type, action)
    }

    /// Whether they may see drafts.
    pub fn reads_drafts(&self) -> bool {
        self.0.everything || self.0.read_drafts
    }

    /// Equal keys mean equal rights and variables.
    pub fn key(&self) -> &Arc<str> {
        &self.0.key
    }

    /// What the caller may do and read, with the policies that hold for them.
    pub fn with_policies(&self, policies: &ReadPolicies) -> Arc<Access> {
        let Some(key) = &policies.key else { return self.0.clone() };
        let mut access = Access::clone(&self.0);
        // Equal keys mean equal rights.
        access.key = format!("{} with policies {key}", self.0.key).into();
        for (content_type, filters) in &policies.filters {
            access.limits.insert(*content_type, filters.clone());
        }
        Arc::new(access)
    }

    /// The same as they were stored: to decide policies by, to plan examples, and for tests. What a caller reads is never read with it.
    pub fn before_policies(&self) -> &Arc<Access> {
        &self.0
    }
}

/// What read policies leave a caller of the types that they were asked for.
#[derive(Debug, Clone, Default)]
pub struct ReadPolicies {
    filters: BTreeMap<TypeId, Arc<Json>>,
    key: Option<Arc<str>>,
}

impl ReadPolicies {
    /// Where none holds: no plugin has a policy for what is read, or the caller is an admin user, whom no policy limits.
    pub fn none() -> Self {
        Self::default()
    }

    /// Of filters in the query language, all of which a document of their type has to match. `key`: equal wherever the filters are.
    pub fn new(filters: impl IntoIterator<Item = (TypeId, Vec<Arc<Json>>)>, key: Arc<str>) -> Self {
        let filters = filters.into_iter().filter_map(|(content_type, all)| {
            let filter = match all.as_slice() {
                [] => return None,
                [one] => one.clone(),
                several => {
                    let several: Vec<&Json> = several.iter().map(|one| &**one).collect();
                    Arc::new(json!({ "$and": several }))
                }
            };
            Some((content_type, filter))
        });
        Self { filters: filters.collect(), key: Some(key) }
    }

    /// Distinguishes answers made with these policies from those made with others; `None`: no policy had a part in it, and answers
    /// are shared as they are without plugins.
    pub fn key(&self) -> Option<&Arc<str>> {
        self.key.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::registry;

    #[test]
    fn policies_narrow_what_is_read_whatever_the_rights() {
        let registry = registry();
        let articles = registry.by_route("articles").unwrap().id;
        let rights = CallerRights::new(Arc::new(Access::full()));
        let open = rights.with_policies(&ReadPolicies::none());
        assert!(Arc::ptr_eq(&open, rights.before_policies()));
        let filter = |title: &str| Arc::new(json!({ "title": title }));
        let one = ReadPolicies::new([(articles, vec![filter("a")])], "1".into());
        let both = ReadPolicies::new([(articles, vec![filter("a"), filter("b")])], "2".into());
        let (one, both) = (rights.with_policies(&one), rights.with_policies(&both));
        assert_eq!(one.limit(articles, Action::Find), Some(&*filter("a")));
        assert_eq!(both.limit(articles, Action::Find), Some(&json!({ "$and": [{ "title": "a" }, { "title": "b" }] })));
        assert!(one.key != open.key && one.key != both.key);
        // Nothing to hide is not the same as nobody asked.
        let asked = ReadPolicies::new([(articles, Vec::new())], "3".into());
        assert!(asked.key().is_some() && rights.with_policies(&asked).limits.is_empty());
    }
}
