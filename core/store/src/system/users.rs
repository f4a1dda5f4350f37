//! The content table of users (`up_users`): look-ups and the small changes that signing in and out make.

use super::{built_in_attribute, built_in_column, new_document_id};
use crate::connection::{Param, Params, Row};
use crate::ident::Ident;
use crate::namespaces;
use crate::{Reader, Result, WriteTx, position};
use cairn_contact_details::email::list_variants;
use cairn_model::RelationSide;
use std::fmt;

/// A content API user.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Numeric id of the user.
    pub id: i64,
    /// Their document id.
    pub document_id: String,
    /// Name to sign in with, unique.
    pub username: String,
    /// Lower-case, unless imported.
    pub email: String,
    /// `local`, or the provider that authenticates them.
    pub provider: Option<String>,
    /// Password hash in PHC form; `None` for a user who never set one.
    pub password_hash: Option<String>,
    /// True if nothing has to be confirmed before they sign in. Whose address it is remains open: where new users need not confirm theirs, anybody
    /// can register with somebody else's.
    pub confirmed: bool,
    /// True if the password was chosen through a link that was mailed to the address.
    pub email_verified: bool,
    /// True if they are barred from signing in.
    pub blocked: bool,
    /// Document id of their role.
    pub role: Option<String>,
    /// Time of creation, ISO 8601 in UTC.
    pub created_at: String,
    /// Time of the last change, ISO 8601 in UTC.
    pub updated_at: String,
}

impl fmt::Debug for UserRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserRow")
            .field("id", &self.id)
            .field("document_id", &self.document_id)
            .field("confirmed", &self.confirmed)
            .field("email_verified", &self.email_verified)
            .field("blocked", &self.blocked)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A user to add.
#[derive(Clone)]
pub struct NewUser<'a> {
    /// Name to sign in with, unique.
    pub username: &'a str,
    /// E-mail address, lower-case.
    pub email: &'a str,
    /// Password hash in PHC form.
    pub password_hash: &'a str,
    /// True if their address is confirmed.
    pub confirmed: bool,
    /// Document id of their role.
    pub role: Option<&'a str>,
}

fn read_user(r: &Row<'_>) -> Result<UserRow> {
    Ok(UserRow {
        id: r.get(0)?,
        document_id: r.get(1)?,
        username: r.get::<Option<String>>(2)?.unwrap_or_default(),
        email: r.get::<Option<String>>(3)?.unwrap_or_default(),
        provider: r.get(4)?,
        password_hash: r.get(5)?,
        confirmed: r.get::<Option<bool>>(6)?.unwrap_or(false),
        email_verified: r.get::<Option<bool>>(7)?.unwrap_or(false),
        blocked: r.get::<Option<bool>>(8)?.unwrap_or(false),
        role: r.get(9)?,
        created_at: r.get(10)?,
        updated_at: r.get(11)?,
    })
}

