//! Custody of the keys that seal PDFs. An operator hands in a key with its certificates under a name, the *sealing profile*; it is kept sealed with
//! a key of the installation, opened for one signature at a time, and shown by nothing. What a seal looks like in a PDF (PAdES) is not known here.

mod certificate;
mod key;
mod key_import;
mod keystore;
#[cfg(test)]
mod testing;

pub use certificate::Certificate;
pub use key::{Algorithm, SealKey};
pub use key_import::{KeyMaterial, MaterialError};
pub use keystore::{
    KeystoreError, SealProfile, StoredProfile, delete_profile, is_name, list_certificates, list_profiles, open_profile,
    store_profile,
};
