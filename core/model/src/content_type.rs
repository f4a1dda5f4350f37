//! The model in memory: content types, components and their attributes.
//!
//! Every other crate reads these structs; only `load` creates them. Ids (`TypeId`, `ComponentId`, attribute positions) are indexes into one
//! [`Registry`](crate::Registry) and mean nothing outside it.

use crate::collation::Collation;
pub use crate::fields::Pattern;
use crate::file_lock::FileLock;
pub use crate::ids::{AttributeId, ComponentId, TypeId};
use crate::presentation::{AttributePresentation, TypePresentation};
use crate::registry::USER_UID;
use serde_json::{Map, Value as Json};
use std::collections::HashMap;
use std::sync::Arc;

/// `kind` of a schema file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContentTypeKind {
    /// Many documents: `/api/<plural>`.
    Collection,
    /// At most one document: `/api/<singular>`.
    Single,
}

/// One content type: what a `schema.json` says, checked and resolved.
#[derive(Debug, Clone)]
pub struct ContentType {
    /// Its position in the registry.
    pub id: TypeId,
    /// `api::<api>.<singular>` or `plugin::<plugin>.<name>`.
    pub uid: String,
    /// Collection or single type.
    pub kind: ContentTypeKind,
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
    /// True if documents have drafts and published versions.
    pub draft_publish: bool,
    /// True if documents have versions per locale.
    pub localized: bool,
    /// The attributes in schema order.
    pub attributes: Attributes,
    /// `options.cairn.indexes`: compound indexes, as attribute positions.
    pub indexes: Vec<Vec<AttributeId>>,
    /// `unique` in a plugin's manifest: keys that no two entries of the same locale and status share, as attribute positions. A key with an
    /// empty value does not count.
    pub unique_keys: Vec<Vec<AttributeId>>,
    /// `options.cairn.previewUrl`: address of a front end that shows a draft. `{documentId}`, `{locale}`, `{type}`, `{token}` and names of
    /// scalar attributes in braces are replaced by their values.
    pub preview_url: Option<String>,
    /// `pluginOptions.upload.private`: files that its entries use are served to whoever may read an entry, and to nobody else.
    pub private_files: bool,
    /// `pluginOptions.upload.lockedWhile`: the entries whose files are neither deleted nor replaced. `None`: files of no entry are locked.
    pub locked_files: Option<FileLock>,
    /// `options.cairn.channel`: where its entries are published, for the licensing of the files they use. `None`: no particular channel.
    pub channel: Option<String>,
    /// `options.cairn.collation`, else `schema.collation` of `cairn.toml`: the order of its short texts. `None`: that of code points, as in
    /// Strapi.
    pub collation: Option<Collation>,
    /// `pluginOptions.cairn`: how the admin presents it.
    pub presentation: TypePresentation,
    /// `renamedFrom`: the uid it had before; see [`crate::change`].
    pub renamed_from: Option<String>,
    /// The file it was read from.
    pub source: SchemaSource,
}

/// Where a type or component was read from, for callers that show or change it. Its content has been checked.
#[derive(Debug, Clone, Default)]
pub struct SchemaSource {
    /// The schema file, relative to the project; for a built-in one, its uid in parentheses.
    pub file: Arc<str>,
    /// Its JSON, with the keys in the order of the file.
    pub schema: Arc<Map<String, Json>>,
}

/// Plugin names in uids of built-in types, as in Strapi.
const BUILT_IN_PLUGINS: [&str; 3] = ["upload", "users-permissions", "i18n"];

impl ContentType {
    /// True for types that are served under `/api`: the project's (`api::…`) and those of its plugins; false for
    /// users, roles, files, locales.
    pub fn is_api(&self) -> bool {
        self.uid.starts_with("api::") || self.plugin_id().is_some()
    }

    /// The id of the plugin that it belongs to; `None` for built-in types.
    pub fn plugin_id(&self) -> Option<&str> {
        let (plugin, _) = self.uid.strip_prefix("plugin::")?.split_once('.')?;
        (!BUILT_IN_PLUGINS.contains(&plugin)).then_some(plugin)
    }

    /// The attributes whose values have a collation key beside them; none without a collation.
    pub fn keyed_attributes(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        self.attributes.iter().filter(|(id, _)| self.has_collation_key(*id))
    }

    /// True if the values of that attribute have a collation key beside them.
    pub fn has_collation_key(&self, attribute: AttributeId) -> bool {
        self.collation.is_some() && self.attributes[attribute].kind.is_short_text()
    }

