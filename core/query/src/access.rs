//! Permissions of a caller. The crate `access` loads this value, the planner applies it at every level of a query.

mod key;

pub use key::AccessKey;

use crate::error::ParamError;
use crate::negation::Negation;
use cairn_model::{Attribute, AttributeId, ContentType, FieldKind, Registry, TypeId};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// An action on a content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Listing entries; and being populated, filtered and sorted through.
    Find,
    /// Reading one entry by its id.
    FindOne,
    /// Creating an entry.
    Create,
    /// Changing an entry.
    Update,
    /// Deleting an entry.
    Delete,
}

/// Permissions of one caller in one tenant.
#[derive(Debug, Clone)]
pub struct Access {
    /// Key of cached plans and responses: equal keys must mean equal permissions and variables.
    pub key: AccessKey,
    /// True if it is full access: everything below is ignored except `variables`.
    pub everything: bool,
    /// True if drafts are visible.
    pub read_drafts: bool,
    /// True if private attributes are visible, which the content API shows to nobody: for the admin. Passwords are never visible.
    pub private: bool,
    /// Types whose private attributes are visible: for a plugin its types.
    pub private_of: BTreeSet<TypeId>,
    /// Permissions by type and action; what is missing is forbidden. Shared by the accesses that are made of this one.
    pub rules: Arc<HashMap<(TypeId, Action), AccessRule>>,
    /// Values for `$…` in conditions, by their path without the `$`: `user.id`, `user.customer.documentId`, `now`. A
    /// missing path means null.
    pub variables: BTreeMap<String, Json>,
    /// For these types only matching rows exist for the caller, whatever the permissions, full access included: `filters` as JSON in the
    /// query language, in which a text that begins with `$` is a text. Applies to all actions except creating.
    pub limits: BTreeMap<TypeId, Arc<Json>>,
    /// The types that read policies of plugins guard, and whether those of each were evaluated for this caller. `None`: no policy restricts
    /// them.
    pub policies: Option<PolicyCoverage>,
    /// The reading of negations in the filters of the caller's requests. Conditions and limits are complements whatever it is.
    pub negation: Negation,
    /// True if `_q` finds numbers also where they are written otherwise, by their digits.
    pub searches_digits: bool,
}

/// The types whose read policies were evaluated for a caller, among those that have any. A query that reaches another guarded type is refused,
/// so that a fault in choosing the types never shows what a policy hides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyCoverage {
    /// Every type with a read policy.
    pub guarded: Arc<BTreeSet<TypeId>>,
    /// Those among them whose policies were evaluated; what they hide is in [`Access::limits`].
    pub evaluated: BTreeSet<TypeId>,
}

impl PolicyCoverage {
    /// True if the policies of a type should have been evaluated before it is read.
    fn lacks(&self, content_type: TypeId) -> bool {
        self.guarded.contains(&content_type) && !self.evaluated.contains(&content_type)
    }
}

/// A permission for one action on one type.
#[derive(Debug, Clone, Default)]
pub struct AccessRule {
    /// Restricts it to rows that match: `filters` as JSON in the query language, with variables. Validated when it was set.
    pub condition: Option<Arc<Json>>,
    /// Restricts it to these attributes; `None` for all.
    pub fields: Option<Arc<BTreeSet<AttributeId>>>,
}

impl Access {
    /// Access to everything, drafts included: for full-access tokens, and Cairn itself.
    pub fn full() -> Self {
        Self {
            key: "full".into(),
            everything: true,
            read_drafts: true,
            private: false,
            private_of: BTreeSet::new(),
            rules: Arc::default(),
            variables: BTreeMap::new(),
            limits: BTreeMap::new(),
            policies: None,
            negation: Negation::Contract,
            searches_digits: false,
        }
    }

    /// Access to everything, private attributes included: for super admins.
    pub fn admin() -> Self {
        Self { key: "admin".into(), private: true, ..Self::full() }
    }

    /// Access to nothing at all.
    pub fn none() -> Self {
        Self { key: "none".into(), everything: false, read_drafts: false, ..Self::full() }
    }

    /// True if the caller may do `action` on that type (perhaps only on some rows and attributes).
    pub fn allows_action(&self, content_type: TypeId, action: Action) -> bool {
        self.everything || self.rules.contains_key(&(content_type, action))
    }

