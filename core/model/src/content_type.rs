//! The model in memory: content types, components and their attributes.
//!
//! Every other crate reads these structs; only `load` makes them. Ids (`TypeId`, `ComponentId`, attribute
//! positions) are indexes into one [`Registry`](crate::Registry) and mean nothing outside it.

pub use crate::fields::Pattern;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

/// A content type's position in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeId(pub u16);

/// A component's position in its registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ComponentId(pub u16);

/// An attribute's position in its content type or component, in the order of the schema file.
pub type AttributeId = usize;

/// `kind` of a schema file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Many documents: `/api/<plural>`.
    Collection,
    /// At most one document: `/api/<singular>`.
    Single,
}

/// One content type: what a `schema.json` says, checked and resolved.
#[derive(Debug, Clone)]
pub struct ContentType {
    /// Its place in the registry.
    pub id: TypeId,
    /// `api::<api>.<singular>` or `plugin::<plugin>.<name>`.
    pub uid: String,
    /// Collection or single type.
    pub kind: Kind,
    /// The name of its table, made from `collectionName`; unique in the registry, a plain SQL identifier of at most 48 bytes.
    pub table: String,
    /// `info.singularName`.
    pub singular: String,
    /// `info.pluralName`.
    pub plural: String,
    /// `info.displayName`.
    pub display_name: String,
    /// `info.description`, empty when absent.
    pub description: String,
    /// Documents have a draft and maybe a published version.
    pub draft_publish: bool,
    /// Versions are kept per locale.
    pub localized: bool,
    /// The attributes in schema order.
    pub attributes: Attributes,
    /// `options.cairn.indexes`: compound indexes asked for, as attribute positions.
    pub indexes: Vec<Vec<AttributeId>>,
    /// `unique` in a plugin's manifest: keys that no two entries of the same locale and status share, as attribute positions. A key
    /// with an empty value is none.
    pub unique_keys: Vec<Vec<AttributeId>>,
    /// `options.cairn.previewUrl`: where a front end shows a draft. `{documentId}`, `{locale}`, `{type}`, `{token}` and names of
    /// scalar attributes in braces stand for their values.
    pub preview_url: Option<String>,
    /// `pluginOptions.upload.private`: files that its entries use are served to whoever may read an entry, and to nobody else.
    pub private_files: bool,
    /// `options.cairn.channel`: where its entries are published, for the rights of the files they use. `None`: nowhere in
    /// particular.
    pub channel: Option<String>,
    /// `renamedFrom`: the uid it had before; see [`crate::change`].
    pub renamed_from: Option<String>,
    /// The file it was read from.
    pub source: Source,
}

/// Where a type or component was read from, for who shows or changes it. What it says has been checked.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// The schema file, relative to the project; of what is built in, its uid in parentheses.
    pub file: Arc<str>,
    /// Its JSON, keys in its order.
    pub schema: Arc<Map<String, Json>>,
}

/// Where uids say `plugin::` of what is built in, as Strapi has it.
const BUILT_IN: [&str; 3] = ["upload", "users-permissions", "i18n"];

impl ContentType {
    /// True for what is served under `/api`: the project's own types (`api::…`) and those of its plugins; false for users, roles, files,
    /// locales.
    pub fn is_api(&self) -> bool {
        self.uid.starts_with("api::") || self.plugin().is_some()
    }

    /// The id of the plugin that it belongs to; what is built in belongs to none.
    pub fn plugin(&self) -> Option<&str> {
        let (plugin, _) = self.uid.strip_prefix("plugin::")?.split_once('.')?;
        (!BUILT_IN.contains(&plugin)).then_some(plugin)
    }

    /// The attribute that people know its documents by: one with a telling name, else the first short text. Never a private one.
    pub fn title(&self) -> Option<AttributeId> {
        const TELLING: [&str; 7] = ["title", "name", "label", "headline", "subject", "username", "slug"];
        let short = |kind: &FieldKind| matches!(kind, FieldKind::String | FieldKind::Uid { .. } | FieldKind::Email);
        let shown = || self.attributes.iter().filter(|(_, a)| !a.hidden());
        let texts = || shown().filter(|(_, a)| short(&a.kind) || matches!(a.kind, FieldKind::Text));
        let telling = TELLING.iter().find_map(|name| texts().find(|(_, a)| a.name == *name));
        telling.or_else(|| shown().find(|(_, a)| short(&a.kind))).map(|(id, _)| id)
    }

    /// The address under `/api`: that of [`Self::route`], in the plugin's own part where it belongs to one.
    pub fn path(&self) -> String {
        match self.plugin() {
            Some(plugin) => format!("{plugin}/{}", self.route()),
            None => self.route().to_owned(),
        }
    }

    /// The name under `/api`, or under its plugin's part of that: plural of a collection type, singular of a single type.
    pub fn route(&self) -> &str {
        match self.kind {
            Kind::Collection => &self.plural,
            Kind::Single => &self.singular,
        }
    }
}

