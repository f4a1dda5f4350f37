//! The state of planning one request: the model, the caller's permissions, the types touched, the budget spent.

use crate::access::{Access, Action};
use crate::condition;
use crate::error::ParamError;
use crate::limits::Limits;
use crate::params::filters;
use crate::plan::{Filter, Status, Versions};
use cairn_model::{
    Attribute, AttributeId, Attributes, ColumnType, Component, ComponentId, ContentType, FILE_UID, FieldKind, Link,
    Registry, TypeId,
};
use std::collections::{BTreeSet, HashMap};

use crate::plan::Field;

/// The state of planning one request.
pub(crate) struct Context<'a> {
    pub(crate) registry: &'a Registry,
    pub(crate) access: &'a Access,
    pub(crate) limits: Limits,
    /// The requested version.
    pub(crate) status: Status,
    /// See [`crate::Request::lenient`].
    pub(crate) lenient: bool,
    /// Every type read.
    pub(crate) touched: BTreeSet<TypeId>,
    /// Whether a condition with variables was used.
    pub(crate) per_caller: bool,
    /// Whether a filter of the request contains the `locale` of the entry itself.
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

impl<'a> Context<'a> {
    pub(crate) fn new(registry: &'a Registry, access: &'a Access, limits: Limits, status: Status) -> Self {
        Self {
            registry,
            access,
            limits,
            status,
            lenient: false,
            touched: BTreeSet::new(),
            per_caller: false,
            locale_filtered: false,
            sort_order_error: None,
            leaves: 0,
            nodes: 0,
            conditions: HashMap::new(),
        }
    }

    /// Condition on the rows of that type on which the caller may do `action`; `None` for all.
    pub(crate) fn condition(&mut self, content_type: TypeId, action: Action) -> Option<Filter> {
        if let Some(known) = self.conditions.get(&(content_type, action)) {
            return known.clone();
        }
        let access = self.access;
        let own = access.condition(content_type, action).map(|json| condition::compile(self, content_type, json));
        let limit = access.limit(content_type, action).map(|json| condition::compile_limit(self, content_type, json));
        let both: Vec<Filter> = own.into_iter().chain(limit).collect();
        let filter = (!both.is_empty()).then(|| filters::all(both));
        self.conditions.insert((content_type, action), filter.clone());
        filter
    }

    /// Condition on the rows of a related type that count as related; `None` for all.
    pub(crate) fn guard(&mut self, view: View<'a>, target: TypeId) -> Option<Filter> {
        if view.trusted { None } else { self.condition(target, Action::Find) }
    }

    /// Whether the caller may read through relations to that type.
    pub(crate) fn readable(&self, target: TypeId) -> bool {
        // Media needs no permission of its own.
        target == self.registry.file().id || self.access.may(target, Action::Find)
    }

    /// Whether related entries of that type may be returned: for a caller who may not see drafts, a draft (in the response to POST with
    /// `status=draft`) contains none of the drafts it links to.
    pub(crate) fn showable(&self, target: TypeId) -> bool {
        let draft = self.status == Status::Draft && !self.access.read_drafts;
        self.readable(target) && !(draft && self.registry.get(target).draft_publish)
    }

    /// Which versions of a type's entries are returned as usages of a file; `None` if none may be. A file has no version: unless the
    /// request says which are meant, these are all that the caller may see.
    pub(crate) fn usages(&self, target: TypeId) -> Option<Versions> {
        if !self.showable(target) {
            return None;
        }
        let any = self.lenient && self.access.read_drafts;
        Some(if any { Versions::Any } else { Versions::Only(self.status) })
    }

