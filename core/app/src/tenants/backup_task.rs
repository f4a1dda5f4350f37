//! Tasks that are run on backups, and how far they are.

use parking_lot::Mutex;
use std::collections::HashMap;

/// The task that is run on a backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BackupTask {
    /// Takes a backup, and verifies it.
    Take,
    /// Reads a backup, and compares it with its manifest.
    Verify,
    /// Restores a backup into a new tenant.
    Restore,
}

impl BackupTask {
    /// The part of the event's name that says that it has ended.
    pub(super) fn event_suffix(self) -> &'static str {
        match self {
            Self::Take => "taken",
            Self::Verify => "verified",
            Self::Restore => "restored",
        }
    }
}

/// A task that is running or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupTaskRun {
    /// Kind of the task: it takes, verifies or restores the backup.
    pub work: BackupTask,
    /// File name of the backup.
    pub name: String,
    /// Tenant that it is restored to; `None` for other tasks.
    pub tenant: Option<String>,
    /// ISO 8601.
    pub started_at: String,
    /// `None` while it is running.
    pub ended_at: Option<String>,
    /// `None` while there has been no error.
    pub error: Option<String>,
}

/// The running or last task of each tenant, by its name.
pub(super) type BackupTaskRuns = Mutex<HashMap<String, BackupTaskRun>>;
