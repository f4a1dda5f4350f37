//! Content types and components as tables of Strapi's database.

use super::layout::TableLayout;
use super::values::StoredKind;
use crate::error::ImportError;
use crate::survey::{LOCALIZATIONS, SYSTEM_FIELDS};
use serde_json::{Map, Value as Json};
use std::collections::HashMap;

/// A content type or component, and where its rows are.
#[derive(Debug)]
pub(super) struct StoredType {
    pub(super) uid: String,
    pub(super) is_component: bool,
    pub(super) table: String,
    /// Attributes with a column.
    pub(super) columns: Vec<StoredColumn>,
    /// Attributes with components.
    pub(super) parts: Vec<ComponentAttribute>,
    /// The table with the components of its rows.
    pub(super) component_table: String,
    /// Its column with the id of the component.
    pub(super) component_id_column: &'static str,
    /// Attributes that own a relation.
    pub(super) relations: Vec<StoredRelation>,
}

#[derive(Debug)]
pub(super) struct StoredColumn {
    pub(super) attribute: String,
    pub(super) column: String,
    pub(super) kind: StoredKind,
}

/// An attribute with components: one, a list, or a dynamic zone.
#[derive(Debug)]
pub(super) struct ComponentAttribute {
    pub(super) name: String,
    pub(super) components: Vec<String>,
    pub(super) shape: PartShape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PartShape {
    Single,
    List,
    Zone,
}

/// An attribute that owns a relation, and where its links are.
#[derive(Debug)]
pub(super) struct StoredRelation {
    pub(super) attribute: String,
    pub(super) relation: String,
    /// The type it leads to; `None` if any.
    pub(super) target: Option<String>,
    /// The attribute on the other side.
    pub(super) inverse: Option<String>,
    pub(super) storage: RelationStorage,
}

#[derive(Debug)]
pub(super) enum RelationStorage {
    /// A column of the owner's table.
    Column(String),
    /// Two columns of the owner's table: the target's id and type.
    MorphColumns { id: String, kind: String },
    /// A table with a row for each link.
    Table { table: String, owner: String, target: String, order: Option<String>, inverse_order: Option<String> },
    /// A table with a row for each link, to rows of any type.
    MorphTable { table: String, owner: String, id: String, kind: String },
}

/// All content types and components of a project, content types first.
#[derive(Debug)]
pub(super) struct StoredModel {
    types: Vec<StoredType>,
    by_uid: HashMap<String, usize>,
}

impl StoredModel {
    /// Derives the tables from schemas as an archive has them.
    pub(super) fn new(schemas: &[Map<String, Json>], layout: &dyn TableLayout) -> Result<Self, ImportError> {
        let mut singular_names = HashMap::new();
        for schema in schemas {
            singular_names.insert(text(schema, "uid"), text(schema, "modelName"));
        }
        let types: Vec<StoredType> =
            schemas.iter().map(|schema| read_type(schema, &singular_names, layout)).collect::<Result<_, _>>()?;
        let by_uid = types.iter().enumerate().map(|(i, stored)| (stored.uid.clone(), i)).collect();
        let model = Self { types, by_uid };
        model.check_components()?;
        Ok(model)
    }

    pub(super) fn types(&self) -> &[StoredType] {
        &self.types
    }

    pub(super) fn get(&self, uid: &str) -> Option<&StoredType> {
        self.types.get(*self.by_uid.get(uid)?)
    }

    /// Every component that is used has to be known: its rows cannot be read otherwise.
    fn check_components(&self) -> Result<(), ImportError> {
        for stored in &self.types {
            for uid in stored.parts.iter().flat_map(|part| &part.components) {
                if !self.get(uid).is_some_and(|found| found.is_component) {
                    return Err(ImportError::Database(format!(
                        "{} has components {uid}, whose schema file is missing: Strapi's database does not have it. Name the folder of the Strapi project with --schemas; it has src/components",
                        stored.uid
                    )));
                }
            }
        }
        Ok(())
    }
}

fn text<'s>(schema: &'s Map<String, Json>, member: &str) -> &'s str {
    schema.get(member).and_then(Json::as_str).unwrap_or_default()
}

