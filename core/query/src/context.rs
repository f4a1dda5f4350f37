//! The state of planning one request: the model, the caller's permissions, the types touched, the budget spent.

use crate::access::{Access, Action};
use crate::condition;
use crate::error::ParamError;
use crate::limits::QueryLimits;
use crate::params::filters;
use crate::plan::{Filter, PublicationState, Versions};
use cairn_model::{
    Attribute, AttributeId, AttributeLink, Attributes, ColumnType, Component, ComponentId, ContentType, FILE_UID,
    FieldKind, Registry, TypeId,
};
use std::collections::{BTreeSet, HashMap};

use crate::plan::Field;

/// The state of planning one request.
pub(crate) struct PlanningContext<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) access: &'a Access,
    pub(crate) limits: QueryLimits,
    /// The requested version.
    pub(crate) status: PublicationState,
    /// See [`crate::QueryRequest::lenient`].
    pub(crate) lenient: bool,
    /// Every type read.
    pub(crate) touched: BTreeSet<TypeId>,
    /// See [`crate::PlannedQuery::reached`].
    pub(crate) reached: BTreeSet<TypeId>,
    /// The variables of the conditions that were used, by their path without the `$`.
    pub(crate) variables: BTreeSet<String>,
    /// True if a filter of the request contains the `locale` of the entry itself.
    pub(crate) locale_filtered: bool,
    /// The error of the first invalid direction of a sort.
    pub(crate) sort_order_error: Option<ParamError>,
    /// Number of comparisons so far.
    pub(crate) leaves: usize,
    /// Number of populated nodes so far.
    pub(crate) nodes: usize,
    /// Compiled conditions: one is used wherever its type is reached.
    conditions: HashMap<(TypeId, Action), Option<Filter>>,
}

impl<'a> PlanningContext<'a> {
    pub(crate) fn new(
        registry: &'a Registry,
        access: &'a Access,
        limits: QueryLimits,
        status: PublicationState,
    ) -> Self {
        Self {
            registry,
            access,
            limits,
            status,
            lenient: false,
            touched: BTreeSet::new(),
            reached: BTreeSet::new(),
            variables: BTreeSet::new(),
            locale_filtered: false,
            sort_order_error: None,
            leaves: 0,
            nodes: 0,
            conditions: HashMap::new(),
        }
    }

    /// Condition on the rows of that type on which the caller may do `action`; `None` for all.
    pub(crate) fn row_condition(&mut self, content_type: TypeId, action: Action) -> Option<Filter> {
        if let Some(known) = self.conditions.get(&(content_type, action)) {
            return known.clone();
        }
        let access = self.access;
        // Creating a document reads none.
        if action != Action::Create {
            self.reached.insert(content_type);
        }
        let own = access
            .row_condition(content_type, action)
            .map(|json| condition::compile_condition(self, content_type, json));
        let limit =
            access.row_limit(content_type, action).map(|json| condition::compile_limit(self, content_type, json));
        let both: Vec<Filter> = own.into_iter().chain(limit).collect();
        let filter = (!both.is_empty()).then(|| filters::all_of(both));
        self.conditions.insert((content_type, action), filter.clone());
        filter
    }

    /// Refuses a plan that reaches a type whose read policies were not evaluated.
    pub(crate) fn require_evaluated_policies(&self) -> Result<(), ParamError> {
        self.access.check_reach(self.registry, self.reached.iter().copied())
    }

    /// Condition on the rows of a related type that count as related; `None` for all.
    pub(crate) fn related_condition(&mut self, view: RowView<'a>, target: TypeId) -> Option<Filter> {
        if view.trusted { None } else { self.row_condition(target, Action::Find) }
    }

    /// True if the caller may read through relations to that type.
    pub(crate) fn can_read(&self, target: TypeId) -> bool {
        // Media needs no permission of its own.
        target == self.registry.file_type().id || self.access.allows_action(target, Action::Find)
    }

    /// True if related entries of that type may be returned: for a caller who may not see drafts, a draft (in the response to POST with
    /// `status=draft`) contains none of the drafts it links to.
    pub(crate) fn can_show(&self, target: TypeId) -> bool {
        let draft = self.status == PublicationState::Draft && !self.access.read_drafts;
        self.can_read(target) && !(draft && self.registry.get(target).draft_publish)
    }

    /// Versions of a type's entries that are returned as usages of a file; `None` if none may be. A file has no version: unless the
    /// request says which are meant, these are all that the caller may see.
    pub(crate) fn usage_versions(&self, target: TypeId) -> Option<Versions> {
        if !self.can_show(target) {
            return None;
        }
        let any = self.lenient && self.access.read_drafts;
        Some(if any { Versions::Any } else { Versions::Only(self.status) })
    }

