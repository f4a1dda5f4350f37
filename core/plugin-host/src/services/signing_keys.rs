//! Private keys of plugins: an operator makes or imports them, a plugin signs with them by name, and nobody can read them. The database
//! stores them encrypted with a key of the installation. When a key takes the place of another, the public half of that one stays.

mod key;

use crate::contract::bindings::types::Error;
use crate::contract::guest_errors;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_access::{AccessControl, SealError};
use cairn_plugin_package::Manifest;
use cairn_plugin_package::manifest::{ManifestSigningKey, SigningAlgorithm};
use cairn_store::plugins::SigningKeyRow;
use cairn_store::{Reader, StoreError, WriteTx};
use key::SigningKey;
use serde_json::{Value as Json, json};
use zeroize::Zeroizing;

/// Why a key is not set.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The manifest declares no signing key of that name.
    #[error("{plugin} has no signing key {name:?}; {known}")]
    Undeclared {
        /// Id of the plugin.
        plugin: String,
        /// Name that was given.
        name: String,
        /// The declared names, as a phrase for people.
        known: String,
    },
    /// An imported key cannot be used. The message repeats nothing of it.
    #[error("the key {0}")]
    Unusable(String),
    /// The operating system provides no randomness.
    #[error("no key could be made: the operating system provides no randomness")]
    Generate,
    /// It could not be encrypted.
    #[error("the key was not stored: {0}")]
    Seal(#[from] SealError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The public half of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicSigningKey {
    /// Id of the key: its thumbprint (RFC 7638).
    pub kid: String,
    /// JSON Web Key.
    pub jwk: Json,
    /// The same in PEM (SubjectPublicKeyInfo).
    pub pem: String,
    /// Time when it was set, in milliseconds since 1970.
    pub created_at: i64,
    /// Time when another one took its place, in milliseconds since 1970.
    pub retired_at: Option<i64>,
}

/// The state of a signing key, without its private half.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SigningKeyState {
    /// Name in the manifest.
    pub name: String,
    /// Algorithm in the manifest; `None` where only an earlier version declared it, so that it is not used.
    pub algorithm: Option<SigningAlgorithm>,
    /// The key that signs.
    pub current: Option<PublicSigningKey>,
    /// True if the plugin can sign: false where there is no key, one for another algorithm, or one of another installation.
    pub usable: bool,
    /// Keys before it, the last one first.
    pub earlier: Vec<PublicSigningKey>,
}

/// Makes a key for a name, in place of the one that is there. `tell`: emits its event in the same transaction. Returns the public half.
///
/// # Errors
/// A name that the manifest does not declare, missing randomness, or a failure of the database.
pub async fn generate_key(
    access: &AccessControl,
    manifest: &Manifest,
    name: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<PublicSigningKey, SigningKeyError> {
    let algorithm = find_declared(manifest, name)?.algorithm;
    // Primes take a while to be found.
    let made = tokio::task::spawn_blocking(move || SigningKey::generate(algorithm)).await;
    let key = made.ok().flatten().ok_or(SigningKeyError::Generate)?;
    store_key(access, manifest.id(), name, &key, tell).await
}

/// Imports a key in PEM (PKCS#8) for a name, in place of the one that is there. Returns the public half.
///
/// # Errors
/// A name that the manifest does not declare, a key that does not fit, or a failure of the database.
pub async fn import_key(
    access: &AccessControl,
    manifest: &Manifest,
    name: &str,
    pem: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<PublicSigningKey, SigningKeyError> {
    let algorithm = find_declared(manifest, name)?.algorithm;
    let key = SigningKey::from_pem(algorithm, pem).map_err(SigningKeyError::Unusable)?;
    store_key(access, manifest.id(), name, &key, tell).await
}

fn find_declared<'m>(manifest: &'m Manifest, name: &str) -> Result<&'m ManifestSigningKey, SigningKeyError> {
    manifest.signing_key(name).ok_or_else(|| {
        let declared: Vec<&str> = manifest.signing_keys.iter().map(|key| key.name.as_str()).collect();
        let known = match declared.as_slice() {
            [] => "its plugin.toml declares none".to_owned(),
            names => format!("its plugin.toml declares {}", names.join(", ")),
        };
        SigningKeyError::Undeclared { plugin: manifest.id().to_owned(), name: name.to_owned(), known }
    })
}

