//! Texts that are stored but must not be readable in the database or a backup: encrypted with a key of the installation.

use crate::AccessControl;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};

/// Length of the nonce, which precedes the ciphertext.
const NONCE_BYTES: usize = 24;

/// Why a text cannot be encrypted or decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// It was encrypted with another key (the database came from another installation), for another purpose, or is damaged.
    #[error("it was encrypted by an installation with a different secret key")]
    Foreign,
    /// The operating system provides no randomness, or the text is too long for the cipher.
    #[error("it could not be encrypted")]
    Failed,
}

impl AccessControl {
    /// Encrypts a text (XChaCha20-Poly1305). It can be decrypted only for the same purpose, in the same tenant, with the same secret key.
    /// Fails with [`SealError::Failed`].
    pub fn seal(&self, purpose: &str, text: &str) -> Result<String, SealError> {
        let mut nonce = [0; NONCE_BYTES];
        crate::secret::fill_random(&mut nonce).map_err(|_| SealError::Failed)?;
        let payload = Payload { msg: text.as_bytes(), aad: purpose.as_bytes() };
        let sealed = self.cipher().encrypt(XNonce::from_slice(&nonce), payload).map_err(|_| SealError::Failed)?;
        Ok(STANDARD.encode([&nonce[..], &sealed].concat()))
    }

    /// Decrypts what [`Self::seal`] returned. Fails with [`SealError::Foreign`].
    pub fn unseal(&self, purpose: &str, sealed: &str) -> Result<String, SealError> {
        let bytes = STANDARD.decode(sealed).map_err(|_| SealError::Foreign)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES).ok_or(SealError::Foreign)?;
        let payload = Payload { msg: sealed, aad: purpose.as_bytes() };
        let text = self.cipher().decrypt(XNonce::from_slice(nonce), payload).map_err(|_| SealError::Foreign)?;
        String::from_utf8(text).map_err(|_| SealError::Foreign)
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.keys().sealing.bytes().into())
    }
}
