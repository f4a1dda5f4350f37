//! Secrets of plugins: an operator sets them, a plugin uses them by name, and nobody can read them. The database stores them encrypted
//! with a key of the installation.

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors::{self, denied_error, secret_not_set};
use crate::services::http::{SecretScrubber, address_parts};
use cairn_access::{AccessControl, SealError};
use cairn_events::webhooks;
use cairn_plugin_package::{Manifest, Scope};
use cairn_store::{Reader, StoreError, WriteTx};
use std::collections::{BTreeSet, HashMap};
use url::Url;

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
    /// It is no address that requests can be sent to. The message does not repeat it.
    #[error("the secret is an address to send requests to, and the address {0}")]
    Address(String),
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
    /// True if its value is an address that requests are sent to.
    pub is_address: bool,
    /// Host of that address, for the operator; `None` where it is not set, or cannot be decrypted.
    pub host: Option<String>,
}

/// Sets or replaces a secret of a plugin. `tell`: emits its event in the same transaction.
///
/// # Errors
/// A name that the manifest does not declare, a value that is too short or too long or not the address that it has to be, or a failure of
/// the database.
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
    if manifest.is_address_secret(name) {
        parse_secret_address(value).map_err(SecretError::Address)?;
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
    let known = declared_secrets(manifest);
    let addresses = known.iter().filter(|name| manifest.is_address_secret(name));
    let (rows, hosts) = access.store().read(|r| {
        let mut hosts = HashMap::new();
        for name in addresses {
            let sealed = r.plugin_secrets().get(manifest.id(), name)?;
            hosts.insert(name, sealed.and_then(|sealed| address_host(access, manifest.id(), name, &sealed)));
        }
        Ok::<_, StoreError>((r.plugin_secrets().list(manifest.id())?, hosts))
    })?;
    let of_manifest = known.iter().map(|name| SecretState {
        name: name.clone(),
        set_at: rows.iter().find(|row| row.name == *name).map(|row| row.changed_at),
        declared: true,
        is_address: hosts.contains_key(name),
        host: hosts.get(name).cloned().flatten(),
    });
    let others = rows.iter().filter(|row| !known.contains(&row.name)).map(|row| SecretState {
        name: row.name.clone(),
        set_at: Some(row.changed_at),
        declared: false,
        is_address: false,
        host: None,
    });
    Ok(of_manifest.chain(others).collect())
}

/// The host of an encrypted address.
fn address_host(access: &AccessControl, plugin: &str, name: &str, sealed: &str) -> Option<String> {
    let value = access.unseal(&encryption_purpose(plugin, name), sealed).ok()?;
    parse_secret_address(&value).ok()?.host_str().map(str::to_owned)
}

/// Parses an address that is a secret. The error follows "the address" in a sentence, and does not repeat it.
fn parse_secret_address(text: &str) -> Result<Url, String> {
    let is_https = text.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    if !is_https {
        return Err("must begin with https://".to_owned());
    }
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err("must not contain spaces or line breaks".to_owned());
    }
    webhooks::check_url(text)
        .map_err(|why| if why.starts_with("expected") { format!("is not valid: {why}") } else { why })
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

/// The secrets that requests of a plugin may use: those of its `http` grants that are set. Has no `Debug`, so that nobody logs it.
pub(crate) struct SendableSecrets {
    /// Values that may be sent in headers, by name.
    headers: HashMap<String, String>,
    /// Addresses that requests may be sent to, by name; `None` for a value that is no address.
    addresses: HashMap<String, Option<Url>>,
}

impl SendableSecrets {
    /// Loads them. Blocks.
    pub(crate) fn load(
        reader: &Reader<'_>,
        access: &AccessControl,
        manifest: &Manifest,
        scopes: &[&Scope],
    ) -> Result<Self, Error> {
        let (mut headers, mut addresses) = (BTreeSet::new(), BTreeSet::new());
        for scope in scopes {
            let Scope::Http { to, secrets, .. } = scope else { continue };
            headers.extend(secrets.iter().map(String::as_str));
            addresses.extend(to.iter().filter_map(|address| address.secret()));
        }
        let load = |name: &str| -> Result<Option<String>, Error> {
            match declared_secrets(manifest).iter().any(|known| known == name) {
                true => secret_value(reader, access, manifest.id(), name),
                false => Ok(None),
            }
        };
        let mut loaded = Self { headers: HashMap::new(), addresses: HashMap::new() };
        for name in headers {
            loaded.headers.extend(load(name)?.map(|value| (name.to_owned(), value)));
        }
        for name in addresses {
            // The value may have been set for an earlier version of the plugin, to which it was not an address.
            let address = |value: String| (name.to_owned(), parse_secret_address(&value).ok());
            loaded.addresses.extend(load(name)?.map(address));
        }
        Ok(loaded)
    }

    /// The value of a secret that may be sent in a header. Fails where it is not set.
    pub(crate) fn header(&self, name: &str) -> Result<&str, Error> {
        self.headers.get(name).map(String::as_str).ok_or_else(|| secret_not_set(name))
    }

    /// The address that is the value of a secret. Fails where it is not set, or is no address.
    pub(crate) fn address(&self, name: &str) -> Result<Url, Error> {
        let address = self.addresses.get(name).ok_or_else(|| secret_not_set(name))?;
        let invalid = || {
            denied_error(format!(
                "the secret {name:?} is not an address that requests can be sent to: an administrator has to set it again"
            ))
        };
        address.clone().ok_or_else(invalid)
    }

    /// Masks those that may be sent in headers; where the request goes to an address that is a secret, of which this is the name, also what
    /// gives that away. In other responses that is not masked: it was not sent there, and a guess that is masked would be confirmed.
    pub(crate) fn scrubber(&self, secret_address: Option<&str>) -> SecretScrubber {
        let address = secret_address.and_then(|name| self.addresses.get(name)?.as_ref());
        let parts = address.map(address_parts).unwrap_or_default();
        SecretScrubber::new(self.headers.values().chain(&parts).map(String::as_str))
    }
}

fn encryption_purpose(plugin: &str, name: &str) -> String {
    format!("plugin:{plugin}:{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_must_be_https_and_complete() {
        for good in [
            "https://hooks.example.com/services/T0/B0/x",
            "HTTPS://hooks.example.com:8443/a?sig=b%2Fc",
            "https://[2001:db8::1]/x",
        ] {
            assert!(parse_secret_address(good).is_ok(), "{good}");
        }
        for (bad, part) in [
            ("swordfish", "https://"),
            ("http://hooks.example.com/swordfish", "must begin with https://"),
            ("ftp://hooks.example.com/swordfish", "must begin with https://"),
            ("https:/hooks.example.com/swordfish", "must begin with https://"),
            ("https://", "is not valid: expected an address such as"),
            ("https://swordfish:x@hooks.example.com/", "user or a password"),
            ("https://hooks.example.com/#swordfish", "#"),
            ("https://hooks.example.com:25/swordfish", "port 25"),
            ("https://hooks.example.com/sword fish", "spaces"),
            ("https://hooks.example.com/swordfish\n", "line breaks"),
            ("https://hooks.exa\tmple.com/swordfish", "spaces"),
            ("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}swordfish", "must begin with https://"),
        ] {
            let why = parse_secret_address(bad).unwrap_err();
            assert!(why.contains(part) && !why.contains("swordfish"), "{bad}: {why}");
        }
    }
}
