//! Compiled plans, and the reads that run them: a page, one document, a total.

use super::execution::{LookupKeys, PlanExecution};
use super::sql::{
    Bind, Level, PopulatePart, RelationPart, Scope, SelectedLevel, SqlContext, Statement, plan_conditions,
    status_number, to_sql_value,
};
use crate::connection::Value;
use crate::namespaces;
use crate::state::StoreState;
use crate::{ChangeCounters, Reader, Result};
use cairn_model::{ContentTypeKind, TypeId};
use cairn_query::{Locales, Page, Plan, Scalar};
use parking_lot::Mutex;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// A plan compiled to statements, without the values that were taken out of it. `content` caches one per shape of requests.
pub struct PlanShape {
    content_type: TypeId,
    page: Page,
    list: Statement,
    one: Statement,
    /// Column of the version token: in `one`, and in `list` of a single type.
    version: usize,
    count: TotalCount,
    level: Level,
    /// True if it has a filter, a sort or a deep page: it may take long on a large table.
    may_scan: bool,
    /// Duration of its last run in microseconds; `u32::MAX` before the first one.
    took: AtomicU32,
}

/// A compiled plan with all its values: ready to run.
pub struct CompiledPlan {
    shape: Arc<PlanShape>,
    /// The values that were taken out of the plan.
    values: Vec<Vec<Value>>,
    /// The total that was last computed, and the change stamp it belongs to.
    total: Mutex<Option<(u64, u64)>>,
}

/// Number of rows above which a table may make a read long.
const LARGE_TABLE_ROWS: i64 = 20_000;
/// Reads that took longer than this (µs) run on the threads for long reads.
const SHORT_READ_MICROS: u32 = 3_000;

/// Page sizes up to this one are part of the statement, for the planner.
const MAX_LITERAL_PAGE_SIZE: u64 = 1_000;

/// Pages that begin after this many entries are deep.
const DEEP_PAGE_OFFSET: u64 = 1_000;

struct TotalCount {
    /// Counts the rows.
    statement: Statement,
    /// Where the stored counts have the total: status, and locale or all. Inside a transaction they do not know its rows.
    stored: Option<(u8, Option<String>)>,
}

/// The result of writing a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSummary {
    /// Number of entries on the page.
    pub entries: usize,
    /// Number of all matching entries; `None` if it was not requested.
    pub total: Option<u64>,
}

impl PlanShape {
    /// Implements [`crate::Store::compile_shape`]. `default_locale` is the locale of localised targets if the request names several locales and the row
    /// that links to them has none.
    pub(crate) fn compile(store: &StoreState, plan: &Plan, default_locale: &str) -> Self {
        let (registry, dialect) = (&*store.registry, store.dialect);
        // The pattern has no `..`, so a new part of a plan does not compile until it is used.
        let Plan { content_type, status, locale, filter, has_published, publication, sort, page, node } = plan;
        let ct = registry.get(*content_type);
        let (request_locale, many_locales) = match locale {
            Locales::One(l) => (l.as_str(), false),
            _ => (default_locale, true),
        };
        let file_texts = Some(request_locale).filter(|locale| *locale != default_locale);
        let context = SqlContext {
            registry,
            counters: &store.counters,
            dialect,
            status: *status,
            request_locale,
            many_locales,
            file_texts,
        };
        let scope = Scope::Row { alias: "b".into(), ct };
        let table = crate::ident::Ident::table(ct);

        let mut sql = context.new_sql();
        let SelectedLevel { level, select } = context.build_level(&mut sql, node, "b");
        let on = plan_conditions(&mut sql, plan, "b");
        let order = sql.order_by(sort, &scope);
        let (offset, limit) = page.row_window();
        let window =
            if dialect.literal_limit() && ct.kind == ContentTypeKind::Collection && limit <= MAX_LITERAL_PAGE_SIZE {
                let offset =
                    if offset > 0 { format!(" OFFSET {}", sql.bind_value(Bind::Offset)) } else { String::new() };
                format!("LIMIT {limit}{offset}")
            } else {
                format!("LIMIT {} OFFSET {}", sql.bind_value(Bind::Limit), sql.bind_value(Bind::Offset))
            };
        let select = select.join(", ");
        // A single type is read as a list of one.
        let token = if ct.kind == ContentTypeKind::Single { ", b._version" } else { "" };
        let list = if dialect.literal_limit() && offset > DEEP_PAGE_OFFSET {
            // The rows that are skipped are counted in the index alone.
            format!(
                "SELECT {select}{token} FROM {table} b JOIN (SELECT b.id FROM {table} b WHERE {on} ORDER BY {order} {window}) k \
                 ON k.id = b.id ORDER BY {order}"
            )
        } else {
            format!("SELECT {select}{token} FROM {table} b WHERE {on} ORDER BY {order} {window}")
        };
        let list = sql.into_statement(list);

        let mut sql = context.new_sql();
        let select = context.build_level(&mut sql, node, "b").select;
        let document = sql.bind_value(Bind::Document);
        let on = plan_conditions(&mut sql, plan, "b");
        let version = select.len();
        let one = sql.into_statement(format!(
            "SELECT {}, b._version FROM {table} b WHERE b.document_id = {document} AND {on} LIMIT 1",
            select.join(", ")
        ));

        let by_versions = has_published.is_some() || publication.is_some();
        let stored_locale = match (filter, by_versions, locale) {
            (None, false, _) if !ct.localized => Some(Some(String::new())),
            (None, false, Locales::One(l)) => Some(Some(l.clone())),
            (None, false, Locales::All) => Some(None),
            _ => None,
        };
        let stored = stored_locale.map(|locale| (status_number(ct, *status), locale));
        let mut sql = context.new_sql();
        let on = plan_conditions(&mut sql, plan, "b");
        let statement = sql.into_statement(format!("SELECT count(*) FROM {table} b WHERE {on}"));
        let count = TotalCount { statement, stored };
        let may_scan = filter.is_some() || !sort.is_empty() || offset > DEEP_PAGE_OFFSET;
        Self {
            content_type: *content_type,
            page: *page,
            list,
            one,
            version,
            count,
            level,
            may_scan,
            took: AtomicU32::new(u32::MAX),
        }
    }

