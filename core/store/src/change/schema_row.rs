//! `cairn_schema` and `cairn_schema_changes`: the shape that the tables have, and the changes that led to it.

use super::layout::{self, AttributeStorage, attribute_storage};
use super::tx::ChangeTx;
use crate::connection::Connection;
use crate::events::Actor;
use crate::schema::Catalogue;
use crate::{Result, StoreError};
use cairn_model::change::{ChangePlan, KindShape, RelationShape, SideShape, Snapshot};
use std::collections::BTreeSet;

/// SQL statement that fails if the schema has another generation, and prevents changes to it until the end of the transaction
/// (PostgreSQL). `?` is the generation.
pub(crate) const GENERATION_GUARD_SQL: &str = "SELECT 1 / CAST(generation = ? AS integer) FROM cairn_schema";

/// The state of a schema that is up to date.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CurrentSchema {
    /// Generation of the schema; if it changes, this process must not write any more.
    pub(crate) generation: i64,
}

/// The shape of the tables that was applied last.
#[derive(Debug, Clone)]
pub(crate) struct AppliedSchema {
    /// Hash of the shape ([`Snapshot::hash`]).
    pub(crate) hash: String,
    /// Counter that grows with every change of tables or stored values.
    pub(crate) generation: i64,
}

/// Reads the row of `cairn_schema`; `None` in a database that predates it.
pub(crate) fn read_applied(conn: &Connection) -> Result<Option<AppliedSchema>> {
    let sql = "SELECT hash, generation FROM cairn_schema";
    conn.query_first("reading the schema", sql, (), |r| Ok(AppliedSchema { hash: r.get(0)?, generation: r.get(1)? }))
}

pub(crate) fn read_generation(conn: &Connection) -> Result<i64> {
    let sql = "SELECT generation FROM cairn_schema";
    Ok(conn.query_first("reading the schema", sql, (), |r| r.get(0))?.unwrap_or(0))
}

/// The shape that was applied last; derived from the tables if none was recorded yet.
pub(super) fn applied_snapshot(tx: ChangeTx<'_>, files: &Snapshot, catalogue: &Catalogue) -> Result<Snapshot> {
    let sql = "SELECT snapshot FROM cairn_schema";
    let text: Option<String> = tx.conn.query_first("reading the schema", sql, (), |r| r.get(0))?;
    match text {
        Some(text) => Snapshot::from_json(&text).map_err(|e| StoreError::Schema(e.to_string())),
        None => derive_snapshot(tx, files, catalogue),
    }
}

