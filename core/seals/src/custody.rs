//! Keeping profiles: in the tenant's database, the keys sealed with a key of the installation.

use crate::certificate::Certificate;
use crate::key::{Algorithm, SealKey};
use crate::material::Material;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cairn_access::{AccessControl, SealError};
use cairn_store::system::SealProfileRow;
use cairn_store::{Reader, StoreError, WriteTx};
use zeroize::Zeroizing;

/// Longest name, in bytes.
const NAME: usize = 63;

/// Why a profile is not kept or opened.
#[derive(Debug, thiserror::Error)]
pub enum CustodyError {
    /// Its key was not sealed, or is sealed by another installation.
    #[error("the key of the sealing profile {name:?} cannot be opened: {error}; hand it in anew")]
    Sealed {
        /// The profile.
        name: String,
        /// Why.
        error: SealError,
    },
    /// What is stored is none.
    #[error("the sealing profile {0:?} is damaged in the database; hand it in anew")]
    Damaged(String),
    /// The database's.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A profile, as everybody may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its name.
    pub name: String,
    /// The certificate of its key.
    pub certificate: Certificate,
    /// How the key signs; `None` where it cannot be opened here.
    pub algorithm: Option<Algorithm>,
    /// Certificates that are kept, its own and those above it.
    pub certificates: usize,
    /// When it was handed in, in milliseconds since 1970.
    pub changed_at: i64,
}

/// A profile that is open, for a signature.
#[derive(Debug)]
pub struct SealProfile {
    /// Its name.
    pub name: String,
    /// The key.
    pub key: SealKey,
    /// The key's certificate and those above it, in DER.
    pub chain: Vec<Vec<u8>>,
    /// What the first of them says.
    pub certificate: Certificate,
}

/// Whether a profile can be called so: small letters, digits and dashes, a letter first.
pub fn is_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    name.len() <= NAME
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && !name.ends_with('-')
        && !name.contains("--")
}

/// Keeps a profile, in the place of one of that name. `tell`: what is to be known of it, in the same transaction.
///
/// # Errors
/// [`CustodyError`].
pub async fn keep(
    access: &AccessControl,
    name: &str,
    material: &Material,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<Kept, CustodyError> {
    let text = Zeroizing::new(STANDARD.encode(&*material.key));
    let sealed =
        (access.seal(&purpose(name), &text)).map_err(|error| CustodyError::Sealed { name: name.to_owned(), error })?;
    let row = SealProfileRow {
        name: name.to_owned(),
        certificates: material.chain.iter().map(|der| STANDARD.encode(der)).collect::<Vec<_>>().join("\n"),
        key: sealed,
        changed_at: access.now().timestamp_millis(),
    };
    let kept = Kept {
        name: name.to_owned(),
        certificate: material.certificate.clone(),
        algorithm: Some(material.algorithm),
        certificates: material.chain.len(),
        changed_at: row.changed_at,
    };
    let written = access.store().write(move |tx| {
        tx.put_seal_profile(&row)?;
        tell(tx)
    });
    written.await?;
    Ok(kept)
}

/// Removes a profile. False, and nothing is told, where there is none.
///
/// # Errors
/// The database's.
pub async fn forget(
    access: &AccessControl,
    name: &str,
    tell: impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + 'static,
) -> Result<bool, StoreError> {
    let name = name.to_owned();
    let removed = access.store().write(move |tx| {
        let removed = tx.remove_seal_profile(&name)?;
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
/// The database's; one whose certificates are damaged.
pub fn list(access: &AccessControl) -> Result<Vec<Kept>, CustodyError> {
    let rows = access.store().read(|r| r.seal_profiles())?;
    let kept = |row: SealProfileRow| {
        let chain = chain(&row)?;
        let certificate = described(&row.name, &chain)?;
        let algorithm = opened(access, &row).ok().map(|key| key.algorithm());
        Ok(Kept { certificate, algorithm, certificates: chain.len(), name: row.name, changed_at: row.changed_at })
    };
    rows.into_iter().map(kept).collect()
}

/// A profile with its key; `None` where there is none of that name.
///
/// # Errors
/// [`CustodyError`].
pub fn open(reader: &Reader<'_>, access: &AccessControl, name: &str) -> Result<Option<SealProfile>, CustodyError> {
    let Some(row) = reader.seal_profile(name)? else { return Ok(None) };
    let (key, chain) = (opened(access, &row)?, chain(&row)?);
    let certificate = described(&row.name, &chain)?;
    Ok(Some(SealProfile { name: row.name, key, chain, certificate }))
}

/// What the seal around a key is for: the key of one profile does not open as that of another.
fn purpose(name: &str) -> String {
    format!("seal-profile:{name}")
}

fn opened(access: &AccessControl, row: &SealProfileRow) -> Result<SealKey, CustodyError> {
    let text = access
        .unseal(&purpose(&row.name), &row.key)
        .map_err(|error| CustodyError::Sealed { name: row.name.clone(), error })?;
    let text = Zeroizing::new(text);
    let key = STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new);
    key.and_then(|der| SealKey::of_pkcs8(&der)).ok_or_else(|| CustodyError::Damaged(row.name.clone()))
}

fn chain(row: &SealProfileRow) -> Result<Vec<Vec<u8>>, CustodyError> {
    let certificates: Result<_, _> = row.certificates.lines().map(|line| STANDARD.decode(line)).collect();
    certificates.map_err(|_| CustodyError::Damaged(row.name.clone()))
}

fn described(name: &str, chain: &[Vec<u8>]) -> Result<Certificate, CustodyError> {
    chain.first().and_then(|der| Certificate::of_der(der)).ok_or_else(|| CustodyError::Damaged(name.to_owned()))
}
