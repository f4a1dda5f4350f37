//! The attributes of a content type or component: names, kinds and the options that all kinds share.

use super::report::Site;
use super::types::{Context, Raw, localized};
use super::{kinds, names, relations};
use crate::content_type::{Attribute, Attributes, Bound, FieldKind, Pattern, TypeId};
use crate::fields::{self, Pass, Refused};
use crate::validate::{At, check_rule, print_float};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The owner of the attributes that are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum Owner {
    /// A content type, whose attributes have columns.
    Type { id: TypeId, localized: bool },
    /// A component, whose attributes are keys of its JSON.
    Component,
}

/// Reads all attributes, and collects the relations of content types in `links`.
pub(super) fn attributes(
    context: &Context<'_>,
    raw: &Raw,
    owner: Owner,
    site: &Site<'_>,
    links: &mut Vec<relations::Found>,
) -> Attributes {
    let own_row = matches!(owner, Owner::Type { .. });
    let Some(all) = raw.attributes() else {
        let at = site.at("attributes");
        match raw.schema.get("attributes") {
            None if !own_row => at.tolerate("is missing: the component is empty"),
            _ => at.problem("must be an object"),
        }
        return Attributes::default();
    };
    let mut columns: HashMap<String, &str> = HashMap::new();
    let mut list = Vec::with_capacity(all.len());
    for (name, json) in all {
        let site = site.at("attributes").at(name);
        if names::is_system(name, own_row) {
            site.tolerate("is a built-in attribute of every entry; ignoring its definition in the file");
            continue;
        }
        let column = match names::column(name, own_row) {
            Ok(column) => {
                if let Some(unusual) = column.unusual {
                    site.tolerate(format!("{unusual}; its column is `{}`", column.name));
                }
                column.name
            }
            Err(problem) => {
                site.problem(problem);
                name.clone()
            }
        };
        if let Some(other) = columns.insert(column.clone(), name) {
            site.problem(format!("has the same column `{column}` as `{other}`"));
        }
        let Json::Object(options) = json else {
            site.problem("must be an object");
            continue;
        };
        if let Some(kind) = kinds::kind(context, options, own_row, &site) {
            let mut attribute = attribute(name, column, kind, options, owner, all, &site);
            relations::note(context, raw, owner, &mut attribute, options, &site, links);
            list.push(attribute);
        }
    }
    Attributes::new(list)
}

fn attribute(
    name: &str,
    column: String,
    kind: FieldKind,
    raw: &Map<String, Json>,
    owner: Owner,
    siblings: &Map<String, Json>,
    site: &Site<'_>,
) -> Attribute {
    if matches!((owner, &kind), (Owner::Component, FieldKind::DynamicZone { .. })) {
        site.at("type").problem("a dynamic zone cannot be inside a component");
    }
    if let FieldKind::Uid { target_field: Some(target) } = &kind
        && !siblings.contains_key(target)
    {
        site.at("targetField").tolerate(format!("attribute `{target}` not found"));
    }
    let scalar = kind.column_type().is_some();
    let flag = |key: &str| site.bool(raw, key).unwrap_or(false);
    let components = matches!(kind, FieldKind::Component { .. } | FieldKind::DynamicZone { .. });
    let index = flag("index");
    if index && !scalar && !components {
        site.at("index").tolerate("only plain attributes and components can be indexed; ignoring this option");
    }
    let (min_length, max_length) = lengths(&kind, raw, site);
    let (min, max) = limits(&kind, raw, site);
    let attribute = Attribute {
        name: name.to_owned(),
        column,
        required: flag("required"),
        unique: scalar && (flag("unique") || matches!(kind, FieldKind::Uid { .. })),
        private: flag("private"),
        on_request: flag("onRequest"),
        localized: localized_attribute(&kind, raw, owner, site),
        index: index && (scalar || components),
        configurable: site.bool(raw, "configurable").unwrap_or(true),
        default: None,
        min,
        max,
        min_length,
        max_length,
        regex: regex(&kind, raw, site),
        visible_if: visible_if(raw, site),
        renamed_from: former_attribute(name, raw, site),
        moved_into: moved_into(&kind, raw, site),
        kind,
    };
    let default = default(&attribute, raw, site);
    Attribute { default, ..attribute }
}

/// Whether an attribute is localised. In a localised type relations and uids are by default: Strapi stores them per row.
fn localized_attribute(kind: &FieldKind, raw: &Map<String, Json>, owner: Owner, site: &Site<'_>) -> bool {
    let said = localized(site, raw);
    let by_itself = matches!(kind, FieldKind::Relation(_) | FieldKind::Uid { .. });
    matches!(owner, Owner::Type { localized: true, .. }) && said.unwrap_or(by_itself)
}

fn is_text(kind: &FieldKind) -> bool {
    use FieldKind::*;
    matches!(kind, String | Text | RichText | Email | Password | Uid { .. })
}

/// Reads `minLength` and `maxLength`; 0 means none, as in Strapi. Kinds without a length ignore them.
fn lengths(kind: &FieldKind, raw: &Map<String, Json>, site: &Site<'_>) -> (Option<usize>, Option<usize>) {
    if !is_text(kind) {
        return (None, None);
    }
    let length = |key: &str| site.size(raw, key).filter(|&length| length > 0);
    let (min, max) = (length("minLength"), length("maxLength"));
    if let (Some(least), Some(most)) = (min, max)
        && least > most
    {
        site.at("minLength").problem(format!("{least} is greater than maxLength, {most}"));
    }
    (min, max)
}

