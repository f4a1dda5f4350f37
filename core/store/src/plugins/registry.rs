//! `cairn_plugins`: the plugins, with the state of each.

use super::parse_json;
use crate::connection::{Param, Row, ToParam};
use crate::events::Actor;
use crate::namespaces;
use crate::{Reader, Result, StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// Where a plugin is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PluginState {
    /// There, and never enabled yet.
    Installed,
    /// It runs: Cairn calls its exports.
    Enabled,
    /// Switched off by a person.
    Disabled,
    /// Switched off by Cairn for the stored reason.
    Quarantined,
    /// Its data are being moved to another version.
    Upgrading,
    /// It is gone; what it had may still be there.
    Removed,
}

impl PluginState {
    /// The text that is stored and returned by the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
            Self::Quarantined => "quarantined",
            Self::Upgrading => "upgrading",
            Self::Removed => "removed",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "installed" => Self::Installed,
            "enabled" => Self::Enabled,
            "disabled" => Self::Disabled,
            "quarantined" => Self::Quarantined,
            "upgrading" => Self::Upgrading,
            "removed" => Self::Removed,
            _ => return None,
        })
    }
}

/// A version of a plugin, and the package that contained it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginVersion {
    /// Version number from the manifest.
    pub version: String,
    /// SHA-256 of the package, hexadecimal.
    pub digest: String,
}

/// A version that a plugin can be rolled back to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PreviousVersion {
    /// Version that ran before.
    #[serde(flatten)]
    pub version: PluginVersion,
    /// Permissions granted to it when it ran last; `None` for a version that was replaced before this was stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<Json>,
}

impl PreviousVersion {
    /// The version that a plugin runs, to be replaced by another.
    pub fn from_current(row: &PluginRow) -> Self {
        Self { version: row.current.clone(), grants: Some(row.grants.clone()) }
    }
}

/// A plugin, as stored.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginRow {
    /// Id of the plugin, from its manifest.
    pub id: String,
    /// The version that runs, or would run.
    pub current: PluginVersion,
    /// The key that signed the package; `None` if it is not signed.
    pub publisher: Option<String>,
    /// The state of the plugin.
    pub state: PluginState,
    /// Permissions that the administrator granted.
    pub grants: Json,
    /// Settings by the administrator.
    pub settings: Json,
    /// The administrator's values for the choices of the manifest: lists by the name of the choice.
    pub choices: Json,
    /// Progress of a migration of its data; `None` if none is running.
    pub checkpoint: Option<Json>,
    /// The version to roll back to; `None` if there is none.
    pub previous: Option<PreviousVersion>,
    /// Counter that grows with every change; 0 for a plugin that is not stored yet.
    pub generation: i64,
    /// Why it is in this state, for people.
    pub reason: Option<String>,
    /// Time of installation, in milliseconds.
    pub installed_at: i64,
    /// Time of the last change, in milliseconds.
    pub changed_at: i64,
    /// Actor who changed it last.
    pub changed_by: Actor,
}

const COLUMNS: &str = "id, version, digest, publisher, state, grants, settings, checkpoint, previous, generation, reason, installed_at, changed_at, changed_by, choices";

fn read_plugin(r: &Row<'_>) -> Result<PluginRow> {
    let id: String = r.get(0)?;
    let place = || format!("cairn_plugins {id}");
    let corrupt = |message: String| StoreError::Corrupt { place: place(), message };
    let (state, by): (String, String) = (r.get(4)?, r.get(13)?);
    let (grants, settings, choices): (String, String, String) = (r.get(5)?, r.get(6)?, r.get(14)?);
    let (checkpoint, previous): (Option<String>, Option<String>) = (r.get(7)?, r.get(8)?);
    Ok(PluginRow {
        current: PluginVersion { version: r.get(1)?, digest: r.get(2)? },
        publisher: r.get(3)?,
        // A state that only a newer version of Cairn knows must not be taken for another.
        state: PluginState::parse(&state).ok_or_else(|| corrupt(format!("unknown state {state:?}")))?,
        grants: parse_json(place, &grants)?,
        settings: parse_json(place, &settings)?,
        choices: parse_json(place, &choices)?,
        checkpoint: checkpoint.map(|c| parse_json(place, &c)).transpose()?,
        previous: previous.map(|p| serde_json::from_str(&p)).transpose().map_err(|e| corrupt(e.to_string()))?,
        generation: r.get(9)?,
        reason: r.get(10)?,
        installed_at: r.get(11)?,
        changed_at: r.get(12)?,
        changed_by: Actor::from_json(&by),
        id,
    })
}

/// True if the stored grants contain that of giving groups to users.
fn may_give_groups(grants: &Json) -> bool {
    grants.as_array().into_iter().flatten().any(|grant| grant["scope"]["use"] == "groups")
}

