//! `cairn_blobs`: which objects there are in the store of files, and the protocol that keeps an object from going while
//! somebody counts on it.
//!
//! An upload claims its keys in a transaction of its own, puts the objects, and in the transaction that writes its rows
//! settles them: they are stored. What nobody refers to and nobody has claimed for a while is removed in three steps: its row says
//! removing, the object goes, the row goes. Who finds a row that says removing waits for its end and begins anew.

use crate::{Reader, Result, WriteTx};

/// An object to be put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its key.
    pub key: String,
    /// Its length in bytes.
    pub length: u64,
}

/// What a claim found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// The object has to be put.
    Put,
    /// The object is there.
    Stored,
    /// It is being removed: to be claimed again in a moment. Nothing was claimed.
    Removing,
}

/// Where a blob is referred to.
const REFERRED: &str = "EXISTS (SELECT 1 FROM cairn_asset_blobs r WHERE r.blob = b.key)";

impl Reader<'_> {
    /// Keys that nobody refers to and nobody has touched since `before`, and those that somebody began to remove before `removing` and
    /// has not ended; at most `limit`, behind `after`.
    pub fn orphaned_blobs(&self, before: i64, removing: i64, after: &str, limit: i64) -> Result<Vec<String>> {
        let sql = format!(
            "SELECT b.key FROM cairn_blobs b WHERE (b.at < ?1 OR b.state = 'removing' AND b.at < ?4) AND b.key > ?2 AND NOT {REFERRED}
             ORDER BY b.key LIMIT ?3"
        );
        self.conn.all("looking for objects without a file", &sql, (before, after, limit, removing), |r| r.get(0))
    }

    /// Whether somebody began to remove an object before that time and has not ended.
    pub fn is_removed_since(&self, key: &str, before: i64) -> Result<bool> {
        let sql = "SELECT 1 FROM cairn_blobs WHERE key = ?1 AND state = 'removing' AND at < ?2";
        self.conn.exists("looking an object up", sql, (key, before))
    }

    /// Keys and lengths of the objects that files refer to, in the order of the keys, at most `limit`, behind `after`.
    pub fn stored_blobs(&self, after: &str, limit: i64) -> Result<Vec<Claim>> {
        let sql = "SELECT b.key, b.length FROM cairn_blobs b
                   WHERE b.key > ?1 AND b.state = 'stored' AND EXISTS (SELECT 1 FROM cairn_asset_blobs r WHERE r.blob = b.key)
                   ORDER BY b.key LIMIT ?2";
        self.conn.all("listing objects", sql, (after, limit), |r| {
            Ok(Claim { key: r.get(0)?, length: r.get::<i64>(1)?.unsigned_abs() })
        })
    }

    /// Of these keys the ones that no row knows.
    pub fn unknown_blobs<'k>(&self, keys: &[&'k str]) -> Result<Vec<&'k str>> {
        let sql = format!("SELECT key FROM cairn_blobs WHERE {}", self.conn.dialect().in_list("key", 1));
        let known: std::collections::HashSet<String> = self
            .conn
            .all("looking objects up", &sql, [crate::connection::Param::Texts(keys)], |r| r.get(0))?
            .into_iter()
            .collect();
        Ok(keys.iter().copied().filter(|key| !known.contains(*key)).collect())
    }
}

