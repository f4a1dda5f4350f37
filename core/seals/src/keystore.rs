//! Storage of profiles: in the tenant's database, the keys encrypted with a key of the installation.

use crate::certificate::Certificate;
use crate::key::{Algorithm, SealKey};
use crate::key_import::KeyMaterial;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_access::{AccessControl, SealError};
use cairn_store::system::SealProfileRow;
use cairn_store::{Reader, StoreError, WriteTx};
use zeroize::Zeroizing;

/// Longest name of a profile, in bytes.
const MAX_NAME_BYTES: usize = 63;

/// Why a profile cannot be stored or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeystoreError {
    /// Its key could not be encrypted, or was encrypted by another installation.
    #[error("the key of the sealing profile {name:?} cannot be opened: {error}; upload the key again")]
    Sealed {
        /// Name of the profile.
        name: String,
        /// Error of the encryption.
        error: SealError,
    },
    /// The stored profile is damaged.
    #[error("the sealing profile {0:?} is damaged in the database; upload its key and certificate again")]
    Damaged(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The public facts about a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredProfile {
    /// Unique name, as [`is_name`] permits.
    pub name: String,
    /// Certificate of its key.
    pub certificate: Certificate,
    /// Signature algorithm of the key; `None` where the key cannot be opened here.
    pub algorithm: Option<Algorithm>,
    /// Number of stored certificates, its own and those above it.
    pub certificates: usize,
    /// Time when it was stored, in milliseconds since 1970.
    pub changed_at: i64,
}

/// A profile opened for a signature.
#[derive(Debug)]
pub struct SealProfile {
    /// Unique name of the profile.
    pub name: String,
    /// Private key that signs.
    pub key: SealKey,
    /// Certificate of the key and those above it, in DER.
    pub chain: Vec<Vec<u8>>,
    /// Content of the first certificate.
    pub certificate: Certificate,
}

/// True if a profile may have that name: small letters, digits and dashes, a letter first.
pub fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= MAX_NAME_BYTES
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
}

/// Stores a profile, replacing the one of that name. `tell`: emits its event in the same transaction. Returns [`KeystoreError`] on failure.
pub async fn store_profile(
    access: &AccessControl,
    name: &str,
    material: &KeyMaterial,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<StoredProfile, KeystoreError> {
    let text = Zeroizing::new(STANDARD.encode(&*material.key));
    let sealed = (access.seal(&encryption_purpose(name), &text))
        .map_err(|error| KeystoreError::Sealed { name: name.to_owned(), error })?;
    let row = SealProfileRow {
        name: name.to_owned(),
        certificates: material.chain.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>().join("\n"),
        key: sealed,
        changed_at: access.now().timestamp_millis(),
    };
    let profile = StoredProfile {
        name: name.to_owned(),
        certificate: material.certificate.clone(),
        algorithm: Some(material.algorithm),
        certificates: material.chain.len(),
        changed_at: row.changed_at,
    };
    let saved = access.store().write(move |tx| {
        tx.seal_profiles().save(&row)?;
        tell(tx)
    });
    saved.await?;
    Ok(profile)
}

/// Deletes a profile. False, without an event, where there is none. Returns an error if the database fails.
pub async fn delete_profile(
    access: &AccessControl,
    name: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<bool, StoreError> {
    let name = name.to_owned();
    let removed = access.store().write(move |tx| {
        let removed = tx.seal_profiles().delete(&name)?;
        if removed {
            tell(tx)?;
        }
        Ok::<_, StoreError>(removed)
    });
    removed.await
}

/// All profiles, by name.
///
/// # Errors
/// A failure of the database, or a profile with damaged certificates.
pub fn list_profiles(access: &AccessControl) -> Result<Vec<StoredProfile>, KeystoreError> {
    let rows = access.store().read(|r| r.seal_profiles().list())?;
    let to_stored = |row: SealProfileRow| {
        let chain = decode_chain(&row)?;
        let certificate = describe_certificate(&row.name, &chain)?;
        let algorithm = open_key(access, &row).ok().map(|key| key.algorithm());
        Ok(StoredProfile {
            certificate,
            algorithm,
            certificates: chain.len(),
            name: row.name,
            changed_at: row.changed_at,
        })
    };
    rows.into_iter().map(to_stored).collect()
}

/// The certificates of all profiles' keys, in DER: of seals that this installation made itself.
///
/// # Errors
/// A failure of the database, or a profile with damaged certificates.
pub fn list_certificates(reader: &Reader<'_>) -> Result<Vec<Vec<u8>>, KeystoreError> {
    let rows = reader.seal_profiles().list()?;
    let own = |row: &SealProfileRow| {
        decode_chain(row)?.into_iter().next().ok_or_else(|| KeystoreError::Damaged(row.name.clone()))
    };
    rows.iter().map(own).collect()
}

/// A profile with its key; `None` where no profile has that name. Returns [`KeystoreError`] on failure.
pub fn open_profile(
    reader: &Reader<'_>,
    access: &AccessControl,
    name: &str,
) -> Result<Option<SealProfile>, KeystoreError> {
    let Some(row) = reader.seal_profiles().get(name)? else { return Ok(None) };
    let (key, chain) = (open_key(access, &row)?, decode_chain(&row)?);
    let certificate = describe_certificate(&row.name, &chain)?;
    Ok(Some(SealProfile { name: row.name, key, chain, certificate }))
}

/// The purpose that a key is encrypted for: that of one profile cannot be opened as that of another.
fn encryption_purpose(name: &str) -> String {
    format!("seal-profile:{name}")
}

fn open_key(access: &AccessControl, row: &SealProfileRow) -> Result<SealKey, KeystoreError> {
    let text = access
        .unseal(&encryption_purpose(&row.name), &row.key)
        .map_err(|error| KeystoreError::Sealed { name: row.name.clone(), error })?;
    let text = Zeroizing::new(text);
    let key = STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new);
    key.and_then(|der| SealKey::from_pkcs8(&der)).ok_or_else(|| KeystoreError::Damaged(row.name.clone()))
}

fn decode_chain(row: &SealProfileRow) -> Result<Vec<Vec<u8>>, KeystoreError> {
    let certificates: Result<_, _> = row.certificates.lines().map(|line| STANDARD.decode(line)).collect();
    certificates.map_err(|_| KeystoreError::Damaged(row.name.clone()))
}

fn describe_certificate(name: &str, chain: &[Vec<u8>]) -> Result<Certificate, KeystoreError> {
    chain.first().and_then(|der| Certificate::from_der(der)).ok_or_else(|| KeystoreError::Damaged(name.to_owned()))
}
