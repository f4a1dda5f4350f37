//! `cairn_suppressions`: addresses that get no mail until they are cleared.

use crate::connection::Row;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};

/// Why an address gets no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressionReason {
    /// It does not take mail.
    Bounce,
    /// Its owner said that ours is unwanted.
    Complaint,
    /// An admin said so.
    Manual,
}

impl SuppressionReason {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bounce => "bounce",
            Self::Complaint => "complaint",
            Self::Manual => "manual",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "complaint" => Self::Complaint,
            "manual" => Self::Manual,
            _ => Self::Bounce,
        }
    }
}

/// An address that gets no mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// The address in lower case.
    pub address: String,
    /// Why it gets no mail.
    pub reason: SuppressionReason,
    /// Details for people.
    pub detail: Option<String>,
    /// Numeric id of the mail that caused it.
    pub mail: Option<i64>,
    /// When it was suppressed, in milliseconds.
    pub at: i64,
}

const COLUMNS: &str = "address, reason, detail, mail, at";

fn read_suppression(r: &Row<'_>) -> Result<Suppression> {
    let reason: String = r.get(1)?;
    Ok(Suppression {
        address: r.get(0)?,
        reason: SuppressionReason::parse(&reason),
        detail: r.get(2)?,
        mail: r.get(3)?,
        at: r.get(4)?,
    })
}

impl namespaces::MailSuppressions<Reader<'_>> {
    /// Gets the suppression of an address (in lower case); `None` if mail may be sent to it.
    pub fn get(&self, address: &str) -> Result<Option<Suppression>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_suppressions WHERE address = ?1");
        self.tx.conn.query_first("reading a suppressed address", &sql, [address], read_suppression)
    }

    /// Lists suppressions behind an address, in order.
    pub fn list(&self, after: &str, limit: i64) -> Result<Vec<Suppression>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_suppressions WHERE address > ?1 ORDER BY address LIMIT ?2");
        self.tx.conn.query_all("reading suppressed addresses", &sql, (after, limit), read_suppression)
    }
}

impl namespaces::MailSuppressions<&mut WriteTx<'_>> {
    /// Suppresses an address. An existing suppression stays unchanged. Returns whether it is new.
    pub fn create(&mut self, s: &Suppression) -> Result<bool> {
        let sql = "INSERT INTO cairn_suppressions (address, reason, detail, mail, at) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (address) DO NOTHING";
        let params = (&s.address, s.reason.as_str(), &s.detail, s.mail, s.at);
        Ok(self.tx.conn.execute("suppressing an address", sql, params)? > 0)
    }

    /// Clears a suppression. Returns whether there was one.
    pub fn delete(&mut self, address: &str) -> Result<bool> {
        let sql = "DELETE FROM cairn_suppressions WHERE address = ?1";
        Ok(self.tx.conn.execute("clearing a suppressed address", sql, [address])? > 0)
    }
}
