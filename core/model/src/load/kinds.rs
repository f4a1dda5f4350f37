//! `type` of an attribute: the kind and its options.

use super::context::LoadContext;
use super::report::SchemaSite;
use crate::content_type::{FieldKind, Relation, RelationKind, RelationSide};
use crate::registry::FILE_UID;
use serde_json::{Map, Value as Json};

/// Reads the kind of an attribute. The side of a relation is determined later. `own_row`: it is a content type's
/// attribute, not a component's.
pub(super) fn read_kind(
    context: &LoadContext<'_>,
    raw: &Map<String, Json>,
    own_row: bool,
    site: &SchemaSite<'_>,
) -> Option<FieldKind> {
    let Some(name) = site.text_option(raw, "type") else {
        if raw.get("type").is_none_or(Json::is_null) {
            site.at_key("type").report_problem("is missing");
        }
        return None;
    };
    read_named_kind(context, name, raw, own_row, site)
}

/// Reads the kind with that name. A custom field has the kind that it was registered with.
fn read_named_kind(
    context: &LoadContext<'_>,
    name: &str,
    raw: &Map<String, Json>,
    own_row: bool,
    site: &SchemaSite<'_>,
) -> Option<FieldKind> {
    Some(match name {
        "string" => FieldKind::String,
        "text" => FieldKind::Text,
        "richtext" => FieldKind::RichText,
        "blocks" => FieldKind::Blocks,
        "email" => FieldKind::Email,
        "password" => FieldKind::Password,
        "uid" => {
            let target = site.optional_text(raw, "targetField").filter(|target| !target.is_empty());
            FieldKind::Uid { target_field: target.map(str::to_owned) }
        }
        "integer" => FieldKind::Integer,
        "biginteger" => FieldKind::BigInteger,
        "float" => FieldKind::Float,
        "decimal" => FieldKind::Decimal,
        "boolean" => FieldKind::Boolean,
        "date" => FieldKind::Date,
        "datetime" | "timestamp" => FieldKind::DateTime,
        "time" => FieldKind::Time,
        "json" => FieldKind::Json,
        "enumeration" => FieldKind::Enumeration { values: read_enumeration(raw, own_row, site)? },
        "media" => read_media(raw, site),
        "relation" => read_relation(context, raw, site)?,
        "component" => {
            let uid = required_text(raw, "component", site)?;
            let component = find_component(context, uid, &site.at_key("component"))?;
            FieldKind::Component { component, repeatable: site.bool_option(raw, "repeatable").unwrap_or(false) }
        }
        "dynamiczone" => {
            let list = site.at_key("components");
            let Some(uids) = site.text_list_option(raw, "components") else {
                if raw.get("components").is_none_or(Json::is_null) {
                    list.report_problem("is missing");
                }
                return None;
            };
            let components = uids.iter().map(|uid| find_component(context, uid, &list)).collect::<Vec<_>>();
            FieldKind::DynamicZone { components: components.into_iter().collect::<Option<_>>()? }
        }
        "customField" => {
            let uid = required_text(raw, "customField", site)?;
            let registered = context.custom_fields.attribute_type(uid).filter(|name| CUSTOM_FIELD_TYPES.contains(name));
            match (known_custom_field(uid), registered) {
                (Some(kind), _) => kind,
                (None, Some(name)) => return read_named_kind(context, name, raw, own_row, site),
                (None, None) => {
                    site.at_key("customField").report_warning(format!(
                        "unknown custom field `{uid}`; storing it as json, so that filters and sorting do not work \
                         on it as on texts, numbers or dates. If it is one of these, write its `type` instead, such \
                         as \"type\": \"string\""
                    ));
                    FieldKind::Json
                }
            }
        }
        other => {
            let hint = suggest_type(other).map_or_else(String::new, |name| format!("; write `{name}`"));
            site.at_key("type").report_problem(format!("unknown type `{other}`{hint}"));
            return None;
        }
    })
}

fn required_text<'m>(raw: &'m Map<String, Json>, key: &str, site: &SchemaSite<'_>) -> Option<&'m str> {
    let text = site.text_option(raw, key);
    if raw.get(key).is_none_or(Json::is_null) {
        site.at_key(key).report_problem("is missing");
    }
    text
}

/// The type that somebody means who writes another system's name for it.
fn suggest_type(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "bool" | "checkbox" => "boolean",
        "int" | "number" => "integer",
        "bigint" | "long" => "biginteger",
        "double" | "real" => "float",
        "money" | "numeric" => "decimal",
        "str" | "varchar" => "string",
        "textarea" | "longtext" => "text",
        "markdown" | "html" => "richtext",
        "enum" | "select" => "enumeration",
        "object" | "array" => "json",
        "image" | "file" | "files" => "media",
        "reference" => "relation",
        "slug" => "uid",
        _ => return None,
    })
}

/// Attribute types that Strapi accepts for custom fields.
const CUSTOM_FIELD_TYPES: [&str; 17] = [
    "biginteger",
    "boolean",
    "date",
    "datetime",
    "decimal",
    "email",
    "enumeration",
    "float",
    "integer",
    "json",
    "password",
    "richtext",
    "string",
    "text",
    "time",
    "timestamp",
    "uid",
];

/// The kind of a custom field of a well-known Strapi plugin; its values are plain.
pub(super) fn known_custom_field(uid: &str) -> Option<FieldKind> {
    Some(match uid {
        "plugin::ckeditor.CKEditor" | "plugin::ckeditor5.CKEditor" => FieldKind::RichText,
        "plugin::color-picker.color" => FieldKind::String,
        "plugin::strapi-advanced-uuid.uuid" => FieldKind::Uid { target_field: None },
        "plugin::multi-select.multi-select" | "plugin::oembed.oembed" => FieldKind::Json,
        _ => return None,
    })
}

