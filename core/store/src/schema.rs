//! The tables of a model: one per content type, a link table per to-many attribute, a reference table where
//! components or morph relations link. What the model adds is added; what it no longer names stays in the database.

use crate::content::RowSql;
use crate::dialect::{Dialect, sqlite::Sqlite};
use crate::ident::Ident;
use crate::{ChangeCounters, Result, StoreError};
use cairn_model::*;
use rusqlite::Connection;
use std::collections::HashMap;

/// What the store derives from a model once, for its writes.
#[derive(Debug, Default)]
pub(crate) struct Schema {
    /// By target type: every place that may link to its documents.
    pub(crate) incoming: Vec<Vec<Incoming>>,
    /// By type: whether it has a reference table.
    pub(crate) references: Vec<bool>,
    /// By type: the fixed statements of its rows.
    pub(crate) rows: Vec<RowSql>,
}

/// A place that may link to documents of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Incoming {
    /// The type whose rows hold the links.
    pub(crate) owner: TypeId,
    /// Where.
    pub(crate) place: Place,
}

/// Where a row holds links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A to-one column.
    Column(AttributeId),
    /// A link table.
    Table(AttributeId),
    /// The reference table.
    References,
}

impl Schema {
    pub(crate) fn of(registry: &Registry) -> Self {
        let n = registry.types().len();
        let mut schema =
            Self { incoming: vec![Vec::new(); n], references: vec![false; n], rows: Vec::with_capacity(n) };
        for ct in registry.types() {
            let mut targets = vec![false; n];
            let mut any = false;
            for (id, a) in ct.attributes.iter() {
                match registry.link(a) {
                    Some(Link { storage: LinkStorage::References, .. }) => any = true,
                    Some(Link { target: Some(t), storage: LinkStorage::Column, .. }) => {
                        schema.incoming[t.0 as usize].push(Incoming { owner: ct.id, place: Place::Column(id) });
                    }
                    Some(Link { target: Some(t), storage: LinkStorage::Table, .. }) => {
                        schema.incoming[t.0 as usize].push(Incoming { owner: ct.id, place: Place::Table(id) });
                    }
                    _ => component_targets(registry, a, &mut targets, &mut any, 0),
                }
            }
            for (t, linked) in targets.iter().enumerate() {
                if *linked || any {
                    schema.incoming[t].push(Incoming { owner: ct.id, place: Place::References });
                }
            }
            schema.references[ct.id.0 as usize] = any || targets.contains(&true);
            schema.rows.push(RowSql::of(registry, ct));
        }
        schema
    }
}

fn component_targets(registry: &Registry, a: &Attribute, targets: &mut [bool], any: &mut bool, depth: usize) {
    // Cycles are refused by the loader; the bound keeps a hand-made registry from recursing for ever.
    if depth > 32 {
        return;
    }
    let inside: Vec<ComponentId> = match &a.kind {
        FieldKind::Component { component, .. } => vec![*component],
        FieldKind::DynamicZone { .. } => registry.components().iter().map(|c| c.id).collect(),
        _ => return,
    };
    for c in inside {
        for (_, a) in registry.component(c).attributes.iter() {
            match registry.link(a) {
                Some(Link { target: Some(t), .. }) => targets[t.0 as usize] = true,
                Some(_) => *any = true,
                None => component_targets(registry, a, targets, any, depth + 1),
            }
        }
    }
}

/// Makes what is missing, in one transaction. A column whose declared type the model contradicts is an error that
/// lists every such column; nothing is changed then.
pub(crate) fn ensure(conn: &mut Connection, registry: &Registry) -> Result<Schema> {
    let schema = Schema::of(registry);
    let tx = conn
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(StoreError::at("opening the schema"))?;
    let mut problems = Vec::new();
    for ct in registry.types() {
        ensure_type(&tx, registry, ct, schema.references[ct.id.0 as usize], &mut problems)?;
    }
    if !problems.is_empty() {
        return Err(StoreError::Schema(format!(
            "the database and the content types do not fit:\n  {}\nNothing was changed.",
            problems.join("\n  ")
        )));
    }
    crate::statistics::ensure(&tx, registry, &schema.references)?;
    tx.commit().map_err(StoreError::at("changing the schema"))?;
    Ok(schema)
}

