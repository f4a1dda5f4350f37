//! Claiming due jobs, each by one process.

use super::next_work::text_table;
use super::{COLUMNS, JobRow, read_job};
use crate::connection::Connection;
use crate::connection::{Row, Value};
use crate::namespaces;
use crate::{Result, WriteTx};

/// A group of handler names that share a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimShare<'a> {
    /// The names; none is in two shares.
    pub names: Vec<&'a str>,
    /// Number of their jobs that are claimed at most.
    pub room: i64,
}

/// Selects jobs to claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobClaim<'a> {
    /// Names whose jobs to claim, by share.
    pub shares: &'a [ClaimShare<'a>],
    /// All names that this process has handlers for. A job waits for an earlier one in its lane if the name of that is among them: a job
    /// that nobody runs blocks nothing.
    pub known: &'a [&'a str],
    /// Holder of the leases: `<node>:<run>:<engine>`.
    pub holder: &'a str,
    /// Now, in milliseconds.
    pub now: i64,
    /// End of the leases, in milliseconds.
    pub until: i64,
    /// Number of jobs to claim at most, a batch counting as one.
    pub limit: i64,
    /// Names whose jobs are claimed in batches, with the number of jobs that a batch may have.
    pub batches: &'a [(&'a str, i64)],
}

/// Jobs that were claimed to run together.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedJobs {
    /// The jobs, longest due first; one where it is no batch.
    pub jobs: Vec<JobRow>,
    /// True if they are a batch, which may have one job.
    pub batch: bool,
}

/// Number of ids in one statement.
pub(super) const IDS_PER_STATEMENT: usize = 200;

/// A job that may be claimed, in the order in which they are.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Candidate {
    due: i64,
    id: i64,
    name: String,
    lane: Option<String>,
    attempt: i64,
}

/// The columns of [`read_candidate`].
const CANDIDATE: &str = "due, id, name, lane, attempt";

fn read_candidate(r: &Row<'_>) -> Result<Candidate> {
    Ok(Candidate { due: r.get(0)?, id: r.get(1)?, name: r.get(2)?, lane: r.get(3)?, attempt: r.get(4)? })
}

/// The assignments that claim a job: `?1` is the holder, `?2` the end of the lease.
const CLAIM: &str = "state = 'running', holder = ?1, fence = fence + 1, leased_until = ?2, attempt = attempt + 1";

/// Placeholders for these ids, which are appended to the values; the last one several times, so that there are few different statements
/// to prepare.
pub(super) fn id_placeholders(ids: &[i64], values: &mut Vec<Value>) -> String {
    let padding = ids.last().into_iter().cycle().take(ids.len().next_power_of_two() - ids.len());
    let marks: Vec<String> = ids
        .iter()
        .chain(padding)
        .map(|id| {
            values.push((*id).into());
            format!("?{}", values.len())
        })
        .collect();
    marks.join(", ")
}

/// Placeholders for these texts, which are appended to the values.
fn name_placeholders(names: &[&str], values: &mut Vec<Value>) -> String {
    let marks: Vec<String> = names
        .iter()
        .map(|name| {
            values.push((*name).into());
            format!("?{}", values.len())
        })
        .collect();
    marks.join(", ")
}

