//! Where documents are used: every place that may link to one, in any version and locale, at any depth.
//!
//! Links inside components are in the reference table of their type with the component's instance; its path in the entry is looked up in
//! the components of the rows that were found.

use crate::connection::Param;
use crate::ident::Ident;
use crate::namespaces;
use crate::schema::LinkLocation;
use crate::{Reader, Result};
use cairn_model::{Attributes, ContentType, FieldKind, Registry, TypeId};
use serde_json::Value as Json;
use std::collections::{BTreeSet, HashMap};

/// A version of an entry that uses a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Usage {
    /// The document that is used.
    pub target: String,
    /// The entry's type.
    pub content_type: TypeId,
    /// Id of the entry's document.
    pub document_id: String,
    /// Its locale; empty if the type has none.
    pub locale: String,
    /// True if it is the published version, not the draft. Always true for a type without drafts.
    pub published: bool,
    /// Path of the link in the entry: `cover`, `blocks.2.picture`.
    pub path: String,
    /// True if a text contains the address of the file; else a media attribute or a relation leads to it.
    pub mentioned: bool,
}

/// A link inside components of a row.
struct InstanceLink {
    row: i64,
    instance: i64,
    attribute: String,
    usage: Usage,
}

impl namespaces::Documents<Reader<'_>> {
    /// Finds where these documents of a type are used, about `limit` usages of each attribute at most. Runs one statement for each
    /// attribute of the model that may link to the type, however many documents are given.
    pub fn find_usages(&self, target_type: TypeId, documents: &[&str], limit: i64) -> Result<Vec<Usage>> {
        let registry = &self.tx.store.registry;
        let uid = &registry.get(target_type).uid;
        let mut usages = Vec::new();
        let places = self.tx.store.schema.link_sources.get(target_type.0 as usize).into_iter().flatten();
        for incoming in places.filter(|_| !documents.is_empty()) {
            let owner = registry.get(incoming.owner);
            let table = Ident::table(owner);
            let list = |expr: &str| self.tx.conn.dialect().in_list(expr, 1);
            let doing = "finding usages";
            let plain = |sql: &str, path: &str, found: &mut Vec<Usage>| {
                self.tx.conn.query(doing, sql, [Param::Texts(documents), Param::Integer(limit)], |r| {
                    found.push(Usage {
                        target: r.get(0)?,
                        content_type: owner.id,
                        document_id: r.get(1)?,
                        locale: r.get(2)?,
                        published: r.get::<i64>(3)? == 1,
                        path: path.to_owned(),
                        mentioned: false,
                    });
                    Ok(())
                })
            };
            match incoming.location {
                LinkLocation::Column(a) => {
                    let a = &owner.attributes[a];
                    let column = format!("t.{}", Ident::column(a));
                    let sql = format!(
                        "SELECT {column}, t.document_id, t.locale, t._status FROM {table} t WHERE {} LIMIT ?2",
                        list(&column)
                    );
                    plain(&sql, &a.name, &mut usages)?;
                }
                LinkLocation::Table(a) => {
                    let a = &owner.attributes[a];
                    let sql = format!(
                        "SELECT l.target, t.document_id, t.locale, t._status FROM {} l JOIN {table} t ON t.id = l.owner_id
                         WHERE {} LIMIT ?2",
                        Ident::links(owner, a),
                        list("l.target")
                    );
                    plain(&sql, &a.name, &mut usages)?;
                }
                LinkLocation::References => {
                    let sql = format!(
                        "SELECT l.target, t.document_id, t.locale, t._status, t.id, l.instance, l.attribute
                         FROM {} l JOIN {table} t ON t.id = l.owner_id WHERE {} AND l.target_type = ?3 LIMIT ?2",
                        Ident::references(owner),
                        list("l.target")
                    );
                    let values = [Param::Texts(documents), Param::Integer(limit), Param::Text(uid)];
                    let inside = self.tx.conn.query_all(doing, &sql, values, |r| {
                        let attribute: String = r.get(6)?;
                        // Of a component it is `<component>#<attribute>`.
                        let attribute = attribute.rsplit('#').next().unwrap_or_default().to_owned();
                        let usage = Usage {
                            target: r.get(0)?,
                            content_type: owner.id,
                            document_id: r.get(1)?,
                            locale: r.get(2)?,
                            published: r.get::<i64>(3)? == 1,
                            path: attribute.clone(),
                            mentioned: false,
                        };
                        Ok(InstanceLink { row: r.get(4)?, instance: r.get(5)?, attribute, usage })
                    })?;
                    self.locate_instances(owner, inside, &mut usages)?;
                }
            }
        }
        usages.sort();
        Ok(usages)
    }

    /// Finds the paths of the components of these links in their rows.
    fn locate_instances(&self, owner: &ContentType, inside: Vec<InstanceLink>, found: &mut Vec<Usage>) -> Result<()> {
        let rows: BTreeSet<i64> = inside.iter().filter(|l| l.instance != 0).map(|l| l.row).collect();
        let rows: Vec<i64> = rows.into_iter().collect();
        let components: Vec<&str> =
            owner.attributes.iter().filter(|(_, a)| is_component(&a.kind)).map(|(_, a)| a.name.as_str()).collect();
        let mut instances = HashMap::new();
        if !rows.is_empty() && !components.is_empty() {
            let columns: Vec<String> = owner
                .attributes
                .iter()
                .filter(|(_, a)| is_component(&a.kind))
                .map(|(_, a)| format!("CAST({} AS text)", Ident::column(a)))
                .collect();
            let sql = format!(
                "SELECT id, {} FROM {} WHERE {}",
                columns.join(", "),
                Ident::table(owner),
                self.tx.conn.dialect().in_list("id", 1)
            );
            self.tx.conn.query("finding usages", &sql, [Param::Integers(&rows)], |r| {
                let row: i64 = r.get(0)?;
                for (i, name) in components.iter().enumerate() {
                    let text: Option<String> = r.get(i + 1)?;
                    let Some(value) = text.and_then(|t| serde_json::from_str::<Json>(&t).ok()) else { continue };
                    each_instance(&self.tx.store.registry, &owner.attributes, name, &value, name, &mut |id, path| {
                        instances.insert((row, id), path.to_owned());
                    });
                }
                Ok(())
            })?;
        }
        found.extend(inside.into_iter().map(|link| {
            let path = instances.get(&(link.row, link.instance));
            let path = path.map_or_else(|| link.attribute.clone(), |path| format!("{path}.{}", link.attribute));
            Usage { path, ..link.usage }
        }));
        Ok(())
    }
}