async fn store_key(
    access: &AccessControl,
    plugin: &str,
    name: &str,
    key: &SigningKey,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<PublicSigningKey, SigningKeyError> {
    let text = Zeroizing::new(STANDARD.encode(key.pkcs8()));
    let sealed = access.seal(&encryption_purpose(plugin, name), &text)?;
    let (public, now) = (key.public_half(), access.now().timestamp_millis());
    let (plugin, name, kid, jwk) = (plugin.to_owned(), name.to_owned(), public.kid.clone(), public.jwk.to_string());
    let write = access.store().write(move |tx| {
        tx.plugin_signing_keys().set(&plugin, &name, &kid, &jwk, &sealed, now)?;
        tell(tx)
    });
    write.await?;
    let pem = key::public_key_pem(&public.jwk).unwrap_or_default();
    Ok(PublicSigningKey { kid: public.kid, jwk: public.jwk, pem, created_at: now, retired_at: None })
}

/// Deletes all keys of a name, the public halves too. False, without an event, where there is none. Returns an error if the database fails.
pub async fn remove_key(
    access: &AccessControl,
    plugin: &str,
    name: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<bool, StoreError> {
    let (plugin, name) = (plugin.to_owned(), name.to_owned());
    let removed = access.store().write(move |tx| {
        let removed = tx.plugin_signing_keys().delete(&plugin, &name)?;
        if removed {
            tell(tx)?;
        }
        Ok::<_, StoreError>(removed)
    });
    removed.await
}

/// The signing keys that a plugin declares, in the order of its manifest, then others that are stored. Returns an error if the database fails.
pub fn list_keys(access: &AccessControl, manifest: &Manifest) -> Result<Vec<SigningKeyState>, StoreError> {
    let plugin = manifest.id();
    access.store().read(|r| {
        let keys = r.plugin_signing_keys();
        let declared = manifest.signing_keys.iter().map(|key| (key.name.clone(), Some(key.algorithm)));
        let others = keys.names(plugin)?.into_iter().filter(|name| manifest.signing_key(name).is_none());
        let all = declared.chain(others.map(|name| (name, None)));
        all.map(|(name, algorithm)| {
            let rows = keys.list(plugin, &name)?;
            let current = rows.iter().find(|row| row.retired_at.is_none());
            let opens =
                |row: &SigningKeyRow| algorithm.is_some_and(|of| open_key(access, plugin, &name, of, row).is_some());
            let earlier = rows.iter().filter(|row| row.retired_at.is_some());
            Ok(SigningKeyState {
                usable: current.is_some_and(opens),
                current: current.map(to_public_key),
                earlier: earlier.map(to_public_key).collect(),
                name,
                algorithm,
            })
        })
        .collect()
    })
}

fn to_public_key(row: &SigningKeyRow) -> PublicSigningKey {
    let jwk = parse_jwk(row);
    PublicSigningKey {
        kid: row.kid.clone(),
        pem: key::public_key_pem(&jwk).unwrap_or_default(),
        jwk,
        created_at: row.created_at,
        retired_at: row.retired_at,
    }
}

fn parse_jwk(row: &SigningKeyRow) -> Json {
    serde_json::from_str(&row.public_key).unwrap_or_default()
}

/// Decrypts a key; `None` where it is not of this algorithm, or was encrypted by another installation.
fn open_key(
    access: &AccessControl,
    plugin: &str,
    name: &str,
    algorithm: SigningAlgorithm,
    row: &SigningKeyRow,
) -> Option<SigningKey> {
    let sealed = row.private_key.as_deref()?;
    let text = Zeroizing::new(access.unseal(&encryption_purpose(plugin, name), sealed).ok()?);
    let pkcs8 = Zeroizing::new(STANDARD.decode(text.as_bytes()).ok()?);
    SigningKey::from_pkcs8(algorithm, pkcs8)
}

/// A signature, and the id of the key that made it.
pub(crate) struct KeySignature {
    pub(crate) kid: String,
    pub(crate) bytes: Vec<u8>,
}

/// Signs with the key of a name. Blocks.
pub(crate) fn sign(
    reader: &Reader<'_>,
    access: &AccessControl,
    plugin: &str,
    declared: &ManifestSigningKey,
    data: &[u8],
) -> Result<KeySignature, Error> {
    let name = &declared.name;
    let row = load_current(reader, plugin, name)?;
    let unusable = || {
        Error::NotFound(format!(
            "the signing key {name:?} cannot be used: an administrator has to make or import it again"
        ))
    };
    let key = open_key(access, plugin, name, declared.algorithm, &row).ok_or_else(unusable)?;
    let bytes = key.sign(data).ok_or_else(|| guest_errors::internal_error("no randomness to sign with"))?;
    Ok(KeySignature { kid: row.kid, bytes })
}

/// The public half of the key that signs for a name, as the JSON of a Web Key. Blocks.
pub(crate) fn public_jwk(reader: &Reader<'_>, plugin: &str, name: &str) -> Result<String, Error> {
    Ok(parse_jwk(&load_current(reader, plugin, name)?).to_string())
}

/// The public halves of all keys of a name, as the JSON of a Web Key Set. Blocks.
pub(crate) fn public_jwk_set(reader: &Reader<'_>, plugin: &str, name: &str) -> Result<String, Error> {
    let rows = reader.plugin_signing_keys().list(plugin, name).map_err(store_error)?;
    if rows.is_empty() {
        return Err(key_not_set(name));
    }
    Ok(json!({ "keys": rows.iter().map(parse_jwk).collect::<Vec<_>>() }).to_string())
}

fn load_current(reader: &Reader<'_>, plugin: &str, name: &str) -> Result<SigningKeyRow, Error> {
    let row = reader.plugin_signing_keys().current(plugin, name).map_err(store_error)?;
    row.ok_or_else(|| key_not_set(name))
}

fn store_error(error: StoreError) -> Error {
    guest_errors::from_content_error(error.into())
}

fn key_not_set(name: &str) -> Error {
    Error::NotFound(format!("the signing key {name:?} is not set: an administrator has to make or import it"))
}

fn encryption_purpose(plugin: &str, name: &str) -> String {
    format!("plugin-signing-key:{plugin}:{name}")
}
