//! The model that the tables of a database were made from: the part of it that a change of schema needs.
//!
//! Contains names only, no ids: a snapshot outlives the registry it was taken from. The store saves the last one applied as JSON in the
//! database, and reads it back with a newer version of the code.

use crate::collation::{COLLATION_KEY_VERSION, Collation};
use crate::content_type::{Attribute, Attributes, ContentTypeKind, FieldKind, RelationKind, RelationSide};
use crate::registry::Registry;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The newest JSON form that this version writes and reads: that of models in which a type has a collation. Versions that do not know
/// collation keys refuse it, and so write no rows without them.
pub const SNAPSHOT_FORMAT: u32 = 2;
/// The JSON form of models without collations, which is also that of older versions.
const PLAIN_FORMAT: u32 = 1;

/// The shape of a model's tables.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The [`SNAPSHOT_FORMAT`] in which it was written.
    pub format: u32,
    /// Content types, ordered by uid.
    pub types: Vec<TypeShape>,
    /// Components, ordered by uid.
    pub components: Vec<ComponentShape>,
}

/// A content type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeShape {
    /// `api::<api>.<singular>` or `plugin::<plugin>.<name>`.
    pub uid: String,
    /// Collection or single.
    pub kind: TypeKind,
    /// Name of its table.
    pub table: String,
    /// `info.singularName`.
    pub singular: String,
    /// `info.pluralName`.
    pub plural: String,
    /// True if it has drafts.
    #[serde(default, skip_serializing_if = "is_false")]
    pub draft_publish: bool,
    /// True if it has versions per locale.
    #[serde(default, skip_serializing_if = "is_false")]
    pub localized: bool,
    /// Attributes in the order of the file.
    pub attributes: Vec<AttributeShape>,
    /// Compound indexes, by names of attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<Vec<String>>,
    /// Keys that no two entries share, by names of attributes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unique_keys: Vec<Vec<String>>,
    /// The order of its short texts, if it is not that of code points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<CollationShape>,
    /// The file's `renamedFrom` when it was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
}

/// The collation of a content type, and what computes its collation keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollationShape {
    /// [`Collation::as_str`].
    pub order: String,
    /// [`COLLATION_KEY_VERSION`] when it was applied.
    pub version: String,
}

impl CollationShape {
    /// The collation; `None` if this version of the code does not know it, which then has not computed its keys either.
    pub fn collation(&self) -> Option<Collation> {
        Collation::parse(&self.order).ok()
    }
}

/// Collection or single type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TypeKind {
    /// Any number of documents.
    CollectionType,
    /// One document at most.
    SingleType,
}

/// A component of the model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComponentShape {
    /// `<category>.<name>`.
    pub uid: String,
    /// Attributes in the order of the file.
    pub attributes: Vec<AttributeShape>,
    /// The file's `renamedFrom` when it was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
}

/// An attribute of a content type or component.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeShape {
    /// Its name in JSON.
    pub name: String,
    /// Its column, if it is a content type's.
    pub column: String,
    /// Kind of its value.
    #[serde(flatten)]
    pub kind: KindShape,
    /// The option `required`, unless a condition hides the attribute at times.
    #[serde(default, skip_serializing_if = "is_false")]
    pub required: bool,
    /// The option `unique`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// True if it has one value per locale.
    #[serde(default, skip_serializing_if = "is_false")]
    pub localized: bool,
    /// The option `index`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub index: bool,
    /// The option `private`.
    #[serde(default, skip_serializing_if = "is_false")]
    pub private: bool,
    /// `maxLength` of texts, in UTF-16 code units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// The file's `renamedFrom` when it was applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<String>,
    /// The file's `movedInto` when it was applied.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub moved_into: BTreeMap<String, String>,
}

/// The kind of an attribute, as far as tables and stored values depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase", rename_all_fields = "camelCase")]
#[expect(missing_docs, reason = "the kinds of `FieldKind`, where each is explained")]
pub enum KindShape {
    String,
    Text,
    RichText,
    Blocks,
    Email,
    Password,
    Uid,
    Integer,
    BigInteger,
    Float,
    Decimal,
    Boolean,
    Date,
    DateTime,
    Time,
    Json,
    Enumeration { values: Vec<String> },
    Media { multiple: bool },
    Relation(RelationShape),
    Component { component: String, repeatable: bool },
    DynamicZone { components: Vec<String> },
}

