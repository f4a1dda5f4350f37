//! Compound indexes: `options.cairn.indexes` of a content type.

use super::raw_schema::RawSchema;
use super::report::{LoadReport, SchemaSite};
use crate::content_type::{Attribute, AttributeId, ContentType, FieldKind, RelationSide};
use serde_json::{Map, Value as Json};

/// Resolves the indexes of all types, once the sides of relations are known.
pub(super) fn resolve_indexes(types: &mut [ContentType], raws: &[RawSchema], report: &LoadReport) {
    for (ty, raw) in types.iter_mut().zip(raws) {
        let site = report.file_site(&raw.file);
        if let Some(options) = raw.schema.get("options").and_then(Json::as_object) {
            ty.indexes = read_indexes(&site.at_key("options"), options, ty);
        }
    }
}

/// Reads lists of attributes that have a column.
fn read_indexes(site: &SchemaSite<'_>, options: &Map<String, Json>, ty: &ContentType) -> Vec<Vec<AttributeId>> {
    let Some(cairn) = site.object_option(options, "cairn") else { return Vec::new() };
    let site = site.at_key("cairn").at_key("indexes");
    let lists = match cairn.get("indexes") {
        None | Some(Json::Null) => return Vec::new(),
        Some(Json::Array(lists)) => lists,
        Some(_) => {
            site.report_problem("must be a list of lists of attribute names");
            return Vec::new();
        }
    };
    let mut indexes = Vec::new();
    for (i, list) in lists.iter().enumerate() {
        let site = site.at_key(&i.to_string());
        let names: Option<Vec<&str>> = list.as_array().and_then(|l| l.iter().map(Json::as_str).collect());
        let Some(names) = names.filter(|names| !names.is_empty()) else {
            site.report_problem("must be a list of attribute names");
            continue;
        };
        let mut index = Vec::new();
        for name in names {
            match ty.attributes.get(name) {
                Some((_, attribute)) if !attribute.has_value_column() => {
                    site.report_problem(format!("`{name}` {}", describe_obstacle(attribute)));
                }
                Some((id, _)) if index.contains(&id) => site.report_problem(format!("names `{name}` twice")),
                Some((id, _)) => index.push(id),
                None => site.report_problem(format!("attribute `{name}` not found")),
            }
        }
        indexes.push(index);
    }
    indexes
}

/// Says why an attribute cannot be part of an index.
fn describe_obstacle(attribute: &Attribute) -> &'static str {
    match &attribute.kind {
        FieldKind::Relation(relation) if matches!(relation.side, RelationSide::Inverse { .. }) => {
            "is stored by the other side of the relation and cannot be indexed; index the attribute of that side in its own type"
        }
        FieldKind::Relation(_) | FieldKind::Media { .. } => {
            "has its links in a table of its own, which is indexed already; an index can have values of the entry and relations to one document"
        }
        _ => "has no column of its own and cannot be indexed",
    }
}
