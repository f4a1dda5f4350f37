//! Values of the signed-in user for `$user.…` in conditions: `id`, `username`, `customer.documentId`,
//! `teams.projects.code`. A path is resolved against the model once, when settings are loaded.

use crate::connection::ValueRef;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result};
use cairn_model::{Attribute, ColumnType, ContentType, LinkStorage, Registry, RelationSide, TypeId};
use serde_json::Value as Json;

/// A path from the user type through its relations to a scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPath {
    steps: Vec<UserPathStep>,
    value: String,
    kind: ColumnType,
    many: bool,
    types: Vec<TypeId>,
}

/// One relation on a path: from a row to its related documents, and from a document to the row that is visible.
#[derive(Debug, Clone, PartialEq, Eq)]
struct UserPathStep {
    targets: String,
    /// True if links refer to the row's id; otherwise to its document id.
    by_row: bool,
    row: String,
}

impl UserPath {
    /// Resolves a path such as `customer.documentId` (without `user.`). `Err` describes the problem.
    pub fn resolve(registry: &Registry, path: &str) -> Result<Self, String> {
        let mut ct = registry.user_type();
        let mut steps = Vec::new();
        let mut many = false;
        let mut types = vec![ct.id];
        let mut names = path.split('.').peekable();
        while let Some(name) = names.next() {
            let is_last = names.peek().is_none();
            if is_last && let Some((column, kind)) = system_column(name) {
                return Ok(Self { steps, value: value_sql(ct, &Ident::quote(column)), kind, many, types });
            }
            let Some((_, attribute)) = ct.attributes.get(name) else {
                return Err(format!("{} has no attribute {name}", ct.uid));
            };
            if attribute.is_hidden() {
                return Err(format!("{name} of {} is private", ct.uid));
            }
            match attribute.kind.column_type() {
                Some(kind) if is_last => {
                    return Ok(Self { steps, value: value_sql(ct, &Ident::column(attribute)), kind, many, types });
                }
                Some(_) => return Err(format!("{name} of {} is not a relation", ct.uid)),
                None if is_last => {
                    return Err(format!(
                        "{name} of {} is not a plain value: add the name of one of its attributes, such as \
                         .documentId",
                        ct.uid
                    ));
                }
                None => {
                    let (step, target, to_many) = follow_attribute(registry, ct, attribute).ok_or_else(|| {
                        format!("{name} of {} cannot be followed: only relations to a single type can", ct.uid)
                    })?;
                    steps.push(step);
                    many |= to_many;
                    ct = target;
                    types.push(ct.id);
                }
            }
        }
        Err("an empty path".to_owned())
    }

    /// The types that a value is read from, the type of users first: nothing else changes it.
    pub fn types(&self) -> &[TypeId] {
        &self.types
    }
}

fn system_column(name: &str) -> Option<(&'static str, ColumnType)> {
    Some(match name {
        "id" => ("id", ColumnType::Integer),
        "documentId" => ("document_id", ColumnType::Text),
        "createdAt" => ("created_at", ColumnType::DateTime),
        "updatedAt" => ("updated_at", ColumnType::DateTime),
        "publishedAt" => ("published_at", ColumnType::DateTime),
        _ => return None,
    })
}

fn value_sql(ct: &ContentType, column: &Ident) -> String {
    format!("SELECT {column} FROM {} WHERE id = ?1", Ident::table(ct))
}