    /// True if a compound index begins with that attribute.
    pub fn has_index_beginning_with(&self, attribute: AttributeId) -> bool {
        self.indexes.iter().any(|index| index.first() == Some(&attribute))
    }

    /// The attribute that serves as a title: the one that the schema names, else that of [`Self::automatic_title`]. Never a private one.
    pub fn title_attribute(&self) -> Option<AttributeId> {
        self.presentation.title.or_else(|| self.automatic_title())
    }

    /// The attributes that serve as a title: the first with a value in a document is what that is called.
    pub fn title_attributes(&self) -> impl Iterator<Item = AttributeId> {
        let title = self.title_attribute();
        let fallback = match self.presentation.title {
            Some(_) => self.automatic_title(),
            // Each site user has the name to sign in with, and not always one that the project adds.
            None if self.uid == USER_UID => self.attributes.get("username").map(|(id, _)| id),
            None => None,
        };
        title.into_iter().chain(fallback.filter(|id| title != Some(*id)))
    }

    /// The attribute that serves as a title where the schema names none: a text with a telling name, else the text that a `uid` is derived from, else
    /// the slug, else the first string, e-mail address or `uid`, in this order. `None` for a single type, which is called as its only entry.
    pub fn automatic_title(&self) -> Option<AttributeId> {
        if self.kind == ContentTypeKind::Single {
            return None;
        }
        const TITLE_NAMES: [&str; 8] =
            ["title", "name", "label", "headline", "heading", "subject", "question", "username"];
        let is_uid = |a: &Attribute| matches!(a.kind, FieldKind::Uid { .. });
        let is_short = |a: &Attribute| matches!(a.kind, FieldKind::String | FieldKind::Email);
        let visible_attributes = || self.attributes.iter().filter(|(_, a)| !a.is_hidden());
        let text_named = |name: &str| {
            visible_attributes().find(|(_, a)| a.name == name && (is_short(a) || matches!(a.kind, FieldKind::Text)))
        };
        let source = |a: &Attribute| match &a.kind {
            FieldKind::Uid { target_field: Some(name) } => text_named(name),
            _ => None,
        };
        TITLE_NAMES
            .into_iter()
            .find_map(text_named)
            .or_else(|| visible_attributes().find_map(|(_, a)| source(a)))
            .or_else(|| visible_attributes().find(|(_, a)| a.name == "slug" && (is_short(a) || is_uid(a))))
            .or_else(|| visible_attributes().find(|(_, a)| matches!(a.kind, FieldKind::String)))
            .or_else(|| visible_attributes().find(|(_, a)| matches!(a.kind, FieldKind::Email)))
            .or_else(|| visible_attributes().find(|(_, a)| is_uid(a)))
            .map(|(id, _)| id)
    }

    /// The title of the only entry of a single type, if no attribute has one: the display name of the type. `None` for a collection.
    pub fn single_title(&self) -> Option<&str> {
        (self.kind == ContentTypeKind::Single).then_some(self.display_name.as_str())
    }

    /// The path under `/api`: [`Self::api_route`], below the plugin's part if it belongs to one.
    pub fn api_path(&self) -> String {
        match self.plugin_id() {
            Some(plugin) => format!("{plugin}/{}", self.api_route()),
            None => self.api_route().to_owned(),
        }
    }

    /// The name under `/api`, or under its plugin's part: plural of a collection type, singular of a single type.
    pub fn api_route(&self) -> &str {
        match self.kind {
            ContentTypeKind::Collection => &self.plural,
            ContentTypeKind::Single => &self.singular,
        }
    }
}

/// One component: `components/<category>/<name>.json`.
#[derive(Debug, Clone)]
pub struct Component {
    /// Its position in the registry.
    pub id: ComponentId,
    /// `<category>.<name>`.
    pub uid: String,
    /// `info.displayName`.
    pub display_name: String,
    /// `pluginOptions.cairn`: how the admin presents it.
    pub presentation: TypePresentation,
    /// The attributes in schema order.
    pub attributes: Attributes,
    /// `renamedFrom`: the uid it had before; see [`crate::change`].
    pub renamed_from: Option<String>,
    /// The file it was read from.
    pub source: SchemaSource,
}

/// Attributes in schema order, with lookup by name.
#[derive(Debug, Clone, Default)]
pub struct Attributes {
    list: Vec<Attribute>,
    by_name: HashMap<String, AttributeId>,
}

impl Attributes {
    /// Creates it from a list whose names are distinct (a later duplicate wins the lookup; `load` refuses duplicates).
    pub fn new(list: Vec<Attribute>) -> Self {
        let by_name = list.iter().enumerate().map(|(i, a)| (a.name.clone(), i)).collect();
        Self { list, by_name }
    }