fn ensure_type(
    conn: &Connection,
    registry: &Registry,
    ct: &ContentType,
    references: bool,
    problems: &mut Vec<String>,
) -> Result<()> {
    let d = Sqlite;
    let t = Ident::table(ct);
    let text = d.column(ColumnType::Text);
    let time = d.column(ColumnType::DateTime);
    let int = d.column(ColumnType::Integer);
    let mut sql = format!(
        "CREATE TABLE IF NOT EXISTS {t} (id INTEGER PRIMARY KEY AUTOINCREMENT, document_id {text} NOT NULL, \
         locale {text} NOT NULL, _status {int} NOT NULL, created_at {time} NOT NULL, updated_at {time} NOT NULL, \
         published_at {time});"
    );
    execute(conn, &sql)?;
    let existing: HashMap<String, String> = conn
        .prepare(&format!("PRAGMA table_info({t})"))
        .and_then(|mut s| s.query_map([], |r| Ok((r.get::<_, String>(1)?, r.get::<_, String>(2)?)))?.collect())
        .map_err(StoreError::at("reading the schema"))?;
    sql.clear();
    let mut want = |name: String, quoted: &Ident, declared: &str| match existing.get(&name) {
        None => sql.push_str(&format!("ALTER TABLE {t} ADD COLUMN {quoted} {declared};")),
        Some(found) => {
            let base = declared.split(' ').next().unwrap_or(declared);
            if found != base {
                problems.push(format!(
                    "{}.{name}: the column is {found}, the model of {} asks for {base}",
                    ct.table, ct.uid
                ));
            }
        }
    };
    for (_, a) in ct.attributes.iter() {
        let column = Ident::column(a);
        if let Some(kind) = a.kind.column_type() {
            want(a.column.clone(), &column, d.column(kind));
        } else if let Some(link) = registry.link(a) {
            if link.storage == LinkStorage::Column {
                want(a.column.clone(), &column, text);
                if matches!(link.side, Side::Owner { .. }) {
                    want(format!("_pos_{}", a.column), &Ident::position(a), int);
                }
            }
        } else {
            want(a.column.clone(), &column, d.column(ColumnType::Json));
        }
    }
    execute(conn, &sql)?;
    execute(conn, &indexes(registry, ct, references))
}

fn indexes(registry: &Registry, ct: &ContentType, references: bool) -> String {
    let t = Ident::table(ct);
    let name = |suffix: &str| Ident::quote(&format!("{}_{suffix}", ct.table));
    let mut sql = format!(
        "CREATE UNIQUE INDEX IF NOT EXISTS {} ON {t} (document_id, locale, _status);\
         CREATE INDEX IF NOT EXISTS {} ON {t} (_status, locale, id);",
        name("document_idx"),
        name("list_idx")
    );
    for (_, a) in ct.attributes.iter() {
        let c = Ident::column(a);
        if a.unique && a.is_scalar() {
            sql.push_str(&format!(
                "CREATE UNIQUE INDEX IF NOT EXISTS {} ON {t} ({c}, locale) WHERE _status = 1;",
                name(&format!("{}_unique", a.column))
            ));
        }
        if a.index && a.is_scalar() {
            sql.push_str(&format!(
                "CREATE INDEX IF NOT EXISTS {} ON {t} (_status, locale, {c}, id);",
                name(&format!("{}_idx", a.column))
            ));
        }
        match registry.link(a) {
            Some(Link { storage: LinkStorage::Column, side, .. }) => {
                let order = if matches!(side, Side::Owner { .. }) {
                    format!(", {}", Ident::position(a))
                } else {
                    String::new()
                };
                sql.push_str(&format!(
                    "CREATE INDEX IF NOT EXISTS {} ON {t} ({c}, _status{order}) WHERE {c} IS NOT NULL;",
                    name(&format!("{}_lnk_idx", a.column))
                ));
            }
            Some(Link { storage: LinkStorage::Table, .. }) => {
                let l = Ident::links(ct, a);
                sql.push_str(&format!(
                    "CREATE TABLE IF NOT EXISTS {l} (owner_id INTEGER NOT NULL, target TEXT NOT NULL, pos INTEGER NOT NULL, \
                     inv_pos INTEGER NOT NULL, PRIMARY KEY (owner_id, target)) WITHOUT ROWID;\
                     CREATE INDEX IF NOT EXISTS {} ON {l} (target, inv_pos, owner_id);",
                    name(&format!("{}_lnk_target", a.column))
                ));
            }
            _ => {}
        }
    }
    for columns in &ct.indexes {
        let list: Vec<String> = columns.iter().map(|&c| Ident::column(&ct.attributes[c]).to_string()).collect();
        let names: Vec<&str> = columns.iter().map(|&c| ct.attributes[c].column.as_str()).collect();
        sql.push_str(&format!(
            "CREATE INDEX IF NOT EXISTS {} ON {t} (_status, locale, {}, id);",
            name(&format!("{}_cidx", names.join("_"))),
            list.join(", ")
        ));
    }
    if references {
        let r = Ident::references(ct);
        sql.push_str(&format!(
            "CREATE TABLE IF NOT EXISTS {r} (owner_id INTEGER NOT NULL, instance INTEGER NOT NULL, attribute TEXT NOT NULL, \
             target_type TEXT NOT NULL, target TEXT NOT NULL, pos INTEGER NOT NULL, \
             PRIMARY KEY (owner_id, instance, attribute, target_type, target)) WITHOUT ROWID;\
             CREATE INDEX IF NOT EXISTS {} ON {r} (target_type, target, attribute);",
            name("refs_target")
        ));
    }
    sql
}

fn execute(conn: &Connection, sql: &str) -> Result<()> {
    conn.execute_batch(sql).map_err(StoreError::at("changing the schema"))
}

/// Approximate rows by type, from the kept counts.
pub(crate) fn load_counts(conn: &Connection, registry: &Registry, counters: &ChangeCounters) -> Result<()> {
    let counts: Vec<(String, i64)> = conn
        .prepare("SELECT type, sum(n) FROM cairn_counts GROUP BY type")
        .and_then(|mut s| s.query_map([], |r| Ok((r.get(0)?, r.get(1)?)))?.collect())
        .map_err(StoreError::at("reading the counts"))?;
    for (uid, n) in counts {
        if let Some(ct) = registry.by_uid(&uid) {
            counters.add_rows(ct.id, n);
        }
    }
    Ok(())
}
