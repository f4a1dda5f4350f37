//! `cairn_sessions`: sessions of content API users. A JWT is valid as long as its session's row exists.

use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Number of expired rows deleted with every new session, so that the table does not grow without a job.
const EXPIRED_PER_INSERT: i64 = 100;

/// A session of a content API user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRow {
    /// Its id, contained in the JWT. Not a secret.
    pub id: String,
    /// Document id of the user.
    pub user_document_id: String,
    /// Number of rotations of its refresh token; `None` if it has none.
    pub generation: Option<i64>,
    /// Time of sign-in, ISO 8601 in UTC.
    pub created_at: String,
    /// When it expires, ISO 8601 in UTC; not extended.
    pub expires_at: String,
}

impl namespaces::Sessions<Reader<'_>> {
    /// Gets a session, expired or not.
    pub fn get(&self, id: &str) -> Result<Option<SessionRow>> {
        self.tx.conn.query_first(
            "reading a session",
            "SELECT id, user_document_id, generation, created_at, expires_at FROM cairn_sessions WHERE id = ?1",
            [id],
            |r| {
                Ok(SessionRow {
                    id: r.get(0)?,
                    user_document_id: r.get(1)?,
                    generation: r.get(2)?,
                    created_at: r.get(3)?,
                    expires_at: r.get(4)?,
                })
            },
        )
    }
}

impl namespaces::Sessions<&mut WriteTx<'_>> {
    /// Adds a session, and deletes some that have expired before it starts.
    pub fn create(&mut self, s: &SessionRow) -> Result<()> {
        self.tx.conn.execute(
            "removing expired sessions",
            "DELETE FROM cairn_sessions
             WHERE id IN (SELECT id FROM cairn_sessions WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2)",
            (&s.created_at, EXPIRED_PER_INSERT),
        )?;
        self.tx
            .conn
            .execute(
                "starting a session",
                "INSERT INTO cairn_sessions (id, user_document_id, generation, created_at, expires_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
                (&s.id, &s.user_document_id, s.generation, &s.created_at, &s.expires_at),
            )
            .map(drop)
    }

    /// Increments the generation of a session's refresh token, if it is `generation`.
    pub fn rotate(&mut self, id: &str, generation: i64) -> Result<bool> {
        self.tx
            .conn
            .execute(
                "rotating a session",
                "UPDATE cairn_sessions SET generation = generation + 1 WHERE id = ?1 AND generation = ?2",
                (id, generation),
            )
            .map(|n| n > 0)
    }

    /// Ends a session; one that does not exist is not an error.
    pub fn end(&mut self, id: &str) -> Result<()> {
        self.tx.touch_callers();
        self.tx.conn.execute("ending a session", "DELETE FROM cairn_sessions WHERE id = ?1", [id]).map(drop)
    }

    /// Ends all sessions of a user and returns their number.
    pub fn end_for_user(&mut self, user_document_id: &str) -> Result<usize> {
        self.tx.touch_callers();
        self.tx.conn.execute(
            "ending a user's sessions",
            "DELETE FROM cairn_sessions WHERE user_document_id = ?1",
            [user_document_id],
        )
    }
}
