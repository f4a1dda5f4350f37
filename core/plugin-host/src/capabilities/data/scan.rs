//! A walk over any number of rows.

use super::read::to_guest_rows;
use crate::call::state::{CallState, to_guest_charge};
use crate::contract::bindings::Scan;
use crate::contract::bindings::host::data::{Authority, HostScan, Query, Rows};
use crate::contract::guest_errors::{denied_error, invalid_field};
use crate::contract::host_error::HostResult;
use cairn_content::ListRange;
use wasmtime::component::Resource;

impl HostScan for CallState {
    async fn open(&mut self, query: Query, rights: Authority) -> HostResult<Resource<Scan>> {
        self.open_scan(query, 0, rights)
    }

    async fn next(&mut self, scan: Resource<Scan>, limit: u32) -> HostResult<Option<Rows>> {
        self.host_call()?;
        let Scan { query, rights, at, ended } = self.table.get(&scan)?;
        if *ended {
            return Ok(None);
        }
        let (query, rights) = (query.clone(), *rights);
        let part = ListRange::After { number: *at, limit: limit.clamp(1, 1_000) };
        let rows = to_guest_rows(self.load_rows(&query, part, rights, false).await?, part)?;
        to_guest_charge(self.budget.charge_reads(rows.returned as usize))?;
        to_guest_charge(self.budget.check_output(rows.data.len()))?;
        let scan = self.table.get_mut(&scan)?;
        match rows.next.as_deref().and_then(|next| next.parse().ok()) {
            Some(at) => scan.at = at,
            None => scan.ended = true,
        }
        Ok((rows.returned > 0).then_some(rows))
    }

    async fn position(&mut self, scan: Resource<Scan>) -> wasmtime::Result<String> {
        self.infallible_call()?;
        let Scan { at, ended: is_last, .. } = self.table.get(&scan)?;
        Ok(if *is_last { "end".to_owned() } else { at.to_string() })
    }

    async fn resume(&mut self, query: Query, position: String, rights: Authority) -> HostResult<Resource<Scan>> {
        let at = if position == "end" { Ok(i64::MAX) } else { position.parse() };
        match at {
            Ok(at) => self.open_scan(query, at, rights),
            Err(_) => Err(invalid_field("position", "position", "must be a position from an earlier scan").into()),
        }
    }

    async fn drop(&mut self, scan: Resource<Scan>) -> wasmtime::Result<()> {
        self.table.delete(scan)?;
        Ok(())
    }
}

impl CallState {
    fn open_scan(&mut self, query: Query, at: i64, rights: Authority) -> HostResult<Resource<Scan>> {
        self.host_call()?;
        if self.context.export.runs_in_transaction() {
            return Err(denied_error(
                "scans can take long and are not allowed inside a transaction: use a job instead",
            )
            .into());
        }
        if !query.sort.is_empty() {
            return Err(invalid_field("sort", "scan", "scans have their own order: remove the sort").into());
        }
        let is_last = at == i64::MAX;
        Ok(self.table.push(Scan { query, rights, at, ended: is_last })?)
    }
}
