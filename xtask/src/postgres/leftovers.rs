//! Clusters of runs that were killed.
//!
//! Beside each folder of a throw-away cluster lies a file that its chore keeps locked. The lock goes with the process,
//! whatever ended it: a file that can be locked belongs to nobody, and so does the cluster beside it.

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Prefix of the names of throw-away clusters.
const CLUSTER_PREFIX: &str = "cairn-postgres-";
/// How long a server of a killed run may take to end before it is killed.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// A claim on a folder, as long as it lives.
pub(super) struct FolderClaim {
    /// The folder; not made yet.
    pub(super) folder: PathBuf,
    _lock: File,
}

/// Claims a new folder below `temporary`. Returns an error if the lock file cannot be made.
pub(super) fn claim_new_folder(temporary: &Path) -> Result<FolderClaim> {
    loop {
        let folder = temporary.join(format!("{CLUSTER_PREFIX}{:08x}", rand::random::<u32>()));
        // A concurrent run that looks for leftovers may lock the folder between the two calls, and then removes it.
        if let Ok(claim) = claim_folder(&folder)? {
            return Ok(claim);
        }
    }
}

/// Claims that folder; the inner error says that somebody else has it. Returns an error if the lock file cannot be made.
pub(super) fn claim_folder(folder: &Path) -> Result<Result<FolderClaim, ()>> {
    let path = lock_file(folder);
    let lock = File::options().write(true).create(true).truncate(false).open(&path);
    let lock = lock.with_context(|| path.display().to_string())?;
    let free = lock.try_lock().is_ok() && path.exists();
    Ok(if free { Ok(FolderClaim { folder: folder.to_owned(), _lock: lock }) } else { Err(()) })
}

/// Ends and removes what killed runs left below `temporary`. What belongs to another user stays.
pub(super) fn remove_leftovers(temporary: &Path) {
    for entry in std::fs::read_dir(temporary).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_lock_file =
            name.to_string_lossy().starts_with(CLUSTER_PREFIX) && path.extension().is_some_and(|e| e == "lock");
        let Some(lock) = is_lock_file.then(|| File::options().write(true).open(&path).ok()).flatten() else { continue };
        if lock.try_lock().is_ok() {
            let folder = path.with_extension("");
            end_server(&folder.join("data"));
            discard_folder(&folder);
        }
    }
}

/// Removes a folder that is claimed, with its lock file.
pub(super) fn discard_folder(folder: &Path) {
    // A folder that cannot be removed now is a leftover for the next run.
    if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
        let _ = std::fs::remove_file(lock_file(folder));
    }
}

/// Ends the server that a killed run left on a data folder, if it is there.
pub(super) fn end_server(data: &Path) {
    let Some(pid) = server_pid(data) else { return };
    let started = Instant::now();
    // SIGQUIT: at once, without a checkpoint; recovery is PostgreSQL's daily bread.
    let _ = kill(pid, Signal::SIGQUIT);
    while server_pid(data) == Some(pid) {
        if started.elapsed() > END_TIMEOUT {
            let _ = kill(pid, Signal::SIGKILL);
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The server that runs on a data folder. A process of the same number that is something else is none.
fn server_pid(data: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(data.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let command = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
    let is_server = command.split(|byte| *byte == 0).any(|argument| argument == data.as_os_str().as_encoded_bytes());
    is_server.then(|| Pid::from_raw(pid))
}

fn lock_file(folder: &Path) -> PathBuf {
    let mut name = folder.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unclaimed_folders_are_removed() {
        let temporary = crate::paths::scratch_folder("leftovers").unwrap();
        let folder_claim = claim_new_folder(&temporary).unwrap();
        let left = claim_new_folder(&temporary).unwrap();
        for claim in [&folder_claim, &left] {
            std::fs::create_dir_all(claim.folder.join("data")).unwrap();
        }
        assert!(claim_folder(&folder_claim.folder).unwrap().is_err());
        let left = {
            let FolderClaim { folder, _lock } = left;
            folder
        };
        remove_leftovers(&temporary);
        assert!(folder_claim.folder.exists());
        assert!(!left.exists() && !lock_file(&left).exists());
        assert!(claim_folder(&left).unwrap().is_ok());
    }
}
