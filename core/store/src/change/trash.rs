//! `cairn_trash`: what changes dropped, retained for thirty days.

use super::layout;
use super::rows::StoredVersion;
use super::tx::ChangeTx;
use crate::connection::{Param, ToParam};
use crate::ident::Ident;
use crate::{Result, StoreError};
use cairn_model::change::{AttributeShape, ComponentShape, KindShape, Snapshot, TypeShape, is_type};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The kind of a trash entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrashKind {
    /// A content type with all its entries.
    Type,
    /// An attribute of a type or component.
    Attribute,
    /// Components that a zone no longer allows.
    Zone,
    /// Values that did not fit another kind or position.
    Conversion,
    /// Drafts, or versions in other locales.
    Versions,
}

impl TrashKind {
    const ALL: [Self; 5] = [Self::Type, Self::Attribute, Self::Zone, Self::Conversion, Self::Versions];

    /// The name that the database stores.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Attribute => "attribute",
            Self::Zone => "zone",
            Self::Conversion => "conversion",
            Self::Versions => "versions",
        }
    }
}

/// An entry of the trash: what one step of a change dropped.
#[derive(Debug, Clone)]
pub struct TrashEntry {
    /// Numeric id of the entry, as `cairn schema restore` takes it.
    pub id: i64,
    /// Kind of what was dropped.
    pub kind: TrashKind,
    /// Uid of the type or component it belongs to, by its present name.
    pub owner: String,
    /// Name of the attribute; `None` for types and versions.
    pub attribute: Option<String>,
    /// Definition of what was dropped: the type or component, with the components it held.
    pub definition: Snapshot,
    /// Number of values (for a type: of rows).
    pub values: i64,
    /// Time of the change, ISO 8601 in UTC.
    pub created_at: String,
    /// ISO time at which it expires.
    pub expires_at: String,
    pub(super) tables: Option<TrashedTables>,
}

impl TrashEntry {
    /// `uid` or `uid.attribute`.
    pub fn path(&self) -> String {
        match &self.attribute {
            Some(attribute) => format!("{}.{attribute}", self.owner),
            None => self.owner.clone(),
        }
    }
}

/// The tables of a dropped type, under their names in the trash.
#[derive(Debug, Clone, Default)]
pub(super) struct TrashedTables {
    pub(super) table: String,
    pub(super) references: Option<String>,
    /// Link tables by attribute.
    pub(super) links: BTreeMap<String, String>,
}

impl TrashedTables {
    fn to_json(&self) -> String {
        let links: Map<String, Json> = self.links.iter().map(|(a, t)| (a.clone(), t.as_str().into())).collect();
        serde_json::json!({ "table": self.table, "references": self.references, "links": links }).to_string()
    }

    fn from_json(text: &str) -> Option<Self> {
        let json: Json = serde_json::from_str(text).ok()?;
        let links = json.get("links")?.as_object()?.iter();
        Some(Self {
            table: json.get("table")?.as_str()?.to_owned(),
            references: json.get("references").and_then(Json::as_str).map(str::to_owned),
            links: links.filter_map(|(a, t)| Some((a.clone(), t.as_str()?.to_owned()))).collect(),
        })
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.table).chain(&self.references).chain(self.links.values())
    }
}

/// A value that is stored in the trash, or about to be.
#[derive(Debug, Clone)]
pub(super) struct TrashValue {
    pub(super) uid: String,
    pub(super) document_id: String,
    pub(super) locale: String,
    pub(super) status: i64,
    /// Id of the component instance; 0 for the row itself.
    pub(super) instance: i64,
    /// Position in its list.
    pub(super) position: i64,
    pub(super) value: Json,
}

impl TrashValue {
    pub(super) fn for_row(uid: &str, row: &StoredVersion, instance: Option<i64>, position: i64, value: Json) -> Self {
        Self {
            uid: uid.to_owned(),
            document_id: row.document_id.clone(),
            locale: row.locale.clone(),
            status: row.status,
            instance: instance.unwrap_or(0),
            position,
            value,
        }
    }
}

/// The times of a change.
#[derive(Debug, Clone)]
pub struct ChangeTimes {
    /// ISO time of the change.
    pub now: String,
    /// ISO time until which dropped content is retained.
    pub expires: String,
}