/// Reads `min` and `max` of numbers, lists and zones. Other kinds ignore them.
fn limits(kind: &FieldKind, raw: &Map<String, Json>, site: &Site<'_>) -> (Option<Bound>, Option<Bound>) {
    let bound = |key: &str| {
        let value = raw.get(key).filter(|value| !value.is_null())?;
        let (bound, expected) = match kind {
            FieldKind::Float | FieldKind::Decimal => (number_bound(value), "a number"),
            FieldKind::Integer | FieldKind::BigInteger => (whole_bound(value), "a whole number"),
            FieldKind::Component { repeatable: true, .. } | FieldKind::DynamicZone { .. } => {
                (whole_bound(value).filter(|bound| bound.value >= 0.0), "a whole number of at least 0")
            }
            _ => return None,
        };
        if bound.is_none() {
            site.at(key).tolerate(format!("must be {expected}; ignoring it"));
        }
        bound
    };
    let (min, max) = (bound("min"), bound("max"));
    if let (Some(least), Some(most)) = (&min, &max)
        && least.value > most.value
    {
        site.at("min").tolerate(format!("{} is greater than max, {}: no value is possible", least.text, most.text));
    }
    (min, max)
}

fn number_bound(value: &Json) -> Option<Bound> {
    let value = match value {
        Json::String(text) => text.parse().ok().filter(|n: &f64| n.is_finite())?,
        other => other.as_f64()?,
    };
    Some(Bound { value, text: print_float(value) })
}

/// Reads a whole bound. A fraction is cut off, as Strapi does. Digits beyond a float's are retained in the text.
fn whole_bound(value: &Json) -> Option<Bound> {
    let exact = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    #[expect(clippy::cast_precision_loss, reason = "the text keeps the digits")]
    match exact {
        Some(int) => Some(Bound { value: int as f64, text: int.to_string() }),
        None => {
            let value = number_bound(value)?.value.trunc();
            Some(Bound { value, text: print_float(value) })
        }
    }
}

fn regex(kind: &FieldKind, raw: &Map<String, Json>, site: &Site<'_>) -> Option<Pattern> {
    let source = site.optional_text(raw, "regex").filter(|source| is_text(kind) && !source.is_empty())?;
    let pattern = Pattern::new(source);
    if let Some(why) = pattern.broken() {
        site.at("regex").tolerate(format!("is not a valid regular expression: {why}; values cannot be checked"));
    }
    Some(pattern)
}

fn visible_if(raw: &Map<String, Json>, site: &Site<'_>) -> Option<Json> {
    let conditions = site.optional_object(raw, "conditions")?;
    let rule = conditions.get("visible").filter(|rule| !rule.is_null())?;
    if let Err(problem) = check_rule(rule) {
        site.at("conditions").at("visible").tolerate(format!("{problem}; the attribute is always visible"));
        return None;
    }
    Some(rule.clone())
}

/// Reads `renamedFrom`: another name, or `component.attribute`. Whether such an attribute existed only the database knows.
fn former_attribute(name: &str, raw: &Map<String, Json>, site: &Site<'_>) -> Option<String> {
    let former = site.text(raw, "renamedFrom")?;
    let site = site.at("renamedFrom");
    if former == name {
        site.problem("is the attribute's own name");
    } else if former.split('.').count() > 2 || former.split('.').any(|part| !names::is_name(part)) {
        site.problem(format!("`{former}` is neither a name nor `component.attribute`"));
    }
    Some(former.to_owned())
}

/// Reads `movedInto`: attribute of the component -> former attribute of the owner.
fn moved_into(kind: &FieldKind, raw: &Map<String, Json>, site: &Site<'_>) -> Vec<(String, String)> {
    let Some(pairs) = site.object(raw, "movedInto") else { return Vec::new() };
    let site = site.at("movedInto");
    if !matches!(kind, FieldKind::Component { .. }) {
        site.problem("can only be set for a component attribute");
    }
    let mut read: Vec<(String, String)> = Vec::new();
    for (inner, former) in pairs {
        match former.as_str() {
            Some(former) if read.iter().any(|(_, other)| other == former) => {
                site.at(inner).problem(format!("`{former}` is moved twice"));
            }
            Some(former) => read.push((inner.clone(), former.to_owned())),
            None => site.at(inner).problem("must be the name of a former attribute"),
        }
    }
    read
}

fn refused_default(why: &str) -> String {
    format!("{why} (entries that use it are rejected)")
}

/// Reads `default`. Components, zones and links have none. One that the attribute does not accept is refused when it is used.
fn default(attribute: &Attribute, raw: &Map<String, Json>, site: &Site<'_>) -> Option<Json> {
    let field = fields::field_type(&attribute.kind)?;
    let given = raw.get("default").filter(|value| !value.is_null())?;
    let at = At::Root;
    let mut errors = Vec::new();
    match field.cast(attribute, &at, given) {
        Ok(value) => field.check(attribute, &at, &value, Pass::Draft, &mut errors),
        Err(Refused::Errors(refused)) => errors = refused,
        Err(Refused::Format(message)) => site.at("default").tolerate(refused_default(message)),
    }
    for error in errors {
        let message = error.message.strip_prefix("this ").unwrap_or(&error.message).to_owned();
        site.at("default").tolerate(refused_default(&message));
    }
    Some(given.clone())
}