impl namespaces::Jobs<&mut WriteTx<'_>> {
    /// Claims jobs with these names that are due, or whose lease has ended, longest due first. At most `limit`, and one
    /// at a time for each lane. Returns an error if the database cannot be written.
    pub fn claim(&mut self, names: &[&str], holder: &str, now: i64, until: i64, limit: i64) -> Result<Vec<JobRow>> {
        let shares = [ClaimShare { names: names.to_vec(), room: limit }];
        let claim = JobClaim { shares: &shares, known: names, holder, now, until, limit, batches: &[] };
        Ok(self.claim_shared(&claim)?.into_iter().flat_map(|claimed| claimed.jobs).collect())
    }

    /// Does the same as [`Self::claim`] for names in shares: longest due first over all names, until a share is full. A job whose name has
    /// batches brings others of its name with it, and takes the room of one: one batch for each name. Jobs that have been tried before are
    /// not among them, so that one that keeps failing is alone. Returns an error if the database cannot be written.
    pub fn claim_shared(&mut self, claim: &JobClaim<'_>) -> Result<Vec<ClaimedJobs>> {
        let mut shares: Vec<ClaimShare<'_>> = claim.shares.to_vec();
        let mut claimed: Vec<ClaimedJobs> = Vec::new();
        loop {
            shares.retain(|share| share.room > 0);
            let names: Vec<&str> = shares.iter().flat_map(|share| share.names.iter().copied()).collect();
            let limit = claim.limit - i64::try_from(claimed.len()).unwrap_or(i64::MAX);
            if names.is_empty() || limit <= 0 {
                return Ok(claimed);
            }
            let candidates = self.find_claimable(claim, &names, limit)?;
            let (all, before) = (i64::try_from(candidates.len()).unwrap_or(i64::MAX) < limit, claimed.len());
            for Candidate { id, name, lane, .. } in candidates {
                let share = shares.iter_mut().find(|share| share.room > 0 && share.names.contains(&name.as_str()));
                let Some(share) = share else { continue };
                let Some(row) = self.claim_one(claim, id, lane.as_deref())? else { continue };
                share.room -= 1;
                let batch = claim.batches.iter().find(|(of, _)| *of == name && row.attempt == 1);
                let mut jobs = vec![row];
                if let Some((_, size)) = batch {
                    share.names.retain(|one| *one != name);
                    jobs.extend(self.claim_others(claim, &name, size - 1)?);
                }
                claimed.push(ClaimedJobs { jobs, batch: batch.is_some() });
            }
            // Behind those of a share that is full now there may be others.
            if all || claimed.len() == before {
                return Ok(claimed);
            }
        }
    }

    /// Claims one job that waits, due or not, or that was given up; `None` if it is in another state, or if another
    /// job of its lane is running. Returns an error if the database cannot be written.
    pub fn claim_by_id(&mut self, id: i64, holder: &str, now: i64, until: i64) -> Result<Option<JobRow>> {
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE",
        };
        let sql = format!("SELECT {CANDIDATE} FROM cairn_jobs WHERE id = ?1 AND state IN ('waiting', 'dead'){lock}");
        let Some(candidate) = self.tx.conn.query_first("finding a job", &sql, [id], read_candidate)? else {
            return Ok(None);
        };
        let claim = JobClaim { shares: &[], known: &[], holder, now, until, limit: 1, batches: &[] };
        self.claim_one(&claim, id, candidate.lane.as_deref())
    }

    /// Finds jobs that may be claimed, longest due first. Reads name by name, each by the index: any number may be due for one name, or for
    /// those that this process does not run.
    fn find_claimable(&self, claim: &JobClaim<'_>, names: &[&str], limit: i64) -> Result<Vec<Candidate>> {
        let doing = "finding jobs";
        let lock = match self.tx.conn {
            Connection::Sqlite(_) => "",
            Connection::Postgres(_) => " FOR UPDATE SKIP LOCKED",
        };
        // A job whose lease has expired runs before the ones that wait in its lane.
        let mut values: Vec<Value> = vec![claim.now.into(), limit.into()];
        let sql = format!(
            "SELECT {CANDIDATE} FROM cairn_jobs WHERE state = 'running' AND leased_until <= ?1 AND name IN ({})
             ORDER BY due, id LIMIT ?2{lock}",
            name_placeholders(names, &mut values)
        );
        let mut candidates = self.tx.conn.query_all(doing, &sql, &values[..], read_candidate)?;
        let mut values: Vec<Value> = vec![claim.now.into()];
        let sql = format!(
            "SELECT n.column1 FROM {} WHERE EXISTS (
               SELECT 1 FROM cairn_jobs j WHERE j.state = 'waiting' AND j.name = n.column1 AND j.due <= ?1)",
            text_table(names, &mut values)
        );
        let due: Vec<String> = self.tx.conn.query_all(doing, &sql, &values[..], |r| r.get(0))?;
        for name in due {
            let mut values: Vec<Value> = vec![claim.now.into(), limit.into(), name.into()];
            let sql = format!(
                "SELECT {CANDIDATE} FROM cairn_jobs j WHERE state = 'waiting' AND name = ?3 AND due <= ?1 AND (lane IS NULL OR NOT (
                   EXISTS (SELECT 1 FROM cairn_jobs b WHERE b.lane = j.lane AND b.state = 'running')
                   OR EXISTS (SELECT 1 FROM cairn_jobs b WHERE b.lane = j.lane AND b.state = 'waiting'
                     AND (b.due, b.id) < (j.due, j.id) AND b.name IN ({}))))
                 ORDER BY due, id LIMIT ?2{lock}",
                name_placeholders(claim.known, &mut values)
            );
            candidates.extend(self.tx.conn.query_all(doing, &sql, &values[..], read_candidate)?);
        }
        candidates.sort_unstable();
        candidates.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(candidates)
    }

    /// Claims further jobs with that name for a batch, longest due first: at most `limit`, of which none was tried before.
    fn claim_others(&self, claim: &JobClaim<'_>, name: &str, limit: i64) -> Result<Vec<JobRow>> {
        let candidates = if limit > 0 { self.find_claimable(claim, &[name], limit)? } else { Vec::new() };
        let (mut rows, mut without_lane) = (Vec::new(), Vec::new());
        for Candidate { id, lane, .. } in candidates.into_iter().filter(|candidate| candidate.attempt == 0) {
            match lane {
                Some(lane) => rows.extend(self.claim_one(claim, id, Some(&lane))?),
                None => without_lane.push(id),
            }
        }
        for ids in without_lane.chunks(IDS_PER_STATEMENT) {
            let mut values: Vec<Value> = vec![claim.holder.into(), claim.until.into()];
            let sql = format!(
                "UPDATE cairn_jobs SET {CLAIM} WHERE id IN ({}) RETURNING {COLUMNS}",
                id_placeholders(ids, &mut values)
            );
            rows.extend(self.tx.conn.query_all("claiming jobs", &sql, &values[..], read_job)?);
        }
        rows.sort_unstable_by_key(|row| (row.due, row.id));
        Ok(rows)
    }

    /// Claims one job; `None` if another process has started another job of its lane.
    fn claim_one(&self, claim: &JobClaim<'_>, id: i64, lane: Option<&str>) -> Result<Option<JobRow>> {
        if let Some(lane) = lane {
            // Two nodes may have looked at the same time.
            self.tx.lock_name(&format!("lane {lane}"))?;
            let sql = "SELECT 1 FROM cairn_jobs WHERE lane = ?1 AND id <> ?2 AND state = 'running' LIMIT 1";
            if self.tx.conn.exists("checking a lane", sql, (lane, id))? {
                return Ok(None);
            }
        }
        let sql = format!("UPDATE cairn_jobs SET {CLAIM} WHERE id = ?3 RETURNING {COLUMNS}");
        self.tx.conn.query_first("claiming a job", &sql, (claim.holder, claim.until, id), read_job)
    }
}