    /// Gets the attribute with that name, with its position.
    pub fn get(&self, name: &str) -> Option<(AttributeId, &Attribute)> {
        self.by_name.get(name).map(|&i| (i, &self.list[i]))
    }

    /// All attributes with their positions.
    pub fn iter(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        self.list.iter().enumerate()
    }

    /// Number of attributes.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// True if there are no attributes.
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
    /// Its column (content types only): small letters, digits and `_`, unique in the table, never starting with `_`. If the name has other
    /// characters, or is too long, a hash of it is part of the column.
    pub column: String,
    /// Kind of its value.
    pub kind: FieldKind,
    /// The option `required`.
    pub required: bool,
    /// `unique` (always true for `uid`).
    pub unique: bool,
    /// `private`: never returned, named in no parameter; can be written.
    pub private: bool,
    /// True if it is returned only if `fields` names it: for Cairn's additions to types whose responses are as Strapi's.
    pub on_request: bool,
    /// True if it has one value per locale. On a type that is not localised this is false for every attribute.
    pub localized: bool,
    /// `"index": true`. In components: look-ups of values inside them are indexed, if the database supports it.
    pub index: bool,
    /// `configurable` (default true): whether the builder may change it.
    pub configurable: bool,
    /// `default`, as in the file. Whether the attribute accepts it is determined when it is used, as in Strapi; loading warns.
    pub default: Option<serde_json::Value>,
    /// `min`: of a number its least value, of a list of components or a zone its least length.
    pub min: Option<NumberBound>,
    /// `max`: of a number its greatest value, of a list of components or a zone its greatest length.
    pub max: Option<NumberBound>,
    /// `minLength` in UTF-16 code units, as JavaScript counts.
    pub min_length: Option<usize>,
    /// `maxLength` in UTF-16 code units, as JavaScript counts.
    pub max_length: Option<usize>,
    /// `regex`, compiled.
    pub regex: Option<Pattern>,
    /// `conditions.visible`: a JSON-logic rule over the siblings; if it is false the attribute is not checked.
    pub visible_if: Option<serde_json::Value>,
    /// `pluginOptions.cairn`: how the admin presents it.
    pub presentation: AttributePresentation,
    /// `renamedFrom`: its name before, or `component.attribute` if it was moved out of a component; see [`crate::change`].
    pub renamed_from: Option<String>,
    /// `movedInto` (components only): attributes of the component, and the former attributes of the owner that their values come from.
    pub moved_into: Vec<(String, String)>,
}

impl Attribute {
    /// True if it is private or a password: the content API never returns it.
    pub fn is_hidden(&self) -> bool {
        self.private || matches!(self.kind, FieldKind::Password)
    }

    /// True if it is a plain value (not a relation, media, component or zone).
    pub fn is_scalar(&self) -> bool {
        self.kind.column_type().is_some()
    }

    /// True if it can be part of a unique key: its value is compared as a whole, and has a column.
    pub fn can_be_key(&self) -> bool {
        match &self.kind {
            FieldKind::Password | FieldKind::Json | FieldKind::Blocks => false,
            _ => self.has_value_column(),
        }
    }

    /// True if the entry has its value in a column: a plain value, or the document of a link that the entry stores.
    pub fn has_value_column(&self) -> bool {
        match &self.kind {
            FieldKind::Media { multiple, .. } => !multiple,
            FieldKind::Relation(relation) => {
                let to_one = matches!(relation.kind, RelationKind::OneToOne | RelationKind::ManyToOne);
                to_one && !matches!(relation.side, RelationSide::Inverse { .. })
            }
            kind => kind.column_type().is_some(),
        }
    }

    /// True if it is a relation without links, of which nothing is stored.
    pub fn is_unlinked(&self) -> bool {
        matches!(self.kind, FieldKind::Unlinked { .. })
    }
}

/// A bound of a number: stored as written so that messages print it unchanged, and big integers retain their digits.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberBound {
    /// The value to compare with.
    pub value: f64,
    /// The text that messages print.
    pub text: String,
}

