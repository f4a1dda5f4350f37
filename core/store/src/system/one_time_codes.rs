//! `cairn_one_time_codes`: codes for password reset and e-mail confirmation, by their hash.

use crate::namespaces;
use crate::{Reader, Result, WriteTx};

impl namespaces::OneTimeCodes<Reader<'_>> {
    /// The document id of a code's user, if it has not expired. Does not use it up.
    pub fn get_user(&self, hash: &[u8], purpose: &str, now: &str) -> Result<Option<String>> {
        self.tx.conn.query_first(
            "reading a one-time code",
            "SELECT user_document_id FROM cairn_one_time_codes WHERE hash = ?1 AND purpose = ?2 AND expires_at > ?3",
            (hash, purpose, now),
            |r| r.get(0),
        )
    }
}

impl namespaces::OneTimeCodes<&mut WriteTx<'_>> {
    /// Stores a code beside the user's other codes; deletes expired codes.
    pub fn create(&mut self, hash: &[u8], purpose: &str, user: &str, now: &str, expires_at: &str) -> Result<()> {
        self.tx.conn.execute(
            "removing expired codes",
            "DELETE FROM cairn_one_time_codes WHERE expires_at < ?1",
            [now],
        )?;
        self.tx.conn.execute("saving a one-time code",
            "INSERT INTO cairn_one_time_codes (hash, purpose, user_document_id, expires_at) VALUES (?1, ?2, ?3, ?4)",
            (hash, purpose, user, expires_at),
        )
        .map(drop)
    }

    /// Uses up a code: returns the document id of its user, once, if it has not expired.
    pub fn take(&mut self, hash: &[u8], purpose: &str, now: &str) -> Result<Option<String>> {
        let code: Option<(String, String)> = self.tx.conn.query_first(
            "using a one-time code",
            "DELETE FROM cairn_one_time_codes WHERE hash = ?1 AND purpose = ?2 RETURNING user_document_id, expires_at",
            (hash, purpose),
            |r| Ok((r.get(0)?, r.get(1)?)),
        )?;
        Ok(code.filter(|(_, expires_at)| expires_at.as_str() > now).map(|(user, _)| user))
    }

    /// Deletes all codes of a user.
    pub fn delete_all(&mut self, user: &str) -> Result<()> {
        let sql = "DELETE FROM cairn_one_time_codes WHERE user_document_id = ?1";
        self.tx.conn.execute("removing one-time codes", sql, [user]).map(drop)
    }

    /// Deletes the codes of a user for a purpose.
    pub fn delete(&mut self, user: &str, purpose: &str) -> Result<()> {
        self.tx
            .conn
            .execute(
                "removing one-time codes",
                "DELETE FROM cairn_one_time_codes WHERE user_document_id = ?1 AND purpose = ?2",
                (user, purpose),
            )
            .map(drop)
    }
}
