//! Statistics for SQLite's planner: fixed figures of a large project, not a sample of this one's data.
//!
//! Without figures the planner considers any index selective, and would walk all entries of a type by (status, locale) rather than look up
//! the few that were requested. With sampled figures a plan could change as data grows. These state what is true of every project: few
//! values of status and locale, nearly unique document ids, short lists of links.

use crate::Result;
use crate::connection::Connection;
use crate::ident::Ident;
use cairn_model::*;

/// Number of rows in the table that the figures describe.
const TABLE_ROWS: u32 = 1_000_000;
/// Number of rows with one status, and with one status in one locale.
const ROWS_PER_STATUS: u32 = 500_000;
const ROWS_PER_LOCALE: u32 = 250_000;

/// Writes the figures if they differ, and makes this connection use them.
pub(crate) fn ensure_statistics(conn: &Connection, registry: &Registry, references: &[bool]) -> Result<()> {
    let doing = "updating the planner's statistics";
    // Analysing any table makes the table of figures.
    if !conn.exists(doing, "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat1'", ())? {
        conn.execute_batch(doing, "ANALYZE cairn_migrations")?;
    }
    let expected = expected_statistics(registry, references);
    let sql = "SELECT tbl, coalesce(idx, ''), stat FROM sqlite_stat1";
    let mut stored: Vec<(String, String, String)> =
        conn.query_all(doing, sql, (), |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?)))?;
    let mut sorted = expected.clone();
    sorted.sort();
    stored.sort();
    if sorted == stored {
        return Ok(());
    }
    conn.execute_batch(doing, "DELETE FROM sqlite_stat1; DROP TABLE IF EXISTS sqlite_stat4")?;
    for (table, index, stat) in &expected {
        conn.execute(doing, "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?1, ?2, ?3)", (table, index, stat))?;
    }
    conn.execute_batch(doing, "ANALYZE sqlite_schema")
}

/// The figures: table, index, and rows in total and per prefix of the index's columns.
fn expected_statistics(registry: &Registry, references: &[bool]) -> Vec<(String, String, String)> {
    let mut all = Vec::new();
    let mut add = |table: &str, index: String, per_prefix: &[u32]| {
        let stat: Vec<String> = std::iter::once(&TABLE_ROWS).chain(per_prefix).map(u32::to_string).collect();
        all.push((table.to_owned(), index, stat.join(" ")));
    };
    for ct in registry.types() {
        let t = ct.table.as_str();
        add(t, format!("{t}_document_idx"), &[2, 2, 1]);
        add(t, format!("{t}_list_idx"), &[ROWS_PER_STATUS, ROWS_PER_LOCALE, 1]);
        for (id, a) in ct.attributes.iter() {
            let c = &a.column;
            // A link that also begins a compound index gets many rows per target, and the compound index the better order.
            let (linked, listed) =
                if ct.has_index_beginning_with(id) { (ROWS_PER_STATUS, ROWS_PER_LOCALE) } else { (100, 50) };
            if a.unique && a.is_scalar() {
                add(t, format!("{t}_{c}_unique"), &[2, 1]);
            }
            if a.index && a.is_scalar() {
                add(t, format!("{t}_{c}_idx"), &[ROWS_PER_STATUS, ROWS_PER_LOCALE, 100, 1]);
            }
            match registry.attribute_link(a).map(|l| (l.storage, l.side)) {
                Some((LinkStorage::Column, RelationSide::Owner { .. })) => {
                    add(t, format!("{t}_{c}_lnk_idx"), &[linked, listed, 1])
                }
                Some((LinkStorage::Column, _)) => add(t, format!("{t}_{c}_lnk_idx"), &[linked, listed]),
                Some((LinkStorage::Table, _)) => {
                    let l = format!("{t}_{c}_lnk");
                    add(&l, l.clone(), &[5, 1]);
                    add(&l, format!("{t}_{c}_lnk_target"), &[100, 1, 1]);
                }
                _ => {}
            }
        }
        for key in &ct.unique_keys {
            let names: Vec<&str> = key.iter().map(|&c| ct.attributes[c].column.as_str()).collect();
            // Many rows may share all columns but the last; a whole key belongs to one document, in its locales and versions.
            let mut per_prefix = vec![100; names.len() - 1];
            per_prefix.extend([4, 2, 1]);
            add(t, Ident::quote(&format!("{t}_{}_key", names.join("."))).unquoted_name(), &per_prefix);
        }
        for columns in &ct.indexes {
            let names: Vec<&str> = columns.iter().map(|&c| ct.attributes[c].column.as_str()).collect();
            // Every further column narrows tenfold.
            let mut per_prefix = vec![ROWS_PER_STATUS, ROWS_PER_LOCALE];
            per_prefix.extend(columns.iter().scan(ROWS_PER_LOCALE, |n, _| {
                *n = (*n / 10).max(2);
                Some(*n)
            }));
            per_prefix.push(1);
            add(t, format!("{t}_{}_cidx", names.join("_")), &per_prefix);
        }
        for columns in collation_indexes(ct) {
            // An index over collation keys is like that over the values, with a step for the key.
            let mut per_prefix = vec![ROWS_PER_STATUS, ROWS_PER_LOCALE];
            per_prefix.extend(columns.iter().skip(1).scan(ROWS_PER_LOCALE, |n, _| {
                *n = (*n / 10).max(2);
                Some(*n)
            }));
            per_prefix.extend([100, 100, 1]);
            add(t, Ident::collation_index(t, &columns).unquoted_name(), &per_prefix);
        }
        if references.get(ct.id.0 as usize) == Some(&true) {
            let r = format!("{t}_refs");
            add(&r, r.clone(), &[20, 4, 2, 2, 1]);
            add(&r, format!("{t}_refs_target"), &[ROWS_PER_LOCALE, 10, 5]);
        }
    }
    all
}

/// The columns of the indexes over collation keys, without these; decides as `change::layout` does.
fn collation_indexes(ct: &ContentType) -> Vec<Vec<&str>> {
    let single = ct.attributes.iter().filter(|(_, a)| a.index).map(|(id, _)| vec![id]);
    let mut lists: Vec<Vec<AttributeId>> = Vec::new();
    for list in single.chain(ct.indexes.iter().cloned()) {
        if list.last().is_some_and(|&last| ct.has_collation_key(last)) && !lists.contains(&list) {
            lists.push(list);
        }
    }
    let columns = |list: Vec<AttributeId>| list.iter().map(|&id| ct.attributes[id].column.as_str()).collect();
    lists.into_iter().map(columns).collect()
}