impl namespaces::Users<Reader<'_>> {
    fn get_where(&self, condition: &str, params: impl Params) -> Result<Option<UserRow>> {
        let sql = format!("{} AND {condition} ORDER BY id LIMIT 1", self.select_sql()?);
        self.tx.conn.query_first("reading a user", &sql, params, read_user)
    }

    fn select_sql(&self) -> Result<String> {
        let ct = self.tx.store.registry.user_type();
        Ok(format!(
            "SELECT id, document_id, {}, {}, {}, {}, {}, {}, {}, {}, created_at, updated_at FROM {} WHERE _status = 1",
            built_in_column(ct, "username")?,
            built_in_column(ct, "email")?,
            built_in_column(ct, "provider")?,
            built_in_column(ct, "password")?,
            built_in_column(ct, "confirmed")?,
            built_in_column(ct, "emailVerified")?,
            built_in_column(ct, "blocked")?,
            built_in_column(ct, "role")?,
            Ident::table(ct)
        ))
    }

    /// Lists the users with those document ids, in order of their numeric ids.
    pub fn list_by_documents(&self, document_ids: &[&str]) -> Result<Vec<UserRow>> {
        let list = self.tx.conn.dialect().in_list("document_id", 1);
        let sql = format!("{} AND {list} ORDER BY id", self.select_sql()?);
        self.tx.conn.query_all("reading users", &sql, [Param::Texts(document_ids)], read_user)
    }

    /// Gets the user with that document id.
    pub fn get_by_document(&self, document_id: &str) -> Result<Option<UserRow>> {
        self.get_where("document_id = ?1", [document_id])
    }

    /// Gets the user with that numeric id.
    pub fn get_by_id(&self, id: i64) -> Result<Option<UserRow>> {
        self.get_where("id = ?1", [id])
    }

    /// Gets the user with that name; case counts.
    pub fn get_by_username(&self, username: &str) -> Result<Option<UserRow>> {
        let column = built_in_column(self.tx.store.registry.user_type(), "username")?;
        // The second condition is that of the index.
        self.get_where(&format!("{column} = ?1 AND {column} <> ''"), [username])
    }

    /// Gets the user with that e-mail address, whatever its case and however its domain is spelled. Where several users have spellings of it,
    /// the user with this one.
    pub fn get_by_email(&self, email: &str) -> Result<Option<UserRow>> {
        let column = built_in_column(self.tx.store.registry.user_type(), "email")?;
        for variant in list_variants(email) {
            if let Some(user) = self.get_where(&format!("lower({column}) = ?1"), [variant])? {
                return Ok(Some(user));
            }
        }
        Ok(None)
    }

    /// True if that name or that address is some other user's name or address: neither may pass for the other.
    pub fn is_taken(&self, username: &str, email: &str, except: Option<&str>) -> Result<bool> {
        let lower = email.to_lowercase();
        for row in [
            self.get_by_username(username)?,
            self.get_by_username(&lower)?,
            self.get_by_email(&lower)?,
            self.get_by_email(username)?,
        ] {
            if row.is_some_and(|u| except != Some(u.document_id.as_str())) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl namespaces::Users<&mut WriteTx<'_>> {
    /// Creates the index that looks up addresses without case, if it is missing.
    pub fn ensure_indexes(&mut self) -> Result<()> {
        let registry = self.tx.registry();
        let ct = registry.user_type();
        let sql = format!(
            "CREATE INDEX IF NOT EXISTS {} ON {} (lower({}))",
            Ident::quote(&format!("{}_email_lower_idx", ct.table)),
            Ident::table(ct),
            built_in_column(ct, "email")?
        );
        self.tx.conn.execute("indexing the users", &sql, ()).map(drop)
    }

    /// Adds a user (provider `local`) with nothing but what signing in needs, and returns their document id.
    /// [`StoreError::Unique`](crate::StoreError::Unique) if the name is taken.
    pub fn create(&mut self, user: &NewUser<'_>, now: &str) -> Result<String> {
        let registry = self.tx.registry();
        let ct = registry.user_type();
        let role = built_in_attribute(ct, "role")?;
        let mut columns = vec![
            built_in_column(ct, "username")?,
            built_in_column(ct, "email")?,
            built_in_column(ct, "password")?,
            built_in_column(ct, "confirmed")?,
            Ident::column(role),
            built_in_column(ct, "provider")?,
            built_in_column(ct, "blocked")?,
        ];
        let mut values = "?3, ?4, ?5, ?6, ?7, 'local', FALSE".to_owned();
        if registry.attribute_link(role).is_some_and(|l| matches!(l.side, RelationSide::Owner { .. })) {
            columns.push(Ident::position(role));
            values.push_str(&format!(", {}", position::end_position()));
        }
        let columns: Vec<String> = columns.iter().map(Ident::to_string).collect();
        let sql = format!(
            "INSERT INTO {} (document_id, locale, _status, created_at, updated_at, published_at, {}) \
             VALUES (?1, '', 1, ?2, ?2, ?2, {values})",
            Ident::table(ct),
            columns.join(", ")
        );
        let id = new_document_id();
        let params = (&id, now, user.username, user.email, user.password_hash, user.confirmed, user.role);
        self.tx.conn.execute("adding a user", &sql, params)?;
        self.tx.adjust_row_count(ct.id, true, "", 1);
        self.tx.touch_type(ct.id);
        Ok(id)
    }

    /// Replaces a user's password. Ends no session: see [`sessions().end_for_user`](crate::namespaces::Sessions::end_for_user).
    pub fn set_password_hash(&mut self, document_id: &str, hash: &str, now: &str) -> Result<()> {
        self.set_field(document_id, "password", hash, now)
    }

    /// Sets whether a user's address is confirmed.
    pub fn set_confirmed(&mut self, document_id: &str, confirmed: bool, now: &str) -> Result<()> {
        self.set_field(document_id, "confirmed", confirmed, now)
    }

    /// Marks a user's address as verified, and as confirmed.
    pub fn verify_email(&mut self, document_id: &str, now: &str) -> Result<()> {
        self.set_field(document_id, "emailVerified", true, now)?;
        self.set_confirmed(document_id, true, now)
    }

    /// Sets whether a user is barred from signing in.
    pub fn set_blocked(&mut self, document_id: &str, blocked: bool, now: &str) -> Result<()> {
        self.set_field(document_id, "blocked", blocked, now)
    }

    /// Gives all users with a role another one or none, by document ids. Returns the document ids of those users, and their versions now.
    pub fn replace_role(&mut self, from: &str, to: Option<&str>, now: &str) -> Result<Vec<(String, i64)>> {
        let registry = self.tx.registry();
        let ct = registry.user_type();
        let column = built_in_column(ct, "role")?;
        let sql = format!(
            "UPDATE {} SET {column} = ?1, updated_at = ?2, published_at = ?2, _version = _version + 1 WHERE {column} = ?3
             RETURNING document_id, _version",
            Ident::table(ct)
        );
        let changed = self
            .tx
            .conn
            .query_all("giving users another role", &sql, (to, now, from), |r| Ok((r.get(0)?, r.get(1)?)))?;
        self.tx.touch_type(ct.id);
        Ok(changed)
    }

    fn set_field(
        &mut self,
        document_id: &str,
        name: &str,
        value: impl crate::connection::ToParam,
        now: &str,
    ) -> Result<()> {
        let registry = self.tx.registry();
        let ct = registry.user_type();
        // An update moves publishedAt as well, as with every type without draft & publish.
        let sql = format!(
            "UPDATE {} SET {} = ?1, updated_at = ?2, published_at = ?2, _version = _version + 1 WHERE document_id = ?3",
            Ident::table(ct),
            built_in_column(ct, name)?
        );
        self.tx.conn.execute("changing a user", &sql, (value, now, document_id))?;
        self.tx.touch_type(ct.id);
        Ok(())
    }
}