    /// The entry itself, as the response to `action` contains it.
    pub(crate) fn root_view(&self, content_type: TypeId, action: Action) -> View<'a> {
        // Answers to writes show what the caller may read, where anything.
        let shown = match action {
            Action::Find | Action::FindOne => action,
            Action::Create | Action::Update | Action::Delete => [Action::Find, Action::FindOne]
                .into_iter()
                .find(|&read| self.access.may(content_type, read))
                .unwrap_or(action),
        };
        View { root: true, ..self.view(content_type, shown) }
    }

    /// A related entry.
    pub(crate) fn related_view(&self, from: View<'a>, target: TypeId) -> View<'a> {
        let view = self.view(target, Action::Find);
        if from.trusted { View { mask: None, trusted: true, ..view } } else { view }
    }

    fn view(&self, content_type: TypeId, action: Action) -> View<'a> {
        let content_type = self.registry.get(content_type);
        let rule = self.access.rules.get(&(content_type.id, action)).filter(|_| !self.access.everything);
        View {
            owner: Owner::Type(content_type),
            mask: rule.and_then(|rule| rule.fields.as_deref()),
            versioned: content_type.draft_publish,
            trusted: false,
            private: self.access.private || self.access.private_of.contains(&content_type.id),
            root: false,
        }
    }

    /// A row in a condition: everything is visible except passwords.
    pub(crate) fn trusted_view(&self, content_type: TypeId) -> View<'a> {
        let content_type = self.registry.get(content_type);
        View {
            owner: Owner::Type(content_type),
            mask: None,
            versioned: content_type.draft_publish,
            trusted: true,
            private: true,
            root: false,
        }
    }

    /// A component of the row in view.
    pub(crate) fn component_view(&self, from: View<'a>, component: ComponentId) -> View<'a> {
        View { owner: Owner::Component(self.registry.component(component)), mask: None, root: false, ..from }
    }

    /// Which versions of a related document a filter or sort from that row looks at.
    pub(crate) fn versions(&self, from: View<'a>) -> Versions {
        match (self.access.read_drafts, from.versioned) {
            (false, _) => Versions::Only(Status::Published),
            (true, true) => Versions::Only(self.status),
            (true, false) => Versions::Any,
        }
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
pub(crate) enum Owner<'a> {
    Type(&'a ContentType),
    Component(&'a Component),
}

impl<'a> Owner<'a> {
    pub(crate) fn attributes(self) -> &'a Attributes {
        match self {
            Owner::Type(content_type) => &content_type.attributes,
            Owner::Component(component) => &component.attributes,
        }
    }
}

/// A row as the caller may see it. Only this type decides whether an attribute is visible.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) owner: Owner<'a>,
    /// The only visible attributes, if they are restricted.
    mask: Option<&'a BTreeSet<AttributeId>>,
    /// Whether the row has a status: its type has draft & publish, or the type that owns the component.
    versioned: bool,
    /// Whether it is in an administrator's condition: permissions do not apply.
    pub(crate) trusted: bool,
    /// See [`crate::Access::private`].
    private: bool,
    /// Whether it is the entry itself, not a related one.
    pub(crate) root: bool,
}

/// The meaning of a name.
pub(crate) enum Found<'a> {
    /// A scalar and its column type.
    Scalar(Field, ColumnType),
    /// A relation to a type, or media.
    Link { attribute: AttributeId, target: TypeId, link: Link },
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

impl<'a> View<'a> {
    pub(crate) fn find(self, registry: &Registry, name: &str) -> Found<'a> {
        match self.owner {
            Owner::Type(content_type) => {
                if let Some(found) = system(content_type, name) {
                    return found;
                }
                if name == USAGES && content_type.uid == FILE_UID {
                    return if self.shows_usages() { Found::Usages } else { Found::Refused };
                }
            }
            Owner::Component(_) => {
                if name == "id" {
                    return Found::Scalar(Field::Id, ColumnType::Integer);
                }
            }
        }
        match self.owner.attributes().get(name) {
            Some((id, attribute)) if self.visible(id, attribute) => found(registry, id, attribute),
            Some(_) => Found::Refused,
            None => Found::Unknown,
        }
    }

    /// Whether the caller may see that attribute.
    pub(crate) fn visible(self, id: AttributeId, attribute: &Attribute) -> bool {
        if self.trusted {
            return !matches!(attribute.kind, FieldKind::Password);
        }
        let hidden = matches!(attribute.kind, FieldKind::Password) || (attribute.private && !self.private);
        !hidden && self.mask.is_none_or(|mask| mask.contains(&id))
    }

    /// Whether it is a file that shows its usages. A caller who sees only some attributes of files does not see usages, and no
    /// permission depends on them.
    pub(crate) fn shows_usages(self) -> bool {
        matches!(self.owner, Owner::Type(content_type) if content_type.uid == FILE_UID)
            && self.mask.is_none()
            && !self.trusted
    }

    /// All attributes that the caller may see, in schema order.
    pub(crate) fn attributes(self) -> impl Iterator<Item = (AttributeId, &'a Attribute)> {
        self.owner.attributes().iter().filter(move |(id, attribute)| self.visible(*id, attribute))
    }

    /// Every scalar that the caller may see, in the order of responses.
    pub(crate) fn scalars(self) -> Vec<Field> {
        let shown = self.attributes().filter(|(_, a)| a.is_scalar() && !a.on_request);
        let attributes = shown.map(|(id, _)| Field::Attribute(id));
        match self.owner {
            Owner::Component(_) => attributes.collect(),
            Owner::Type(content_type) => [Field::Id, Field::DocumentId]
                .into_iter()
                .chain(attributes)
                .chain([Field::CreatedAt, Field::UpdatedAt, Field::PublishedAt])
                .chain(content_type.localized.then_some(Field::Locale))
                .collect(),
        }
    }
}

/// Name of the usages of a file, as in Strapi. It is not an attribute: nothing of it is stored with the file.
pub(crate) const USAGES: &str = "related";

fn system<'a>(content_type: &ContentType, name: &str) -> Option<Found<'a>> {
    Some(match name {
        "id" => Found::Scalar(Field::Id, ColumnType::Integer),
        "documentId" => Found::Scalar(Field::DocumentId, ColumnType::Text),
        "createdAt" => Found::Scalar(Field::CreatedAt, ColumnType::DateTime),
        "updatedAt" => Found::Scalar(Field::UpdatedAt, ColumnType::DateTime),
        "publishedAt" => Found::Scalar(Field::PublishedAt, ColumnType::DateTime),
        "locale" if content_type.localized => Found::Scalar(Field::Locale, ColumnType::Text),
        "localizations" if content_type.localized => Found::Localizations,
        "locale" | "localizations" | "createdBy" | "updatedBy" => Found::Refused,
        _ => return None,
    })
}

fn found<'a>(registry: &Registry, id: AttributeId, attribute: &'a Attribute) -> Found<'a> {
    if let Some(column) = attribute.kind.column_type() {
        return Found::Scalar(Field::Attribute(id), column);
    }
    match &attribute.kind {
        FieldKind::Component { component, repeatable } => {
            Found::Component { attribute: id, component: *component, repeatable: *repeatable }
        }
        FieldKind::DynamicZone { components } => Found::Zone { attribute: id, components },
        FieldKind::Unlinked { many, shown } => Found::Unlinked { attribute: id, many: *many, shown: *shown },
        _ => match registry.link(attribute) {
            Some(link) => match link.target {
                Some(target) => Found::Link { attribute: id, target, link },
                None => Found::Morph { attribute: id, many: link.many },
            },
            None => Found::Refused,
        },
    }
}

/// A path of attributes, in the form of errors.
pub(crate) fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}