    /// The entry itself, as the response to `action` contains it.
    pub(crate) fn root_view(&self, content_type: TypeId, action: Action) -> RowView<'a> {
        // Answers to writes show what the caller may read, where anything.
        let read_action = match action {
            Action::Find | Action::FindOne => action,
            Action::Create | Action::Update | Action::Delete => [Action::Find, Action::FindOne]
                .into_iter()
                .find(|&read| self.access.allows_action(content_type, read))
                .unwrap_or(action),
        };
        RowView { root: true, ..self.view_of_type(content_type, read_action) }
    }

    /// A related entry.
    pub(crate) fn related_view(&self, from: RowView<'a>, target: TypeId) -> RowView<'a> {
        let view = self.view_of_type(target, Action::Find);
        if from.trusted { RowView { mask: None, trusted: true, ..view } } else { view }
    }

    fn view_of_type(&self, content_type: TypeId, action: Action) -> RowView<'a> {
        let content_type = self.registry.get(content_type);
        let rule = self.access.rules.get(&(content_type.id, action)).filter(|_| !self.access.everything);
        RowView {
            owner: AttributeHolder::Type(content_type),
            mask: rule.and_then(|rule| rule.fields.as_deref()),
            versioned: content_type.draft_publish,
            trusted: false,
            private: self.access.private || self.access.private_of.contains(&content_type.id),
            root: false,
        }
    }

    /// A row in a condition: everything is visible except passwords.
    pub(crate) fn trusted_view(&self, content_type: TypeId) -> RowView<'a> {
        let content_type = self.registry.get(content_type);
        RowView {
            owner: AttributeHolder::Type(content_type),
            mask: None,
            versioned: content_type.draft_publish,
            trusted: true,
            private: true,
            root: false,
        }
    }

    /// A component of the row in view.
    pub(crate) fn component_view(&self, from: RowView<'a>, component: ComponentId) -> RowView<'a> {
        RowView {
            owner: AttributeHolder::Component(self.registry.component(component)),
            mask: None,
            root: false,
            ..from
        }
    }

    /// Versions of a related document that a filter or sort from that row looks at.
    pub(crate) fn related_versions(&self, from: RowView<'a>) -> Versions {
        match (self.access.read_drafts, from.versioned) {
            (false, _) => Versions::Only(PublicationState::Published),
            (true, true) => Versions::Only(self.status),
            (true, false) => Versions::Any,
        }
    }

    /// The type whose other locales' entries a filter or sort goes to from that row, with the caller's condition on them; `None` if the
    /// caller may not read them. From such an entry it does not go on to the others once more: that finds nothing new, and each further
    /// time costs as much as there are locales.
    pub(crate) fn localizations_target(&mut self, view: RowView<'a>, at: &str) -> Option<(TypeId, Option<Filter>)> {
        let AttributeHolder::Type(content_type) = view.owner else { return None };
        let target = content_type.id;
        let is_localization = at.rsplit('.').next() == Some(LOCALIZATIONS_NAME);
        if is_localization || !(view.trusted || self.can_read(target)) {
            return None;
        }
        self.touched.insert(target);
        Some((target, self.related_condition(view, target)))
    }

    /// Counts a populated node.
    pub(crate) fn count_node(&mut self) -> Result<(), ParamError> {
        self.nodes += 1;
        if self.nodes > self.limits.populate_nodes {
            return Err(ParamError::too_complex(format_args!(
                "populate reaches more than {} relations and components",
                self.limits.populate_nodes
            )));
        }
        Ok(())
    }
}

/// The thing that has attributes.
#[derive(Clone, Copy)]
pub(crate) enum AttributeHolder<'a> {
    Type(&'a ContentType),
    Component(&'a Component),
}

impl<'a> AttributeHolder<'a> {
    pub(crate) fn attributes(self) -> &'a Attributes {
        match self {
            AttributeHolder::Type(content_type) => &content_type.attributes,
            AttributeHolder::Component(component) => &component.attributes,
        }
    }
}

/// A row as the caller may see it. Only this type decides whether an attribute is visible.
#[derive(Clone, Copy)]
pub(crate) struct RowView<'a> {
    pub(crate) owner: AttributeHolder<'a>,
    /// The only visible attributes, if they are restricted.
    mask: Option<&'a BTreeSet<AttributeId>>,
    /// True if the row has a status: its type has draft & publish, or the type that owns the component.
    versioned: bool,
    /// True if it is in an administrator's condition: permissions do not apply.
    pub(crate) trusted: bool,
    /// See [`crate::Access::private`].
    private: bool,
    /// True if it is the entry itself, not a related one.
    pub(crate) root: bool,
}

/// The meaning of a name.
pub(crate) enum ResolvedName<'a> {
    /// A scalar and its column type.
    Scalar(Field, ColumnType),
    /// A relation to a type, or media.
    Link { attribute: AttributeId, target: TypeId, link: AttributeLink },
    /// A relation to any type.
    Morph { attribute: AttributeId, many: bool },
    /// A component or a list of them.
    Component { attribute: AttributeId, component: ComponentId, repeatable: bool },
    /// A dynamic zone.
    Zone { attribute: AttributeId, components: &'a [ComponentId] },
    /// The other locales' versions of the entry.
    Localizations,
    /// The usages of a file: entries that show it.
    Usages,
    /// A relation without links: no entry has one. If it is `shown` it is populated as empty, and names below it are unknown.
    Unlinked { attribute: AttributeId, many: bool, shown: bool },
    /// Exists, but is visible to nobody or not to this caller.
    Refused,
    /// Does not exist.
    Unknown,
}

