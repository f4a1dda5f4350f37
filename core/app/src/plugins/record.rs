//! Decisions about plugins, stored in one transaction with the event that reports them.

use super::packages;
use cairn_access::SUPER_ADMIN_ROLE;
use cairn_notify::{Kind, Notification, notify};
use cairn_plugin_host::QuarantineOutcome;
use cairn_plugin_host::lifecycle::{LifecycleError, Upgrade, UpgradeRecord, migration_job, record_swap};
use cairn_plugin_package::{Choices, GrantedScope, Grants, Manifest};
use cairn_store::events::{Actor, NewEvent};
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion, PreviousVersion};
use cairn_store::{Reader, StoreError, WriteTx};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use std::path::Path;

/// An installed version of a plugin: everything that is new in its row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InstallRecord {
    /// Id of the plugin.
    pub id: String,
    /// Generation of the row that it was decided on; 0: there was none. `None` in a note that an earlier version of Cairn left.
    #[serde(default)]
    pub generation: Option<i64>,
    /// Version that runs from now on.
    pub version: PluginVersion,
    /// Public key to pin; `None` for an unsigned package.
    pub publisher: Option<String>,
    /// Grants that were given.
    pub grants: Grants,
    /// Values for the choices of the manifest.
    #[serde(default)]
    pub choices: Choices,
    /// Effects besides its grants (hooks, routes and so on), a sentence each.
    #[serde(default)]
    pub does: Vec<String>,
    /// Those of all that the version before did not have; `None` where there is none before.
    #[serde(default)]
    pub widened: Option<Vec<String>>,
    /// Content types that its read policy decided about before, and does not from then on.
    #[serde(default)]
    pub opened: Vec<String>,
    /// The actor who installs it.
    pub by: Actor,
    /// True if the plugin takes part in its installation, or migrates its data on an upgrade.
    #[serde(default)]
    pub steps: bool,
}

impl InstallRecord {
    /// Refuses if the row is no longer the one that it was decided on.
    ///
    /// # Errors
    /// [`ChangeError::Changed`], or errors of the database.
    pub fn require_current(&self, reader: &Reader<'_>) -> Result<(), ChangeError> {
        let now = reader.plugins().get(&self.id)?.map_or(0, |row| row.generation);
        match self.generation {
            Some(then) if then != now => Err(ChangeError::Changed),
            _ => Ok(()),
        }
    }

    /// Stores it over the row that it was decided on; settings stay. Emits no event when the same version is installed already.
    ///
    /// # Errors
    /// [`ChangeError::Changed`] if somebody else was faster, or errors of the database.
    pub fn write_row(self, tx: &mut WriteTx<'_>, now: i64) -> Result<(), ChangeError> {
        self.require_current(&tx.reader())?;
        Ok(self.overwrite_row(tx, now)?)
    }

