//! The attributes of a content type or component: names, kinds and the options that all kinds share.

use super::context::LoadContext;
use super::raw_schema::RawSchema;
use super::report::SchemaSite;
use super::{conditions, kinds, names, presentation, relations};
use crate::content_type::{Attribute, Attributes, FieldKind, NumberBound, Pattern, TypeId};
use crate::fields::{self, CastError, ValidationPass};
use crate::validate::{ValuePath, print_float};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// The owner of the attributes that are read.
#[derive(Debug, Clone, Copy)]
pub(super) enum SchemaOwner {
    /// A content type, whose attributes have columns.
    Type { id: TypeId, localized: bool },
    /// A component, whose attributes are keys of its JSON.
    Component,
}

/// Reads all attributes, and collects the relations of content types in `links`.
pub(super) fn read_attributes(
    context: &LoadContext<'_>,
    raw: &RawSchema,
    owner: SchemaOwner,
    site: &SchemaSite<'_>,
    links: &mut Vec<relations::DeclaredRelation>,
) -> Attributes {
    let own_row = matches!(owner, SchemaOwner::Type { .. });
    let Some(all) = raw.attributes() else {
        let at = site.at_key("attributes");
        match raw.schema.get("attributes") {
            None if !own_row => at.report_tolerated("is missing: the component is empty"),
            _ => at.report_problem("must be an object"),
        }
        return Attributes::default();
    };
    let mut columns: HashMap<String, &str> = HashMap::new();
    let mut list = Vec::with_capacity(all.len());
    for (name, json) in all {
        let site = site.at_key("attributes").at_key(name);
        if names::is_system(name, own_row) {
            site.report_tolerated("is a built-in attribute of every entry; ignoring its definition in the file");
            continue;
        }
        let column = match names::column_identifier(name, own_row) {
            Ok(column) => {
                if let Some(unusual) = column.unusual {
                    site.report_tolerated(format!("{unusual}; its column is `{}`", column.name));
                }
                column.name
            }
            Err(problem) => {
                site.report_problem(problem);
                name.clone()
            }
        };
        if let Some(other) = columns.insert(column.clone(), name) {
            site.report_problem(format!("has the same column `{column}` as `{other}`"));
        }
        let Json::Object(options) = json else {
            site.report_problem("must be an object");
            continue;
        };
        if let Some(kind) = kinds::read_kind(context, options, own_row, &site) {
            let mut attribute = read_attribute(name, column, kind, options, owner, all, &site);
            relations::note_relation(context, raw, owner, &mut attribute, options, &site, links);
            list.push(attribute);
        }
    }
    conditions::check_circles(&list, site);
    Attributes::new(list)
}

fn read_attribute(
    name: &str,
    column: String,
    kind: FieldKind,
    raw: &Map<String, Json>,
    owner: SchemaOwner,
    siblings: &Map<String, Json>,
    site: &SchemaSite<'_>,
) -> Attribute {
    if matches!((owner, &kind), (SchemaOwner::Component, FieldKind::DynamicZone { .. })) {
        site.at_key("type").report_problem("a dynamic zone cannot be inside a component");
    }
    if let FieldKind::Uid { target_field: Some(target) } = &kind
        && !siblings.contains_key(target)
    {
        site.at_key("targetField").report_tolerated(format!("attribute `{target}` not found"));
    }
    let scalar = kind.column_type().is_some();
    let flag = |key: &str| site.bool_option(raw, key).unwrap_or(false);
    let components = matches!(kind, FieldKind::Component { .. } | FieldKind::DynamicZone { .. });
    let index = flag("index");
    if index && !scalar && !components {
        site.at_key("index")
            .report_tolerated("only plain attributes and components can be indexed; ignoring this option");
    }
    let (min_length, max_length) = read_lengths(&kind, raw, site);
    let (min, max) = read_limits(&kind, raw, site);
    let attribute = Attribute {
        name: name.to_owned(),
        column,
        required: flag("required"),
        unique: scalar && (flag("unique") || matches!(kind, FieldKind::Uid { .. })),
        private: flag("private"),
        on_request: flag("onRequest"),
        localized: is_localized(&kind, raw, owner, site),
        index: index && (scalar || components),
        configurable: site.bool_option(raw, "configurable").unwrap_or(true),
        default: None,
        min,
        max,
        min_length,
        max_length,
        regex: read_regex(&kind, raw, site),
        visible_if: conditions::read_condition(raw, siblings, site),
        presentation: presentation::read_attribute_presentation(&kind, raw, site),
        renamed_from: read_former_name(name, raw, site),
        moved_into: read_moved_into(&kind, raw, site),
        kind,
    };
    let default = read_default(&attribute, raw, site);
    Attribute { default, ..attribute }
}

/// True if an attribute is localised. In a localised type relations and uids are by default: Strapi stores them per row.
fn is_localized(kind: &FieldKind, raw: &Map<String, Json>, owner: SchemaOwner, site: &SchemaSite<'_>) -> bool {
    let declared = read_localized(site, raw);
    let by_itself = matches!(kind, FieldKind::Relation(_) | FieldKind::Uid { .. });
    matches!(owner, SchemaOwner::Type { localized: true, .. }) && declared.unwrap_or(by_itself)
}

fn is_text(kind: &FieldKind) -> bool {
    use FieldKind::*;
    matches!(kind, String | Text | RichText | Email | Password | Uid { .. })
}