/// The part of the model that the tables have. A column of another type than the model requires is an error: which of its values
/// mean what cannot be known.
fn derive_snapshot(tx: ChangeTx<'_>, files: &Snapshot, catalogue: &Catalogue) -> Result<Snapshot> {
    let d = tx.dialect();
    let mut snapshot = files.clone();
    snapshot.types.retain(|t| catalogue.contains(&layout::table_name(t)));
    if snapshot.types.is_empty() {
        return Ok(Snapshot::empty());
    }
    for table in snapshot.types.iter().map(layout::table_name) {
        // From before versions had tokens.
        let token = crate::ident::Ident::quote("_version");
        if catalogue.column_type(&table, &token).is_none() {
            let int = d.column_type(cairn_model::ColumnType::Integer);
            tx.run(&format!("ALTER TABLE {table} ADD COLUMN {token} {int} NOT NULL DEFAULT 1"))?;
        }
    }
    let mut problems = Vec::new();
    for t in &mut snapshot.types {
        t.renamed_from = None;
        t.collation = None;
        let (full_type, table) = (t.clone(), layout::table_name(t));
        let names: BTreeSet<String> = layout::index_definitions(d, files, &full_type)
            .into_iter()
            .map(|i| i.name)
            .filter(|i| catalogue.contains(i))
            .map(|i| i.unquoted_name())
            .collect();
        let has_index = |suffix: String| {
            names.contains(&crate::ident::Ident::quote(&format!("{}_{suffix}", full_type.table)).unquoted_name())
        };
        t.attributes.retain(|a| match attribute_storage(&a.kind) {
            AttributeStorage::Inverse => true,
            AttributeStorage::Links => catalogue.contains(&layout::link_table(&full_type, a)),
            AttributeStorage::References => catalogue.contains(&layout::reference_table(&full_type)),
            _ => catalogue.column_type(&table, &layout::column_name(a)).is_some(),
        });
        for a in &mut t.attributes {
            a.renamed_from = None;
            a.moved_into.clear();
            for (column, declared) in layout::column_definitions(d, a) {
                match catalogue.column_type(&table, &column) {
                    Some(found) if !crate::schema::is_same_type(found, declared) => problems.push(format!(
                        "{}.{}: the column is {found}, but the model of {} requires {declared}",
                        t.table,
                        column.unquoted_name(),
                        t.uid
                    )),
                    Some(_) => {}
                    // Of two columns the one for the order; it comes with the other side.
                    None => {
                        if let KindShape::Relation(RelationShape { side, .. }) = &mut a.kind {
                            *side = SideShape::OneWay;
                        }
                    }
                }
            }
            a.unique &= !matches!(attribute_storage(&a.kind), AttributeStorage::Scalar(_))
                || has_index(format!("{}_unique", a.column));
        }
    }
    if !problems.is_empty() {
        return Err(StoreError::Schema(format!(
            "the database does not match the content types:\n  {}\nNothing was changed.",
            problems.join("\n  ")
        )));
    }
    // Relations to types that are not there yet come with them.
    let uids: BTreeSet<String> = snapshot.types.iter().map(|t| t.uid.clone()).collect();
    let existing_attributes: BTreeSet<(String, String)> =
        snapshot.types.iter().flat_map(|t| t.attributes.iter().map(|a| (t.uid.clone(), a.name.clone()))).collect();
    for t in &mut snapshot.types {
        t.attributes.retain(|a| layout::link_target(&a.kind).is_none_or(|target| uids.contains(target)));
        for a in &mut t.attributes {
            if let KindShape::Relation(RelationShape { target: Some(target), side, .. }) = &mut a.kind
                && let SideShape::Owner(across) = side
                && !existing_attributes.contains(&(target.clone(), across.clone()))
            {
                *side = SideShape::OneWay;
            }
        }
        let names: BTreeSet<&str> = t.attributes.iter().map(|a| a.name.as_str()).collect();
        t.indexes.retain(|index| index.iter().all(|name| names.contains(name.as_str())));
        let is_kept = |key: &Vec<String>| key.iter().all(|name| names.contains(name.as_str()));
        let filter =
            t.unique_keys.iter().filter(|key| is_kept(key) && catalogue.contains(&layout::unique_key_index(t, key)));
        t.unique_keys = filter.cloned().collect();
    }
    Ok(snapshot)
}

/// Lists tables, and columns of tables in use, that the shape does not name: they date from before Cairn had a trash.
pub(super) fn find_leftovers(tx: ChangeTx<'_>, shape: &Snapshot, catalogue: &Catalogue) -> Vec<String> {
    let tables: BTreeSet<String> =
        shape.types.iter().flat_map(|t| layout::table_names(shape, t)).map(|t| t.unquoted_name()).collect();
    let system =
        |name: &str| name.starts_with("cairn_") && !name.starts_with("cairn_leftover_") || name.starts_with("sqlite_");
    let mut found: Vec<String> = catalogue
        .tables()
        .filter(|name| !system(name) && !tables.contains(*name))
        .map(|t| format!("table {t}"))
        .collect();
    for t in &shape.types {
        let mut columns: BTreeSet<String> = SYSTEM_COLUMNS.iter().map(|c| (*c).to_owned()).collect();
        for a in &t.attributes {
            columns.extend(layout::column_definitions(tx.dialect(), a).into_iter().map(|(c, _)| c.unquoted_name()));
        }
        columns.extend(layout::collation_key_columns(t).iter().map(crate::ident::Ident::unquoted_name));
        let table = layout::table_name(t);
        let unknown_columns = catalogue.columns(&table).filter(|c| !columns.contains(*c));
        found.extend(unknown_columns.map(|c| format!("column {c} of table {}", t.table)));
    }
    found.sort();
    found
}