    /// Fills in the values that [`Plan::take_values`] returned: of the plan that it was compiled from, or of one that is equal without
    /// its values.
    pub fn with_values(self: &Arc<Self>, values: Vec<Vec<Scalar>>) -> CompiledPlan {
        let values = values.iter().map(|values| values.iter().map(to_sql_value).collect()).collect();
        CompiledPlan { shape: self.clone(), values, total: Mutex::new(None) }
    }
}

impl CompiledPlan {
    /// The content type it reads.
    pub fn content_type(&self) -> TypeId {
        self.shape.content_type
    }

    /// True if it should run on a thread for long reads: its last run took long or, before the first one, it may scan a large table.
    pub fn is_long(&self, counters: &ChangeCounters) -> bool {
        match self.shape.took.load(Ordering::Relaxed) {
            u32::MAX => self.shape.may_scan && counters.row_count(self.shape.content_type) > LARGE_TABLE_ROWS,
            took => took > SHORT_READ_MICROS,
        }
    }

    /// The total, if it was computed since the last change.
    fn cached_total(&self, stamp: u64) -> Option<u64> {
        self.total.lock().filter(|(at, _)| *at == stamp).map(|(_, n)| n)
    }

    /// True if a total is cached; it may be stale.
    pub fn caches_total(&self) -> bool {
        self.total.lock().is_some()
    }

    /// True if one statement reads an entry with all that is shown of it.
    pub fn is_one_statement(&self) -> bool {
        self.shape.level.parts.is_empty()
    }

    /// The page it reads.
    pub fn page(&self) -> Page {
        self.shape.page
    }

    /// The purpose of each statement that a list may run; a golden test compares them.
    pub fn statements(&self) -> Vec<String> {
        let shape = &self.shape;
        let mut all = vec![shape.list.text.clone()];
        if shape.count.stored.is_none() {
            all.push(shape.count.statement.text.clone());
        }
        collect_statements(&shape.level, &mut all);
        all
    }
}

fn collect_statements(level: &Level, all: &mut Vec<String>) {
    let sources = |part: &RelationPart, all: &mut Vec<String>| {
        for s in &part.sources {
            all.push(s.statement.text.clone());
            if !part.count {
                collect_statements(&s.level, all);
            }
        }
    };
    for part in &level.parts {
        match part {
            PopulatePart::Related { source, .. } => sources(source, all),
            PopulatePart::Components { links, .. } => links.iter().for_each(|l| sources(l, all)),
            PopulatePart::Constant { .. } => {}
        }
    }
}

