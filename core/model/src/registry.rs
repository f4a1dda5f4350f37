//! All content types and components of a project, looked up by uid, route or id. Immutable once loaded.

use crate::content_type::*;
use std::collections::HashMap;

/// Uid of files: `plugin::upload.file`.
pub const FILE_UID: &str = "plugin::upload.file";
/// Uid of users: `plugin::users-permissions.user`.
pub const USER_UID: &str = "plugin::users-permissions.user";
/// Uid of roles: `plugin::users-permissions.role`.
pub const ROLE_UID: &str = "plugin::users-permissions.role";
/// Uid of locales: `plugin::i18n.locale`.
pub const LOCALE_UID: &str = "plugin::i18n.locale";

/// The model of a project.
#[derive(Debug, Clone)]
pub struct Registry {
    types: Vec<ContentType>,
    components: Vec<Component>,
    by_uid: HashMap<String, TypeId>,
    by_route: HashMap<String, TypeId>,
    component_by_uid: HashMap<String, ComponentId>,
    file: TypeId,
    user: TypeId,
    role: TypeId,
}

impl Registry {
    /// Creates a registry from resolved types and components: the id of each is its position. Panics if the built-in types (file, user,
    /// role) are missing: `load` always adds them.
    pub fn new(types: Vec<ContentType>, components: Vec<Component>) -> Self {
        let by_uid: HashMap<_, _> = types.iter().map(|t| (t.uid.clone(), t.id)).collect();
        let by_route = types.iter().filter(|t| t.is_api()).map(|t| (t.api_path(), t.id)).collect();
        let component_by_uid = components.iter().map(|c| (c.uid.clone(), c.id)).collect();
        let (file, user, role) = (by_uid[FILE_UID], by_uid[USER_UID], by_uid[ROLE_UID]);
        Self { types, components, by_uid, by_route, component_by_uid, file, user, role }
    }

    /// Gets the type with that id.
    pub fn get(&self, id: TypeId) -> &ContentType {
        &self.types[id.0 as usize]
    }

    /// Gets the component with that id.
    pub fn component(&self, id: ComponentId) -> &Component {
        &self.components[id.0 as usize]
    }

    /// Finds a type by uid, such as `api::book.book`.
    pub fn by_uid(&self, uid: &str) -> Option<&ContentType> {
        self.by_uid.get(uid).map(|&id| self.get(id))
    }

    /// Finds a type by the name under `/api` (project types only).
    pub fn by_route(&self, route: &str) -> Option<&ContentType> {
        self.by_route.get(route).map(|&id| self.get(id))
    }

    /// Finds a component by uid, such as `shared.seo`.
    pub fn component_by_uid(&self, uid: &str) -> Option<&Component> {
        self.component_by_uid.get(uid).map(|&id| self.component(id))
    }

    /// All types, built-in ones included.
    pub fn types(&self) -> &[ContentType] {
        &self.types
    }

    /// All components.
    pub fn components(&self) -> &[Component] {
        &self.components
    }

    /// The built-in type `plugin::upload.file`.
    pub fn file_type(&self) -> &ContentType {
        self.get(self.file)
    }

    /// The built-in type `plugin::users-permissions.user`.
    pub fn user_type(&self) -> &ContentType {
        self.get(self.user)
    }

    /// The built-in type `plugin::users-permissions.role`.
    pub fn role_type(&self) -> &ContentType {
        self.get(self.role)
    }

    /// How a relation or media attribute is linked; `None` for other kinds.
    pub fn attribute_link(&self, attribute: &Attribute) -> Option<AttributeLink> {
        match &attribute.kind {
            FieldKind::Media { multiple, .. } => Some(AttributeLink {
                target: Some(self.file),
                many: *multiple,
                storage: if *multiple { LinkStorage::Table } else { LinkStorage::Column },
                side: RelationSide::OneWay,
            }),
            FieldKind::Relation(relation) => {
                use RelationKind::*;
                let storage = match (relation.kind, relation.side) {
                    (_, RelationSide::Inverse { .. }) => LinkStorage::Inverse,
                    (MorphToOne | MorphToMany, _) => LinkStorage::References,
                    (OneToOne | ManyToOne | MorphOne, _) => LinkStorage::Column,
                    (OneToMany | ManyToMany | MorphMany, _) => LinkStorage::Table,
                };
                Some(AttributeLink {
                    target: relation.target,
                    many: relation.kind.to_many(),
                    storage,
                    side: relation.side,
                })
            }
            _ => None,
        }
    }
}

/// How a relation or media attribute of a *content type* is linked. Inside components every link is in the
/// reference table of the owning type, whatever this says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttributeLink {
    /// The related type; `None` if any type is allowed (morph).
    pub target: Option<TypeId>,
    /// True if it is a list, not one.
    pub many: bool,
    /// Where the links are stored.
    pub storage: LinkStorage,
    /// Side of the relation that the attribute is.
    pub side: RelationSide,
}

/// Where the links of an attribute are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkStorage {
    /// The target's document id in a column of the row.
    Column,
    /// A link table of the attribute.
    Table,
    /// Stored by the other side.
    Inverse,
    /// The type's reference table (morph), with instance 0.
    References,
}