impl<'a> RowView<'a> {
    pub(crate) fn resolve_name(self, registry: &Registry, name: &str) -> ResolvedName<'a> {
        match self.owner {
            AttributeHolder::Type(content_type) => {
                if let Some(resolved_name) = system_field(content_type, name) {
                    return resolved_name;
                }
                if name == USAGES_NAME && content_type.uid == FILE_UID {
                    return if self.shows_usages() { ResolvedName::Usages } else { ResolvedName::Refused };
                }
            }
            AttributeHolder::Component(_) => {
                if name == "id" {
                    return ResolvedName::Scalar(Field::Id, ColumnType::Integer);
                }
            }
        }
        match self.owner.attributes().get(name) {
            Some((id, attribute)) if self.is_visible(id, attribute) => resolve_attribute(registry, id, attribute),
            Some(_) => ResolvedName::Refused,
            None => ResolvedName::Unknown,
        }
    }

    /// True if the caller may see that attribute.
    pub(crate) fn is_visible(self, id: AttributeId, attribute: &Attribute) -> bool {
        if self.trusted {
            return !matches!(attribute.kind, FieldKind::Password);
        }
        let hidden = matches!(attribute.kind, FieldKind::Password) || (attribute.private && !self.private);
        !hidden && self.mask.is_none_or(|mask| mask.contains(&id))
    }

    /// True if it is a file that shows its usages. A caller who sees only some attributes of files does not see usages, and no
    /// permission depends on them.
    pub(crate) fn shows_usages(self) -> bool {
        matches!(self.owner, AttributeHolder::Type(content_type) if content_type.uid == FILE_UID)
            && self.mask.is_none()
            && !self.trusted
    }

    /// All attributes that the caller may see, in schema order.
    pub(crate) fn visible_attributes(self) -> impl Iterator<Item = (AttributeId, &'a Attribute)> {
        self.owner.attributes().iter().filter(move |(id, attribute)| self.is_visible(*id, attribute))
    }

    /// Every scalar that the caller may see, in the order of responses.
    pub(crate) fn visible_scalars(self) -> Vec<Field> {
        let filter = self.visible_attributes().filter(|(_, a)| a.is_scalar() && !a.on_request);
        let attributes = filter.map(|(id, _)| Field::Attribute(id));
        match self.owner {
            AttributeHolder::Component(_) => attributes.collect(),
            AttributeHolder::Type(content_type) => [Field::Id, Field::DocumentId]
                .into_iter()
                .chain(attributes)
                .chain([Field::CreatedAt, Field::UpdatedAt, Field::PublishedAt])
                .chain(content_type.localized.then_some(Field::Locale))
                .collect(),
        }
    }
}

/// Name of the usages of a file, as in Strapi. It is not an attribute: nothing of it is stored with the file.
pub(crate) const USAGES_NAME: &str = "related";

/// Name of the other locales' entries.
pub(crate) const LOCALIZATIONS_NAME: &str = "localizations";

fn system_field<'a>(content_type: &ContentType, name: &str) -> Option<ResolvedName<'a>> {
    Some(match name {
        "id" => ResolvedName::Scalar(Field::Id, ColumnType::Integer),
        "documentId" => ResolvedName::Scalar(Field::DocumentId, ColumnType::Text),
        "createdAt" => ResolvedName::Scalar(Field::CreatedAt, ColumnType::DateTime),
        "updatedAt" => ResolvedName::Scalar(Field::UpdatedAt, ColumnType::DateTime),
        "publishedAt" => ResolvedName::Scalar(Field::PublishedAt, ColumnType::DateTime),
        "locale" if content_type.localized => ResolvedName::Scalar(Field::Locale, ColumnType::Text),
        LOCALIZATIONS_NAME if content_type.localized => ResolvedName::Localizations,
        "locale" | LOCALIZATIONS_NAME | "createdBy" | "updatedBy" => ResolvedName::Refused,
        _ => return None,
    })
}

fn resolve_attribute<'a>(registry: &Registry, id: AttributeId, attribute: &'a Attribute) -> ResolvedName<'a> {
    if let Some(column) = attribute.kind.column_type() {
        return ResolvedName::Scalar(Field::Attribute(id), column);
    }
    match &attribute.kind {
        FieldKind::Component { component, repeatable } => {
            ResolvedName::Component { attribute: id, component: *component, repeatable: *repeatable }
        }
        FieldKind::DynamicZone { components } => ResolvedName::Zone { attribute: id, components },
        FieldKind::Unlinked { many, shown } => ResolvedName::Unlinked { attribute: id, many: *many, shown: *shown },
        _ => match registry.attribute_link(attribute) {
            Some(link) => match link.target {
                Some(target) => ResolvedName::Link { attribute: id, target, link },
                None => ResolvedName::Morph { attribute: id, many: link.many },
            },
            None => ResolvedName::Refused,
        },
    }
}

/// A path of attributes, in the form of errors.
pub(crate) fn join_path(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
