//! Documents for people and other programs: one JSON object per document, with all its versions. Relations and media are document ids,
//! wherever the database stores them. Passwords are left out.

use crate::connection::{Param, ToParam, Value as SqlValue, ValueRef};
use crate::content::reference_name;
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, StoreError};
use cairn_model::*;
use serde_json::{Map, Value as Json, json};
use std::collections::HashMap;

/// Versions read at a time.
const VERSIONS_PER_PAGE: usize = 200;

/// Links of rows: by row, then by attribute (its name, or instance and name) in order.
type RowLinks = HashMap<i64, HashMap<(i64, String), Vec<Json>>>;

/// A version of a document, and its document.
struct VersionExport {
    id: i64,
    document_id: String,
    locale: String,
    status: i64,
    json: Map<String, Json>,
    /// Component columns as text, by attribute.
    components: Vec<(AttributeId, String)>,
}

impl namespaces::Transfer<Reader<'_>> {
    /// Calls `each` with every document of a type, by document id; returns their number.
    ///
    /// # Errors
    /// Returns errors of `each`, and an error for data that cannot be read.
    pub fn export_documents<E: From<StoreError>>(
        &self,
        ct: TypeId,
        mut each: impl FnMut(&Json) -> Result<(), E>,
    ) -> Result<u64, E> {
        let ct = self.tx.store.registry.get(ct);
        let mut last_version: Option<(String, String, i64)> = None;
        let mut document: Option<Json> = None;
        let mut total = 0;
        loop {
            let page = self.read_versions(ct, last_version.as_ref())?;
            let is_full = page.len() == VERSIONS_PER_PAGE;
            last_version = page.last().map(|v| (v.document_id.clone(), v.locale.clone(), v.status));
            for (id, version) in self.complete_documents(ct, page)? {
                match &mut document {
                    Some(open) if open["documentId"] == id.as_str() => {
                        open["versions"].as_array_mut().into_iter().for_each(|list| list.push(version.clone()));
                    }
                    _ => {
                        if let Some(finished) =
                            document.replace(json!({"type": ct.uid, "documentId": id, "versions": [version]}))
                        {
                            total += 1;
                            each(&finished)?;
                        }
                    }
                }
            }
            if !is_full {
                break;
            }
        }
        if let Some(finished) = document {
            total += 1;
            each(&finished)?;
        }
        Ok(total)
    }

    fn read_versions(&self, ct: &ContentType, after: Option<&(String, String, i64)>) -> Result<Vec<VersionExport>> {
        let registry = &self.tx.store.registry;
        let read: Vec<(AttributeId, &Attribute)> =
            ct.attributes.iter().filter(|(_, a)| is_exported(registry, a)).collect();
        let columns: String = read.iter().map(|(_, a)| format!(", {}", Ident::column(a))).collect();
        let after_sql = if after.is_some() { "WHERE (document_id, locale, _status) > (?1, ?2, ?3)" } else { "" };
        let sql = format!(
            "SELECT id, document_id, locale, _status, created_at, updated_at, published_at{columns} FROM {} {after_sql}
             ORDER BY document_id, locale, _status LIMIT {VERSIONS_PER_PAGE}",
            Ident::table(ct)
        );
        let binds: Vec<SqlValue> = after
            .map(|(document, locale, status)| vec![document.clone().into(), locale.clone().into(), (*status).into()])
            .unwrap_or_default();
        let binds: Vec<Param<'_>> = binds.iter().map(ToParam::param).collect();
        self.tx.conn.query_all("exporting documents", &sql, &binds[..], |row| {
            let (locale, status) = (row.get::<String>(2)?, row.get::<i64>(3)?);
            let mut json = Map::new();
            json.insert("id".into(), row.get::<i64>(0)?.into());
            json.insert("locale".into(), if locale.is_empty() { Json::Null } else { locale.clone().into() });
            json.insert("status".into(), if status == 1 { "published" } else { "draft" }.into());
            for (i, name) in [(4, "createdAt"), (5, "updatedAt"), (6, "publishedAt")] {
                json.insert(name.into(), row.get::<Option<String>>(i)?.into());
            }
            let mut components = Vec::new();
            for (i, (id, a)) in read.iter().enumerate() {
                let value = row.value_at(i + 7)?;
                match a.kind.column_type() {
                    Some(t) => {
                        let value = scalar_to_json(t, value).map_err(|message| StoreError::Corrupt {
                            place: format!("{} row {}, {}", ct.table, row.get::<i64>(0).unwrap_or(0), a.name),
                            message,
                        })?;
                        json.insert(a.name.clone(), value);
                    }
                    None if registry.attribute_link(a).is_some() => {
                        json.insert(a.name.clone(), value.to_text().map(|t| t.into_owned()).into());
                    }
                    None => {
                        json.insert(a.name.clone(), Json::Null);
                        components.extend(value.to_text().map(|t| (*id, t.into_owned())));
                    }
                }
            }
            Ok(VersionExport { id: row.get(0)?, document_id: row.get(1)?, locale, status, json, components })
        })
    }

    /// Adds the links that other tables hold.
    fn complete_documents(&self, ct: &ContentType, page: Vec<VersionExport>) -> Result<Vec<(String, Json)>> {
        let registry = &self.tx.store.registry;
        let ids: Vec<i64> = page.iter().map(|v| v.id).collect();
        let mut links = RowLinks::new();
        for (_, a) in ct.attributes.iter() {
            if registry.attribute_link(a).is_some_and(|l| l.storage == LinkStorage::Table) {
                let sql = format!(
                    "SELECT owner_id, target FROM {} WHERE {} ORDER BY owner_id, pos",
                    Ident::links(ct, a),
                    self.tx.conn.dialect().in_list("owner_id", 1)
                );
                self.tx.conn.query("exporting links", &sql, [Param::Integers(&ids)], |r| {
                    let place = links.entry(r.get(0)?).or_default().entry((0, a.name.clone())).or_default();
                    place.push(r.get::<String>(1)?.into());
                    Ok(())
                })?;
            }
        }
        if self.tx.store.schema.references[ct.id.0 as usize] {
            let sql = format!(
                "SELECT owner_id, instance, attribute, target_type, target FROM {} WHERE {} ORDER BY owner_id, pos",
                Ident::references(ct),
                self.tx.conn.dialect().in_list("owner_id", 1)
            );
            self.tx.conn.query("exporting references", &sql, [Param::Integers(&ids)], |r| {
                let place = links.entry(r.get(0)?).or_default().entry((r.get(1)?, r.get(2)?)).or_default();
                place.push(json!({"type": r.get::<String>(3)?, "documentId": r.get::<String>(4)?}));
                Ok(())
            })?;
        }
        let mut completed = Vec::with_capacity(page.len());
        for VersionExport { id, document_id, mut json, components, .. } in page {
            let mut own = links.remove(&id).unwrap_or_default();
            for (_, a) in ct.attributes.iter() {
                if let Some(link) = registry
                    .attribute_link(a)
                    .filter(|l| matches!(l.storage, LinkStorage::Table | LinkStorage::References))
                {
                    json.insert(a.name.clone(), link_to_json(link, own.remove(&(0, a.name.clone()))));
                }
            }
            for (attribute, text) in components {
                let a = &ct.attributes[attribute];
                let mut value: Json = serde_json::from_str(&text).map_err(|e| StoreError::Corrupt {
                    place: format!("{} row {id}, {}", ct.table, a.name),
                    message: e.to_string(),
                })?;
                attach_links(registry, &a.kind, &mut value, &mut own);
                json.insert(a.name.clone(), value);
            }
            completed.push((document_id, Json::Object(json)));
        }
        Ok(completed)
    }
}