/// Adds an entry, and returns its numeric id.
pub(super) fn add_entry(
    tx: ChangeTx<'_>,
    times: &ChangeTimes,
    kind: TrashKind,
    owner: &str,
    attribute: Option<&str>,
    definition: &Snapshot,
) -> Result<i64> {
    tx.insert(
        "adding to the trash",
        "INSERT INTO cairn_trash (kind, owner, attribute, definition, tables, n, created_at, expires_at)
         VALUES (?1, ?2, ?3, ?4, NULL, 0, ?5, ?6)",
        (kind.as_str(), owner, attribute, definition.to_json(), &times.now, &times.expires),
    )
}

/// Records which tables belong to an entry.
pub(super) fn set_tables(tx: ChangeTx<'_>, id: i64, tables: &TrashedTables, n: i64) -> Result<()> {
    let sql = "UPDATE cairn_trash SET tables = ?1, n = ?2 WHERE id = ?3";
    tx.execute("adding to the trash", sql, (tables.to_json(), n, id)).map(drop)
}

/// Adds values to an entry.
pub(super) fn add_values(tx: ChangeTx<'_>, id: i64, values: &[TrashValue]) -> Result<()> {
    if values.is_empty() {
        return Ok(());
    }
    let doing = "adding to the trash";
    let texts: Vec<String> = values.iter().map(|v| v.value.to_string()).collect();
    let rows: Vec<Vec<Param<'_>>> = values
        .iter()
        .zip(&texts)
        .map(|(v, text)| {
            vec![
                id.into(),
                v.uid.param(),
                v.document_id.param(),
                v.locale.param(),
                v.status.param(),
                v.instance.param(),
                v.position.param(),
                text.param(),
            ]
        })
        .collect();
    tx.execute_each(
        doing,
        "INSERT INTO cairn_trash_values (trash, type, document_id, locale, status, instance, position, value)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        &rows,
    )?;
    tx.execute(doing, "UPDATE cairn_trash SET n = n + ?1 WHERE id = ?2", (values.len() as i64, id)).map(drop)
}

/// Lists every entry, the newest first.
pub(super) fn list_entries(tx: ChangeTx<'_>) -> Result<Vec<TrashEntry>> {
    let sql = "SELECT id, kind, owner, attribute, definition, tables, n, created_at, expires_at FROM cairn_trash ORDER BY id DESC";
    tx.query_all("reading the trash", sql, (), |r| {
        let (id, kind): (i64, String) = (r.get(0)?, r.get(1)?);
        let corrupt = |message: String| StoreError::Corrupt { place: format!("cairn_trash {id}"), message };
        let tables: Option<String> = r.get(5)?;
        Ok(TrashEntry {
            id,
            kind: *TrashKind::ALL
                .iter()
                .find(|k| k.as_str() == kind)
                .ok_or_else(|| corrupt(format!("unknown kind {kind}")))?,
            owner: r.get(2)?,
            attribute: r.get(3)?,
            definition: Snapshot::from_json(&r.get::<String>(4)?).map_err(|e| corrupt(e.to_string()))?,
            values: r.get(6)?,
            created_at: r.get(7)?,
            expires_at: r.get(8)?,
            tables: tables.as_deref().and_then(TrashedTables::from_json),
        })
    })
}

/// The values of an entry whose ids are greater than `after`, with their ids.
pub(super) fn read_values(tx: ChangeTx<'_>, id: i64, after: i64, limit: i64) -> Result<Vec<(i64, TrashValue)>> {
    let sql = format!(
        "SELECT id, type, document_id, locale, status, instance, position, value FROM cairn_trash_values
         WHERE trash = ?1 AND id > ?2 ORDER BY id LIMIT {limit}"
    );
    tx.query_all("reading the trash", &sql, (id, after), |r| {
        let text: String = r.get(7)?;
        let value = serde_json::from_str(&text)
            .map_err(|e| StoreError::Corrupt { place: format!("cairn_trash {id}"), message: e.to_string() })?;
        let value = TrashValue {
            uid: r.get(1)?,
            document_id: r.get(2)?,
            locale: r.get(3)?,
            status: r.get(4)?,
            instance: r.get(5)?,
            position: r.get(6)?,
            value,
        };
        Ok((r.get(0)?, value))
    })
}