impl namespaces::Plugins<Reader<'_>> {
    /// Lists all plugins by id, uninstalled ones included. Returns an error if the database cannot be read.
    pub fn list(&self) -> Result<Vec<PluginRow>> {
        self.tx.conn.query_all(
            "reading the plugins",
            &format!("SELECT {COLUMNS} FROM cairn_plugins ORDER BY id"),
            (),
            read_plugin,
        )
    }

    /// Gets the plugin with that id. Returns an error if the database cannot be read.
    pub fn get(&self, id: &str) -> Result<Option<PluginRow>> {
        self.tx.conn.query_first(
            "reading a plugin",
            &format!("SELECT {COLUMNS} FROM cairn_plugins WHERE id = ?1"),
            [id],
            read_plugin,
        )
    }

    /// Ids and generations of all plugins: nodes compare them to see whether theirs are current. Returns an error if the
    /// database cannot be read.
    pub fn list_generations(&self) -> Result<Vec<(String, i64)>> {
        let sql = "SELECT id, generation FROM cairn_plugins ORDER BY id";
        self.tx.conn.query_all("reading the plugins", sql, (), |r| Ok((r.get(0)?, r.get(1)?)))
    }
}

impl namespaces::Plugins<&mut WriteTx<'_>> {
    /// Adds a plugin (its `generation` is 0) or changes one that is still at the generation of `p`. Returns the new generation; `None` if
    /// it exists already, does not exist, or has another generation by now: then nothing is written. The time of installation stays; the
    /// time of change is `now`. Returns an error if the database cannot be written.
    pub fn save(&mut self, p: &PluginRow, now: i64) -> Result<Option<i64>> {
        self.tx.touch_settings();
        let (grants, settings, by) = (p.grants.to_string(), p.settings.to_string(), p.changed_by.to_json());
        let choices = p.choices.to_string();
        let checkpoint = p.checkpoint.as_ref().map(Json::to_string);
        let previous = p.previous.as_ref().map(|previous| serde_json::json!(previous).to_string());
        let values: [Param<'_>; 14] = [
            Param::Text(&p.id),
            Param::Text(&p.current.version),
            Param::Text(&p.current.digest),
            p.publisher.param(),
            Param::Text(p.state.as_str()),
            Param::Text(&grants),
            Param::Text(&settings),
            checkpoint.param(),
            previous.param(),
            p.reason.param(),
            Param::Integer(now),
            Param::Text(&by),
            // A plugin that is installed again must not be taken for the removed one: its generations begin above those.
            Param::Integer(if p.generation == 0 { now.max(1) } else { p.generation }),
            Param::Text(&choices),
        ];
        let sql = if p.generation == 0 {
            "INSERT INTO cairn_plugins (id, version, digest, publisher, state, grants, settings, checkpoint, previous, reason,
               installed_at, changed_at, changed_by, generation, choices)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13, ?14)
             ON CONFLICT (id) DO NOTHING RETURNING generation"
        } else {
            "UPDATE cairn_plugins SET version = ?2, digest = ?3, publisher = ?4, state = ?5, grants = ?6, settings = ?7,
               checkpoint = ?8, previous = ?9, generation = generation + 1, reason = ?10, changed_at = ?11, changed_by = ?12, choices = ?14
             WHERE id = ?1 AND generation = ?13 RETURNING generation"
        };
        let generation = self.tx.conn.query_first("writing a plugin", sql, values, |r| r.get(0))?;
        // Groups end with the plugin, and with the grant to give them.
        if generation.is_some() && (p.state == PluginState::Removed || !may_give_groups(&p.grants)) {
            self.tx.user_groups().delete_of_plugin(&p.id)?;
        }
        Ok(generation)
    }

    /// Changes a plugin's settings alone, if it still has that generation. Returns the new generation; `None` if it does not exist, or has
    /// another generation by now. Returns an error if the database cannot be written.
    pub fn set_settings(
        &mut self,
        id: &str,
        settings: &Json,
        generation: i64,
        by: &Actor,
        now: i64,
    ) -> Result<Option<i64>> {
        self.tx.touch_settings();
        self.tx.conn.query_first(
            "writing settings of a plugin",
            "UPDATE cairn_plugins SET settings = ?2, generation = generation + 1, changed_at = ?4, changed_by = ?5
             WHERE id = ?1 AND generation = ?3 RETURNING generation",
            (id, settings.to_string(), generation, now, by.to_json()),
            |r| r.get(0),
        )
    }

    /// Stores the progress of the migration of a plugin's data, if it still has that generation. The generation stays unchanged, since
    /// the running code does. Returns `false` if the plugin does not exist, or has another generation by now. Returns an error if the
    /// database cannot be written.
    pub fn set_checkpoint(&mut self, id: &str, checkpoint: &Json, generation: i64) -> Result<bool> {
        let sql = "UPDATE cairn_plugins SET checkpoint = ?2 WHERE id = ?1 AND generation = ?3";
        Ok(self.tx.conn.execute("writing a migration's progress", sql, (id, checkpoint.to_string(), generation))? > 0)
    }

    /// Deletes a plugin that still has that generation. Its data stays: see [`Self::delete_data`]. Returns `false` if it does not
    /// exist, or has another generation by now. Returns an error if the database cannot be written.
    pub fn delete(&mut self, id: &str, generation: i64) -> Result<bool> {
        self.tx.touch_settings();
        let sql = "DELETE FROM cairn_plugins WHERE id = ?1 AND generation = ?2";
        Ok(self.tx.conn.execute("removing a plugin", sql, (id, generation))? > 0)
    }
}
