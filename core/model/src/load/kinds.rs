//! `type` of an attribute: the kind and its options.

use super::report::Site;
use super::types::Context;
use crate::content_type::{FieldKind, Relation, RelationKind, Side};
use crate::registry::FILE_UID;
use serde_json::{Map, Value as Json};

/// Reads the kind of an attribute. The side of a relation is determined later. `own_row`: it is a content type's
/// attribute, not a component's.
pub(super) fn kind(
    context: &Context<'_>,
    raw: &Map<String, Json>,
    own_row: bool,
    site: &Site<'_>,
) -> Option<FieldKind> {
    let Some(name) = site.text(raw, "type") else {
        if raw.get("type").is_none_or(Json::is_null) {
            site.at("type").problem("is missing");
        }
        return None;
    };
    Some(match name {
        "string" => FieldKind::String,
        "text" => FieldKind::Text,
        "richtext" => FieldKind::RichText,
        "blocks" => FieldKind::Blocks,
        "email" => FieldKind::Email,
        "password" => FieldKind::Password,
        "uid" => FieldKind::Uid { target_field: site.optional_text(raw, "targetField").map(str::to_owned) },
        "integer" => FieldKind::Integer,
        "biginteger" => FieldKind::BigInteger,
        "float" => FieldKind::Float,
        "decimal" => FieldKind::Decimal,
        "boolean" => FieldKind::Boolean,
        "date" => FieldKind::Date,
        "datetime" | "timestamp" => FieldKind::DateTime,
        "time" => FieldKind::Time,
        "json" => FieldKind::Json,
        "enumeration" => FieldKind::Enumeration { values: enumeration(raw, own_row, site)? },
        "media" => media(raw, site),
        "relation" => relation(context, raw, site)?,
        "component" => {
            let uid = needed(raw, "component", site)?;
            let component = component(context, uid, &site.at("component"))?;
            FieldKind::Component { component, repeatable: site.bool(raw, "repeatable").unwrap_or(false) }
        }
        "dynamiczone" => {
            let list = site.at("components");
            let Some(uids) = site.texts(raw, "components") else {
                if raw.get("components").is_none_or(Json::is_null) {
                    list.problem("is missing");
                }
                return None;
            };
            let components = uids.iter().map(|uid| component(context, uid, &list)).collect::<Vec<_>>();
            FieldKind::DynamicZone { components: components.into_iter().collect::<Option<_>>()? }
        }
        "customField" => custom_field(needed(raw, "customField", site)?, &site.at("customField")),
        other => {
            site.at("type").problem(format!("unknown type `{other}`"));
            return None;
        }
    })
}

fn needed<'m>(raw: &'m Map<String, Json>, key: &str, site: &Site<'_>) -> Option<&'m str> {
    let text = site.text(raw, key);
    if raw.get(key).is_none_or(Json::is_null) {
        site.at(key).problem("is missing");
    }
    text
}

/// The kind of a custom field of a well-known Strapi plugin; its values are plain.
fn custom_field(name: &str, site: &Site<'_>) -> FieldKind {
    match name {
        "plugin::ckeditor.CKEditor" | "plugin::ckeditor5.CKEditor" => FieldKind::RichText,
        "plugin::color-picker.color" => FieldKind::String,
        "plugin::multi-select.multi-select" => FieldKind::Json,
        other => {
            site.warning(format!("unknown custom field `{other}`; storing it as json"));
            FieldKind::Json
        }
    }
}

