//! Secrets of plugins: an operator sets them, a plugin uses them by name, and nobody can read them. The database stores them encrypted
//! with a key of the installation.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors;
use cairn_access::{AccessControl, SealError};
use cairn_plugin_package::{Manifest, Scope};
use cairn_store::{Reader, StoreError, WriteTx};
use std::collections::HashMap;

/// Shortest secret, in bytes: a shorter one could not be distinguished from ordinary text when it is removed from responses.
const MIN_SECRET_BYTES: usize = 4;
/// Longest secret, in bytes.
const MAX_SECRET_BYTES: usize = 8 << 10;

/// Why a secret is not set.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The manifest declares no secret of that name.
    #[error("{plugin} has no secret {name:?}; {known}")]
    Undeclared {
        /// Id of the plugin.
        plugin: String,
        /// Name that was given.
        name: String,
        /// The declared names, as a phrase for people.
        known: String,
    },
    /// It is too short or too long.
    #[error("a secret must have {MIN_SECRET_BYTES} to {MAX_SECRET_BYTES} bytes; this one has {0}")]
    Length(usize),
    /// It could not be encrypted.
    #[error("the secret was not stored: {0}")]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The state of a secret, without its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretState {
    /// Name in the manifest.
    pub name: String,
    /// Time when it was last set, in milliseconds since 1970; `None`: it is not set.
    pub set_at: Option<i64>,
    /// True if the manifest declares it. One that only an earlier version declared is not used.
    pub declared: bool,
}

/// Sets or replaces a secret of a plugin. `tell`: emits its event in the same transaction.
///
/// # Errors
/// A name that the manifest does not declare, a value that is too short or too long, or a failure of the database.
pub async fn set_secret(
    access: &AccessControl,
    manifest: &Manifest,
    name: &str,
    value: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<(), SecretError> {
    let declared = declared_secrets(manifest);
    if !declared.iter().any(|known| known == name) {
        let known = match declared {
            [] => "its plugin.toml declares none".to_owned(),
            names => format!("its plugin.toml declares {}", names.join(", ")),
        };
        return Err(SecretError::Undeclared { plugin: manifest.id().to_owned(), name: name.to_owned(), known });
    }
    if !(MIN_SECRET_BYTES..=MAX_SECRET_BYTES).contains(&value.len()) {
        return Err(SecretError::Length(value.len()));
    }
    let sealed = access.seal(&encryption_purpose(manifest.id(), name), value)?;
    let (plugin, name, now) = (manifest.id().to_owned(), name.to_owned(), access.now().timestamp_millis());
    let write = access.store().write(move |tx| {
        tx.plugin_secrets().set(&plugin, &name, &sealed, now)?;
        tell(tx)
    });
    Ok(write.await?)
}

/// Removes a secret of a plugin. False, without an event, where it was not set. Returns an error if the database fails.
pub async fn remove_secret(
    access: &AccessControl,
    plugin: &str,
    name: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<bool, StoreError> {
    let (plugin, name) = (plugin.to_owned(), name.to_owned());
    let removed = access.store().write(move |tx| {
        let removed = tx.plugin_secrets().delete(&plugin, &name)?;
        if removed {
            tell(tx)?;
        }
        Ok::<_, StoreError>(removed)
    });
    removed.await
}

/// The secrets that a plugin declares, in the order of its manifest, then others that are set. Returns an error if the database fails.
pub fn list_secrets(access: &AccessControl, manifest: &Manifest) -> Result<Vec<SecretState>, StoreError> {
    let rows = access.store().read(|r| r.plugin_secrets().list(manifest.id()))?;
    let known = declared_secrets(manifest);
    let of_manifest = known.iter().map(|name| SecretState {
        name: name.clone(),
        set_at: rows.iter().find(|row| row.name == *name).map(|row| row.changed_at),
        declared: true,
    });
    let others = rows.iter().filter(|row| !known.contains(&row.name));
    let others =
        others.map(|row| SecretState { name: row.name.clone(), set_at: Some(row.changed_at), declared: false });
    Ok(of_manifest.chain(others).collect())
}

/// The names that a manifest declares.
pub(crate) fn declared_secrets(manifest: &Manifest) -> &[String] {
    manifest.settings.as_ref().map_or(&[], |settings| settings.secrets.as_slice())
}

/// The value of a secret; `None` where it is not set.
pub(crate) fn secret_value(
    reader: &Reader<'_>,
    access: &AccessControl,
    plugin: &str,
    name: &str,
) -> Result<Option<String>, Error> {
    let sealed = reader.plugin_secrets().get(plugin, name).map_err(|e| guest_errors::from_content_error(e.into()))?;
    sealed
        .map(|sealed| access.unseal(&encryption_purpose(plugin, name), &sealed).map_err(guest_errors::internal_error))
        .transpose()
}

/// The values that may be sent with requests of a plugin, by name: those of its `http` grants that are set.
pub(crate) fn sendable_secrets(
    reader: &Reader<'_>,
    access: &AccessControl,
    manifest: &Manifest,
    scopes: &[&Scope],
) -> Result<HashMap<String, String>, Error> {
    let mut values = HashMap::new();
    for scope in scopes {
        let Scope::Http { secrets, .. } = scope else { continue };
        for name in secrets.iter().filter(|name| declared_secrets(manifest).contains(name)) {
            if let Some(value) = secret_value(reader, access, manifest.id(), name)? {
                values.insert(name.clone(), value);
            }
        }
    }
    Ok(values)
}

fn encryption_purpose(plugin: &str, name: &str) -> String {
    format!("plugin:{plugin}:{name}")
}