/// One step of a path; `None` for components and for morph relations, which have no single target type.
fn follow_attribute<'a>(
    registry: &'a Registry,
    ct: &ContentType,
    a: &Attribute,
) -> Option<(UserPathStep, &'a ContentType, bool)> {
    let link = registry.attribute_link(a)?;
    let target = registry.get(link.target?);
    let (targets, by_row) = match (link.storage, link.side) {
        (LinkStorage::Column, _) => {
            let c = Ident::column(a);
            (format!("SELECT {c} FROM {} WHERE id = ?1 AND {c} IS NOT NULL", Ident::table(ct)), true)
        }
        (LinkStorage::Table, _) => {
            (format!("SELECT target FROM {} WHERE owner_id = ?1 ORDER BY pos", Ident::links(ct, a)), true)
        }
        (LinkStorage::Inverse, RelationSide::Inverse { owner }) => {
            let owner = &target.attributes[owner];
            match registry.attribute_link(owner)?.storage {
                LinkStorage::Column => {
                    let (t, c) = (Ident::table(target), Ident::column(owner));
                    let order = Ident::position(owner);
                    (format!("SELECT document_id FROM {t} WHERE {c} = ?1 AND _status = 1 ORDER BY {order}, id"), false)
                }
                LinkStorage::Table => (
                    format!(
                        "SELECT o.document_id FROM {} l JOIN {} o ON o.id = l.owner_id \
                         WHERE l.target = ?1 AND o._status = 1 ORDER BY l.inv_pos, o.id",
                        Ident::links(target, owner),
                        Ident::table(target)
                    ),
                    false,
                ),
                LinkStorage::Inverse | LinkStorage::References => return None,
            }
        }
        _ => return None,
    };
    // Of a localised target the default locale's version speaks for the document.
    let row = format!(
        "SELECT id FROM {} WHERE document_id = ?1 AND _status = 1 \
         ORDER BY locale = (SELECT code FROM cairn_locales WHERE is_default = TRUE) DESC, id LIMIT 1",
        Ident::table(target)
    );
    Some((UserPathStep { targets, by_row, row }, target, link.many))
}

impl namespaces::Users<Reader<'_>> {
    /// The value at a path for that user, through published versions: a value or null, or a list if a relation on the way is to many.
    pub fn get_value(&self, path: &UserPath, user_row: i64, user_document_id: &str) -> Result<Json> {
        let mut rows = vec![(user_row, user_document_id.to_owned())];
        for step in &path.steps {
            let mut next: Vec<(i64, String)> = Vec::new();
            for (row, document) in &rows {
                for target in self.find_step_targets(step, *row, document)? {
                    if next.iter().any(|(_, d)| *d == target) {
                        continue;
                    }
                    if let Some(id) =
                        self.tx.conn.query_first("following a user's relation", &step.row, [&target], |r| r.get(0))?
                    {
                        next.push((id, target));
                    }
                }
            }
            rows = next;
        }
        let mut values = Vec::with_capacity(rows.len());
        for (row, _) in &rows {
            let value = self.tx.conn.query_first("reading a user's value", &path.value, [row], |r| {
                Ok(value_to_json(r.value_at(0)?, path.kind))
            })?;
            values.push(value.flatten().unwrap_or(Json::Null));
        }
        if path.many {
            values.retain(|v| !v.is_null());
            return Ok(Json::Array(values));
        }
        Ok(values.into_iter().next().unwrap_or(Json::Null))
    }

    fn find_step_targets(&self, step: &UserPathStep, row: i64, document: &str) -> Result<Vec<String>> {
        let doing = "following a user's relation";
        match step.by_row {
            true => self.tx.conn.query_all(doing, &step.targets, [row], |r| r.get(0)),
            false => self.tx.conn.query_all(doing, &step.targets, [document], |r| r.get(0)),
        }
    }
}