/// One component: `components/<category>/<name>.json`.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its place in the registry.
    pub id: ComponentId,
    /// `<category>.<name>`.
    pub uid: String,
    /// `info.displayName`.
    pub display_name: String,
    /// The attributes in schema order.
    pub attributes: Attributes,
    /// `renamedFrom`: the uid it had before; see [`crate::change`].
    pub renamed_from: Option<String>,
    /// The file it was read from.
    pub source: Source,
}

/// Attributes in schema order, with lookup by name.
#[derive(Debug, Clone, Default)]
pub struct Attributes {
    list: Vec<Attribute>,
    by_name: HashMap<String, AttributeId>,
}

impl Attributes {
    /// Of a list whose names are distinct (a later duplicate wins the lookup; `load` refuses duplicates).
    pub fn new(list: Vec<Attribute>) -> Self {
        let by_name = list.iter().enumerate().map(|(i, a)| (a.name.clone(), i)).collect();
        Self { list, by_name }
    }

    /// The attribute of that name, with its position.
    pub fn get(&self, name: &str) -> Option<(AttributeId, &Attribute)> {
        self.by_name.get(name).map(|&i| (i, &self.list[i]))
    }

    /// All attributes with their positions.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        self.list.iter().enumerate()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

impl std::ops::Index<AttributeId> for Attributes {
    type Output = Attribute;
    fn index(&self, id: AttributeId) -> &Attribute {
        &self.list[id]
    }
}

/// One attribute of a content type or component.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its name in JSON.
    pub name: String,
    /// Its column (content types only): small letters, digits and `_`, unique in the table, never starting with `_`. Where the
    /// name has other characters, or is too long, a hash of it is part of the column.
    pub column: String,
    /// What it holds.
    pub kind: FieldKind,
    /// `required`.
    pub required: bool,
    /// `unique` (always true for `uid`).
    pub unique: bool,
    /// `private`: never returned, named in no parameter; can be written.
    pub private: bool,
    /// Shown only where it is named in `fields`: Cairn's own, on types whose answers are as Strapi's.
    pub on_request: bool,
    /// One value per locale. On a type that is not localised this is false for every attribute.
    pub localized: bool,
    /// `"index": true`. Of components: look-ups of values inside them are indexed, where the database can.
    pub index: bool,
    /// `configurable` (default true): whether the builder may change it.
    pub configurable: bool,
    /// `default`, as in the file. Whether the attribute takes it is found out where it is taken, as in Strapi; loading warns.
    pub default: Option<serde_json::Value>,
    /// `min`: of a number its least value, of a list of components or a zone its least length.
    pub min: Option<Bound>,
    /// `max`, likewise.
    pub max: Option<Bound>,
    /// `minLength` in UTF-16 code units, as JavaScript counts.
    pub min_length: Option<usize>,
    /// `maxLength`, likewise.
    pub max_length: Option<usize>,
    /// `regex`, compiled.
    pub regex: Option<Pattern>,
    /// `conditions.visible`: a JSON-logic rule over the siblings; where it is false the attribute is not checked.
    pub visible_if: Option<serde_json::Value>,
    /// `renamedFrom`: its name before, or `component.attribute` where it came out of a component; see [`crate::change`].
    pub renamed_from: Option<String>,
    /// `movedInto` (components only): attributes of the component, and the former attributes of the owner they take
    /// their values from.
    pub moved_into: Vec<(String, String)>,
}

impl Attribute {
    /// Private or a password: never leaves the store for the content API.
    pub fn hidden(&self) -> bool {
        self.private || matches!(self.kind, FieldKind::Password)
    }

    /// Whether it is a plain value (not a relation, media, component or zone).
    pub fn is_scalar(&self) -> bool {
        self.kind.column_type().is_some()
    }

    /// Whether it can be part of a unique key: its value is compared as a whole, and has a column of its own.
    pub fn can_be_key(&self) -> bool {
        match &self.kind {
            FieldKind::Password | FieldKind::Json | FieldKind::Blocks => false,
            FieldKind::Media { multiple, .. } => !multiple,
            FieldKind::Relation(relation) => {
                let to_one = matches!(relation.kind, RelationKind::OneToOne | RelationKind::ManyToOne);
                to_one && !matches!(relation.side, Side::Inverse { .. })
            }
            kind => kind.column_type().is_some(),
        }
    }

    /// Whether it is a relation without links, of which nothing is kept.
    pub fn is_unlinked(&self) -> bool {
        matches!(self.kind, FieldKind::Unlinked { .. })
    }
}

/// A bound of a number: kept as written so that messages print it unchanged, and big integers keep their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Bound {
    /// The value to compare with.
    pub value: f64,
    /// As the messages print it.
    pub text: String,
}

