//! Resources of the machine: PostgreSQL's programs, a user to run them as, a folder that this user can reach.

use crate::prerequisites;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian keeps its programs, a folder a version.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";
/// Users that root may run a server as, best first: PostgreSQL refuses to run as root.
const SERVER_USERS: [&str; 2] = ["postgres", "nobody"];
/// A socket's whole path has to fit into 107 bytes: a folder longer than this cannot hold one.
const MAX_SOCKET_FOLDER_BYTES: usize = 80;

/// The folder with `postgres` and `initdb`: of that major version where one is asked for, else the newest. Installed
/// from Debian where it is missing and that can be done.
///
/// # Errors
/// When there is none and none can be installed: says what to type.
pub(super) fn find_programs(major: Option<u32>) -> Result<PathBuf> {
    if let Some(found) = newest_programs(major) {
        return Ok(found);
    }
    if let Some(major) = major {
        bail!("PostgreSQL {major} is not installed on this machine");
    }
    prerequisites::require_postgres()?;
    newest_programs(None)
        .context("PostgreSQL is installed, but initdb and postgres are neither in the PATH nor in Debian's folder")
}

/// As [`find_programs`], without installing anything.
#[cfg(test)]
pub(super) fn installed_programs() -> Option<PathBuf> {
    newest_programs(None)
}

fn newest_programs(major: Option<u32>) -> Option<PathBuf> {
    let entries = std::fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten();
    let versions =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))));
    let mut versions: Vec<(u32, PathBuf)> = versions.filter(|(_, bin)| has_server(bin)).collect();
    versions.sort_unstable();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path =
        std::env::split_paths(&path).filter(|bin| has_server(bin)).filter_map(|bin| Some((major_version(&bin)?, bin)));
    let mut all = versions.into_iter().rev().chain(in_path);
    all.find(|(version, _)| major.is_none_or(|major| major == *version)).map(|(_, bin)| bin)
}

fn has_server(bin: &Path) -> bool {
    ["postgres", "initdb", "psql"].iter().all(|program| bin.join(program).is_file())
}

/// The major version of the programs in a folder.
pub(super) fn major_version(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A user of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SystemUser {
    uid: u32,
    gid: u32,
}

impl SystemUser {
    /// Whom to run a server as: `None` is oneself.
    ///
    /// # Errors
    /// As root, when there is neither a user `postgres` nor `nobody`.
    pub(super) fn to_run_as() -> Result<Option<Self>> {
        if !nix::unistd::Uid::effective().is_root() {
            return Ok(None);
        }
        for name in SERVER_USERS {
            if let Some(user) = nix::unistd::User::from_name(name)? {
                return Ok(Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
            }
        }
        bail!("PostgreSQL does not run as root, and the user {} to run it as does not exist", SERVER_USERS.join(" or "))
    }

    /// True if this user can get to the folder.
    fn can_reach(self, folder: &Path) -> bool {
        folder.ancestors().all(|above| {
            std::fs::metadata(above).is_ok_and(|m| match m.uid() == self.uid {
                true => m.mode() & 0o100 != 0,
                false => m.mode() & 0o001 != 0,
            })
        })
    }
}

/// A program of PostgreSQL as that user, in a folder the user can read, without the environment of whoever calls.
pub(super) fn command_as(bin: &Path, program: &str, user: Option<SystemUser>, folder: &Path) -> Command {
    let mut command = Command::new(bin.join(program));
    command.current_dir(folder).stdin(std::process::Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    if let Some(SystemUser { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// Where throw-away clusters may lie: the first of the temporary folders that the user reaches and sockets fit into. Returns an
/// error if there is none.
pub(super) fn temporary_folder(user: Option<SystemUser>) -> Result<PathBuf> {
    let folders = [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()];
    let usable = |folder: &&PathBuf| {
        folder.is_dir()
            && folder.as_os_str().len() <= MAX_SOCKET_FOLDER_BYTES
            && user.is_none_or(|user| user.can_reach(folder))
    };
    folders.iter().find(usable).cloned().with_context(|| {
        format!(
            "no temporary folder for PostgreSQL: the path {} is too long or not accessible to its user",
            folders[0].display()
        )
    })
}

/// Where a cluster that is to stay may lie: the folder asked for, or where the user does not reach it, one of the same
/// name for this repository below `/var/tmp`.
pub(super) fn lasting_folder(folder: &Path, user: Option<SystemUser>) -> PathBuf {
    let above = folder.parent().unwrap_or(folder);
    if user.is_none_or(|user| user.can_reach(above)) {
        return folder.to_owned();
    }
    let name: String =
        folder.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Path::new("/var/tmp").join(format!("cairn{name}"))
}

/// A folder of that mode that belongs to the user. Returns an error if it cannot be made.
pub(super) fn create_folder(path: &Path, user: Option<SystemUser>, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let result = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)));
    result.with_context(|| path.display().to_string())?;
    give_to(path, user)
}

/// Gives a file or folder to the user.
///
/// # Errors
/// When that is refused.
pub(super) fn give_to(path: &Path, user: Option<SystemUser>) -> Result<()> {
    let Some(SystemUser { uid, gid }) = user else { return Ok(()) };
    chown(path, Some(uid), Some(gid)).with_context(|| path.display().to_string())
}