    /// Does the same as [`Self::write_row`] where there is no way back: its content types are in the database already. If somebody else
    /// was faster, their choices are in the event, and so in the audit log. Returns an error if the database fails.
    pub fn overwrite_row(self, tx: &mut WriteTx<'_>, now: i64) -> Result<(), StoreError> {
        let Self { id, generation, version, publisher, grants, choices, does, widened, opened, by, steps } = self;
        let before = tx.reader().plugins().get(&id)?;
        let data = json!({
            "version": version.version,
            "digest": version.digest,
            "publisher": publisher,
            "grants": grants.sentences().into_iter().map(|s| s.english).collect::<Vec<_>>(),
            "does": does,
            "choices": choices,
        });
        let (grants, choices) = (json!(grants), json!(choices));
        let same = |row: &PluginRow| {
            row.current == version
                && row.grants == grants
                && row.choices == choices
                && row.state == PluginState::Enabled
                && row.publisher == publisher
        };
        if before.as_ref().is_some_and(same) {
            return Ok(());
        }
        let suffix = match &before {
            Some(row) if row.state != PluginState::Removed => "upgraded",
            _ => "installed",
        };
        let mut data = data;
        if let Some(row) = &before {
            data["before"] = json!({ "version": row.current.version, "state": row.state.as_str() });
            if generation.is_some_and(|then| then != row.generation) && row.choices != choices {
                tracing::warn!(plugin = id, choices = %row.choices, "choices made during an installation were replaced: choose again");
                data["replaced"] = row.choices.clone();
            }
        }
        if let Some(widened) = widened {
            data["new"] = json!(widened);
        }
        if !opened.is_empty() {
            data["opened"] = json!(opened);
        }
        if let Some(row) = before
            .clone()
            .filter(|row| steps && row.state != PluginState::Removed && row.current.version != version.version)
        {
            if row.state == PluginState::Upgrading
                && Upgrade::from_row(&row).is_some_and(|upgrade| upgrade.to == version)
            {
                return Ok(());
            }
            // An upgrade to another version that is under way is replaced; the data that it has migrated stays migrated.
            let was = Upgrade::from_row(&row).map_or(row.state, |upgrade| upgrade.was);
            let row = Upgrade::begin(
                PluginRow { state: was, ..row },
                UpgradeRecord { to: version, publisher, grants, choices },
                by.clone(),
            );
            tx.plugins().save(&row, now)?;
            tx.jobs().enqueue(&migration_job(&id, now), now)?;
            return emit_plugin_event(tx, &by, suffix, &id, data, now);
        }
        if before.as_ref().is_none_or(|row| row.current != version) {
            record_swap(tx, &id, now)?;
        }
        let was_set_up =
            before.as_ref().is_some_and(|row| !matches!(row.state, PluginState::Removed | PluginState::Installed));
        let other = before.as_ref().filter(|row| row.state != PluginState::Removed).map(PreviousVersion::from_current);
        let row = PluginRow {
            id: id.clone(),
            // The same version built anew is in the same file: there is no way back to it.
            previous: match other {
                Some(other) if other.version.version != version.version => Some(other),
                _ => before
                    .as_ref()
                    .and_then(|row| row.previous.clone())
                    .filter(|previous| previous.version.version != version.version),
            },
            current: version,
            publisher,
            // Installation steps come first; the process that runs them enables the plugin at the end.
            state: if steps && !was_set_up { PluginState::Installed } else { PluginState::Enabled },
            grants,
            settings: before.as_ref().map_or_else(|| json!({}), |row| row.settings.clone()),
            choices,
            checkpoint: None,
            generation: before.as_ref().map_or(0, |row| row.generation),
            reason: None,
            installed_at: before.as_ref().map_or(now, |row| row.installed_at),
            changed_at: now,
            changed_by: by.clone(),
        };
        // Read in this transaction: nobody was faster.
        tx.plugins().save(&row, now)?;
        emit_plugin_event(tx, &by, suffix, &id, data, now)
    }
}

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// No such plugin is installed.
    #[error("plugin not found")]
    NotFound,
    /// The change is not possible; the text says why, and what to do instead.
    #[error("{0}")]
    Refused(String),
    /// Somebody else has changed the plugin since the change was decided.
    #[error("it was changed in the meantime: look at it again, and then try again")]
    Changed,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<LifecycleError> for ChangeError {
    fn from(error: LifecycleError) -> Self {
        match error {
            LifecycleError::Store(e) => Self::Store(e),
            other => Self::Refused(other.to_string()),
        }
    }
}