/// Lists tables and columns that the shape has and the database lacks, because the database was changed by hand.
pub(super) fn find_missing(tx: ChangeTx<'_>, shape: &Snapshot, catalogue: &Catalogue) -> Vec<String> {
    let mut found = Vec::new();
    for t in &shape.types {
        let table = layout::table_name(t);
        let tables = layout::table_names(shape, t).into_iter().filter(|name| !catalogue.is_table(name));
        found.extend(tables.map(|name| format!("table {} of {}", name.unquoted_name(), t.uid)));
        if !catalogue.is_table(&table) {
            continue;
        }
        let columns = t.attributes.iter().flat_map(|a| layout::column_definitions(tx.dialect(), a));
        for column in columns.map(|(column, _)| column).chain(layout::collation_key_columns(t)) {
            if catalogue.column_type(&table, &column).is_none() {
                found.push(format!("column {} of table {}", column.unquoted_name(), t.table));
            }
        }
        let indexes = layout::index_definitions(tx.dialect(), shape, t).into_iter().map(|index| index.name);
        found.extend(
            indexes
                .filter(|name| !catalogue.contains(name))
                .map(|name| format!("index {} of {}", name.unquoted_name(), t.uid)),
        );
    }
    found
}

/// Columns that every table of a type has.
pub(super) const SYSTEM_COLUMNS: [&str; 8] =
    ["id", "document_id", "locale", "_status", "created_at", "updated_at", "published_at", "_version"];

/// The author recorded with a plan: `start`, `command`, or the name of an actor.
fn actor_label(by: &Actor) -> &str {
    by.name.as_deref().or(by.id.as_deref()).unwrap_or_default()
}

/// Records the new shape and, if the plan has steps, the plan that led to it.
pub(super) fn write_applied(
    tx: ChangeTx<'_>,
    after: &Snapshot,
    plan: &ChangePlan,
    by: &Actor,
    now: &str,
) -> Result<i64> {
    let doing = "recording the schema";
    let generation_increment = i64::from(!plan.steps.is_empty());
    tx.execute(
        doing,
        "INSERT INTO cairn_schema (id, generation, snapshot, hash, applied_at) VALUES (1, 1, ?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET generation = cairn_schema.generation + ?4, snapshot = excluded.snapshot,
           hash = excluded.hash, applied_at = excluded.applied_at",
        (&after.to_json(), &after.hash(), now, generation_increment),
    )?;
    if generation_increment > 0 {
        let json = serde_json::to_string(plan).unwrap_or_default();
        let sql = "INSERT INTO cairn_schema_changes (hash, plan, by, applied_at) VALUES (?1, ?2, ?3, ?4)";
        tx.execute(doing, sql, (&plan.hash(), &json, actor_label(by), now))?;
        let at = chrono::DateTime::parse_from_rfc3339(now).map_or(0, |t| t.timestamp_millis());
        let data = serde_json::json!({ "plan": plan.hash(), "steps": plan.steps.len() });
        tx.execute(
            doing,
            "INSERT INTO cairn_outbox (event_id, name, key, at, actor, data) VALUES (?1, 'cairn.schema.changed', 'schema', ?2, ?3, ?4)",
            (format!("{:032x}", rand::random::<u128>()), at, by.to_json(), data.to_string()),
        )?;
    }
    read_generation(tx.conn)
}