/// The kind of an attribute. Adding a kind: `docs/recipes/field-kind.md`.
#[derive(Debug, Clone)]
pub enum FieldKind {
    /// `string`: one line of text.
    String,
    /// `text`: several lines of text.
    Text,
    /// `richtext`: Markdown or HTML.
    RichText,
    /// `blocks`: structured rich text, a checked list of nodes.
    Blocks,
    /// `email`: an e-mail address.
    Email,
    /// `password`: stored as an argon2id hash.
    Password,
    /// `uid`, with `targetField`.
    Uid {
        /// The attribute an editor derives it from.
        target_field: Option<String>,
    },
    /// `integer`: a whole number.
    Integer,
    /// `biginteger`: a string on the wire, an i64 in the database.
    BigInteger,
    /// `float`: a floating-point number.
    Float,
    /// `decimal`: retains all digits; a JSON number on the wire.
    Decimal,
    /// `boolean`: true or false.
    Boolean,
    /// `date`: `yyyy-MM-dd`.
    Date,
    /// `datetime` and `timestamp`: UTC with milliseconds.
    DateTime,
    /// `time`: `HH:mm:ss.SSS`.
    Time,
    /// `json`: any JSON value.
    Json,
    /// `enumeration`.
    Enumeration {
        /// The permitted values, in order.
        values: Vec<String>,
    },
    /// `media`: links to `plugin::upload.file`.
    Media {
        /// True if it is an ordered list, not one file.
        multiple: bool,
        /// `allowedTypes`: images, files, videos, audios; empty for all.
        allowed: Vec<String>,
    },
    /// `relation`: links to other documents.
    Relation(Relation),
    /// A relation without links: its other side does not exist, or its target is not a type of this server (`admin::user`, a type of a
    /// missing plugin). Nothing of it is stored; its value in a body is ignored; no entry has one.
    Unlinked {
        /// True if it is a list, not one.
        many: bool,
        /// True if it is returned, when populated, as `null` or `[]`; otherwise it is left out of responses.
        shown: bool,
    },
    /// `component`: one component or a list.
    Component {
        /// The component that it holds.
        component: ComponentId,
        /// True if it is a list, not one.
        repeatable: bool,
    },
    /// `dynamiczone`.
    DynamicZone {
        /// The components an editor may choose from.
        components: Vec<ComponentId>,
    },
}

/// The closed list of column types; only `store` knows how each is declared and bound per database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ColumnType {
    /// UTF-8 text in code-point order.
    Text,
    /// 64-bit integer, a JSON number.
    Integer,
    /// 64-bit integer, a JSON string.
    BigInteger,
    /// 64-bit floating-point number.
    Float,
    /// Decimal with all digits.
    Decimal,
    /// True or false.
    Boolean,
    /// Date as `yyyy-MM-dd`.
    Date,
    /// Moment as `yyyy-MM-ddTHH:mm:ss.SSSZ`.
    DateTime,
    /// Time of day as `HH:mm:ss.SSS`.
    Time,
    /// Text that is JSON.
    Json,
}

impl FieldKind {
    /// True for texts of one line that people read in lists; the values of an enumeration are names for programs.
    pub fn is_short_text(&self) -> bool {
        matches!(self, Self::String | Self::Email | Self::Uid { .. })
    }

    /// The `type` of a schema file.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Text => "text",
            Self::RichText => "richtext",
            Self::Blocks => "blocks",
            Self::Email => "email",
            Self::Password => "password",
            Self::Uid { .. } => "uid",
            Self::Integer => "integer",
            Self::BigInteger => "biginteger",
            Self::Float => "float",
            Self::Decimal => "decimal",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::Time => "time",
            Self::Json => "json",
            Self::Enumeration { .. } => "enumeration",
            Self::Media { .. } => "media",
            Self::Relation(_) | Self::Unlinked { .. } => "relation",
            Self::Component { .. } => "component",
            Self::DynamicZone { .. } => "dynamiczone",
        }
    }

    /// The column type of a scalar kind; `None` for relations, media, components and zones.
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
    /// The related type; `None` for `morphToOne` and `morphToMany`, which may link to any type.
    pub target: Option<TypeId>,
    /// Side of the relation that this attribute is.
    pub side: RelationSide,
}

/// The word for `relation` in schema files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// `oneToOne`: one entry on either side.
    OneToOne,
    /// `oneToMany`: many entries, each linked once.
    OneToMany,
    /// `manyToOne`: one entry, linked by many.
    ManyToOne,
    /// `manyToMany`: many entries on either side.
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
    /// True if the attribute holds a list.
    pub fn to_many(self) -> bool {
        matches!(self, Self::OneToMany | Self::ManyToMany | Self::MorphToMany | Self::MorphMany)
    }
}

/// Where a relation's links are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationSide {
    /// Stored here; the target has no attribute for it.
    OneWay,
    /// Stored here; `inverse` is the target's attribute.
    Owner {
        /// Position in the target type.
        inverse: AttributeId,
    },
    /// Stored by the target's attribute `owner` (for `morphOne`/`morphMany`: its morph attribute).
    Inverse {
        /// Position in the target type.
        owner: AttributeId,
    },
}