    /// The condition rows must match for `action`, if there is one.
    pub fn row_condition(&self, content_type: TypeId, action: Action) -> Option<&Json> {
        if self.everything {
            return None;
        }
        self.rules.get(&(content_type, action)).and_then(|r| r.condition.as_deref())
    }

    /// A further condition that rows must match for `action`, besides [`Self::row_condition`], if there is one.
    pub fn row_limit(&self, content_type: TypeId, action: Action) -> Option<&Json> {
        if action == Action::Create {
            return None;
        }
        self.limits.get(&content_type).map(|limit| &**limit)
    }

    /// Checks that the read policies of these types were evaluated for the caller, as far as they have any: for plans that were made for
    /// somebody with the same permissions. See [`PlannedQuery::reached`](crate::PlannedQuery::reached).
    ///
    /// # Errors
    /// One that names the first type for which they were not.
    pub fn check_reach(
        &self,
        registry: &Registry,
        reached: impl IntoIterator<Item = TypeId>,
    ) -> Result<(), ParamError> {
        let Some(policies) = &self.policies else { return Ok(()) };
        match reached.into_iter().find(|content_type| policies.lacks(*content_type)) {
            Some(content_type) => Err(ParamError::unevaluated_policy(&registry.get(content_type).uid)),
            None => Ok(()),
        }
    }

    /// The same access, in which one document is visible whatever limits its type: for a user's account, or the target of a preview link.
    #[must_use]
    pub fn with_visible_document(self: &Arc<Self>, content_type: TypeId, document_id: &str) -> Arc<Self> {
        let Some(limit) = self.limits.get(&content_type) else { return self.clone() };
        let mut wider = Self::clone(self);
        wider.key = self.key.with_suffix(format_args!(", seeing {document_id}"));
        let limit = json!({ "$or": [**limit, { "documentId": { "$eq": document_id } }] });
        wider.limits.insert(content_type, Arc::new(limit));
        Arc::new(wider)
    }

    /// The same access for the lists and saved views of the admin: negations of filters are complements, and numbers are found by their digits.
    #[must_use]
    pub fn for_admin_lists(&self) -> Self {
        let key = self.key.with_suffix(", admin lists");
        Self { key, negation: Negation::Complement, searches_digits: true, ..self.clone() }
    }

    /// The same access without private attributes: for lists of people, whose codes are nobody's business.
    #[must_use]
    pub fn without_private(&self) -> Self {
        let key = self.key.with_suffix(", without private attributes");
        Self { key, private: false, private_of: BTreeSet::new(), ..self.clone() }
    }

    /// Key of what depends on the permissions, and of the variables on these alone: equal keys mean that it is the same.
    pub fn key_with<'v>(&self, variables: impl IntoIterator<Item = &'v str>) -> String {
        let values: BTreeMap<_, _> = variables.into_iter().map(|name| (name, self.variables.get(name))).collect();
        format!("{} {}", self.key.permissions(), json!(values))
    }

    /// True if some rows of that type may be hidden from `action`.
    pub fn is_limited(&self, content_type: TypeId, action: Action) -> bool {
        self.row_condition(content_type, action).is_some() || self.row_limit(content_type, action).is_some()
    }

    /// True if an attribute that is not for everybody is hidden from the caller, whatever the permissions.
    pub fn hides_attribute(&self, attribute: &Attribute) -> bool {
        matches!(attribute.kind, FieldKind::Password) || (attribute.private && !self.private)
    }

    /// True if the caller may see (read actions) or set (write actions) that attribute. Passwords may be set, but nobody sees them; the
    /// same applies to private attributes, except with [`Self::private`].
    pub fn allows_attribute(&self, content_type: &ContentType, attribute: AttributeId, action: Action) -> bool {
        let attribute_of = &content_type.attributes[attribute];
        let reveals_private =
            self.private_of.contains(&content_type.id) && !matches!(attribute_of.kind, FieldKind::Password);
        if matches!(action, Action::Find | Action::FindOne) && !reveals_private && self.hides_attribute(attribute_of) {
            return false;
        }
        if self.everything {
            return true;
        }
        match self.rules.get(&(content_type.id, action)) {
            None => false,
            Some(rule) => rule.fields.as_ref().is_none_or(|f| f.contains(&attribute)),
        }
    }
}
