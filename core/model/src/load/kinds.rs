//! `type` of an attribute: the kind and its own options.

use super::report::Site;
use super::types::Context;
use crate::content_type::{FieldKind, Relation, RelationKind, Side};
use serde_json::{Map, Value as Json};

/// The kind of an attribute. Of a relation the side is settled later.
pub(super) fn kind(context: &Context<'_>, raw: &Map<String, Json>, site: &Site<'_>) -> Option<FieldKind> {
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
        "uid" => FieldKind::Uid { target_field: site.text(raw, "targetField").map(str::to_owned) },
        "integer" => FieldKind::Integer,
        "biginteger" => FieldKind::BigInteger,
        "float" => FieldKind::Float,
        "decimal" => FieldKind::Decimal,
        "boolean" => FieldKind::Boolean,
        "date" => FieldKind::Date,
        "datetime" | "timestamp" => FieldKind::DateTime,
        "time" => FieldKind::Time,
        "json" => FieldKind::Json,
        "enumeration" => FieldKind::Enumeration { values: enumeration(raw, site)? },
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

/// The fields of well-known Strapi plugins; their values are plain.
fn custom_field(name: &str, site: &Site<'_>) -> FieldKind {
    match name {
        "plugin::ckeditor.CKEditor" => FieldKind::RichText,
        "plugin::color-picker.color" => FieldKind::String,
        "plugin::multi-select.multi-select" => FieldKind::Json,
        other => {
            site.warning(format!("unknown custom field `{other}`: kept as json"));
            FieldKind::Json
        }
    }
}

fn enumeration(raw: &Map<String, Json>, site: &Site<'_>) -> Option<Vec<String>> {
    let at = site.at("enum");
    let Some(values) = site.texts(raw, "enum").filter(|values| !values.is_empty()) else {
        if raw.get("enum").is_none_or(|v| v.is_null() || v.as_array().is_some_and(Vec::is_empty)) {
            at.problem("must have at least one value");
        }
        return None;
    };
    for (i, value) in values.iter().enumerate() {
        if value.is_empty() {
            at.problem("an empty value is not possible");
        } else if values[..i].contains(value) {
            at.problem(format!("has `{value}` twice"));
        }
    }
    Some(values)
}

fn media(raw: &Map<String, Json>, site: &Site<'_>) -> FieldKind {
    let allowed = site.texts(raw, "allowedTypes").unwrap_or_default();
    for name in &allowed {
        if !matches!(name.as_str(), "images" | "files" | "videos" | "audios") {
            site.at("allowedTypes").problem(format!("`{name}` is none of images, files, videos, audios"));
        }
    }
    FieldKind::Media { multiple: site.bool(raw, "multiple").unwrap_or(false), allowed }
}

fn component(context: &Context<'_>, uid: &str, site: &Site<'_>) -> Option<crate::content_type::ComponentId> {
    let found = context.component_ids.get(uid).copied();
    if found.is_none() {
        site.problem(format!("there is no component `{uid}`"));
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
            site.at("target").problem(format!("there is no content type `{uid}`"));
            return None;
        };
        Some(*target)
    };
    Some(FieldKind::Relation(Relation { kind, target, side: Side::OneWay }))
}