fn read_type(
    schema: &Map<String, Json>,
    singular_names: &HashMap<&str, &str>,
    layout: &dyn TableLayout,
) -> Result<StoredType, ImportError> {
    let (uid, collection) = (text(schema, "uid"), text(schema, "collectionName"));
    if collection.is_empty() || uid.is_empty() {
        return Err(ImportError::Database(format!("{uid}: its schema has no collectionName: add it in Strapi")));
    }
    let is_component = text(schema, "modelType") == "component";
    let mut stored = StoredType {
        uid: uid.to_owned(),
        is_component,
        table: layout.table(collection),
        columns: Vec::new(),
        parts: Vec::new(),
        component_table: layout.component_table(collection),
        component_id_column: layout.component_id_column(),
        relations: Vec::new(),
    };
    if !is_component && layout.has_documents() {
        stored.columns.push(StoredColumn {
            attribute: "documentId".into(),
            column: "document_id".into(),
            kind: StoredKind::Text,
        });
    }
    let attributes = schema.get("attributes").and_then(Json::as_object).into_iter().flatten();
    for (name, attribute) in attributes {
        let Some(attribute) = attribute.as_object() else { continue };
        let attribute_type = text(attribute, "type");
        if let Some(kind) = StoredKind::of_type(attribute_type) {
            if name != "documentId" {
                let column = match text(attribute, "columnName") {
                    "" => layout.column(name),
                    column => column.to_owned(),
                };
                stored.columns.push(StoredColumn { attribute: name.clone(), column, kind });
            }
        } else if attribute_type == "relation" {
            let model_name = text(schema, "modelName");
            let relation = read_relation(&stored, model_name, name, attribute, singular_names, layout)?;
            stored.relations.extend(relation);
        } else {
            stored.parts.extend(read_part(name, attribute));
        }
    }
    Ok(stored)
}

/// The components of an attribute; `None` for media, whose links belong to the files.
fn read_part(name: &str, attribute: &Map<String, Json>) -> Option<ComponentAttribute> {
    let (components, shape) = match text(attribute, "type") {
        "component" if attribute.get("repeatable") == Some(&Json::Bool(true)) => {
            (vec![text(attribute, "component").to_owned()], PartShape::List)
        }
        "component" => (vec![text(attribute, "component").to_owned()], PartShape::Single),
        "dynamiczone" => {
            let uids = attribute.get("components").and_then(Json::as_array).into_iter().flatten();
            (uids.filter_map(Json::as_str).map(str::to_owned).collect(), PartShape::Zone)
        }
        _ => return None,
    };
    Some(ComponentAttribute { name: name.to_owned(), components, shape })
}

/// The relation of an attribute, if it owns one that content can have.
fn read_relation(
    owner: &StoredType,
    model_name: &str,
    name: &str,
    attribute: &Map<String, Json>,
    singular_names: &HashMap<&str, &str>,
    layout: &dyn TableLayout,
) -> Result<Option<StoredRelation>, ImportError> {
    let is_inverse = ["mappedBy", "morphBy"].iter().any(|member| !text(attribute, member).is_empty());
    let (relation, target) = (text(attribute, "relation"), text(attribute, "target"));
    // Links of this attribute alone say which rows are localizations of one another where rows have no document ids.
    let is_needed = name == LOCALIZATIONS && !layout.has_documents();
    if is_inverse || SYSTEM_FIELDS.contains(&name) && !is_needed || target.starts_with("admin::") {
        return Ok(None);
    }
    let inverse = Some(text(attribute, "inversedBy")).filter(|inverse| !inverse.is_empty());
    let without_table = attribute.get("useJoinTable") == Some(&Json::Bool(false));
    let storage = match relation {
        "morphToOne" => RelationStorage::MorphColumns {
            id: nested(attribute, &["morphColumn", "idColumn", "name"]).unwrap_or_else(|| "target_id".into()),
            kind: nested(attribute, &["morphColumn", "typeColumn", "name"]).unwrap_or_else(|| "target_type".into()),
        },
        "morphToMany" => RelationStorage::MorphTable {
            table: nested(attribute, &["joinTable", "name"]).unwrap_or_else(|| layout.morph_table(&owner.table, name)),
            owner: layout.id_column(model_name),
            id: layout.id_column(name),
            kind: layout.type_column(name),
        },
        "oneToMany" | "manyToMany" if without_table => return Ok(None),
        "oneToOne" | "manyToOne" if without_table => {
            let column = nested(attribute, &["joinColumn", "name"]);
            RelationStorage::Column(column.unwrap_or_else(|| layout.id_column(name)))
        }
        "oneToOne" | "oneToMany" | "manyToOne" | "manyToMany" => {
            let Some(target_name) = singular_names.get(target) else {
                return Err(ImportError::Database(format!(
                    "{}.{name} is a relation to {target}, which has no schema: start Strapi once with this database",
                    owner.uid
                )));
            };
            let derived = join_table(owner, (model_name, target_name), name, relation, inverse.is_some(), layout);
            named_table(attribute).unwrap_or(derived)
        }
        _ => return Ok(None),
    };
    Ok(Some(StoredRelation {
        attribute: name.to_owned(),
        relation: relation.to_owned(),
        target: Some(target.to_owned()).filter(|target| !target.is_empty()),
        inverse: inverse.map(str::to_owned),
        storage,
    }))
}

