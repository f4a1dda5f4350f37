//! Secrets of plugins: an operator sets them, a plugin uses them by name, and nobody reads them. In the database they are sealed with a key
//! of the installation.

use crate::bindings::types::Error;
use crate::faults;
use cairn_access::{AccessControl, SealError};
use cairn_plugin_package::{Manifest, Scope};
use cairn_store::{Reader, StoreError, WriteTx};
use std::collections::HashMap;

/// The shortest, in bytes: what is shorter could not be told from ordinary text where answers are scrubbed of it.
const SHORTEST: usize = 4;
/// The longest, in bytes.
const LONGEST: usize = 8 << 10;

/// Why a secret is not set.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The manifest declares none of that name.
    #[error("{plugin} has no secret {name:?}; {known}")]
    Undeclared {
        /// The plugin.
        plugin: String,
        /// What was asked for.
        name: String,
        /// Which there are, in words.
        known: String,
    },
    /// It is too short or too long.
    #[error("a secret has {SHORTEST} to {LONGEST} bytes; this one has {0}")]
    Length(usize),
    /// It could not be sealed.
    #[error("the secret was not stored: {0}")]
    Seal(#[from] SealError),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A secret, as everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretState {
    /// Its name.
    pub name: String,
    /// When it was set last, in milliseconds since 1970; `None`: it is not.
    pub set_at: Option<i64>,
    /// Whether the manifest declares it. One that an earlier version declared is of no use to this one.
    pub declared: bool,
}

/// Sets or replaces a secret of a plugin. `tell`: what is to be known of it, in the same transaction.
///
/// # Errors
/// A name that the manifest does not declare, a value that is too short or too long; the database's.
pub async fn set(
    access: &AccessControl,
    manifest: &Manifest,
    name: &str,
    value: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<(), SecretError> {
    let declared = declared(manifest);
    if !declared.iter().any(|known| known == name) {
        let known = match declared {
            [] => "its plugin.toml declares none".to_owned(),
            names => format!("its plugin.toml declares {}", names.join(", ")),
        };
        return Err(SecretError::Undeclared { plugin: manifest.id().to_owned(), name: name.to_owned(), known });
    }
    if !(SHORTEST..=LONGEST).contains(&value.len()) {
        return Err(SecretError::Length(value.len()));
    }
    let sealed = access.seal(&purpose(manifest.id(), name), value)?;
    let (plugin, name, now) = (manifest.id().to_owned(), name.to_owned(), access.now().timestamp_millis());
    let written = access.store().write(move |tx| {
        tx.set_plugin_secret(&plugin, &name, &sealed, now)?;
        tell(tx)
    });
    Ok(written.await?)
}

/// Removes a secret of a plugin. False, and nothing is told, where it was not set.
///
/// # Errors
/// The database's.
pub async fn unset(
    access: &AccessControl,
    plugin: &str,
    name: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<bool, StoreError> {
    let (plugin, name) = (plugin.to_owned(), name.to_owned());
    let removed = access.store().write(move |tx| {
        let removed = tx.remove_plugin_secret(&plugin, &name)?;
        if removed {
            tell(tx)?;
        }
        Ok::<_, StoreError>(removed)
    });
    removed.await
}

/// The secrets that a plugin declares, in the order of its manifest, and those that are set beside them.
///
/// # Errors
/// The database's.
pub fn list(access: &AccessControl, manifest: &Manifest) -> Result<Vec<SecretState>, StoreError> {
    let rows = access.store().read(|r| r.plugin_secrets(manifest.id()))?;
    let known = declared(manifest);
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
pub(crate) fn declared(manifest: &Manifest) -> &[String] {
    manifest.settings.as_ref().map_or(&[], |settings| settings.secrets.as_slice())
}

/// The value of a secret; `None` where it is not set.
pub(crate) fn value(
    reader: &Reader<'_>,
    access: &AccessControl,
    plugin: &str,
    name: &str,
) -> Result<Option<String>, Error> {
    let sealed = reader.plugin_secret(plugin, name).map_err(|e| faults::of_content(e.into()))?;
    sealed.map(|sealed| access.unseal(&purpose(plugin, name), &sealed).map_err(faults::internal)).transpose()
}

/// The values that may travel with requests of a plugin, by name: those of its `http` grants that are set.
pub(crate) fn travelling(
    reader: &Reader<'_>,
    access: &AccessControl,
    manifest: &Manifest,
    scopes: &[&Scope],
) -> Result<HashMap<String, String>, Error> {
    let mut values = HashMap::new();
    for scope in scopes {
        let Scope::Http { secrets, .. } = scope else { continue };
        for name in secrets.iter().filter(|name| declared(manifest).contains(name)) {
            if let Some(value) = value(reader, access, manifest.id(), name)? {
                values.insert(name.clone(), value);
            }
        }
    }
    Ok(values)
}

fn purpose(plugin: &str, name: &str) -> String {
    format!("plugin:{plugin}:{name}")
}
