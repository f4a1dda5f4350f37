//! `cairn_blobs`: the objects in the file store, and the protocol that prevents the deletion of an object that an upload relies on.
//!
//! An upload claims its keys in a transaction of its own, puts the objects, and settles them in the transaction that writes its
//! rows: they are stored. An object that nothing refers to and nobody has claimed for a while is removed in three steps: its row is
//! marked as removing, the object is deleted, the row is deleted. A claim that finds a row marked as removing waits for the removal
//! to end and starts again.

use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// An object to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobClaim {
    /// Key of the object in the file store.
    pub key: String,
    /// Its length in bytes.
    pub length: u64,
}

/// Outcome of a claim, by the state of the object in `cairn_blobs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobClaimOutcome {
    /// The object has to be put.
    Put,
    /// The object is stored already.
    Stored,
    /// The object is being removed: claim it again in a moment. Nothing was claimed.
    Removing,
}

/// SQL condition: a version of a file refers to the blob `b`.
const IS_REFERRED_SQL: &str = "EXISTS (SELECT 1 FROM cairn_asset_blobs r WHERE r.blob = b.key)";

impl namespaces::Blobs<Reader<'_>> {
    /// Keys that nothing refers to and that were last touched before `before`, and those whose removal began before `removing` and has not
    /// ended; at most `limit`, behind `after`.
    pub fn list_orphaned(&self, before: i64, removing: i64, after: &str, limit: i64) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT b.key FROM cairn_blobs b WHERE (b.at < ?1 OR b.state = 'removing' AND b.at < ?4) AND b.key > ?2 AND NOT {IS_REFERRED_SQL}
             ORDER BY b.key LIMIT ?3"
        );
        self.tx.conn.query_all("finding orphaned objects", &sql, (before, after, limit, removing), |r| r.get(0))
    }

    /// True if the removal of an object began before that time and has not ended.
    pub fn is_removed_since(&self, key: &str, before: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_blobs WHERE key = ?1 AND state = 'removing' AND at < ?2";
        self.tx.conn.exists("looking up an object", sql, (key, before))
    }

    /// Keys and lengths of the objects that files refer to, in the order of the keys, at most `limit`, behind `after`.
    pub fn list_stored(&self, after: &str, limit: i64) -> Result<Vec<BlobClaim>> {
        let sql = "SELECT b.key, b.length FROM cairn_blobs b
                   WHERE b.key > ?1 AND b.state = 'stored' AND EXISTS (SELECT 1 FROM cairn_asset_blobs r WHERE r.blob = b.key)
                   ORDER BY b.key LIMIT ?2";
        self.tx.conn.query_all("listing objects", sql, (after, limit), |r| {
            Ok(BlobClaim { key: r.get(0)?, length: r.get::<i64>(1)?.unsigned_abs() })
        })
    }

    /// Returns those of the keys that have no row.
    pub fn find_unknown<'k>(&self, keys: &[&'k str]) -> Result<Vec<&'k str>> {
        let sql = format!("SELECT key FROM cairn_blobs WHERE {}", self.tx.conn.dialect().in_list("key", 1));
        let known: std::collections::HashSet<String> = self
            .tx
            .conn
            .query_all("looking up objects", &sql, [crate::connection::Param::Texts(keys)], |r| r.get(0))?
            .into_iter()
            .collect();
        Ok(keys.iter().copied().filter(|key| !known.contains(*key)).collect())
    }
}

