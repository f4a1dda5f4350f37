//! What a caller may do. `access` (the crate) loads this value, the planner applies it at every level of a query.

use cairn_model::{Attribute, AttributeId, ContentType, FieldKind, TypeId};
use serde_json::{Value as Json, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// An action on a content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// List; and being populated, filtered and sorted through.
    Find,
    /// One entry by its id.
    FindOne,
    /// Make an entry.
    Create,
    /// Change an entry.
    Update,
    /// Delete an entry.
    Delete,
}

/// What one caller may do in one tenant.
#[derive(Debug, Clone)]
pub struct Access {
    /// Distinguishes cached plans and answers: equal keys must mean equal rights and variables.
    pub key: Arc<str>,
    /// Full access: everything below is ignored but `variables`.
    pub everything: bool,
    /// May see drafts.
    pub read_drafts: bool,
    /// May see private attributes, which the content API shows to nobody: the admin. Passwords are seen by nobody at all.
    pub private: bool,
    /// Sees the private attributes of these types: a plugin those of its own.
    pub private_of: BTreeSet<TypeId>,
    /// Rights by type and action; what is not here is forbidden.
    pub rules: HashMap<(TypeId, Action), Rule>,
    /// Values for `$…` in conditions, by their path without the `$`: `user.id`, `user.customer.documentId`, `now`.
    /// A path that is not here stands for null.
    pub variables: BTreeMap<String, Json>,
    /// Of these types only rows that match are there for the caller, whatever the rights say, full access included: `filters` as
    /// JSON in the query language, in which a text that begins with `$` is a text. For everything but making one.
    pub limits: BTreeMap<TypeId, Arc<Json>>,
}

/// A right to do one action on one type.
#[derive(Debug, Clone, Default)]
pub struct Rule {
    /// Only rows that match: `filters` as JSON in the query language, with variables. Checked when it was set.
    pub condition: Option<Arc<Json>>,
    /// Only these attributes; `None` for all.
    pub fields: Option<Arc<BTreeSet<AttributeId>>>,
}

impl Access {
    /// Everything, drafts included: full-access tokens, and Cairn itself.
    pub fn full() -> Self {
        Self {
            key: "full".into(),
            everything: true,
            read_drafts: true,
            private: false,
            private_of: BTreeSet::new(),
            rules: HashMap::new(),
            variables: BTreeMap::new(),
            limits: BTreeMap::new(),
        }
    }

    /// Everything, private attributes included: who may do everything in the admin.
    pub fn admin() -> Self {
        Self { key: "admin".into(), private: true, ..Self::full() }
    }

    /// Nothing at all.
    pub fn none() -> Self {
        Self { key: "none".into(), everything: false, read_drafts: false, ..Self::full() }
    }

    /// Whether the caller may do `action` on that type (perhaps only on some rows and attributes).
    pub fn may(&self, content_type: TypeId, action: Action) -> bool {
        self.everything || self.rules.contains_key(&(content_type, action))
    }

    /// The condition rows must match for `action`, if there is one.
    pub fn condition(&self, content_type: TypeId, action: Action) -> Option<&Json> {
        if self.everything {
            return None;
        }
        self.rules.get(&(content_type, action)).and_then(|r| r.condition.as_deref())
    }

    /// What rows must match for `action` beside [`Self::condition`], if there is anything.
    pub fn limit(&self, content_type: TypeId, action: Action) -> Option<&Json> {
        if action == Action::Create {
            return None;
        }
        self.limits.get(&content_type).map(|limit| &**limit)
    }

    /// The same, but that one document is seen whatever else limits its type: somebody's own account, or what a preview link was made
    /// for.
    #[must_use]
    pub fn seeing(self: &Arc<Self>, content_type: TypeId, document_id: &str) -> Arc<Self> {
        let Some(limit) = self.limits.get(&content_type) else { return self.clone() };
        let mut wider = Self::clone(self);
        wider.key = format!("{}, seeing {document_id}", self.key).into();
        let limit = json!({ "$or": [**limit, { "documentId": { "$eq": document_id } }] });
        wider.limits.insert(content_type, Arc::new(limit));
        Arc::new(wider)
    }

    /// Whether some rows of that type may be kept from `action`.
    pub fn is_limited(&self, content_type: TypeId, action: Action) -> bool {
        self.condition(content_type, action).is_some() || self.limit(content_type, action).is_some()
    }

    /// Whether what is not for everybody is kept from the caller, whatever the rights say.
    pub fn hides(&self, attribute: &Attribute) -> bool {
        matches!(attribute.kind, FieldKind::Password) || (attribute.private && !self.private)
    }

    /// Whether the caller may see (read actions) or set (write actions) that attribute. Passwords may be set, and seen by
    /// nobody; private attributes likewise, but for [`Self::private`].
    pub fn may_attribute(&self, content_type: &ContentType, attribute: AttributeId, action: Action) -> bool {
        let attribute_of = &content_type.attributes[attribute];
        let shown = self.private_of.contains(&content_type.id) && !matches!(attribute_of.kind, FieldKind::Password);
        if matches!(action, Action::Find | Action::FindOne) && !shown && self.hides(attribute_of) {
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