/// Reads an enumeration. Strapi checks the values of content types only: what it refuses there, components may have.
fn read_enumeration(raw: &Map<String, Json>, own_row: bool, site: &SchemaSite<'_>) -> Option<Vec<String>> {
    let at = site.at_key("enum");
    let Some(declared) = raw.get("enum").and_then(Json::as_array) else {
        let missing = raw.get("enum").is_none_or(Json::is_null);
        at.report_problem(if missing { "must have at least one value" } else { "must be a list of strings" });
        return None;
    };
    let refuse = |message: String| if own_row { at.report_problem(message) } else { at.report_tolerated(message) };
    let mut values: Vec<String> = Vec::with_capacity(declared.len());
    for value in declared {
        let value = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => {
                at.report_tolerated(format!("`{value}` is not a string; using it as text"));
                value.to_string()
            }
            _ => {
                at.report_problem("must be a list of strings");
                return None;
            }
        };
        if value.is_empty() {
            refuse("must not contain an empty value".to_owned());
        } else if values.contains(&value) {
            refuse(format!("contains `{value}` twice"));
        } else {
            values.push(value);
        }
    }
    if values.is_empty() {
        at.report_problem("must have at least one value");
        return None;
    }
    Some(values)
}

/// Reads `allowedTypes`: anything but the four known words is ignored, so that none of them means all.
fn read_media(raw: &Map<String, Json>, site: &SchemaSite<'_>) -> FieldKind {
    let at = site.at_key("allowedTypes");
    let one = |name: &Json| {
        let known = match name.as_str() {
            Some(known @ ("images" | "files" | "videos" | "audios")) => return Some(known.to_owned()),
            Some("image") => Some("images"),
            Some("file") => Some("files"),
            Some("video") => Some("videos"),
            Some("audio") => Some("audios"),
            _ => None,
        };
        let outcome = known.map_or_else(|| "ignored".to_owned(), |known| format!("using {known}"));
        let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        at.report_tolerated(format!("`{name}` must be one of images, files, videos, audios; {outcome}"));
        known.map(str::to_owned)
    };
    let allowed = match raw.get("allowedTypes") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(list)) => list.iter().filter_map(one).collect(),
        Some(other) => {
            at.report_tolerated("must be a list of strings");
            one(other).into_iter().collect()
        }
    };
    FieldKind::Media { multiple: site.bool_option(raw, "multiple").unwrap_or(false), allowed }
}

fn find_component(
    context: &LoadContext<'_>,
    uid: &str,
    site: &SchemaSite<'_>,
) -> Option<crate::content_type::ComponentId> {
    let component_id = context.component_ids.get(uid).copied();
    if component_id.is_none() {
        site.report_not_found("component", uid);
    }
    component_id
}

fn read_relation(context: &LoadContext<'_>, raw: &Map<String, Json>, site: &SchemaSite<'_>) -> Option<FieldKind> {
    use RelationKind::*;
    let kind = match required_text(raw, "relation", site)? {
        "oneToOne" => OneToOne,
        "oneToMany" => OneToMany,
        "manyToOne" => ManyToOne,
        "manyToMany" => ManyToMany,
        "morphToOne" => MorphToOne,
        "morphToMany" => MorphToMany,
        "morphOne" => MorphOne,
        "morphMany" => MorphMany,
        other => {
            site.at_key("relation").report_problem(format!("unknown relation `{other}`"));
            return None;
        }
    };
    let target = if matches!(kind, MorphToOne | MorphToMany) {
        None
    } else {
        let uid = required_text(raw, "target", site)?;
        let Some(target) = context.type_ids.get(uid) else {
            return unlinked_relation(uid, kind.to_many(), &site.at_key("target"));
        };
        // Strapi's files know in which attributes they are; Cairn's do not.
        if *uid == *FILE_UID && matches!(kind, MorphOne | MorphMany) {
            site.at_key("morphBy").report_tolerated(
                "files cannot have a reverse relation, so it is not stored; use an attribute of type media \
                     instead",
            );
            return Some(FieldKind::Unlinked { many: kind.to_many(), shown: false });
        }
        Some(*target)
    };
    Some(FieldKind::Relation(Relation { kind, target, side: RelationSide::OneWay }))
}

/// Parts of Strapi that have types. No entries of them exist here, so a link to one is empty.
const STRAPI_PARTS: [&str; 6] = [
    "admin::",
    "plugin::upload.",
    "plugin::users-permissions.",
    "plugin::i18n.",
    "plugin::content-releases.",
    "plugin::review-workflows.",
];

/// Handles a target that is not a type of this server. A missing type of the project is an error, in Strapi too.
fn unlinked_relation(uid: &str, many: bool, site: &SchemaSite<'_>) -> Option<FieldKind> {
    if STRAPI_PARTS.iter().any(|part| uid.starts_with(part)) {
        site.report_tolerated(format!(
            "`{uid}` is a built-in type of Strapi; the relation is not stored and is always empty"
        ));
        return Some(FieldKind::Unlinked { many, shown: true });
    }
    if uid.starts_with("plugin::") {
        site.report_tolerated(format!(
            "`{uid}` is a type of a plugin that is not installed; the relation is not stored"
        ));
        return Some(FieldKind::Unlinked { many, shown: false });
    }
    site.report_not_found("content type", uid);
    None
}