impl namespaces::Blobs<&mut WriteTx<'_>> {
    /// Claims objects, each at most once, in the order of their keys; returns what to do with each. If one is being removed, the
    /// transaction has to be rolled back.
    pub fn claim(&mut self, claims: &[BlobClaim], now: i64) -> Result<Vec<BlobClaimOutcome>> {
        let sql = "INSERT INTO cairn_blobs AS b (key, length, state, claims, at) VALUES (?1, ?2, 'writing', 1, ?3)
                   ON CONFLICT (key) DO UPDATE SET claims = b.claims + 1, at = CASE WHEN b.at > excluded.at THEN b.at ELSE excluded.at END
                   RETURNING state";
        let mut outcomes = Vec::with_capacity(claims.len());
        for claim in claims {
            let state: Option<String> =
                self.tx
                    .conn
                    .query_first("claiming an object", sql, (&claim.key, claim.length as i64, now), |r| r.get(0))?;
            outcomes.push(match state.as_deref() {
                Some("stored") => BlobClaimOutcome::Stored,
                Some("removing") => BlobClaimOutcome::Removing,
                _ => BlobClaimOutcome::Put,
            });
        }
        Ok(outcomes)
    }

    /// Marks the claimed objects as stored and referred to by rows of this transaction. Returns `false` if a claim was so old that the
    /// object was taken for an orphan: the transaction has to be rolled back.
    pub fn settle(&mut self, keys: &[String], now: i64) -> Result<bool> {
        let sql = "UPDATE cairn_blobs SET state = 'stored', claims = claims - 1, at = ?2 WHERE key = ?1 AND state <> 'removing'";
        for key in keys {
            if self.tx.conn.execute("confirming an object", sql, (key, now))? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes an object claimable again that was being removed and has not been touched since `before`. Returns `false` if it was not being
    /// removed. The caller has removed the object itself, because the process that began the removal has ended.
    pub fn revive(&mut self, key: &str, before: i64) -> Result<bool> {
        let sql = "DELETE FROM cairn_blobs WHERE key = ?1 AND state = 'removing' AND at < ?2";
        Ok(self.tx.conn.execute("finishing a removal", sql, (key, before))? > 0)
    }

    /// Gives claims up. Returns the keys that nothing else claims or refers to: they are marked as removing, and the caller has
    /// to remove their objects.
    pub fn release(&mut self, keys: &[String], now: i64) -> Result<Vec<String>> {
        let release = "UPDATE cairn_blobs SET claims = claims - 1 WHERE key = ?1";
        let remove = format!(
            "UPDATE cairn_blobs AS b SET state = 'removing', at = ?2 WHERE b.key = ?1 AND b.claims <= 0 AND b.state = 'writing' AND NOT {IS_REFERRED_SQL}"
        );
        let mut free = Vec::new();
        for key in keys {
            self.tx.conn.execute("releasing an object", release, [key])?;
            if self.tx.conn.execute("releasing an object", &remove, (key, now))? > 0 {
                free.push(key.clone());
            }
        }
        Ok(free)
    }

    /// Marks those of these orphans as removing that still are orphans (with the times of
    /// [`blobs().list_orphaned`](crate::namespaces::Blobs::list_orphaned)), and returns them:
    /// the caller has to remove their objects.
    pub fn condemn(&mut self, keys: &[String], before: i64, removing: i64, now: i64) -> Result<Vec<String>> {
        let sql = format!(
            "UPDATE cairn_blobs AS b SET state = 'removing', at = ?3 WHERE b.key = ?1 AND (b.at < ?2 OR b.state = 'removing' AND b.at < ?4) AND NOT {IS_REFERRED_SQL}"
        );
        let mut condemned = Vec::new();
        for key in keys {
            if self.tx.conn.execute("removing an object", &sql, (key, before, now, removing))? > 0 {
                condemned.push(key.clone());
            }
        }
        Ok(condemned)
    }

    /// Adds a row, marked as removing, for each of these objects that still has none, and returns those.
    pub fn condemn_unknown(&mut self, keys: &[String], now: i64) -> Result<Vec<String>> {
        let sql = "INSERT INTO cairn_blobs (key, length, state, claims, at) VALUES (?1, 0, 'removing', 0, ?2) ON CONFLICT (key) DO NOTHING";
        let mut condemned = Vec::new();
        for key in keys {
            if self.tx.conn.execute("removing an object", sql, (key, now))? > 0 {
                condemned.push(key.clone());
            }
        }
        Ok(condemned)
    }

    /// Deletes the rows of objects that have been removed.
    pub fn delete(&mut self, keys: &[String]) -> Result<()> {
        let sql = "DELETE FROM cairn_blobs WHERE key = ?1 AND state = 'removing'";
        keys.iter().try_for_each(|key| self.tx.conn.execute("deleting the record of an object", sql, [key]).map(drop))
    }
}