pub(crate) fn is_component(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::Component { .. } | FieldKind::DynamicZone { .. })
}

/// Calls `each` with the number and the path of every component in the value of an attribute.
fn each_instance(
    registry: &Registry,
    attributes: &Attributes,
    name: &str,
    value: &Json,
    path: &str,
    each: &mut dyn FnMut(i64, &str),
) {
    let Some((_, attribute)) = attributes.get(name) else { return };
    let mut one = |value: &Json, path: &str| {
        let Some(object) = value.as_object() else { return };
        let component = match &attribute.kind {
            FieldKind::Component { component, .. } => Some(registry.component(*component)),
            _ => object
                .get("__component")
                .and_then(Json::as_str)
                .and_then(|uid| registry.components().iter().find(|c| c.uid == uid)),
        };
        let Some(component) = component else { return };
        if let Some(id) = object.get("id").and_then(Json::as_i64) {
            each(id, path);
        }
        for (name, value) in object {
            if component.attributes.get(name).is_some_and(|(_, a)| is_component(&a.kind)) {
                each_instance(registry, &component.attributes, name, value, &format!("{path}.{name}"), each);
            }
        }
    };
    match value {
        Json::Array(list) => list.iter().enumerate().for_each(|(i, value)| one(value, &format!("{path}.{i}"))),
        value => one(value, path),
    }
}