/// The join table of a relation between types with these singular names.
fn join_table(
    owner: &StoredType,
    (owner_name, target_name): (&str, &str),
    attribute: &str,
    relation: &str,
    has_inverse: bool,
    layout: &dyn TableLayout,
) -> RelationStorage {
    let owner_column = layout.id_column(owner_name);
    let mut target_column = layout.id_column(target_name);
    if target_column == owner_column {
        target_column = layout.inverse_id_column(target_name);
    }
    let order = layout.order_column(target_name);
    let mut inverse_order = layout.order_column(owner_name);
    if relation == "manyToMany" && inverse_order == order {
        inverse_order = layout.inverse_order_column(owner_name);
    }
    RelationStorage::Table {
        table: layout.join_table(&owner.table, attribute),
        owner: owner_column,
        target: target_column,
        order: Some(order).filter(|_| relation.ends_with("ToMany")),
        inverse_order: Some(inverse_order).filter(|_| has_inverse && relation.starts_with("manyTo")),
    }
}

/// The join table that an attribute names itself.
fn named_table(attribute: &Map<String, Json>) -> Option<RelationStorage> {
    Some(RelationStorage::Table {
        table: nested(attribute, &["joinTable", "name"])?,
        owner: nested(attribute, &["joinTable", "joinColumn", "name"])?,
        target: nested(attribute, &["joinTable", "inverseJoinColumn", "name"])?,
        order: nested(attribute, &["joinTable", "orderColumnName"]),
        inverse_order: nested(attribute, &["joinTable", "inverseOrderColumnName"]),
    })
}

fn nested(attribute: &Map<String, Json>, path: &[&str]) -> Option<String> {
    let mut at = attribute.get(*path.first()?)?;
    for key in &path[1..] {
        at = at.get(*key)?;
    }
    at.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::layout::Strapi5Layout;
    use super::*;
    use serde_json::json;

    fn model(schemas: Json) -> Result<StoredModel, ImportError> {
        let schemas: Vec<Map<String, Json>> =
            schemas.as_array().unwrap().iter().map(|schema| schema.as_object().unwrap().clone()).collect();
        StoredModel::new(&schemas, &Strapi5Layout)
    }

    #[test]
    fn relations_are_found_where_strapi_has_them() {
        let model = model(json!([{
            "uid": "api::author.author", "collectionName": "authors", "modelName": "author", "modelType": "contentType",
            "attributes": {
                "fullName": {"type": "string"},
                "boss": {"type": "relation", "relation": "manyToOne", "target": "api::author.author", "inversedBy": "staff"},
                "staff": {"type": "relation", "relation": "oneToMany", "target": "api::author.author", "mappedBy": "boss"},
                "friends": {"type": "relation", "relation": "manyToMany", "target": "api::author.author", "inversedBy": "friends"},
                "spouse": {"type": "relation", "relation": "oneToOne", "target": "api::author.author", "useJoinTable": false},
                "createdBy": {"type": "relation", "relation": "oneToOne", "target": "admin::user"},
                "likes": {"type": "relation", "relation": "morphToMany"},
            },
        }]))
        .unwrap();
        let author = model.get("api::author.author").unwrap();
        assert_eq!(author.columns.iter().map(|c| c.column.as_str()).collect::<Vec<_>>(), ["document_id", "full_name"]);
        let found: Vec<String> = author.relations.iter().map(|r| format!("{:?}", r.storage)).collect();
        assert_eq!(
            found,
            [
                r#"Table { table: "authors_boss_lnk", owner: "author_id", target: "inv_author_id", order: None, inverse_order: Some("author_ord") }"#,
                r#"Table { table: "authors_friends_lnk", owner: "author_id", target: "inv_author_id", order: Some("author_ord"), inverse_order: Some("inv_author_ord") }"#,
                r#"Column("spouse_id")"#,
                r#"MorphTable { table: "authors_likes_mph", owner: "author_id", id: "likes_id", kind: "likes_type" }"#,
            ]
        );
    }

    #[test]
    fn components_without_a_schema_are_named() {
        let message = model(json!([{
            "uid": "api::a.a", "collectionName": "as", "modelName": "a",
            "attributes": {"seo": {"type": "component", "component": "shared.seo"}},
        }]));
        let message = message.unwrap_err().to_string();
        assert!(message.contains("shared.seo") && message.contains("--schemas"), "{message}");
    }
}