/// What an attribute holds. Adding a kind: `docs/recipes/field-kind.md`.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// `string`: one line of text.
    String,
    /// `text`: several lines.
    Text,
    /// `richtext`: Markdown or HTML.
    RichText,
    /// `blocks`: structured rich text, a checked list of nodes.
    Blocks,
    /// `email`.
    Email,
    /// `password`: stored as an argon2id hash.
    Password,
    /// `uid`, with `targetField`.
    Uid {
        /// The attribute an editor derives it from.
        target_field: Option<String>,
    },
    /// `integer`.
    Integer,
    /// `biginteger`: a string on the wire, an i64 in the database.
    BigInteger,
    /// `float`.
    Float,
    /// `decimal`: all digits kept; a JSON number on the wire.
    Decimal,
    /// `boolean`.
    Boolean,
    /// `date`: `yyyy-MM-dd`.
    Date,
    /// `datetime` and `timestamp`: UTC with milliseconds.
    DateTime,
    /// `time`: `HH:mm:ss.SSS`.
    Time,
    /// `json`.
    Json,
    /// `enumeration`.
    Enumeration {
        /// The values allowed, in order.
        values: Vec<String>,
    },
    /// `media`: links to `plugin::upload.file`.
    Media {
        /// One file or an ordered list.
        multiple: bool,
        /// `allowedTypes`: images, files, videos, audios; empty for all.
        allowed: Vec<String>,
    },
    /// `relation`.
    Relation(Relation),
    /// A relation without links: its other side does not exist, or its target is no type of this server (`admin::user`, a
    /// type of a plugin that is not here). Nothing is kept of it; what a body says of it is ignored; no entry has one.
    Unlinked {
        /// A list or one.
        many: bool,
        /// Populated it is `null` or `[]`; otherwise it is left out of answers.
        shown: bool,
    },
    /// `component`.
    Component {
        /// Which.
        component: ComponentId,
        /// One or a list.
        repeatable: bool,
    },
    /// `dynamiczone`.
    DynamicZone {
        /// The components an editor may choose from.
        components: Vec<ComponentId>,
    },
}

/// The closed list of column types; `store` alone knows how each is spelled and bound per database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// UTF-8 text in code-point order.
    Text,
    /// 64-bit integer, a JSON number.
    Integer,
    /// 64-bit integer, a JSON string.
    BigInteger,
    /// 64-bit float.
    Float,
    /// Decimal with all digits.
    Decimal,
    /// Boolean.
    Boolean,
    /// `yyyy-MM-dd`.
    Date,
    /// `yyyy-MM-ddTHH:mm:ss.SSSZ`.
    DateTime,
    /// `HH:mm:ss.SSS`.
    Time,
    /// JSON text.
    Json,
}

impl FieldKind {
    /// The column of a scalar kind; `None` for relations, media, components and zones.
    pub fn column_type(&self) -> Option<ColumnType> {
        Some(match self {
            Self::String
            | Self::Text
            | Self::RichText
            | Self::Email
            | Self::Password
            | Self::Uid { .. }
            | Self::Enumeration { .. } => ColumnType::Text,
            Self::Integer => ColumnType::Integer,
            Self::BigInteger => ColumnType::BigInteger,
            Self::Float => ColumnType::Float,
            Self::Decimal => ColumnType::Decimal,
            Self::Boolean => ColumnType::Boolean,
            Self::Date => ColumnType::Date,
            Self::DateTime => ColumnType::DateTime,
            Self::Time => ColumnType::Time,
            Self::Json | Self::Blocks => ColumnType::Json,
            Self::Media { .. }
            | Self::Relation(_)
            | Self::Unlinked { .. }
            | Self::Component { .. }
            | Self::DynamicZone { .. } => return None,
        })
    }
}

/// A relation attribute, resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation {
    /// `relation` of the schema file.
    pub kind: RelationKind,
    /// The related type; `None` for `morphToOne` and `morphToMany`, which may point at any type.
    pub target: Option<TypeId>,
    /// Which side this attribute is.
    pub side: Side,
}

/// The spelling of `relation` in schema files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// `oneToOne`.
    OneToOne,
    /// `oneToMany`.
    OneToMany,
    /// `manyToOne`.
    ManyToOne,
    /// `manyToMany`.
    ManyToMany,
    /// `morphToOne`: one entry of any type.
    MorphToOne,
    /// `morphToMany`: entries of any type.
    MorphToMany,
    /// `morphOne`: the inverse of a morph attribute, to one.
    MorphOne,
    /// `morphMany`: the inverse of a morph attribute, to many.
    MorphMany,
}

impl RelationKind {
    /// Whether the attribute holds a list.
    pub fn to_many(self) -> bool {
        matches!(self, Self::OneToMany | Self::ManyToMany | Self::MorphToMany | Self::MorphMany)
    }
}

/// Where a relation's links are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Kept here; the target has no attribute for it.
    OneWay,
    /// Kept here; `inverse` is the target's attribute.
    Owner {
        /// Position in the target type.
        inverse: AttributeId,
    },
    /// Kept on the target's attribute `owner` (for `morphOne`/`morphMany`: its morph attribute).
    Inverse {
        /// Position in the target type.
        owner: AttributeId,
    },
}