impl namespaces::Entries<Reader<'_>> {
    /// Does the same as [`crate::Store::compile_plan`].
    pub fn compile_plan(&self, plan: &Plan, default_locale: &str) -> CompiledPlan {
        Arc::new(PlanShape::compile(self.tx.store, plan, default_locale)).with_values(Vec::new())
    }

    /// Appends a JSON array of the plan's page to `out`. `stamp` is the change stamp of the types it touches, read
    /// before this snapshot began: the total is computed once per stamp.
    pub fn write_list(&self, prepared: &CompiledPlan, stamp: u64, out: &mut Vec<u8>) -> Result<PageSummary> {
        let started = Instant::now();
        let CompiledPlan { shape, values, .. } = prepared;
        let (offset, limit) = shape.page.row_window();
        let run = PlanExecution::new(&self.tx, values, None, limit, offset);
        out.push(b'[');
        let counted = !shape.page.with_count() || prepared.cached_total(stamp).is_some();
        if counted && shape.level.parts.is_empty() {
            self.tx.conn.skip_snapshot();
        }
        let entries = run.append_rows(out, &shape.list, &shape.level)?;
        out.push(b']');
        let total = if shape.page.with_count() { Some(self.count_total(prepared, stamp, &run)?) } else { None };
        shape.took.store(started.elapsed().as_micros().min(u128::from(u32::MAX - 1)) as u32, Ordering::Relaxed);
        Ok(PageSummary { entries, total })
    }

    /// Appends the JSON object of one document; false if none matches.
    pub fn write_one(&self, prepared: &CompiledPlan, document_id: &str, out: &mut Vec<u8>) -> Result<bool> {
        Ok(self.write_one_with_version(prepared, document_id, out)?.is_some())
    }

    /// Does the same as [`Self::write_one`]; returns the version token of what was written.
    pub fn write_one_with_version(
        &self,
        prepared: &CompiledPlan,
        document_id: &str,
        out: &mut Vec<u8>,
    ) -> Result<Option<i64>> {
        let version = Cell::new(None);
        let CompiledPlan { shape, values, .. } = prepared;
        let run = PlanExecution {
            version: Some((shape.version, &version)),
            ..PlanExecution::new(&self.tx, values, Some(document_id), 1, 0)
        };
        if shape.level.parts.is_empty() {
            self.tx.conn.skip_snapshot();
        }
        run.append_rows(out, &shape.one, &shape.level)?;
        Ok(version.get())
    }

    /// Appends the JSON object of the document of a single type, and returns its version token; `None` if it has none.
    pub fn write_first(&self, prepared: &CompiledPlan, out: &mut Vec<u8>) -> Result<Option<i64>> {
        let version = Cell::new(None);
        let CompiledPlan { shape, values, .. } = prepared;
        let run = PlanExecution {
            version: Some((shape.version, &version)),
            ..PlanExecution::new(&self.tx, values, None, 1, 0)
        };
        run.append_rows(out, &shape.list, &shape.level)?;
        Ok(version.get())
    }

    /// Counts the entries that match, whatever the page.
    pub fn count(&self, prepared: &CompiledPlan, stamp: u64) -> Result<u64> {
        self.count_total(prepared, stamp, &PlanExecution::new(&self.tx, &prepared.values, None, 0, 0))
    }

    fn count_total(&self, prepared: &CompiledPlan, stamp: u64, run: &PlanExecution<'_>) -> Result<u64> {
        if let Some(n) = prepared.cached_total(stamp) {
            return Ok(n);
        }
        let shape = &prepared.shape;
        let n: i64 = match &shape.count.stored {
            Some((status, locale)) if !self.tx.in_transaction => {
                let uid = &self.tx.registry().get(shape.content_type).uid;
                let sum =
                    "SELECT CAST(coalesce(sum(n), 0) AS bigint) FROM cairn_counts WHERE type = ?1 AND status = ?2";
                let status = i64::from(*status);
                let n = match locale {
                    Some(l) => {
                        let text = format!("{sum} AND locale = ?3");
                        self.tx.conn.query_first("counting entries", &text, (uid, status, l), |r| r.get(0))?
                    }
                    None => self.tx.conn.query_first("counting entries", sum, (uid, status), |r| r.get(0))?,
                };
                n.unwrap_or(0)
            }
            _ => {
                let s = &shape.count.statement;
                let params = run.bind_params(&s.binds, &LookupKeys::None);
                self.tx.conn.query_first("counting entries", &s.text, &params[..], |r| r.get(0))?.unwrap_or(0)
            }
        };
        let n = n.max(0) as u64;
        *prepared.total.lock() = Some((stamp, n));
        Ok(n)
    }
}