/// Reads an enumeration. Strapi checks the values of content types only: what it refuses there, components may have.
fn enumeration(raw: &Map<String, Json>, own_row: bool, site: &Site<'_>) -> Option<Vec<String>> {
    let at = site.at("enum");
    let Some(given) = raw.get("enum").and_then(Json::as_array) else {
        let missing = raw.get("enum").is_none_or(Json::is_null);
        at.problem(if missing { "must have at least one value" } else { "must be a list of strings" });
        return None;
    };
    let refuse = |message: String| if own_row { at.problem(message) } else { at.tolerate(message) };
    let mut values: Vec<String> = Vec::with_capacity(given.len());
    for value in given {
        let value = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => {
                at.tolerate(format!("`{value}` is not a string; using it as text"));
                value.to_string()
            }
            _ => {
                at.problem("must be a list of strings");
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
        at.problem("must have at least one value");
        return None;
    }
    Some(values)
}

/// Reads `allowedTypes`: anything but the four known words is ignored, so that none of them means all.
fn media(raw: &Map<String, Json>, site: &Site<'_>) -> FieldKind {
    let at = site.at("allowedTypes");
    let one = |name: &Json| {
        let known = match name.as_str() {
            Some(known @ ("images" | "files" | "videos" | "audios")) => return Some(known.to_owned()),
            Some("image") => Some("images"),
            Some("file") => Some("files"),
            Some("video") => Some("videos"),
            Some("audio") => Some("audios"),
            _ => None,
        };
        let taken = known.map_or_else(|| "ignored".to_owned(), |known| format!("using {known}"));
        let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
        at.tolerate(format!("`{name}` must be one of images, files, videos, audios; {taken}"));
        known.map(str::to_owned)
    };
    let allowed = match raw.get("allowedTypes") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(list)) => list.iter().filter_map(one).collect(),
        Some(other) => {
            at.tolerate("must be a list of strings");
            one(other).into_iter().collect()
        }
    };
    FieldKind::Media { multiple: site.bool(raw, "multiple").unwrap_or(false), allowed }
}

fn component(context: &Context<'_>, uid: &str, site: &Site<'_>) -> Option<crate::content_type::ComponentId> {
    let found = context.component_ids.get(uid).copied();
    if found.is_none() {
        site.problem(format!("component `{uid}` not found"));
    }
    found
}

fn relation(context: &Context<'_>, raw: &Map<String, Json>, site: &Site<'_>) -> Option<FieldKind> {
    use RelationKind::*;
    let kind = match needed(raw, "relation", site)? {
        "oneToOne" => OneToOne,
        "oneToMany" => OneToMany,
        "manyToOne" => ManyToOne,
        "manyToMany" => ManyToMany,
        "morphToOne" => MorphToOne,
        "morphToMany" => MorphToMany,
        "morphOne" => MorphOne,
        "morphMany" => MorphMany,
        other => {
            site.at("relation").problem(format!("unknown relation `{other}`"));
            return None;
        }
    };
    let target = if matches!(kind, MorphToOne | MorphToMany) {
        None
    } else {
        let uid = needed(raw, "target", site)?;
        let Some(target) = context.type_ids.get(uid) else {
            return elsewhere(uid, kind.to_many(), &site.at("target"));
        };
        // Strapi's files know in which attributes they are; Cairn's do not.
        if *uid == *FILE_UID && matches!(kind, MorphOne | MorphMany) {
            site.at("morphBy").tolerate(
                "files cannot have a reverse relation, so it is not stored; use an attribute of type media \
                     instead",
            );
            return Some(FieldKind::Unlinked { many: kind.to_many(), shown: false });
        }
        Some(*target)
    };
    Some(FieldKind::Relation(Relation { kind, target, side: Side::OneWay }))
}

/// Parts of Strapi that have types. No entries of them exist here, so a link to one is empty.
const OF_STRAPI: [&str; 6] = [
    "admin::",
    "plugin::upload.",
    "plugin::users-permissions.",
    "plugin::i18n.",
    "plugin::content-releases.",
    "plugin::review-workflows.",
];

/// Handles a target that is not a type of this server. A missing type of the project is an error, in Strapi too.
fn elsewhere(uid: &str, many: bool, site: &Site<'_>) -> Option<FieldKind> {
    if OF_STRAPI.iter().any(|part| uid.starts_with(part)) {
        site.tolerate(format!("`{uid}` is a built-in type of Strapi; the relation is not stored and is always empty"));
        return Some(FieldKind::Unlinked { many, shown: true });
    }
    if uid.starts_with("plugin::") {
        site.tolerate(format!("`{uid}` is a type of a plugin that is not installed; the relation is not stored"));
        return Some(FieldKind::Unlinked { many, shown: false });
    }
    site.problem(format!("content type `{uid}` not found"));
    None
}
