//! The encryption of `strapi export`: AES-128 in ECB mode with PKCS#7 padding, its key made with scrypt without a salt.

use crate::error::ImportError;
use aes::Aes128;
use aes::cipher::{BlockDecrypt, KeyInit};
use std::io::{self, Read};

const BLOCK_BYTES: usize = 16;
/// Bytes that are decrypted at a time: whole blocks.
const CHUNK_BYTES: usize = 64 << 10;
/// The parameters of Node.js's `scryptSync`: N = 2^14, r = 8, p = 1.
const SCRYPT_PARAMETERS: (u8, u32, u32) = (14, 8, 1);

/// The key of an encrypted archive.
#[derive(Clone)]
pub(super) struct ArchiveKey(Aes128);

impl ArchiveKey {
    pub(super) fn derive(passphrase: &str) -> Result<Self, ImportError> {
        let failed =
            |e: &dyn std::fmt::Display| ImportError::Archive(format!("no AES key can be derived from --key: {e}"));
        let (log_n, r, p) = SCRYPT_PARAMETERS;
        let parameters = scrypt::Params::new(log_n, r, p).map_err(|e| failed(&e))?;
        let mut key = [0; BLOCK_BYTES];
        scrypt::scrypt(passphrase.as_bytes(), &[], &parameters, &mut key).map_err(|e| failed(&e))?;
        Ok(Self(Aes128::new(&key.into())))
    }
}

/// Decrypts a stream. The last block is held back until the stream has ended, since its padding says how much of it counts.
pub(super) struct DecryptingReader<R> {
    inner: R,
    cipher: Aes128,
    /// Encrypted bytes that are not a block yet, or the last block.
    pending: Vec<u8>,
    plain: Vec<u8>,
    position: usize,
    ended: bool,
}

impl<R: Read> DecryptingReader<R> {
    pub(super) fn new(inner: R, key: &ArchiveKey) -> Self {
        Self { inner, cipher: key.0.clone(), pending: Vec::new(), plain: Vec::new(), position: 0, ended: false }
    }

    fn decrypt_chunk(&mut self) -> io::Result<()> {
        let read = (&mut self.inner).take(CHUNK_BYTES as u64).read_to_end(&mut self.pending)?;
        self.ended = read == 0;
        let whole = self.pending.len() - self.pending.len() % BLOCK_BYTES;
        // The last block has the padding: a block is held back until the end is known.
        let usable = if self.ended { whole } else { whole.saturating_sub(BLOCK_BYTES) };
        if self.ended && (whole != self.pending.len() || whole == 0) {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the encrypted data end in the middle of a block: the file is incomplete",
            ));
        }
        self.plain = self.pending.drain(..usable).collect();
        self.position = 0;
        for block in self.plain.chunks_exact_mut(BLOCK_BYTES) {
            self.cipher.decrypt_block(block.into());
        }
        if self.ended {
            let padding = self.plain.last().map_or(0, |n| usize::from(*n));
            let kept = self.plain.len().checked_sub(padding).filter(|_| (1..=BLOCK_BYTES).contains(&padding));
            let valid = kept.filter(|kept| self.plain[*kept..].iter().all(|byte| usize::from(*byte) == padding));
            let message = "the encrypted data have no valid end: the key is wrong, or the file is incomplete";
            self.plain.truncate(valid.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, message))?);
        }
        Ok(())
    }
}

impl<R: Read> Read for DecryptingReader<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.position == self.plain.len() && !self.ended {
            self.decrypt_chunk()?;
        }
        let n = (self.plain.len() - self.position).min(out.len());
        out[..n].copy_from_slice(&self.plain[self.position..self.position + n]);
        self.position += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aes::cipher::BlockEncrypt;

    fn encrypt(plain: &[u8], key: &ArchiveKey) -> Vec<u8> {
        let padding = BLOCK_BYTES - plain.len() % BLOCK_BYTES;
        let mut bytes = plain.to_vec();
        bytes.extend(std::iter::repeat_n(padding as u8, padding));
        for block in bytes.chunks_exact_mut(BLOCK_BYTES) {
            key.0.encrypt_block(block.into());
        }
        bytes
    }

    #[test]
    fn what_was_encrypted_is_read_again() {
        let key = ArchiveKey::derive("secret").unwrap();
        for length in [0, 1, 15, 16, 17, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES] {
            let plain: Vec<u8> = (0..length).map(|i| i as u8).collect();
            let mut read = Vec::new();
            DecryptingReader::new(&encrypt(&plain, &key)[..], &key).read_to_end(&mut read).unwrap();
            assert_eq!(read, plain, "{length}");
        }
    }

    #[test]
    fn truncated_data_are_refused() {
        let key = ArchiveKey::derive("secret").unwrap();
        let whole = encrypt(&[99; 100], &key);
        for length in [0, 1, 16, 100] {
            let read = DecryptingReader::new(&whole[..length], &key).read_to_end(&mut Vec::new());
            assert!(read.is_err(), "{length}");
        }
    }
}
