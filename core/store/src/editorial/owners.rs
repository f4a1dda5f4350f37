//! `cairn_content_owners` and `cairn_escalations`: who owns which content, and what was escalated.

use crate::connection::{Row, Value};
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde_json::Value as Json;

/// An owner to write.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewOwner {
    /// Uid of a content type; empty for any type.
    pub content_type: String,
    /// A phase of the journey; empty for any phase.
    pub phase: String,
    /// The attribute of the type that holds the phase, a path.
    pub phase_field: Option<String>,
    /// The owner, as an admin user.
    pub admin_user: Option<i64>,
    /// The owners, as all users with a role.
    pub role: Option<String>,
    /// Name of the team, free text.
    pub team: Option<String>,
    /// Milliseconds after the due date at which it is escalated.
    pub overdue_after: Option<i64>,
    /// Milliseconds without progress after which it is escalated.
    pub unreviewed_after: Option<i64>,
    /// Admin users to escalate to.
    pub escalate_users: Vec<i64>,
    /// Roles whose users to escalate to.
    pub escalate_roles: Vec<String>,
}

/// An owner of content, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnerRow {
    /// Numeric id of the owner.
    pub id: i64,
    /// The fields that callers write.
    pub owner: NewOwner,
    /// Time of creation.
    pub created_at: i64,
    /// Time of the last change.
    pub updated_at: i64,
}

/// Something that was escalated.
#[derive(Debug, Clone, PartialEq)]
pub struct EscalationRow {
    /// Numeric id of the escalation.
    pub id: i64,
    /// The cause; each is escalated once.
    pub cause: String,
    /// Time of the escalation.
    pub at: i64,
    /// Further data about the cause, an object.
    pub data: Json,
}

const COLUMNS: &str = "id, type, phase, phase_field, admin_user, role, team, overdue_after, unreviewed_after, escalate_users, escalate_roles, created_at, updated_at";

fn read_owner(r: &Row<'_>) -> Result<OwnerRow> {
    let (users, roles): (String, String) = (r.get(9)?, r.get(10)?);
    let owner = NewOwner {
        content_type: r.get(1)?,
        phase: r.get(2)?,
        phase_field: r.get(3)?,
        admin_user: r.get(4)?,
        role: r.get(5)?,
        team: r.get(6)?,
        overdue_after: r.get(7)?,
        unreviewed_after: r.get(8)?,
        escalate_users: serde_json::from_str(&users).unwrap_or_default(),
        escalate_roles: serde_json::from_str(&roles).unwrap_or_default(),
    };
    Ok(OwnerRow { id: r.get(0)?, owner, created_at: r.get(11)?, updated_at: r.get(12)? })
}

fn owner_values(o: &NewOwner) -> Vec<Value> {
    vec![
        o.content_type.clone().into(),
        o.phase.clone().into(),
        o.phase_field.clone().into(),
        o.admin_user.into(),
        o.role.clone().into(),
        o.team.clone().into(),
        o.overdue_after.into(),
        o.unreviewed_after.into(),
        Json::from(o.escalate_users.as_slice()).to_string().into(),
        Json::from(o.escalate_roles.as_slice()).to_string().into(),
    ]
}

impl namespaces::ContentOwners<Reader<'_>> {
    /// Lists every owner, oldest first.
    pub fn list(&self) -> Result<Vec<OwnerRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_content_owners ORDER BY id");
        self.tx.conn.query_all("reading the content owners", &sql, (), read_owner)
    }

    /// Gets the owner with that id.
    pub fn get(&self, id: i64) -> Result<Option<OwnerRow>> {
        let sql = format!("SELECT {COLUMNS} FROM cairn_content_owners WHERE id = ?1");
        self.tx.conn.query_first("reading a content owner", &sql, [id], read_owner)
    }

    /// Lists escalations, newest first.
    pub fn list_escalations(&self, before: Option<i64>, limit: i64) -> Result<Vec<EscalationRow>> {
        let sql = "SELECT id, cause, at, data FROM cairn_escalations WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
        self.tx.conn.query_all("reading escalations", sql, (before.unwrap_or(i64::MAX), limit), |r| {
            let (id, data): (i64, String) = (r.get(0)?, r.get(3)?);
            let data = serde_json::from_str(&data).map_err(|e| StoreError::Corrupt {
                place: format!("cairn_escalations {id}"),
                message: e.to_string(),
            })?;
            Ok(EscalationRow { id, cause: r.get(1)?, at: r.get(2)?, data })
        })
    }

    /// True if that cause was escalated already.
    pub fn is_escalated(&self, cause: &str) -> Result<bool> {
        self.tx.conn.exists("reading escalations", "SELECT 1 FROM cairn_escalations WHERE cause = ?1", [cause])
    }
}

impl namespaces::ContentOwners<&mut WriteTx<'_>> {
    /// Adds an owner; returns its id. [`StoreError::Unique`] if type and phase have one.
    pub fn create(&mut self, o: &NewOwner, now: i64) -> Result<i64> {
        let mut values = owner_values(o);
        values.push(now.into());
        self.tx.conn.insert(
            "adding a content owner",
            "INSERT INTO cairn_content_owners (type, phase, phase_field, admin_user, role, team, overdue_after, unreviewed_after,
               escalate_users, escalate_roles, created_at, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11)",
            &values[..],
            true,
        )
    }

    /// Changes an owner. Returns `false` if it does not exist; [`StoreError::Unique`] if type and phase have another.
    pub fn update(&mut self, id: i64, o: &NewOwner, now: i64) -> Result<bool> {
        let mut values = owner_values(o);
        values.extend([now.into(), id.into()]);
        let sql = "UPDATE cairn_content_owners SET type = ?1, phase = ?2, phase_field = ?3, admin_user = ?4, role = ?5, team = ?6,
                     overdue_after = ?7, unreviewed_after = ?8, escalate_users = ?9, escalate_roles = ?10, updated_at = ?11
                   WHERE id = ?12";
        Ok(self.tx.conn.execute_unique("changing a content owner", sql, &values[..])? > 0)
    }

    /// Deletes an owner. Returns `false` if it does not exist.
    pub fn delete(&mut self, id: i64) -> Result<bool> {
        let sql = "DELETE FROM cairn_content_owners WHERE id = ?1";
        Ok(self.tx.conn.execute("removing a content owner", sql, [id])? > 0)
    }

    /// Records an escalation. Returns `false` if it was recorded before: each cause is escalated once.
    pub fn record_escalation(&mut self, cause: &str, data: &Json, now: i64) -> Result<bool> {
        let sql = "INSERT INTO cairn_escalations (cause, at, data) VALUES (?1, ?2, ?3) ON CONFLICT (cause) DO NOTHING";
        Ok(self.tx.conn.execute("recording an escalation", sql, (cause, now, data.to_string()))? > 0)
    }
}
