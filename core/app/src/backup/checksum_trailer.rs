//! The end of a backup: a member with the SHA-256 of everything before it.
//!
//! It is a gzip stream of its own, uncompressed, so that it has one length and its bytes follow from the hash alone.
//! Whoever reads a backup makes it anew and compares: so every byte of the file counts, those that gzip and tar do not
//! look at included. `tar` reads both streams as one.

use super::hex_string;
use flate2::Crc;
use sha2::{Digest, Sha256};
use tar::Header;

const MEMBER_NAME: &str = "SHA256";
const TAR_BLOCK_BYTES: usize = 512;
/// The member's header and content, and the two empty blocks that end an archive.
const UNCOMPRESSED_BYTES: usize = 4 * TAR_BLOCK_BYTES;
/// Its length in the file.
pub(super) const TRAILER_BYTES: usize = 10 + 5 + UNCOMPRESSED_BYTES + 8;

/// The end of a file whose other bytes have this hash.
pub(super) fn encode_trailer(hash: &Sha256) -> Vec<u8> {
    let content = format!("{}\n", hex_string(&hash.clone().finalize()));
    let mut plain = Vec::with_capacity(UNCOMPRESSED_BYTES);
    plain.extend_from_slice(tar_header(MEMBER_NAME, content.len() as u64).as_bytes());
    plain.extend_from_slice(content.as_bytes());
    plain.resize(UNCOMPRESSED_BYTES, 0);
    let mut crc = Crc::new();
    crc.update(&plain);
    let mut out = Vec::with_capacity(TRAILER_BYTES);
    out.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    let length = UNCOMPRESSED_BYTES as u16;
    out.push(1);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&(!length).to_le_bytes());
    out.extend_from_slice(&plain);
    out.extend_from_slice(&crc.sum().to_le_bytes());
    out.extend_from_slice(&crc.amount().to_le_bytes());
    out
}

/// The header of a member whose path fits into one.
pub(super) fn tar_header(path: &str, size: u64) -> Header {
    let mut header = Header::new_ustar();
    // Paths of this module are ours, and short enough; `archive` looks before it asks.
    let _ = header.set_path(path);
    header.set_size(size);
    header.set_mode(0o600);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn trailer_is_a_gzip_stream_of_fixed_length() {
        let hash = Sha256::new_with_prefix(b"all before");
        let bytes = encode_trailer(&hash);
        assert_eq!(bytes.len(), TRAILER_BYTES);
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut plain).unwrap();
        let mut archive = tar::Archive::new(&plain[..]);
        let mut entry = archive.entries().unwrap().next().unwrap().unwrap();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap();
        assert_eq!(entry.path().unwrap().to_str(), Some(MEMBER_NAME));
        assert_eq!(text.trim(), hex_string(&hash.finalize()));
    }
}