/// Reads `minLength` and `maxLength`; 0 means none, as in Strapi. Kinds without a length ignore them.
fn read_lengths(kind: &FieldKind, raw: &Map<String, Json>, site: &SchemaSite<'_>) -> (Option<usize>, Option<usize>) {
    if !is_text(kind) {
        return (None, None);
    }
    let length = |key: &str| site.size_option(raw, key).filter(|&length| length > 0);
    let (min, max) = (length("minLength"), length("maxLength"));
    if let (Some(least), Some(limit)) = (min, max)
        && least > limit
    {
        site.at_key("minLength").report_problem(format!("{least} is greater than maxLength, {limit}"));
    }
    (min, max)
}

/// Reads `min` and `max` of numbers, lists and zones. Other kinds ignore them.
fn read_limits(
    kind: &FieldKind,
    raw: &Map<String, Json>,
    site: &SchemaSite<'_>,
) -> (Option<NumberBound>, Option<NumberBound>) {
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
            site.at_key(key).report_tolerated(format!("must be {expected}; ignoring it"));
        }
        bound
    };
    let (min, max) = (bound("min"), bound("max"));
    if let (Some(least), Some(most)) = (&min, &max)
        && least.value > most.value
    {
        site.at_key("min")
            .report_tolerated(format!("{} is greater than max, {}: no value is possible", least.text, most.text));
    }
    (min, max)
}

fn number_bound(value: &Json) -> Option<NumberBound> {
    let value = match value {
        Json::String(text) => text.parse().ok().filter(|n: &f64| n.is_finite())?,
        other => other.as_f64()?,
    };
    Some(NumberBound { value, text: print_float(value) })
}

/// Reads a whole bound. A fraction is cut off, as Strapi does. Digits beyond a float's are retained in the text.
fn whole_bound(value: &Json) -> Option<NumberBound> {
    let exact = value.as_i64().or_else(|| value.as_str()?.parse().ok());
    #[expect(clippy::cast_precision_loss, reason = "the text keeps the digits")]
    match exact {
        Some(int) => Some(NumberBound { value: int as f64, text: int.to_string() }),
        None => {
            let value = number_bound(value)?.value.trunc();
            Some(NumberBound { value, text: print_float(value) })
        }
    }
}

fn read_regex(kind: &FieldKind, raw: &Map<String, Json>, site: &SchemaSite<'_>) -> Option<Pattern> {
    let source = site.optional_text(raw, "regex").filter(|source| is_text(kind) && !source.is_empty())?;
    let pattern = Pattern::new(source);
    if let Some(why) = pattern.syntax_error() {
        site.at_key("regex")
            .report_tolerated(format!("is not a valid regular expression: {why}; values cannot be checked"));
    }
    Some(pattern)
}

/// Reads `renamedFrom`: another name, or `component.attribute`. Whether such an attribute existed only the database knows.
fn read_former_name(name: &str, raw: &Map<String, Json>, site: &SchemaSite<'_>) -> Option<String> {
    let former = site.text_option(raw, "renamedFrom")?;
    let site = site.at_key("renamedFrom");
    if former == name {
        site.report_problem("is the attribute's own name");
    } else if former.split('.').count() > 2 || former.split('.').any(|part| !names::is_name(part)) {
        site.report_problem(format!("`{former}` is neither a name nor `component.attribute`"));
    }
    Some(former.to_owned())
}

/// Reads `movedInto`: attribute of the component -> former attribute of the owner.
fn read_moved_into(kind: &FieldKind, raw: &Map<String, Json>, site: &SchemaSite<'_>) -> Vec<(String, String)> {
    let Some(pairs) = site.object_option(raw, "movedInto") else { return Vec::new() };
    let site = site.at_key("movedInto");
    if !matches!(kind, FieldKind::Component { .. }) {
        site.report_problem("can only be set for a component attribute");
    }
    let mut read: Vec<(String, String)> = Vec::new();
    for (inner, former) in pairs {
        match former.as_str() {
            Some(former) if read.iter().any(|(_, other)| other == former) => {
                site.at_key(inner).report_problem(format!("`{former}` is moved twice"));
            }
            Some(former) => read.push((inner.clone(), former.to_owned())),
            None => site.at_key(inner).report_problem("must be the name of a former attribute"),
        }
    }
    read
}

fn default_not_taken(why: &str) -> String {
    format!("{why} (entries that use it are rejected)")
}

/// Reads `default`. Components, zones and links have none. One that the attribute does not accept is refused when it is used.
fn read_default(attribute: &Attribute, raw: &Map<String, Json>, site: &SchemaSite<'_>) -> Option<Json> {
    let field = fields::field_type(&attribute.kind)?;
    let input = raw.get("default").filter(|value| !value.is_null())?;
    let at = ValuePath::Root;
    let mut errors = Vec::new();
    match field.cast_value(attribute, &at, input) {
        Ok(value) => field.check_rules(attribute, &at, &value, ValidationPass::Draft, &mut errors),
        Err(CastError::Errors(refused)) => errors = refused,
        Err(CastError::Format(message)) => site.at_key("default").report_tolerated(default_not_taken(message)),
    }
    for error in errors {
        let message = error.message.strip_prefix("this ").unwrap_or(&error.message).to_owned();
        site.at_key("default").report_tolerated(default_not_taken(&message));
    }
    Some(input.clone())
}

/// Reads `pluginOptions.i18n.localized`.
pub(super) fn read_localized(site: &SchemaSite<'_>, schema: &Map<String, Json>) -> Option<bool> {
    let plugins = site.optional_object(schema, "pluginOptions")?;
    let site = site.at_key("pluginOptions");
    site.at_key("i18n").strict_bool_option(site.optional_object(plugins, "i18n")?, "localized")
}
