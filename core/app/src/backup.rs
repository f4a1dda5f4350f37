//! One tenant's data in one file, and back: `cairn backup` and `cairn restore`.
//!
//! A backup is a `.tar.gz` with these members, in this order:
//!
//! | member | |
//! | --- | --- |
//! | `model.json` | the shape of the content types (`cairn_model::change::Snapshot`) |
//! | `tables/<nnn>-<name>/<nnnnn>.jsonl` | rows of a table, one JSON array a line ([`cairn_store::transfer`]) |
//! | `files/<name>` | uploaded files |
//! | `manifest.json` | the [`BackupManifest`]: the format, and every member's size and SHA-256 |
//! | `SHA256` | the SHA-256 of everything before it: [`checksum_trailer`] |

mod archive;
mod backup_folder;
mod checksum_trailer;
mod files;
mod progress;
mod restore;
mod take;
mod verify;

pub use backup_folder::{BackupFile, BackupFolder, default_backup_name};
pub use progress::Progress;
pub use restore::{RestoreTarget, restore_backup};
pub use take::take_backup;
pub use verify::{VerifiedBackup, verify_backup};

use crate::operator_error::OperatorError;
use crate::wiring::ProcessContext;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_store::StoreError;
use cairn_store::transfer::{DumpOutline, DumpTable};
use serde::{Deserialize, Serialize};
use std::time::SystemTime;

/// Format of backups that this version writes, and the newest it reads.
const FORMAT_VERSION: u32 = 1;

const MODEL_PATH: &str = "model.json";
const MANIFEST_PATH: &str = "manifest.json";
/// Path prefix of the uploaded files.
const FILES_PREFIX: &str = "files/";
const TABLES_PREFIX: &str = "tables/";

/// Size at which a part of a table is closed, in bytes.
const TABLE_PART_BYTES: usize = 1 << 20;
/// Largest member that is read into memory (a part with one row at least, the model, the manifest), in bytes.
const MAX_MEMBER_BYTES: u64 = 256 << 20;
/// Largest number of members of an archive.
const MAX_MEMBERS: usize = 2_000_000;

/// The description of a backup, stored in it as `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BackupManifest {
    /// [`FORMAT_VERSION`] when it was written.
    pub format: u32,
    /// The version of Cairn that wrote it.
    pub cairn: String,
    /// Name of the tenant that was backed up.
    pub tenant: String,
    /// Time of its snapshot.
    pub created_at: String,
    /// Kind of database it was taken from: `SQLite` or `PostgreSQL`. It can be restored to either.
    pub database: String,
    /// The hash of the model ([`MODEL_PATH`]).
    pub model: String,
    /// Migrations that the database had run.
    pub migrations: Vec<String>,
    /// The number of the next component instance.
    pub next_instance: i64,
    /// Every table, with its number of rows.
    pub tables: Vec<TableRowCount>,
    /// Tables and columns that are left out because the content types no longer name them.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// Files that entries name and that were missing.
    #[serde(default)]
    pub missing_files: Vec<String>,
    /// Every member before this one, in order.
    pub members: Vec<BackupMember>,
}

/// A table and its number of rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableRowCount {
    #[serde(flatten)]
    /// The table.
    pub table: DumpTable,
    /// Its rows.
    pub rows: u64,
}

/// A member of the archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMember {
    /// Path in the archive.
    pub path: String,
    /// Size of the content, in bytes.
    pub size: u64,
    /// SHA-256 of the content, in hexadecimal.
    pub sha256: String,
}

impl BackupManifest {
    /// The part of it that the store needs to import rows.
    fn to_outline(&self) -> DumpOutline {
        DumpOutline {
            tables: self.tables.iter().map(|t| t.table.clone()).collect(),
            next_instance: self.next_instance,
            migrations: self.migrations.clone(),
            left_out: Vec::new(),
        }
    }

    /// The uploaded files, each with its name in the tenant's folder.
    pub fn files(&self) -> impl Iterator<Item = (&str, &BackupMember)> {
        self.members.iter().filter_map(|m| Some((m.path.strip_prefix(FILES_PREFIX)?, m)))
    }
}

/// Registers files that were stored before the database had rows for them.
pub async fn adopt_files(context: &ProcessContext, access: &AccessControl, tenant: &str) -> Result<(), OperatorError> {
    let blobs = context.upload_storage(tenant)?.open(&context.config, SystemTime::UNIX_EPOCH)?;
    Content::new(access.clone()).adopt_files(&blobs).await.map(drop).map_err(|e| OperatorError(e.to_string()))
}

/// The path of a part of a table.
fn table_part_path(index: usize, table: &DumpTable, n: usize) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' };
    let name: String = table.name.chars().map(plain).collect();
    format!("{TABLES_PREFIX}{index:03}-{name}/{n:05}.jsonl")
}

fn hex_string(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

impl From<StoreError> for OperatorError {
    fn from(e: StoreError) -> Self {
        Self(e.to_string())
    }
}

#[cfg(test)]
mod tests;