/// True if an attribute has a column that is exported.
fn is_exported(registry: &Registry, a: &Attribute) -> bool {
    match registry.attribute_link(a) {
        Some(link) => link.storage == LinkStorage::Column,
        None => !matches!(a.kind, FieldKind::Password | FieldKind::Unlinked { .. }),
    }
}

/// A link for the export: with its type if the attribute may link to any type.
fn link_to_json(link: AttributeLink, found: Option<Vec<Json>>) -> Json {
    let plain = |one: Json| match (link.target, one) {
        (Some(_), Json::Object(mut one)) => one.remove("documentId").unwrap_or_default(),
        (_, one) => one,
    };
    let mut found = found.unwrap_or_default().into_iter().map(plain);
    if link.many { found.collect() } else { found.next().unwrap_or_default() }
}

/// Puts links into the instances they belong to, and takes passwords out.
fn attach_links(
    registry: &Registry,
    kind: &FieldKind,
    value: &mut Json,
    links: &mut HashMap<(i64, String), Vec<Json>>,
) {
    if let Json::Array(list) = value {
        list.iter_mut().for_each(|one| attach_links(registry, kind, one, links));
        return;
    }
    let Json::Object(instance) = value else { return };
    let component = match kind {
        FieldKind::Component { component, .. } => registry.component(*component),
        FieldKind::DynamicZone { .. } => {
            let uid = instance.get("__component").and_then(Json::as_str).unwrap_or_default();
            let Some(component) = registry.component_by_uid(uid) else { return };
            component
        }
        _ => return,
    };
    // The origin refers to an instance of this database, so it means nothing elsewhere.
    instance.remove(stored_values::ORIGIN_KEY);
    let id = instance.get("id").and_then(Json::as_i64).unwrap_or(0);
    for (_, a) in component.attributes.iter() {
        if let Some(link) = registry.attribute_link(a) {
            let found = links.remove(&(id, reference_name(component, a)));
            instance.insert(a.name.clone(), link_to_json(link, found));
        } else if matches!(a.kind, FieldKind::Password) {
            instance.remove(&a.name);
        } else if let Some(inner) = instance.get_mut(&a.name) {
            attach_links(registry, &a.kind, inner, links);
        }
    }
}

/// A value as the content API returns it, but decimals with all their digits, as strings.
fn scalar_to_json(t: ColumnType, value: ValueRef<'_>) -> Result<Json, String> {
    Ok(match (t, value) {
        (_, ValueRef::Null) => Json::Null,
        (ColumnType::Boolean, ValueRef::Integer(n)) => (n != 0).into(),
        (ColumnType::BigInteger, ValueRef::Integer(n)) => n.to_string().into(),
        (_, ValueRef::Integer(n)) => n.into(),
        (_, ValueRef::Real(f)) => f.into(),
        (ColumnType::Json, value) => {
            serde_json::from_str(&value.to_text().ok_or("it is not text")?).map_err(|e| e.to_string())?
        }
        (_, value) => value.to_text().ok_or("it is not text")?.into_owned().into(),
    })
}
