//! The one secret of an installation, and the keys derived from it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use sha2::Sha256;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::{fmt, fs};

/// Name of its file in the data folder.
const KEY_FILE_NAME: &str = "secret.key";

/// 32 secret bytes.
#[derive(Clone)]
pub struct SecretKey([u8; 32]);

/// Why there is no secret key. Reveals nothing of the key.
#[derive(Debug, thiserror::Error)]
pub enum SecretKeyError {
    /// The value is not 32 bytes in base64.
    #[error("{0} must be 32 bytes in base64 (create one with: head -c 32 /dev/urandom | base64)")]
    Form(String),
    /// The file cannot be read or created.
    #[error("{path}: {source}")]
    File {
        /// Path of the file.
        path: String,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// The operating system provides no randomness.
    #[error("the operating system returned no random bytes")]
    NoRandomness,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// Loads the key of an installation: `encoded_key` (the value of `CAIRN_SECRET_KEY`) if it is set, else the file `secret.key` in the data
    /// folder, which the first start creates (mode 0600, complete or not at all).
    pub fn load(encoded_key: Option<&str>, data: &Path) -> Result<Self, SecretKeyError> {
        if let Some(text) = encoded_key {
            return Self::from_base64(text).ok_or_else(|| SecretKeyError::Form("CAIRN_SECRET_KEY".into()));
        }
        let path = data.join(KEY_FILE_NAME);
        let at = |source| SecretKeyError::File { path: path.display().to_string(), source };
        match fs::read_to_string(&path) {
            Ok(text) => Self::from_base64(&text).ok_or_else(|| SecretKeyError::Form(path.display().to_string())),
            Err(e) if e.kind() == ErrorKind::NotFound => {
                fs::create_dir_all(data).map_err(at)?;
                create_key_file(data, &path)?;
                // The key is read back from the file: another process may have created it first.
                let text = fs::read_to_string(&path).map_err(at)?;
                Self::from_base64(&text).ok_or_else(|| SecretKeyError::Form(path.display().to_string()))
            }
            Err(e) => Err(at(e)),
        }
    }

    /// Parses 32 bytes in base64; surrounding blanks are ignored.
    pub fn from_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text.trim()).ok()?.try_into().ok().map(Self)
    }

    /// Derives the key for one use: HMAC-SHA-256 of the label. Keys with different labels reveal nothing about each other.
    pub(crate) fn derive(&self, label: &str) -> DerivedKey {
        DerivedKey(hmac_sha256(&self.0, label.as_bytes()))
    }
}

/// Writes a new key beside its path and links it there, which fails if a file exists already.
fn create_key_file(data: &Path, path: &Path) -> Result<(), SecretKeyError> {
    let at = |source| SecretKeyError::File { path: path.display().to_string(), source };
    let mut key = [0; 32];
    fill_random(&mut key)?;
    let scratch = data.join(format!("{KEY_FILE_NAME}.{}.new", std::process::id()));
    let written = write_private(&scratch, &format!("{}\n", STANDARD.encode(key)));
    let linked = written.and_then(|()| match fs::hard_link(&scratch, path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
        other => other,
    });
    let removed = fs::remove_file(&scratch);
    linked.and(removed).map_err(at)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A key derived for one use.
#[derive(Clone)]
pub(crate) struct DerivedKey([u8; 32]);

impl fmt::Debug for DerivedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

impl DerivedKey {
    /// The bytes, for a cipher.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// HMAC-SHA-256 of a message.
    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        hmac_sha256(&self.0, message)
    }

    /// True if `mac` is the message's, compared in constant time.
    pub(crate) fn verify(&self, message: &[u8], mac: &[u8]) -> bool {
        keyed_hmac(&self.0, message).verify_slice(mac).is_ok()
    }
}

fn keyed_hmac(key: &[u8; 32], message: &[u8]) -> Hmac<Sha256> {
    // Keys of a block's size or less are padded, as HMAC does itself; this constructor cannot fail.
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::digest::KeyInit>::new(&block.into());
    mac.update(message);
    mac
}

fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    keyed_hmac(key, message).finalize().into_bytes().into()
}

/// Fills a buffer with randomness of the operating system. Returns an error if there is none.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), SecretKeyError> {
    rand::rngs::OsRng.try_fill_bytes(bytes).map_err(|_| SecretKeyError::NoRandomness)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_file_is_private_and_reused_at_the_next_start() {
        let data = tempfile::tempdir().unwrap();
        let first = SecretKey::load(None, &data.path().join("new")).unwrap();
        let key = SecretKey::load(None, &data.path().join("new")).unwrap();
        assert_eq!(first.0, key.0);
        let names: Vec<_> = fs::read_dir(data.path().join("new")).unwrap().map(|f| f.unwrap().file_name()).collect();
        assert_eq!(names, [KEY_FILE_NAME], "no scratch file stays behind");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(data.path().join("new").join(KEY_FILE_NAME)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn configured_key_is_used_and_must_have_32_bytes() {
        let data = tempfile::tempdir().unwrap();
        let input = STANDARD.encode([7; 32]);
        assert_eq!(SecretKey::load(Some(&input), data.path()).unwrap().0, [7; 32]);
        assert!(fs::read_dir(data.path()).unwrap().next().is_none());
        for bad in ["", "short", &STANDARD.encode([7; 31]), &STANDARD.encode([7; 33])] {
            let error = SecretKey::load(Some(bad), data.path()).unwrap_err().to_string();
            assert!(error.contains("CAIRN_SECRET_KEY") && (bad.is_empty() || !error.contains(bad)));
        }
    }

    #[test]
    fn labels_derive_different_keys_and_debug_output_hides_them() {
        let key = SecretKey([7; 32]);
        assert_ne!(key.derive("jwt").0, key.derive("tokens").0);
        assert_eq!(key.derive("jwt").0, key.derive("jwt").0);
        assert_eq!(format!("{key:?}{:?}", key.derive("jwt")), "SecretKey(…)Key(…)");
    }

    #[test]
    fn hmac_matches_rfc_4231() {
        // RFC 4231, test case 2, with the key padded to 32 bytes as HMAC pads it anyway.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let mac = hmac_sha256(&key, b"what do ya want for nothing?");
        assert_eq!(mac[..4], [0x5b, 0xdc, 0xc1, 0x46]);
        assert!(DerivedKey(key).verify(b"what do ya want for nothing?", &mac));
        assert!(!DerivedKey(key).verify(b"what do ya want for nothing!", &mac));
    }
}
