//! Whether a backup is as it was written.

use super::archive::{Go, Open, Unusable, damaged, walk};
use super::progress::Progress;
use super::{FILES, FORMAT, MANIFEST, MODEL, Manifest, Member, TABLES, part};
use cairn_model::change::Snapshot;
use serde::Deserialize;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Write};

/// What a sound backup says of itself.
pub(crate) struct Verified {
    pub(crate) manifest: Manifest,
    pub(crate) model: Snapshot,
}

#[derive(Deserialize)]
struct Head {
    format: u64,
}

/// Counts lines, and keeps nothing.
struct Lines {
    ends: u64,
    open: bool,
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.ends += bytes.iter().filter(|b| **b == b'\n').count() as u64;
        self.open = bytes.last().map_or(self.open, |b| *b != b'\n');
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads all of a backup and compares it with what its manifest says. Nothing of it is kept.
pub(crate) fn verify(file: &File) -> Result<Verified, Unusable> {
    let mut progress = Progress::new();
    let mut seen: Vec<(Member, u64)> = Vec::new();
    let (mut model, mut manifest) = (None, None);
    walk(file, |member: Open<'_>| {
        if manifest.is_some() {
            return Err(damaged(member.path, "it comes after the manifest"));
        }
        progress.show("reading members", seen.len() as u64);
        let (path, size) = (member.path.to_owned(), member.size);
        if path == MANIFEST {
            manifest = Some(member.bytes()?);
            return Ok(Go::On);
        }
        let mut lines = Lines { ends: 0, open: false };
        let sha256 = if path == MODEL {
            let bytes = member.bytes()?;
            let hash = super::hex(&<sha2::Sha256 as sha2::Digest>::digest(&bytes));
            model = Some(bytes);
            hash
        } else {
            member.copy(&mut lines)?
        };
        if path.starts_with(TABLES) && lines.open {
            return Err(damaged(&path, "its last line is incomplete"));
        }
        seen.push((Member { path, size, sha256 }, lines.ends));
        Ok(Go::On)
    })?;
    let manifest = manifest.ok_or_else(|| Unusable::Damaged("the backup has no manifest".into()))?;
    let manifest = read_manifest(&manifest)?;
    compare(&manifest, &seen)?;
    let model = model.ok_or_else(|| Unusable::Damaged(format!("the backup has no {MODEL}")))?;
    let model = String::from_utf8(model).map_err(|e| damaged(MODEL, e))?;
    let model = Snapshot::from_json(&model).map_err(|e| damaged(MODEL, e))?;
    if model.hash() != manifest.model {
        return Err(damaged(MODEL, "its hash does not match the manifest"));
    }
    Ok(Verified { manifest, model })
}

fn read_manifest(bytes: &[u8]) -> Result<Manifest, Unusable> {
    let head: Head = serde_json::from_slice(bytes).map_err(|e| damaged(MANIFEST, e))?;
    if head.format != u64::from(FORMAT) {
        return Err(Unusable::Damaged(format!(
            "the backup has format {}, but this version of Cairn reads format {FORMAT}: use the version of Cairn that wrote it",
            head.format
        )));
    }
    serde_json::from_slice(bytes).map_err(|e| damaged(MANIFEST, e))
}

/// Members as the manifest lists them, where they belong, and with as many rows.
fn compare(manifest: &Manifest, seen: &[(Member, u64)]) -> Result<(), Unusable> {
    for (i, listed) in manifest.members.iter().enumerate() {
        let Some((found, _)) = seen.get(i).filter(|(found, _)| found.path == listed.path) else {
            return Err(damaged(&listed.path, "it is missing or out of place"));
        };
        if found != listed {
            return Err(damaged(&listed.path, "its content has changed since it was written (SHA-256)"));
        }
    }
    if let Some((extra, _)) = seen.get(manifest.members.len()) {
        return Err(damaged(&extra.path, "it is not in the manifest"));
    }
    let mut members = seen.iter().peekable();
    if members.next().is_none_or(|(first, _)| first.path != MODEL) {
        return Err(damaged(MODEL, "it is missing or out of place"));
    }
    for (index, counted) in manifest.tables.iter().enumerate() {
        let (mut n, mut rows) = (0, 0);
        while let Some((_, lines)) = members.next_if(|(m, _)| m.path == part(index, &counted.table, n)) {
            (n, rows) = (n + 1, rows + lines);
        }
        if rows != counted.rows {
            let path = part(index, &counted.table, 0);
            return Err(damaged(&path, format_args!("the table has {rows} rows instead of {}", counted.rows)));
        }
    }
    let mut names = HashSet::new();
    for (member, _) in members {
        if !member.path.starts_with(FILES) || !names.insert(&member.path) {
            return Err(damaged(&member.path, "it is out of place"));
        }
    }
    Ok(())
}