/// A relation attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RelationShape {
    /// `relation` of the file.
    pub relation: RelationWord,
    /// Uid of the related type; `None` if any type is allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Side that stores the links.
    pub side: SideShape,
}

/// `relation` of a schema file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "the kinds of `RelationKind`, where each is explained")]
pub enum RelationWord {
    OneToOne,
    OneToMany,
    ManyToOne,
    ManyToMany,
    MorphToOne,
    MorphToMany,
    MorphOne,
    MorphMany,
}

/// Where a relation's links are stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SideShape {
    /// Stored here; the target has no attribute for it.
    OneWay,
    /// Stored here; the target's attribute with that name shows it too.
    Owner(String),
    /// Stored by the target's attribute with that name.
    Inverse(String),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// A stored snapshot that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// The snapshot was written by a newer version.
    #[error(
        "the database's schema was written by a newer version of Cairn (format {0}, this version supports \
         {SNAPSHOT_FORMAT}); start the newer version"
    )]
    Newer(u64),
    /// The text is not a snapshot.
    #[error("the schema stored in the database cannot be read: {0}; restore it from a backup")]
    Malformed(String),
}

impl Snapshot {
    /// Creates the snapshot of a new database.
    pub fn empty() -> Self {
        Self { format: PLAIN_FORMAT, types: Vec::new(), components: Vec::new() }
    }

    /// Creates the snapshot of a model.
    pub fn from_registry(registry: &Registry) -> Self {
        let mut types: Vec<TypeShape> = Vec::with_capacity(registry.types().len());
        for ct in registry.types() {
            let names = |list: &Vec<usize>| list.iter().map(|&a| ct.attributes[a].name.clone()).collect();
            types.push(TypeShape {
                uid: ct.uid.clone(),
                kind: match ct.kind {
                    ContentTypeKind::Collection => TypeKind::CollectionType,
                    ContentTypeKind::Single => TypeKind::SingleType,
                },
                table: ct.table.clone(),
                singular: ct.singular.clone(),
                plural: ct.plural.clone(),
                draft_publish: ct.draft_publish,
                localized: ct.localized,
                attributes: attribute_shapes(registry, &ct.attributes),
                indexes: ct.indexes.iter().map(names).collect(),
                unique_keys: ct.unique_keys.iter().map(names).collect(),
                collation: ct.collation.as_ref().map(|collation| CollationShape {
                    order: collation.as_str().to_owned(),
                    version: COLLATION_KEY_VERSION.to_owned(),
                }),
                renamed_from: ct.renamed_from.clone(),
            });
        }
        let mut components: Vec<ComponentShape> = Vec::with_capacity(registry.components().len());
        for component in registry.components() {
            components.push(ComponentShape {
                uid: component.uid.clone(),
                attributes: attribute_shapes(registry, &component.attributes),
                renamed_from: component.renamed_from.clone(),
            });
        }
        let has_collation = types.iter().any(|ty| ty.collation.is_some());
        let format = if has_collation { SNAPSHOT_FORMAT } else { PLAIN_FORMAT };
        let mut snapshot = Self { format, types, components };
        snapshot.sort_by_uid();
        snapshot
    }

    /// Orders types and components by uid: files may be read in any order.
    pub(super) fn sort_by_uid(&mut self) {
        self.types.sort_by(|a, b| a.uid.cmp(&b.uid));
        self.components.sort_by(|a, b| a.uid.cmp(&b.uid));
    }

    /// The JSON text to store: without blanks, in a fixed order.
    pub fn to_json(&self) -> String {
        super::canonical_json(self)
    }

