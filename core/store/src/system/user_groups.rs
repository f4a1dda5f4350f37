//! `cairn_user_groups`: the groups that plugins gave to users of the content API. Names are stored without the plugin's id, which is in
//! front of them everywhere else: `journey:assembly`.

use crate::connection::Param;
use crate::namespaces;
use crate::{Reader, Result, WriteTx};
use std::collections::BTreeSet;

impl namespaces::UserGroups<Reader<'_>> {
    /// Lists all groups of a user, by their full names, sorted. Returns an error if the database cannot be read.
    pub fn list(&self, user: &str) -> Result<Vec<String>> {
        let mut groups = self.tx.conn.query_all(
            "reading a user's groups",
            "SELECT plugin, name FROM cairn_user_groups WHERE user_document_id = ?1",
            [user],
            |r| Ok(format!("{}:{}", r.get::<String>(0)?, r.get::<String>(1)?)),
        )?;
        groups.sort();
        Ok(groups)
    }

    /// Lists the names of the groups that a user has from a plugin, without its id, sorted. Returns an error if the database cannot be read.
    pub fn list_from_plugin(&self, user: &str, plugin: &str) -> Result<Vec<String>> {
        self.tx.conn.query_all(
            "reading a user's groups",
            "SELECT name FROM cairn_user_groups WHERE user_document_id = ?1 AND plugin = ?2 ORDER BY name",
            (user, plugin),
            |r| r.get(0),
        )
    }

    /// Lists the document ids of a group's users behind `after`, in order, at most `limit`. Returns an error if the database cannot be read.
    pub fn list_members(&self, plugin: &str, name: &str, after: Option<&str>, limit: i64) -> Result<Vec<String>> {
        self.tx.conn.query_all(
            "reading the members of a group",
            "SELECT user_document_id FROM cairn_user_groups WHERE plugin = ?1 AND name = ?2 AND user_document_id > ?3 ORDER BY user_document_id LIMIT ?4",
            (plugin, name, after.unwrap_or_default(), limit),
            |r| r.get(0),
        )
    }
}

impl namespaces::UserGroups<&mut WriteTx<'_>> {
    /// Gives a user these groups of a plugin, named without its id, in place of those that they have from it. Returns an error if the
    /// database cannot be written.
    pub fn set(&mut self, user: &str, plugin: &str, names: &BTreeSet<String>) -> Result<()> {
        let before: BTreeSet<String> =
            self.tx.reader().user_groups().list_from_plugin(user, plugin)?.into_iter().collect();
        if before == *names {
            return Ok(());
        }
        self.tx.touch_callers();
        let gone: Vec<&str> = before.difference(names).map(String::as_str).collect();
        if !gone.is_empty() {
            let sql = format!(
                "DELETE FROM cairn_user_groups WHERE user_document_id = ?1 AND plugin = ?2 AND {}",
                self.tx.conn.dialect().in_list("name", 3)
            );
            let values = [Param::Text(user), Param::Text(plugin), Param::Texts(&gone)];
            self.tx.conn.execute("removing groups of a user", &sql, values)?;
        }
        let added: Vec<Vec<Param<'_>>> = names
            .difference(&before)
            .map(|name| vec![Param::Text(user), Param::Text(plugin), Param::Text(name)])
            .collect();
        let sql =
            "INSERT INTO cairn_user_groups (user_document_id, plugin, name) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        self.tx.conn.execute_each("adding groups of a user", sql, &added)
    }

    /// Takes all groups from a user, whoever gave them. Returns an error if the database cannot be written.
    pub fn delete_of_user(&mut self, user: &str) -> Result<()> {
        self.tx.touch_callers();
        let sql = "DELETE FROM cairn_user_groups WHERE user_document_id = ?1";
        self.tx.conn.execute("removing a user's groups", sql, [user]).map(drop)
    }

    /// Takes a plugin's groups from all users. Returns an error if the database cannot be written.
    pub fn delete_of_plugin(&mut self, plugin: &str) -> Result<()> {
        self.tx.touch_callers();
        let sql = "DELETE FROM cairn_user_groups WHERE plugin = ?1";
        self.tx.conn.execute("removing the groups of a plugin", sql, [plugin]).map(drop)
    }
}