/// A stored value as JSON in its API form; `None` if the column holds a value that does not match its type.
fn value_to_json(value: ValueRef<'_>, kind: ColumnType) -> Option<Json> {
    Some(match (value, kind) {
        (ValueRef::Null, _) => Json::Null,
        (ValueRef::Integer(i), ColumnType::Boolean) => Json::Bool(i != 0),
        (ValueRef::Integer(i), ColumnType::BigInteger) => Json::String(i.to_string()),
        (ValueRef::Integer(i), _) => Json::from(i),
        (ValueRef::Real(f), _) => Json::from(f),
        (ValueRef::Text(t), ColumnType::Json) => serde_json::from_slice(t).ok()?,
        (ValueRef::Text(t), _) => Json::String(std::str::from_utf8(t).ok()?.to_owned()),
        (ValueRef::Blob(_), _) => return None,
        (moment_or_number, _) => Json::String(moment_or_number.to_text()?.into_owned()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Database, Store, StoreOptions};
    use serde_json::json;
    use std::path::Path;
    use std::sync::Arc;

    /// A store with users that have a to-one and a to-many relation, and notes that link to them.
    fn store(folder: &Path) -> Store {
        let write = |path: &str, json: Json| {
            let path = folder.join("content-types").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, json.to_string()).unwrap();
        };
        let schema = |name: &str, draft: bool, attributes: Json| {
            let info = json!({"singularName": name, "pluralName": format!("{name}s"), "displayName": name});
            let options = json!({"draftAndPublish": draft});
            let kind = "collectionType";
            json!({"kind": kind, "collectionName": format!("{name}s"), "info": info, "options": options, "attributes": attributes})
        };
        let relation = |kind: &str, target: &str, side: Json| {
            let mut relation = json!({"type": "relation", "relation": kind, "target": target});
            relation.as_object_mut().unwrap().extend(side.as_object().unwrap().clone());
            relation
        };
        let user = "plugin::users-permissions.user";
        write("extensions/users-permissions/content-types/user/schema.json", {
            let mut attributes = json!({
                "username": {"type": "string"}, "email": {"type": "email"}, "provider": {"type": "string"},
                "password": {"type": "password", "private": true}, "confirmed": {"type": "boolean"},
                "blocked": {"type": "boolean"}, "nickname": {"type": "string", "private": true},
                "address": {"type": "component", "component": "a.address"},
            });
            attributes["role"] =
                relation("manyToOne", "plugin::users-permissions.role", json!({"inversedBy": "users"}));
            attributes["customer"] = relation("manyToOne", "api::customer.customer", json!({}));
            attributes["teams"] = relation("manyToMany", "api::team.team", json!({"inversedBy": "members"}));
            attributes["notes"] = relation("oneToMany", "api::note.note", json!({"mappedBy": "author"}));
            let mut schema = schema("user", false, attributes);
            schema["collectionName"] = json!("up_users");
            schema
        });
        write(
            "components/a/address.json",
            json!({
                "collectionName": "addresses", "info": {"displayName": "Address"}, "attributes": {"city": {"type": "string"}},
            }),
        );
        write(
            "api/customer/content-types/customer/schema.json",
            schema(
                "customer",
                true,
                json!({
                    "name": {"type": "string"}, "vip": {"type": "boolean"}, "credit": {"type": "biginteger"},
                }),
            ),
        );
        write(
            "api/team/content-types/team/schema.json",
            schema(
                "team",
                false,
                json!({
                    "code": {"type": "string"},
                    "members": relation("manyToMany", user, json!({"mappedBy": "teams"})),
                    "lead": relation("oneToOne", user, json!({})),
                }),
            ),
        );
        write(
            "api/note/content-types/note/schema.json",
            schema(
                "note",
                false,
                json!({
                    "text": {"type": "string"},
                    "author": relation("manyToOne", user, json!({"inversedBy": "notes"})),
                }),
            ),
        );
        let registry = cairn_model::load::load_project(folder).unwrap().registry;
        Store::open(StoreOptions { database: Database::Sqlite(folder.join("cairn.db")) }, Arc::new(registry)).unwrap()
    }

    async fn execute_sql(store: &Store, sql: &'static str) {
        store.write(move |tx| tx.conn.execute_batch("preparing a test", sql)).await.unwrap();
    }

    fn resolve_value(store: &Store, path: &str) -> Json {
        let path = UserPath::resolve(store.registry(), path).unwrap();
        store.read(|r| r.users().get_value(&path, 7, "ann")).unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn user_paths_follow_relations_of_every_side() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        execute_sql(&store, "
            INSERT INTO up_users (id, document_id, locale, _status, created_at, updated_at, published_at, username, confirmed, customer)
            VALUES (7, 'ann', '', 1, '2025-01-01T10:00:00.000Z', '', '', 'Ann', 1, 'acme'), (8, 'bob', '', 1, '', '', '', 'Bob', 0, NULL);
            INSERT INTO customers (id, document_id, locale, _status, created_at, updated_at, name, vip, credit)
            VALUES (1, 'acme', '', 0, '', '', 'Draft name', 0, 1), (2, 'acme', '', 1, '', '', 'Acme', 1, 9007199254740993);
            INSERT INTO teams (id, document_id, locale, _status, created_at, updated_at, code)
            VALUES (1, 'red', '', 1, '', '', 'R'), (2, 'blue', '', 1, '', '', 'B'), (3, 'green', '', 1, '', '', NULL);
            INSERT INTO up_users_teams_lnk (owner_id, target, pos, inv_pos)
            VALUES (7, 'blue', 1, 20), (7, 'red', 2, 10), (7, 'green', 3, 1), (7, 'gone', 4, 1), (8, 'red', 1, 5);
            INSERT INTO notes (id, document_id, locale, _status, created_at, updated_at, text, author, _pos_author)
            VALUES (1, 'n1', '', 1, '', '', 'one', 'ann', 20), (2, 'n2', '', 1, '', '', 'two', 'ann', 10), (3, 'n3', '', 1, '', '', 'three', 'bob', 1);
        ").await;
        for (path, expected) in [
            ("id", json!(7)),
            ("documentId", json!("ann")),
            ("username", json!("Ann")),
            ("confirmed", json!(true)),
            ("createdAt", json!("2025-01-01T10:00:00.000Z")),
            ("customer.documentId", json!("acme")),
            ("customer.name", json!("Acme")),
            ("customer.id", json!(2)),
            ("customer.vip", json!(true)),
            ("customer.credit", json!("9007199254740993")),
            ("role.type", Json::Null),
            ("teams.documentId", json!(["blue", "red", "green"])),
            ("teams.code", json!(["B", "R"])),
            ("teams.members.username", json!(["Ann", "Bob"])),
            ("notes.text", json!(["two", "one"])),
            ("notes.author.customer.name", json!(["Acme"])),
        ] {
            assert_eq!(resolve_value(&store, path), expected, "{path}");
        }
        let names_of_types = |path: &str| {
            let path = UserPath::resolve(store.registry(), path).unwrap();
            path.types().iter().map(|t| store.registry().get(*t).singular.clone()).collect::<Vec<_>>().join(" ")
        };
        for (path, types) in [
            ("username", "user"),
            ("customer.name", "user customer"),
            ("teams.members.username", "user team user"),
            ("notes.author.customer.name", "user note user customer"),
        ] {
            assert_eq!(names_of_types(path), types, "{path}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn unpublished_targets_resolve_to_null() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        execute_sql(&store, "
            INSERT INTO up_users (id, document_id, locale, _status, created_at, updated_at, customer) VALUES (7, 'ann', '', 1, '', '', 'acme');
            INSERT INTO customers (id, document_id, locale, _status, created_at, updated_at) VALUES (1, 'acme', '', 0, '', '');
        ").await;
        assert_eq!(resolve_value(&store, "customer.documentId"), Json::Null);
    }

    #[test]
    fn private_unknown_and_non_scalar_paths_are_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(folder.path());
        let resolve_error = |path: &str| UserPath::resolve(store.registry(), path).unwrap_err();
        assert_eq!(resolve_error("password"), "password of plugin::users-permissions.user is private");
        assert_eq!(resolve_error("notes.author.nickname"), "nickname of plugin::users-permissions.user is private");
        assert_eq!(resolve_error("username.x"), "username of plugin::users-permissions.user is not a relation");
        assert_eq!(resolve_error("customer.colour"), "api::customer.customer has no attribute colour");
        assert!(
            resolve_error("customer").starts_with("customer of plugin::users-permissions.user is not a plain value")
        );
        assert!(
            resolve_error("address.city").starts_with("address of plugin::users-permissions.user cannot be followed")
        );
        assert!(resolve_error("").contains("no attribute"));
    }
}
