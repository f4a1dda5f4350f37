//! `cairn_notification_preferences`, `cairn_notification_people`: how each admin user wants to be notified, where it is not the default.

use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};

/// A user's choice for one kind of notification on one channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreferenceRow {
    /// Kind of notification.
    pub kind: String,
    /// Channel of the notification, such as mail.
    pub channel: String,
    /// `off`, `now` or `digest`.
    pub level: String,
}

/// An admin user as a recipient of notifications.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Numeric id of the admin user.
    pub id: i64,
    /// E-mail address of the user.
    pub email: String,
    /// Codes of the user's roles.
    pub roles: Vec<String>,
    /// Name of their time zone, if they chose one.
    pub zone: Option<String>,
    /// Language of their mails, if they chose one.
    pub locale: Option<String>,
}

impl namespaces::NotificationPreferences<Reader<'_>> {
    /// Gets an admin user as a recipient of notifications.
    pub fn get_recipient(&self, admin_user: i64) -> Result<Option<Person>> {
        let sql = "SELECT u.id, u.email, u.roles, p.zone, p.locale FROM cairn_admin_users u
                   LEFT JOIN cairn_notification_people p ON p.admin_user = u.id WHERE u.id = ?1";
        self.tx.conn.query_first("reading an admin user", sql, [admin_user], |r| {
            let roles: String = r.get(2)?;
            let roles = serde_json::from_str(&roles).map_err(|e| StoreError::Corrupt {
                place: format!("cairn_admin_users {admin_user}"),
                message: e.to_string(),
            })?;
            Ok(Person { id: r.get(0)?, email: r.get(1)?, roles, zone: r.get(3)?, locale: r.get(4)? })
        })
    }

    /// The notification preferences of a user.
    pub fn list(&self, admin_user: i64) -> Result<Vec<PreferenceRow>> {
        let sql = "SELECT kind, channel, level FROM cairn_notification_preferences WHERE admin_user = ?1 ORDER BY kind, channel";
        self.tx.conn.query_all("reading preferences", sql, [admin_user], |r| {
            Ok(PreferenceRow { kind: r.get(0)?, channel: r.get(1)?, level: r.get(2)? })
        })
    }
}

impl namespaces::NotificationPreferences<&mut WriteTx<'_>> {
    /// Sets how a user is notified of a kind on a channel.
    pub fn set(&mut self, admin_user: i64, p: &PreferenceRow) -> Result<()> {
        let sql =
            "INSERT INTO cairn_notification_preferences (admin_user, kind, channel, level) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (admin_user, kind, channel) DO UPDATE SET level = excluded.level";
        self.tx.conn.execute("writing a preference", sql, (admin_user, &p.kind, &p.channel, &p.level)).map(drop)
    }

    /// Sets a user's time zone and language; `None`: the default.
    pub fn set_recipient(&mut self, admin_user: i64, zone: Option<&str>, locale: Option<&str>) -> Result<()> {
        let sql = "INSERT INTO cairn_notification_people (admin_user, zone, locale) VALUES (?1, ?2, ?3)
                   ON CONFLICT (admin_user) DO UPDATE SET zone = excluded.zone, locale = excluded.locale";
        self.tx.conn.execute("writing preferences", sql, (admin_user, zone, locale)).map(drop)
    }
}
