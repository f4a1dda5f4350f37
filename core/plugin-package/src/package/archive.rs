//! zstd of a tar in which nothing is left to choice.

use super::digests;
use super::files::PackageFiles;
use super::problem::{PackageLimits, PackageProblem};
use crate::component::COMPONENT;
use crate::units::format_size;
use crate::words::quote_input;
use std::io::{self, Read};
use tar::{Archive, Builder, EntryType, Header};

/// Strong enough to make components small, quick enough for large ones.
const COMPRESSION_LEVEL: i32 = 12;
/// The largest window a decoder keeps, as a power of two: what the level above makes at most, and no more memory for a hostile file.
const WINDOW_LOG: u32 = 23;
/// Size in bytes that a small package may have, whatever the ratio says: a screen of JSON packs very well.
const ALWAYS_ALLOWED_BYTES: usize = 1 << 20;

/// Refuses files that [`unpack_archive`] would not take.
pub(super) fn check_sizes(files: &PackageFiles, limits: &PackageLimits) -> Result<(), PackageProblem> {
    // The digest list and the signature come along.
    check_limit(files.len() + 2, limits.files, "the number of files", |n| n.to_string())?;
    for (path, content) in files.iter() {
        check_limit(content.len(), limit_of(path, limits), path, format_bytes)?;
    }
    check_limit(
        files.iter().map(|(_, content)| content.len()).sum(),
        limits.unpacked,
        "the content of the package",
        format_bytes,
    )
}

/// The package of these files.
pub(super) fn pack_archive(files: &PackageFiles) -> Result<Vec<u8>, PackageProblem> {
    let packed = build_tar(files).and_then(|tar| {
        let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), COMPRESSION_LEVEL)?;
        encoder.include_checksum(true)?;
        encoder.window_log(WINDOW_LOG)?;
        encoder.set_pledged_src_size(Some(tar.len() as u64))?;
        io::copy(&mut tar.as_slice(), &mut encoder)?;
        encoder.finish()
    });
    packed.map_err(|error| PackageProblem::Damaged(error.to_string()))
}

/// The files of a package.
pub(super) fn unpack_archive(bytes: &[u8], limits: &PackageLimits) -> Result<PackageFiles, PackageProblem> {
    check_limit(bytes.len(), limits.packed, "the package", format_bytes)?;
    let tar = decompress(bytes, limits)?;
    let files = read_entries(&tar, limits)?;
    // An archive must be byte for byte what packing makes: another order, time, owner, mode or padding could mean something to another program.
    match self::build_tar(&files) {
        Ok(canonical) if canonical == tar => Ok(files),
        _ => Err(PackageProblem::NotCanonical("the order, times, owners, modes or padding of its files differ")),
    }
}

fn decompress(bytes: &[u8], limits: &PackageLimits) -> Result<Vec<u8>, PackageProblem> {
    let damaged = |error: io::Error| PackageProblem::Damaged(error.to_string());
    let by_ratio = bytes.len().saturating_mul(limits.ratio).max(ALWAYS_ALLOWED_BYTES);
    // Headers and padding come on top of the content.
    let most = limits.unpacked.saturating_add(limits.files.saturating_mul(1_024)).min(by_ratio);
    let mut decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(damaged)?.single_frame();
    decoder.window_log_max(WINDOW_LOG).map_err(damaged)?;
    let mut tar = Vec::new();
    decoder.by_ref().take(most as u64 + 1).read_to_end(&mut tar).map_err(damaged)?;
    if tar.len() > most {
        let subject =
            if most == by_ratio { "the compression ratio of the package" } else { "the content of the package" };
        return Err(PackageProblem::TooLarge { what: subject.into(), limit: format_bytes(most) });
    }
    if decoder.finish().is_empty() { Ok(tar) } else { Err(PackageProblem::Trailing) }
}

fn read_entries(tar: &[u8], limits: &PackageLimits) -> Result<PackageFiles, PackageProblem> {
    let damaged = |error: io::Error| PackageProblem::Damaged(error.to_string());
    let mut files = PackageFiles::new();
    let mut archive = Archive::new(tar);
    // Raw: extensions of the format are seen as entries, and refused.
    for entry in archive.entries().map_err(damaged)?.raw(true) {
        let mut entry = entry.map_err(damaged)?;
        check_limit(files.len() + 1, limits.files, "the number of files", |n| n.to_string())?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if let Some(kind) = entry_kind_name(entry.header().entry_type()) {
            return Err(PackageProblem::NotAFile { path: quote_input(&path), kind });
        }
        let length = usize::try_from(entry.header().entry_size().map_err(damaged)?).unwrap_or(usize::MAX);
        check_limit(length, limit_of(&path, limits), &quote_input(&path), format_bytes)?;
        // Never more than is there: a header may promise more.
        let mut content = Vec::with_capacity(length.min(tar.len()));
        entry.read_to_end(&mut content).map_err(damaged)?;
        if content.len() != length {
            return Err(PackageProblem::Damaged(format!("{} is truncated", quote_input(&path))));
        }
        files.add(&path, content)?;
    }
    Ok(files)
}

fn entry_kind_name(kind: EntryType) -> Option<&'static str> {
    match kind {
        EntryType::Regular => None,
        EntryType::Link => Some("a hard link"),
        EntryType::Symlink => Some("a symbolic link"),
        EntryType::Char | EntryType::Block => Some("a device"),
        EntryType::Fifo => Some("a pipe"),
        EntryType::Directory => Some("a folder"),
        EntryType::GNULongName | EntryType::GNULongLink | EntryType::XGlobalHeader | EntryType::XHeader => {
            Some("an extension of the tar format")
        }
        _ => Some("of an unknown kind"),
    }
}

/// The digest list and the signature first, then the files by path; no times, no owners, one mode.
fn build_tar(files: &PackageFiles) -> io::Result<Vec<u8>> {
    let mut builder = Builder::new(Vec::new());
    let first = |path: &str| matches!(path, digests::DIGESTS | digests::SIGNATURE);
    let ordered = files.iter().filter(|(path, _)| first(path)).chain(files.iter().filter(|(path, _)| !first(path)));
    for (path, content) in ordered {
        let mut header = Header::new_ustar();
        header.set_path(path)?;
        header.set_size(content.len() as u64);
        header.set_entry_type(EntryType::Regular);
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        builder.append(&header, content)?;
    }
    builder.into_inner()
}

fn limit_of(path: &str, limits: &PackageLimits) -> usize {
    if path == COMPONENT { limits.component } else { limits.file }
}

fn format_bytes(bytes: usize) -> String {
    format_size(bytes as u64)
}

fn check_limit(found: usize, most: usize, subject: &str, show: impl Fn(usize) -> String) -> Result<(), PackageProblem> {
    if found <= most { Ok(()) } else { Err(PackageProblem::TooLarge { what: subject.to_owned(), limit: show(most) }) }
}