impl WriteTx<'_> {
    /// Claims objects, each at most once, in the order of their keys; answers what to do with each. Where one is being removed
    /// the transaction has to be given up.
    pub fn claim_blobs(&mut self, claims: &[Claim], now: i64) -> Result<Vec<Claimed>> {
        let sql = "INSERT INTO cairn_blobs AS b (key, length, state, claims, at) VALUES (?1, ?2, 'writing', 1, ?3)
                   ON CONFLICT (key) DO UPDATE SET claims = b.claims + 1, at = CASE WHEN b.at > excluded.at THEN b.at ELSE excluded.at END
                   RETURNING state";
        let mut found = Vec::with_capacity(claims.len());
        for claim in claims {
            let state: Option<String> =
                self.conn.first("claiming an object", sql, (&claim.key, claim.length as i64, now), |r| r.get(0))?;
            found.push(match state.as_deref() {
                Some("stored") => Claimed::Stored,
                Some("removing") => Claimed::Removing,
                _ => Claimed::Put,
            });
        }
        Ok(found)
    }

    /// The claimed objects are there, and referred to by rows of this transaction. False where a claim was so old that somebody took
    /// the object for an orphan: the transaction has to be given up.
    pub fn settle_blobs(&mut self, keys: &[String], now: i64) -> Result<bool> {
        let sql = "UPDATE cairn_blobs SET state = 'stored', claims = claims - 1, at = ?2 WHERE key = ?1 AND state <> 'removing'";
        for key in keys {
            if self.conn.execute("settling an object", sql, (key, now))? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Makes an object that was being removed, and of which nobody has said anything since `before`, one that can be claimed. False where it
    /// was not. The caller has removed the object itself: whoever began has ended.
    pub fn revive_blob(&mut self, key: &str, before: i64) -> Result<bool> {
        let sql = "DELETE FROM cairn_blobs WHERE key = ?1 AND state = 'removing' AND at < ?2";
        Ok(self.conn.execute("ending a removal", sql, (key, before))? > 0)
    }

    /// Gives claims up. Answers the keys that nobody else claims or refers to: they say removing now, and their objects are to be
    /// removed by the caller.
    pub fn release_blobs(&mut self, keys: &[String], now: i64) -> Result<Vec<String>> {
        let release = "UPDATE cairn_blobs SET claims = claims - 1 WHERE key = ?1";
        let remove = format!(
            "UPDATE cairn_blobs AS b SET state = 'removing', at = ?2 WHERE b.key = ?1 AND b.claims <= 0 AND b.state = 'writing' AND NOT {REFERRED}"
        );
        let mut free = Vec::new();
        for key in keys {
            self.conn.execute("giving an object up", release, [key])?;
            if self.conn.execute("giving an object up", &remove, (key, now))? > 0 {
                free.push(key.clone());
            }
        }
        Ok(free)
    }

    /// Of these orphans (with the times of [`Reader::orphaned_blobs`]) those that still are: they say removing now, and their objects are to be
    /// removed by the caller.
    pub fn condemn_blobs(&mut self, keys: &[String], before: i64, removing: i64, now: i64) -> Result<Vec<String>> {
        let sql = format!(
            "UPDATE cairn_blobs AS b SET state = 'removing', at = ?3 WHERE b.key = ?1 AND (b.at < ?2 OR b.state = 'removing' AND b.at < ?4) AND NOT {REFERRED}"
        );
        let mut condemned = Vec::new();
        for key in keys {
            if self.conn.execute("removing an object", &sql, (key, before, now, removing))? > 0 {
                condemned.push(key.clone());
            }
        }
        Ok(condemned)
    }

    /// Of these objects, which nobody has a row of, those that still have none: they have one now that says removing.
    pub fn condemn_unknown_blobs(&mut self, keys: &[String], now: i64) -> Result<Vec<String>> {
        let sql = "INSERT INTO cairn_blobs (key, length, state, claims, at) VALUES (?1, 0, 'removing', 0, ?2) ON CONFLICT (key) DO NOTHING";
        let mut condemned = Vec::new();
        for key in keys {
            if self.conn.execute("removing an object", sql, (key, now))? > 0 {
                condemned.push(key.clone());
            }
        }
        Ok(condemned)
    }

    /// These objects are gone.
    pub fn forget_blobs(&mut self, keys: &[String]) -> Result<()> {
        let sql = "DELETE FROM cairn_blobs WHERE key = ?1 AND state = 'removing'";
        keys.iter().try_for_each(|key| self.conn.execute("forgetting an object", sql, [key]).map(drop))
    }
}