    /// Parses the output of [`Self::to_json`], from this version or an older one. Returns an error for a format that this version does not
    /// know, and for text that is not a snapshot.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        #[derive(Deserialize)]
        struct Head {
            format: u64,
        }
        let malformed = |error: serde_json::Error| SnapshotError::Malformed(error.to_string());
        let head: Head = serde_json::from_str(text).map_err(malformed)?;
        if head.format > u64::from(SNAPSHOT_FORMAT) {
            return Err(SnapshotError::Newer(head.format));
        }
        serde_json::from_str(text).map_err(malformed)
    }

    /// Hash of the shape, as 64 hexadecimal digits: equal shapes have equal hashes.
    pub fn hash(&self) -> String {
        super::hash_texts(&[&self.to_json()])
    }

    /// Gets the type with that uid.
    pub fn content_type(&self, uid: &str) -> Option<&TypeShape> {
        self.types.iter().find(|t| t.uid == uid)
    }

    /// Gets the component with that uid.
    pub fn component(&self, uid: &str) -> Option<&ComponentShape> {
        self.components.iter().find(|c| c.uid == uid)
    }

    /// The attributes of the type or component with that uid.
    pub fn attributes(&self, owner: &str) -> Option<&[AttributeShape]> {
        if is_type(owner) {
            self.content_type(owner).map(|t| t.attributes.as_slice())
        } else {
            self.component(owner).map(|c| c.attributes.as_slice())
        }
    }

    /// One attribute of the type or component with that uid.
    pub fn attribute(&self, owner: &str, name: &str) -> Option<&AttributeShape> {
        self.attributes(owner)?.iter().find(|a| a.name == name)
    }

    /// The attributes that hold a component directly, as (owner, attribute).
    pub(super) fn attributes_holding(&self, component: &str) -> Vec<(&str, &AttributeShape)> {
        let of_types = self.types.iter().map(|t| (t.uid.as_str(), &t.attributes));
        let of_components = self.components.iter().map(|c| (c.uid.as_str(), &c.attributes));
        let mut found = Vec::new();
        for (owner, attributes) in of_types.chain(of_components) {
            found.extend(attributes.iter().filter(|a| a.kind.holds_component(component)).map(|a| (owner, a)));
        }
        found
    }

    /// The attributes of content types whose values may contain that component, at any depth, as `uid.attribute`.
    pub fn used_in(&self, component: &str) -> Vec<String> {
        let mut places = BTreeSet::new();
        let mut seen_components = BTreeSet::from([component.to_owned()]);
        let mut open = vec![component.to_owned()];
        while let Some(uid) = open.pop() {
            for (owner, attribute) in self.attributes_holding(&uid) {
                if is_type(owner) {
                    places.insert(format!("{owner}.{}", attribute.name));
                } else if seen_components.insert(owner.to_owned()) {
                    open.push(owner.to_owned());
                }
            }
        }
        places.into_iter().collect()
    }
}

/// True if a uid is a content type's; otherwise it is a component's.
pub fn is_type(owner: &str) -> bool {
    owner.contains("::")
}

/// The attributes whose values are stored.
fn attribute_shapes(registry: &Registry, attributes: &Attributes) -> Vec<AttributeShape> {
    attributes.iter().filter_map(|(_, a)| AttributeShape::from_attribute(registry, a)).collect()
}

impl AttributeShape {
    fn from_attribute(registry: &Registry, a: &Attribute) -> Option<Self> {
        Some(Self {
            name: a.name.clone(),
            column: a.column.clone(),
            kind: KindShape::from_kind(registry, &a.kind)?,
            // What a condition hides may be empty: no row can be said to lack it.
            required: a.required && a.visible_if.is_none(),
            unique: a.unique,
            localized: a.localized,
            index: a.index,
            private: a.private,
            max_length: a.max_length,
            renamed_from: a.renamed_from.clone(),
            moved_into: a.moved_into.iter().cloned().collect(),
        })
    }

    /// True if the related type stores its links.
    pub fn is_inverse(&self) -> bool {
        matches!(&self.kind, KindShape::Relation(RelationShape { side: SideShape::Inverse(_), .. }))
    }
}

