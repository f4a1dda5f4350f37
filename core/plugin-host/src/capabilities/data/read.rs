//! Reads.

use super::query::to_content_query;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::host::data::{
    Aggregate, Authority, Find, Found, GetMany, GroupMeasures, Measure, Paging, Query, ReadOp, Rows,
};
use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{from_content_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_content::ListRange;
use cairn_query::AggregateQuery;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Most rows of one answer.
const MAX_ROWS: u32 = 1_000;

/// Key of a row that was found: its id and its document.
#[derive(Deserialize)]
struct RowKey {
    id: i64,
    #[serde(rename = "documentId")]
    document_id: String,
}

/// Groups of rows that are aggregated.
struct Groups {
    query: Query,
    group_by: Vec<String>,
    measures: Vec<(cairn_query::Measure, String)>,
    limit: u32,
}

impl CallState {
    /// One read; charged by what it answers.
    pub(super) async fn read_one(&mut self, op: ReadOp, rights: Authority) -> HostResult<Found> {
        let found = match op {
            ReadOp::Find(find) => Found::Rows(self.find_rows(find, rights).await?),
            ReadOp::GetMany(many) => Found::Rows(self.get_many(many, rights).await?),
            ReadOp::Count(query) => Found::Count(self.count_rows(&query, rights).await?),
            ReadOp::Aggregate(Aggregate { query, group_by, measures, limit }) => {
                let measures = measures.into_iter().map(|(measure, field)| (to_query_measure(measure), field));
                let groups = Groups { query, group_by, measures: measures.collect(), limit };
                Found::Rows(self.aggregate_rows(groups, rights).await?)
            }
        };
        let rows = match &found {
            Found::Rows(rows) => rows.returned,
            Found::Count(_) => 1,
        };
        to_guest_charge(self.budget.charge_reads(rows as usize))?;
        Ok(found)
    }

    /// Aggregates with measures as texts; charged as [`Self::read_one`].
    pub(super) async fn measure_one(&mut self, request: GroupMeasures, rights: Authority) -> HostResult<Rows> {
        let GroupMeasures { query, group_by, measures, limit } = request;
        let measures = measures.iter().map(|text| cairn_query::Measure::parse_with_path(text));
        let measures = measures.collect::<Result<Vec<_>, _>>().map_err(|error| from_content_error(error.into()))?;
        let rows = self.aggregate_rows(Groups { query, group_by, measures, limit }, rights).await?;
        to_guest_charge(self.budget.charge_reads(rows.returned as usize))?;
        Ok(rows)
    }

    async fn find_rows(&mut self, find: Find, rights: Authority) -> HostResult<Rows> {
        let part = page_part(&find.paging, self.budget.remaining_reads())?;
        if matches!(find.paging, Paging::After(_)) && !find.query.sort.is_empty() {
            let message = "cursor paging has its own order: remove the sort, or use an offset instead";
            return Err(invalid_field("sort", "cursor", message).into());
        }
        let total = match find.with_total {
            true => Some(self.count_rows(&find.query, rights).await?),
            false => None,
        };
        let array = self.load_rows(&find.query, part, rights, find.lock).await?;
        to_guest_charge(self.budget.check_output(array.len()))?;
        Ok(Rows { total, ..to_guest_rows(array, part)? })
    }

    async fn get_many(&mut self, many: GetMany, rights: Authority) -> HostResult<Rows> {
        let GetMany { content_type, ids, fields, populate, locale, status, lock } = many;
        if ids.len() > MAX_ROWS as usize {
            let message = format!("{} ids in one call; the limit is {MAX_ROWS}", ids.len());
            return Err(invalid_field("ids", "too-many", message).into());
        }
        let filters = serde_json::json!({ "documentId": { "$in": ids } }).to_string();
        let query = Query { content_type, filters: Some(filters), sort: Vec::new(), fields, populate, locale, status };
        let part = ListRange::Window { start: 0, limit: MAX_ROWS };
        let array = match ids.is_empty() {
            true => b"[]".to_vec(),
            false => self.load_rows(&query, part, rights, lock).await?,
        };
        to_guest_charge(self.budget.check_output(array.len()))?;
        Ok(in_order(&array, &ids)?)
    }

    async fn count_rows(&mut self, query: &Query, rights: Authority) -> Result<u64, Error> {
        let asking = self.resolve_caller(rights, &[&query.content_type]).await?;
        let ct = self.readable_type(&query.content_type, &asking.access)?.id;
        let (query, content) = (to_content_query(query)?, self.content().clone());
        self.with_reader(move |r| {
            let ct = content.registry().get(ct);
            content.count_in(r, asking.request_context(ct, &query)).map_err(from_content_error)
        })
        .await
    }

    async fn aggregate_rows(&mut self, groups: Groups, rights: Authority) -> HostResult<Rows> {
        let Groups { query, group_by, measures, limit } = groups;
        let order = query.sort.clone();
        let asking = self.resolve_caller(rights, &[&query.content_type]).await;
        let asking =
            asking.and_then(|asking| Ok((self.readable_type(&query.content_type, &asking.access)?.id, asking)));
        let (ct, asking) = asking?;
        // Sort keys name the groups and measures, not attributes: the content query gets none.
        let query = to_content_query(&Query { sort: Vec::new(), ..query })?;
        let content = self.content().clone();
        let future = self.with_reader(move |r| {
            let ct = content.registry().get(ct);
            let figures = AggregateQuery { group_by: &group_by, measures: &measures, order: &order, limit };
            content.aggregate_in(r, asking.request_context(ct, &query), &figures).map_err(from_content_error)
        });
        let (array, groups) = future.await?;
        to_guest_charge(self.budget.check_output(array.len()))?;
        let returned = u32::try_from(groups).unwrap_or(u32::MAX);
        Ok(Rows { data: json_text(array)?, returned, total: None, next: None })
    }

    /// Rows as a JSON array. `lock`: nobody else changes them until the transaction ends.
    pub(super) async fn load_rows(
        &mut self,
        query: &Query,
        part: ListRange,
        rights: Authority,
        lock: bool,
    ) -> Result<Vec<u8>, Error> {
        let asking = self.resolve_caller(rights, &[&query.content_type]).await?;
        let ct = self.readable_type(&query.content_type, &asking.access)?.id;
        let (query, content) = (to_content_query(query)?, self.content().clone());
        if !lock {
            return self
                .with_reader(move |r| {
                    let ct = content.registry().get(ct);
                    content.rows_in(r, asking.request_context(ct, &query), part).map_err(from_content_error)
                })
                .await;
        }
        let waited = Arc::new(AtomicU64::new(0));
        let wait_counter = waited.clone();
        let rows = self.with_transaction(move |tx| {
            let ct = content.registry().get(ct);
            let look = |tx: &cairn_store::WriteTx<'_>| {
                content.rows_in(&tx.reader(), asking.request_context(ct, &query), part).map_err(from_content_error)
            };
            // Rows are read again after locking: they may have changed while the transaction waited for the locks.
            let rows = parse_row_keys(&look(tx)?)?;
            let began = Instant::now();
            for row in rows {
                tx.lock_document(ct.id, &row.document_id, cairn_store::LockMode::Change)
                    .map_err(|e| from_content_error(e.into()))?;
            }
            wait_counter.fetch_add(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
            look(tx)
        });
        let rows = rows.await;
        self.add_wait(Duration::from_micros(waited.load(Ordering::Relaxed)));
        rows
    }
}

fn to_query_measure(measure: Measure) -> cairn_query::Measure {
    match measure {
        Measure::Count => cairn_query::Measure::Count,
        Measure::Sum => cairn_query::Measure::Sum,
        Measure::Average => cairn_query::Measure::Average,
        Measure::Minimum => cairn_query::Measure::Minimum,
        Measure::Maximum => cairn_query::Measure::Maximum,
    }
}

fn page_part(paging: &Paging, readable: u32) -> Result<ListRange, Error> {
    let limit = |limit: u32| limit.min(MAX_ROWS).min(readable.saturating_add(1)).max(1);
    Ok(match paging {
        Paging::Page((page, size)) => {
            let start = u64::from(page.saturating_sub(1)) * u64::from(*size);
            ListRange::Window { start, limit: limit(*size) }
        }
        Paging::Offset((start, most)) => ListRange::Window { start: u64::from(*start), limit: limit(*most) },
        Paging::After((cursor, most)) => {
            let number = cursor.as_deref().unwrap_or("0").parse();
            let number =
                number.map_err(|_| invalid_field("paging", "cursor", "must be a cursor from an earlier response"))?;
            ListRange::After { number, limit: limit(*most) }
        }
    })
}

/// Rows as the guest gets them; the cursor where there may be more.
pub(super) fn to_guest_rows(array: Vec<u8>, part: ListRange) -> Result<Rows, Error> {
    let rows = parse_row_keys(&array)?;
    let next = match part {
        ListRange::After { limit, .. } if rows.len() >= limit as usize => rows.last().map(|row| row.id.to_string()),
        _ => None,
    };
    Ok(Rows { data: json_text(array)?, returned: u32::try_from(rows.len()).unwrap_or(u32::MAX), total: None, next })
}

fn in_order(array: &[u8], ids: &[String]) -> Result<Rows, Error> {
    let rows: Vec<&RawValue> = serde_json::from_slice(array).map_err(crate::contract::guest_errors::internal_error)?;
    let names = parse_row_keys(array)?;
    let by_id: HashMap<&str, &RawValue> =
        names.iter().zip(rows).map(|(name, row)| (name.document_id.as_str(), row)).collect();
    let mut data = String::with_capacity(array.len() + ids.len() * 5);
    data.push('[');
    for (i, id) in ids.iter().enumerate() {
        if i > 0 {
            data.push(',');
        }
        data.push_str(by_id.get(id.as_str()).map_or("null", |row| row.get()));
    }
    data.push(']');
    Ok(Rows { data, returned: u32::try_from(by_id.len()).unwrap_or(u32::MAX), total: None, next: None })
}

fn parse_row_keys(array: &[u8]) -> Result<Vec<RowKey>, Error> {
    serde_json::from_slice(array).map_err(crate::contract::guest_errors::internal_error)
}

fn json_text(array: Vec<u8>) -> Result<String, Error> {
    String::from_utf8(array).map_err(crate::contract::guest_errors::internal_error)
}
