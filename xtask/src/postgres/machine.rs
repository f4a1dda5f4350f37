//! What the machine has: PostgreSQL's programs, a user to run them as, a folder that this user can reach.

use crate::need;
use anyhow::{Context, Result, bail};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian keeps its programs, a folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// Users that root may run a server as, best first: PostgreSQL refuses to run as root.
const USERS: [&str; 2] = ["postgres", "nobody"];
/// A socket's whole path has to fit into 107 bytes: a folder longer than this cannot hold one.
const SOCKET_FOLDER: usize = 80;

/// The folder with `postgres` and `initdb`: of that major version where one is asked for, else the newest. Installed
/// from Debian where it is missing and that can be done.
///
/// # Errors
/// When there is none and none can be installed: says what to type.
pub(super) fn programs(major: Option<u32>) -> Result<PathBuf> {
    if let Some(found) = find(major) {
        return Ok(found);
    }
    if let Some(major) = major {
        bail!("PostgreSQL {major} is not installed on this machine");
    }
    need::postgres()?;
    find(None)
        .context("PostgreSQL is installed, but initdb and postgres are neither in the PATH nor in Debian's folder")
}

/// As [`programs`], without installing anything.
#[cfg(test)]
pub(super) fn programs_there() -> Option<PathBuf> {
    find(None)
}

fn find(major: Option<u32>) -> Option<PathBuf> {
    let entries = std::fs::read_dir(DEBIAN).into_iter().flatten().flatten();
    let versions =
        entries.filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))));
    let mut versions: Vec<(u32, PathBuf)> = versions.filter(|(_, bin)| has_server(bin)).collect();
    versions.sort_unstable();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path =
        std::env::split_paths(&path).filter(|bin| has_server(bin)).filter_map(|bin| Some((version(&bin)?, bin)));
    let mut all = versions.into_iter().rev().chain(in_path);
    all.find(|(version, _)| major.is_none_or(|major| major == *version)).map(|(_, bin)| bin)
}

fn has_server(bin: &Path) -> bool {
    ["postgres", "initdb", "psql"].iter().all(|program| bin.join(program).is_file())
}

/// The major version of the programs in a folder.
pub(super) fn version(bin: &Path) -> Option<u32> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(2)?.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A user of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct User {
    uid: u32,
    gid: u32,
}

impl User {
    /// Whom to run a server as: `None` is oneself.
    ///
    /// # Errors
    /// As root, when there is neither a user `postgres` nor `nobody`.
    pub(super) fn to_run_as() -> Result<Option<Self>> {
        if !nix::unistd::Uid::effective().is_root() {
            return Ok(None);
        }
        for name in USERS {
            if let Some(user) = nix::unistd::User::from_name(name)? {
                return Ok(Some(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw() }));
            }
        }
        bail!("PostgreSQL does not run as root, and the user {} to run it as does not exist", USERS.join(" or "))
    }

    /// Whether this user can get to the folder.
    fn reaches(self, folder: &Path) -> bool {
        folder.ancestors().all(|above| {
            std::fs::metadata(above).is_ok_and(|m| match m.uid() == self.uid {
                true => m.mode() & 0o100 != 0,
                false => m.mode() & 0o001 != 0,
            })
        })
    }
}

/// A program of PostgreSQL as that user, in a folder the user can read, without the environment of whoever calls.
pub(super) fn command(bin: &Path, program: &str, user: Option<User>, folder: &Path) -> Command {
    let mut command = Command::new(bin.join(program));
    command.current_dir(folder).stdin(std::process::Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("PG")) {
        command.env_remove(name);
    }
    if let Some(User { uid, gid }) = user {
        command.uid(uid).gid(gid);
    }
    command
}

/// Where throw-away clusters may lie: the first of the temporary folders that the user reaches and sockets fit into.
///
/// # Errors
/// When there is none.
pub(super) fn temporary(user: Option<User>) -> Result<PathBuf> {
    let folders = [std::env::temp_dir(), "/tmp".into(), "/var/tmp".into()];
    let usable = |folder: &&PathBuf| {
        folder.is_dir() && folder.as_os_str().len() <= SOCKET_FOLDER && user.is_none_or(|user| user.reaches(folder))
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
pub(super) fn lasting(folder: &Path, user: Option<User>) -> PathBuf {
    let above = folder.parent().unwrap_or(folder);
    if user.is_none_or(|user| user.reaches(above)) {
        return folder.to_owned();
    }
    let name: String =
        folder.to_string_lossy().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    Path::new("/var/tmp").join(format!("cairn{name}"))
}

/// A folder of that mode that belongs to the user.
///
/// # Errors
/// When it cannot be made.
pub(super) fn folder(path: &Path, user: Option<User>, mode: u32) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let made = std::fs::create_dir_all(path)
        .and_then(|()| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)));
    made.with_context(|| path.display().to_string())?;
    own(path, user)
}

/// Gives a file or folder to the user.
///
/// # Errors
/// When that is refused.
pub(super) fn own(path: &Path, user: Option<User>) -> Result<()> {
    let Some(User { uid, gid }) = user else { return Ok(()) };
    chown(path, Some(uid), Some(gid)).with_context(|| path.display().to_string())
}
