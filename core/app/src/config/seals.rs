//! `[seals]`.

use super::error::ConfigError;
use cairn_pades::TrustAnchors;
use cairn_plugin_host::TimeStampAuthority;
use serde::Deserialize;
use std::io;
use std::path::{Path, PathBuf};

/// Largest file with certificates, in bytes.
const MAX_TRUST_BYTES: u64 = 4 << 20;

/// `[seals]`: which time-stamp authority stamps seals, and whose signatures are trusted.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SealsConfig {
    /// `time_stamps` (`CAIRN_SEALS_TIME_STAMPS`): address of a time-stamp authority (RFC 3161), `https://tsa.example.com/`. Default: none, and
    /// seals of the level B-T are refused.
    pub time_stamps: Option<String>,
    /// `trust` (`CAIRN_SEALS_TRUST`): a file with certificates in PEM or DER, or a folder with such files, relative to the project: signatures
    /// below them are trusted, beside the tenant's own seals. Default: none.
    pub trust: Option<String>,
}

impl SealsConfig {
    pub(super) fn apply_environment(&mut self, env: &dyn Fn(&str) -> Option<String>) -> Result<(), ConfigError> {
        for (name, value) in
            [("CAIRN_SEALS_TIME_STAMPS", &mut self.time_stamps), ("CAIRN_SEALS_TRUST", &mut self.trust)]
        {
            if let Some(v) = env(name) {
                *value = Some(v);
            }
        }
        for value in [&mut self.time_stamps, &mut self.trust] {
            *value = value.take().filter(|text| !text.is_empty());
        }
        self.time_stamp_authority().map(drop)
    }

    /// The authority that stamps seals.
    pub(crate) fn time_stamp_authority(&self) -> Result<Option<TimeStampAuthority>, ConfigError> {
        let authority = self.time_stamps.as_deref().map(TimeStampAuthority::new).transpose();
        authority.map_err(|e| ConfigError(format!("seals.time_stamps (CAIRN_SEALS_TIME_STAMPS): {e}")))
    }

    /// The certificates that signatures are trusted by. `project`: folder that the path is relative to. Reads the disk.
    pub fn trust_anchors(&self, project: &Path) -> Result<TrustAnchors, ConfigError> {
        let mut anchors = TrustAnchors::default();
        let Some(path) = self.trust.as_deref().map(|path| project.join(path)) else { return Ok(anchors) };
        let failed = |file: &Path, why: &dyn std::fmt::Display| {
            ConfigError(format!("seals.trust (CAIRN_SEALS_TRUST): {}: {why}", file.display()))
        };
        let files = if path.is_dir() { list_files(&path).map_err(|e| failed(&path, &e))? } else { vec![path] };
        for file in files {
            let bytes = read_limited(&file).map_err(|e| failed(&file, &e))?;
            anchors.add_file(&bytes).map_err(|e| failed(&file, &e))?;
        }
        Ok(anchors)
    }
}

/// The files in a folder that have no dot at their beginning.
fn list_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        if path.is_file() && !hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_limited(file: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(file)?.len() > MAX_TRUST_BYTES {
        return Err(io::Error::other(format!("it is larger than {} MiB", MAX_TRUST_BYTES >> 20)));
    }
    std::fs::read(file)
}