impl KindShape {
    /// The shape of a kind; `None` if nothing of it is stored.
    fn from_kind(registry: &Registry, kind: &FieldKind) -> Option<Self> {
        let uid = |id| registry.component(id).uid.clone();
        Some(match kind {
            FieldKind::Unlinked { .. } => return None,
            FieldKind::String => Self::String,
            FieldKind::Text => Self::Text,
            FieldKind::RichText => Self::RichText,
            FieldKind::Blocks => Self::Blocks,
            FieldKind::Email => Self::Email,
            FieldKind::Password => Self::Password,
            FieldKind::Uid { .. } => Self::Uid,
            FieldKind::Integer => Self::Integer,
            FieldKind::BigInteger => Self::BigInteger,
            FieldKind::Float => Self::Float,
            FieldKind::Decimal => Self::Decimal,
            FieldKind::Boolean => Self::Boolean,
            FieldKind::Date => Self::Date,
            FieldKind::DateTime => Self::DateTime,
            FieldKind::Time => Self::Time,
            FieldKind::Json => Self::Json,
            FieldKind::Enumeration { values } => Self::Enumeration { values: values.clone() },
            FieldKind::Media { multiple, .. } => Self::Media { multiple: *multiple },
            FieldKind::Relation(relation) => {
                let across = |id| {
                    let target = relation.target.map(|t| registry.get(t));
                    target.map_or_else(String::new, |t| t.attributes[id].name.clone())
                };
                Self::Relation(RelationShape {
                    relation: RelationWord::from_kind(relation.kind),
                    target: relation.target.map(|t| registry.get(t).uid.clone()),
                    side: match relation.side {
                        RelationSide::OneWay => SideShape::OneWay,
                        RelationSide::Owner { inverse } => SideShape::Owner(across(inverse)),
                        RelationSide::Inverse { owner } => SideShape::Inverse(across(owner)),
                    },
                })
            }
            FieldKind::Component { component, repeatable } => {
                Self::Component { component: uid(*component), repeatable: *repeatable }
            }
            FieldKind::DynamicZone { components } => {
                Self::DynamicZone { components: components.iter().map(|&c| uid(c)).collect() }
            }
        })
    }

    /// True if a value may directly contain that component.
    pub(super) fn holds_component(&self, uid: &str) -> bool {
        match self {
            Self::Component { component, .. } => component == uid,
            Self::DynamicZone { components } => components.iter().any(|c| c == uid),
            _ => false,
        }
    }

    /// True if its values are documents: relations and media.
    pub fn is_link(&self) -> bool {
        matches!(self, Self::Relation(_) | Self::Media { .. })
    }

    /// True if its values have a collation key beside them, in a type with a collation; decides as [`FieldKind::is_short_text`].
    pub fn is_short_text(&self) -> bool {
        matches!(self, Self::String | Self::Email | Self::Uid)
    }

    /// True if it is neither a link nor a component or zone.
    pub fn is_scalar(&self) -> bool {
        !self.is_link() && !matches!(self, Self::Component { .. } | Self::DynamicZone { .. })
    }

    /// The name for people: "string", "relation (manyToOne)".
    pub fn display_name(&self) -> String {
        match self {
            Self::Media { multiple: true } => "media (several files)".into(),
            Self::Media { multiple: false } => "media (one file)".into(),
            Self::Relation(r) => match &r.target {
                Some(target) => format!("{} relation to `{target}`", r.relation.as_str()),
                None => format!("{} relation", r.relation.as_str()),
            },
            Self::Component { component, repeatable: true } => format!("list of components `{component}`"),
            Self::Component { component, repeatable: false } => format!("component `{component}`"),
            Self::DynamicZone { .. } => "dynamic zone".into(),
            scalar => format!("{scalar:?}").split(' ').next().unwrap_or_default().to_lowercase(),
        }
    }
}

impl RelationWord {
    fn from_kind(kind: RelationKind) -> Self {
        match kind {
            RelationKind::OneToOne => Self::OneToOne,
            RelationKind::OneToMany => Self::OneToMany,
            RelationKind::ManyToOne => Self::ManyToOne,
            RelationKind::ManyToMany => Self::ManyToMany,
            RelationKind::MorphToOne => Self::MorphToOne,
            RelationKind::MorphToMany => Self::MorphToMany,
            RelationKind::MorphOne => Self::MorphOne,
            RelationKind::MorphMany => Self::MorphMany,
        }
    }

    /// The word in schema files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OneToOne => "oneToOne",
            Self::OneToMany => "oneToMany",
            Self::ManyToOne => "manyToOne",
            Self::ManyToMany => "manyToMany",
            Self::MorphToOne => "morphToOne",
            Self::MorphToMany => "morphToMany",
            Self::MorphOne => "morphOne",
            Self::MorphMany => "morphMany",
        }
    }

    /// True if the attribute holds a list.
    pub fn to_many(self) -> bool {
        matches!(self, Self::OneToMany | Self::ManyToMany | Self::MorphToMany | Self::MorphMany)
    }
}
