//! Custody of the keys that seal PDFs. An operator hands in a key with its certificates under a name, the *sealing profile*; it is kept sealed with
//! a key of the installation, opened for one signature at a time, and shown by nothing. What a seal looks like in a PDF (PAdES) is not known here.

mod certificate;
mod custody;
mod key;
mod material;
#[cfg(test)]
mod testing;

pub use certificate::Certificate;
pub use custody::{CustodyError, Kept, SealProfile, forget, is_name, keep, list, open};
pub use key::{Algorithm, SealKey};
pub use material::{Material, MaterialError};