/// Changes the row of an installed plugin and emits the `cairn.plugin` event that `change` returns. Where that is
/// `None`, the row stays as it is. Returns an error if there is no such plugin, `change` refuses, or the database fails.
pub fn change_plugin(
    tx: &mut WriteTx<'_>,
    id: &str,
    by: &Actor,
    now: i64,
    change: impl FnOnce(&mut PluginRow) -> Result<Option<(&'static str, Json)>, ChangeError>,
) -> Result<PluginRow, ChangeError> {
    let plugin_row = tx.reader().plugins().get(id)?.filter(|row| row.state != PluginState::Removed);
    let mut row = plugin_row.ok_or(ChangeError::NotFound)?;
    let Some((suffix, data)) = change(&mut row)? else { return Ok(row) };
    row.changed_by = by.clone();
    row.changed_at = now;
    // Read in this transaction: nobody was faster.
    row.generation = tx.plugins().save(&row, now)?.unwrap_or(row.generation);
    emit_plugin_event(tx, by, suffix, id, data, now)?;
    Ok(row)
}

/// Switches a plugin on or off. Returns the same errors as [`change_plugin`].
pub fn set_enabled(tx: &mut WriteTx<'_>, id: &str, on: bool, by: &Actor, now: i64) -> Result<PluginRow, ChangeError> {
    change_plugin(tx, id, by, now, |row| {
        let (state, suffix) = if on { (PluginState::Enabled, "enabled") } else { (PluginState::Disabled, "disabled") };
        if row.state == state {
            return Ok(None);
        }
        if row.state == PluginState::Upgrading && on {
            let message =
                "it is being upgraded: wait until the upgrade has finished, or switch the plugin off to cancel it";
            return Err(ChangeError::Refused(message.to_owned()));
        }
        // Migrated data stays migrated; the next upgrade starts from its beginning.
        row.checkpoint = None;
        let data = json!({ "before": { "state": row.state.as_str(), "reason": row.reason } });
        if row.state == PluginState::Installed && on {
            // An installation that did not end is retried.
            row.reason = None;
            return Ok(Some(("retried", data)));
        }
        row.state = state;
        row.reason = None;
        Ok(Some((suffix, data)))
    })
}

/// The return to the version before.
#[derive(Debug, Clone)]
pub struct PluginRollback {
    id: String,
    from: PluginVersion,
    to: PluginVersion,
    grants: Grants,
}

/// Plans a rollback: the package must exist. Its grants are those it asks for, as far as they were given to it when it ran last or are
/// given now; for what has been chosen since, those it does not work without were given to nobody. Reads a file. Returns an error if there
/// is nothing to go back to.
pub fn plan_rollback(project: &Path, row: &PluginRow) -> Result<PluginRollback, ChangeError> {
    let previous = row.previous.clone().ok_or_else(|| {
        ChangeError::Refused(
            "there is no previous version: install the package of the version you want, and allow an older version"
                .to_owned(),
        )
    })?;
    let to = previous.version;
    let package = packages::load_version(project, &row.id, &to).map_err(ChangeError::Refused)?;
    let grants = restored_grants(package.manifest(), row, previous.grants);
    Ok(PluginRollback { id: row.id.clone(), from: row.current.clone(), to, grants })
}

/// The grants of a version that runs again. `kept`: those that it had.
fn restored_grants(manifest: &Manifest, row: &PluginRow, kept: Option<Json>) -> Grants {
    let read_grants = |grants: Json| serde_json::from_value::<Grants>(grants).unwrap_or_default();
    let requested = Grants::from_manifest(&manifest.resolve(&packages::stored_choices(row)));
    let current = requested.intersect(&read_grants(row.grants.clone()));
    if let Some(kept) = kept {
        let both = [requested.intersect(&read_grants(kept)), current];
        return Grants::from(both.into_iter().flat_map(Vec::<GrantedScope>::from).collect::<Vec<_>>());
    }
    // The version was replaced before grants of former versions were stored. Types chosen since then were never granted to it.
    let unchosen = Grants::from_manifest(&manifest.resolve(&Choices::default()));
    let map = requested.list().iter().zip(unchosen.list()).flat_map(|(granted, unchosen)| {
        let met = Grants::from(vec![granted.clone()]).intersect(&current);
        let resolved = match met.list().is_empty() && !granted.optional {
            true => Grants::from(vec![unchosen.clone()]).without_empty(),
            false => met,
        };
        Vec::<GrantedScope>::from(resolved)
    });
    Grants::from(map.collect::<Vec<_>>())
}

impl PluginRollback {
    /// Rolls back; the version that ran until now can be restored in the same way. Returns the same errors as [`change_plugin`].
    pub fn write_rollback(self, tx: &mut WriteTx<'_>, by: &Actor, now: i64) -> Result<PluginRow, ChangeError> {
        record_swap(tx, &self.id, now)?;
        change_plugin(tx, &self.id.clone(), by, now, |row| self.apply_to_row(row))
    }

    /// Replaces the version in the row by the one before.
    pub fn apply_to_row(self, row: &mut PluginRow) -> Result<Option<(&'static str, Json)>, ChangeError> {
        let Self { from, to, grants, .. } = self;
        if row.current != from {
            return Err(ChangeError::Refused("it was changed by another process: try again".to_owned()));
        }
        let data = json!({ "version": to.version, "before": { "version": from.version, "state": row.state.as_str() } });
        row.previous = Some(PreviousVersion::from_current(row));
        row.current = to;
        row.grants = json!(grants);
        row.state = PluginState::Enabled;
        row.reason = None;
        row.checkpoint = None;
        Ok(Some(("rolled-back", data)))
    }
}

/// Emits the event of a change, and so writes it to the audit log.
pub fn emit_plugin_event(
    tx: &mut WriteTx<'_>,
    by: &Actor,
    suffix: &str,
    id: &str,
    mut data: Json,
    now: i64,
) -> Result<(), StoreError> {
    data["id"] = json!(id);
    let event = NewEvent {
        name: format!("cairn.plugin.{suffix}"),
        key: format!("plugin:{id}"),
        content_type: None,
        document_id: None,
        locale: None,
        status: None,
        data,
    };
    tx.events().emit(by, &event, now)
}

/// Returns the function that emits an event for a secret that was set or removed (`suffix`), never with its value.
pub fn audit_secret_event(
    by: Actor,
    suffix: &'static str,
    id: &str,
    name: &str,
    now: i64,
) -> impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + use<> {
    let (id, name) = (id.to_owned(), name.to_owned());
    move |tx| emit_plugin_event(tx, &by, suffix, &id, json!({ "secret": name }), now)
}

/// Returns the function that emits an event for a signing key that was set or removed (`suffix`), never with its private half.
pub fn audit_signing_key_event(
    by: Actor,
    suffix: &'static str,
    id: &str,
    name: &str,
    now: i64,
) -> impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + use<> {
    let (id, name) = (id.to_owned(), name.to_owned());
    move |tx| emit_plugin_event(tx, &by, suffix, &id, json!({ "signingKey": name }), now)
}

/// Reports a plugin that was switched off, or rolled back, because it kept failing: in the audit log, and to the
/// people who look after plugins. Returns an error if the database fails.
pub fn emit_settled(tx: &mut WriteTx<'_>, settled: &QuarantineOutcome, now: i64) -> Result<(), StoreError> {
    let by = Actor::system("plugins");
    let suffix = if settled.back_to.is_some() { "rolled-back" } else { "quarantined" };
    let data = json!({ "version": settled.back_to, "reason": settled.reason, "before": { "version": settled.failed } });
    emit_plugin_event(tx, &by, suffix, &settled.plugin, data, now)?;
    let to = tx
        .reader()
        .admin_users()
        .list()?
        .into_iter()
        .filter(|user| user.roles.iter().any(|role| role == SUPER_ADMIN_ROLE));
    let notification = Notification {
        kind: Kind::PluginStopped,
        to: to.map(|user| user.id).collect(),
        data: json!({
            "name": settled.plugin, "version": settled.failed, "reason": settled.reason, "back": settled.back_to,
            "previous": settled.previous,
        }),
        once_key: format!("plugin-stopped:{}:{}:{now}", settled.plugin, settled.failed),
        link: None,
    };
    notify(tx, &notification, now)
}