/// Removes values from an entry; an entry without values is deleted.
pub(super) fn remove_values(tx: ChangeTx<'_>, id: i64, values: &[i64]) -> Result<()> {
    let doing = "restoring from the trash";
    let sql = format!("DELETE FROM cairn_trash_values WHERE {}", tx.dialect().in_list("id", 1));
    tx.execute(doing, &sql, [Param::Integers(values)])?;
    tx.execute(doing, "UPDATE cairn_trash SET n = n - ?1 WHERE id = ?2", (values.len() as i64, id)).map(drop)
}

/// Deletes an entry for good.
pub(super) fn remove_entry(tx: ChangeTx<'_>, entry: &TrashEntry) -> Result<()> {
    let doing = "emptying the trash";
    if let Some(tables) = &entry.tables {
        for table in tables.names() {
            tx.run(&format!("DROP TABLE IF EXISTS {}", Ident::quote(table)))?;
        }
    }
    tx.execute(doing, "DELETE FROM cairn_trash_values WHERE trash = ?1", [entry.id])?;
    tx.execute(doing, "DELETE FROM cairn_trash WHERE id = ?1", [entry.id]).map(drop)
}

/// Renames owners and types in the entries of the trash.
pub(super) fn rename_owners(tx: ChangeTx<'_>, renamed: &BTreeMap<String, String>) -> Result<()> {
    if renamed.is_empty() {
        return Ok(());
    }
    let cases: Vec<String> =
        renamed.iter().map(|(old, new)| format!("WHEN {} THEN {}", sql_literal(old), sql_literal(new))).collect();
    let list: Vec<String> = renamed.keys().map(|old| sql_literal(old)).collect();
    for (table, column) in [("cairn_trash", "owner"), ("cairn_trash_values", "type")] {
        let (cases, list) = (cases.join(" "), list.join(", "));
        let sql = format!("UPDATE {table} SET {column} = CASE {column} {cases} END WHERE {column} IN ({list})");
        tx.execute("renaming in the trash", &sql, ())?;
    }
    Ok(())
}

/// Quotes a text as SQL. The loader allows only letters, digits, `-`, `_`, `.` and `:` in uids; quotes are escaped all the same.
pub(super) fn sql_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A definition: an owner with some of its attributes, and the components that these hold at any depth.
pub(super) fn trash_definition(shape: &Snapshot, owner: &str, attributes: &[AttributeShape]) -> Snapshot {
    let mut snapshot = Snapshot::empty();
    let mut open: Vec<&KindShape> = attributes.iter().map(|a| &a.kind).collect();
    let mut visited = BTreeSet::new();
    if is_type(owner) {
        if let Some(t) = shape.content_type(owner) {
            snapshot.types.push(TypeShape { attributes: attributes.to_vec(), ..t.clone() });
        }
    } else {
        visited.insert(owner);
        snapshot.components.push(ComponentShape {
            uid: owner.to_owned(),
            attributes: attributes.to_vec(),
            renamed_from: None,
        });
    }
    while let Some(kind) = open.pop() {
        let inside: Vec<&String> = match kind {
            KindShape::Component { component, .. } => vec![component],
            KindShape::DynamicZone { components } => components.iter().collect(),
            _ => continue,
        };
        for uid in inside {
            if visited.insert(uid)
                && let Some(c) = shape.component(uid)
            {
                open.extend(c.attributes.iter().map(|a| &a.kind));
                snapshot.components.push(c.clone());
            }
        }
    }
    snapshot
}

/// The names that the tables of a type have in the trash.
pub(super) fn trashed_tables(shape: &Snapshot, t: &TypeShape, id: i64) -> TrashedTables {
    let name = format!("cairn_trash_{id}");
    let linked = t.attributes.iter().filter(|a| layout::attribute_storage(&a.kind) == layout::AttributeStorage::Links);
    TrashedTables {
        references: layout::has_references(shape, t).then(|| format!("{name}_refs")),
        links: linked.enumerate().map(|(i, a)| (a.name.clone(), format!("{name}_l{i}"))).collect(),
        table: name,
    }
}
