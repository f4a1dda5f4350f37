//! The identity of this process among those on the same database. A killed process leaves leases behind, which expire after half a minute;
//! one that starts again in the same data folder recognises them as its own and continues at once.

use cairn_access::{Clock, SystemClock};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::OnceLock;

/// When this process began to build a server, in milliseconds since 1970: the time of the first call.
pub fn process_started_ms() -> i64 {
    static STARTED: OnceLock<i64> = OnceLock::new();
    *STARTED.get_or_init(|| SystemClock.now().timestamp_millis())
}

/// File in the data folder with the node's name; locked while a process uses it.
const NODE_FILE_NAME: &str = "node";

/// The identity of this process, as leases name it.
pub(crate) struct NodeIdentity {
    /// Name that is the same for every run on this data folder.
    pub(crate) name: String,
    /// Random identifier of this run, 16 hexadecimal digits.
    pub(crate) run: String,
    /// Lock on the name's file, released with its holder; while it is held, no earlier run under this name is alive.
    lock: Option<File>,
}

impl NodeIdentity {
    /// Takes the name stored in the data folder; one for this run only where another process holds it or it cannot be stored.
    pub(crate) fn acquire_name(data: &Path) -> Self {
        let random = || format!("{:016x}", rand::random::<u64>());
        let (name, lock) = match lock_stored_name(data, &random()) {
            Ok(Some((name, lock))) => (name, Some(lock)),
            Ok(None) => (random(), None),
            Err(error) => {
                tracing::debug!(%error, "cannot store the node's name; if this process is killed, its leases expire after 30 seconds");
                (random(), None)
            }
        };
        Self { name, run: random(), lock }
    }

    /// True if no earlier run under this name is still alive.
    pub(crate) fn is_alone(&self) -> bool {
        self.lock.is_some()
    }

    /// The holder that leases name: `<name>:<run>`.
    pub(crate) fn lease_holder(&self) -> String {
        format!("{}:{}", self.name, self.run)
    }
}

/// True while a server uses this data folder.
pub fn is_in_use(data: &Path) -> bool {
    File::open(data.join(NODE_FILE_NAME)).is_ok_and(|file| file.try_lock().is_err())
}

/// The stored name with its lock, or `new` where none is stored yet; `None` where another process holds the lock.
fn lock_stored_name(data: &Path, new: &str) -> std::io::Result<Option<(String, File)>> {
    fs::create_dir_all(data)?;
    let mut file =
        File::options().read(true).write(true).create(true).truncate(false).open(data.join(NODE_FILE_NAME))?;
    if file.try_lock().is_err() {
        return Ok(None);
    }
    let mut name = String::new();
    // A read error is ignored: content that is not a valid name is replaced below.
    let _ = (&file).take(64).read_to_string(&mut name);
    if name.len() != 16 || !name.bytes().all(|b| b.is_ascii_hexdigit()) {
        file.set_len(0)?;
        std::io::Seek::rewind(&mut file)?;
        file.write_all(new.as_bytes())?;
        name = new.to_owned();
    }
    Ok(Some((name, file)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_names_are_unique_while_in_use_and_reused_afterwards() {
        let data = tempfile::tempdir().unwrap();
        let first = NodeIdentity::acquire_name(data.path());
        let beside = NodeIdentity::acquire_name(data.path());
        assert!(first.is_alone() && !beside.is_alone() && is_in_use(data.path()));
        assert_ne!(first.name, beside.name);
        let (name, run) = (first.name.clone(), first.run.clone());
        drop(first);
        assert!(!is_in_use(data.path()));
        let next = NodeIdentity::acquire_name(data.path());
        assert!(next.is_alone() && next.name == name && next.run != run);
        drop(next);
        fs::write(data.path().join(NODE_FILE_NAME), b"\xff\xfe nonsense that is long enough").unwrap();
        let repaired = NodeIdentity::acquire_name(data.path());
        assert!(repaired.is_alone() && repaired.name.len() == 16);
        let name = repaired.name.clone();
        drop(repaired);
        assert_eq!(NodeIdentity::acquire_name(data.path()).name, name);
    }
}
