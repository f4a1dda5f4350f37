//! Jobs that one transaction runs and ends together.

use super::claim::{IDS_PER_STATEMENT, id_placeholders};
use super::{JobFence, require_lease};
use crate::connection::Connection;
use crate::connection::Value;
use crate::namespaces;
use crate::{Result, WriteTx};
use std::collections::HashSet;

impl namespaces::Jobs<&mut WriteTx<'_>> {
    /// Locks those of these jobs whose leases hold, and returns their ids: no other process can take them over until this transaction ends.
    /// Returns an error if the database cannot be written.
    pub fn lock_leased(&mut self, fences: &[JobFence]) -> Result<HashSet<i64>> {
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE",
        };
        let mut leased = HashSet::with_capacity(fences.len());
        for fences in fences.chunks(IDS_PER_STATEMENT) {
            let (ids, mut values) = (fences.iter().map(|fence| fence.job).collect::<Vec<_>>(), Vec::<Value>::new());
            let sql = format!(
                "SELECT id, fence FROM cairn_jobs WHERE id IN ({}) AND state = 'running' ORDER BY id{lock}",
                id_placeholders(&ids, &mut values)
            );
            let running: Vec<JobFence> = self
                .tx
                .conn
                .query_all("locking jobs", &sql, &values[..], |r| Ok(JobFence { job: r.get(0)?, fence: r.get(1)? }))?;
            leased.extend(running.iter().filter(|one| fences.contains(one)).map(|one| one.job));
        }
        Ok(leased)
    }

    /// Ends jobs successfully that this transaction has locked with [`Self::lock_leased`].
    ///
    /// # Errors
    /// [`StoreError::Lost`](crate::StoreError::Lost) if one of them is not running: the transaction is rolled back. An error if the
    /// database cannot be written.
    pub fn finish_locked(&mut self, ids: &[i64], now: i64) -> Result<()> {
        for ids in ids.chunks(IDS_PER_STATEMENT) {
            let mut values: Vec<Value> = vec![now.into()];
            let sql = format!(
                "UPDATE cairn_jobs SET state = 'done', ended_at = ?1, error = NULL WHERE id IN ({}) AND state = 'running'",
                id_placeholders(ids, &mut values)
            );
            let ended = self.tx.conn.execute("finishing jobs", &sql, &values[..])?;
            require_lease(usize::from(ended == ids.len()))?;
        }
        Ok(())
    }
}
