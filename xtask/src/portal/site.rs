//! The customers' site of the sample `examples/portal`: built with npm, and run by Node beside a Cairn.

use crate::api::Api;
use crate::process::{root_command, run_checked, spawn_group, terminate_process};
use crate::{interrupt, npm, paths};
use anyhow::{Result, bail};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

/// How long the site may take until it listens.
const START_TIMEOUT: Duration = Duration::from_secs(20);
/// How long it may take to stop before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// The site's folder in the repository.
pub(crate) fn site_folder() -> PathBuf {
    paths::repository_root().join("examples").join("portal")
}

/// Builds the site. It takes a second, so nothing looks whether that is needed. Returns an error if npm is missing or fails.
pub(crate) fn build_site() -> Result<()> {
    let folder = site_folder();
    npm::install_packages(&folder)?;
    let mut node = root_command("node");
    node.current_dir(&folder).arg("node_modules/vite/bin/vite.js").args(["build", "--logLevel", "warn"]);
    run_checked(&mut node)
}

/// The site as a process; stopped when dropped.
pub(crate) struct PortalProcess {
    child: Child,
    _interrupt: interrupt::CleanupGuard,
    /// Base URL, as `http://host:port`.
    pub(crate) base: String,
}

impl PortalProcess {
    /// Starts the built site for the Cairn at `cairn` (`http://host:port`); returns when it answers. `log`: the file that its output is
    /// appended to, `None` for the terminal. Returns an error if it ends, or does not answer in time.
    pub(crate) fn start(listen: &str, cairn: &str, secret: &str, log: Option<&Path>) -> Result<Self> {
        let mut node = root_command("node");
        node.arg(site_folder().join("dist").join("main.js")).env("NODE_ENV", "production");
        node.env("CAIRN_URL", cairn).env("PORTAL_LISTEN", listen).env("PORTAL_SECRET", secret);
        if let Some(log) = log {
            let file = File::options().create(true).append(true).open(log)?;
            node.stdout(file.try_clone()?).stderr(file);
        }
        let started = Instant::now();
        let (child, guard) = spawn_group(&mut node)?;
        let mut site = Self { child, _interrupt: guard, base: format!("http://{listen}") };
        let api = Api::new(&site.base, None);
        while !api.get("/health").is_ok_and(|answer| answer.status == 204) {
            if let Some(status) = site.child.try_wait()? {
                bail!("the site ended with {status}{}", describe_log(log));
            }
            if started.elapsed() > START_TIMEOUT {
                bail!("the site did not answer within {} s{}", START_TIMEOUT.as_secs(), describe_log(log));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(site)
    }

    /// Sends SIGTERM, then waits for the exit. Returns an error if it does not stop in time (it is then killed).
    pub(crate) fn stop(mut self) -> Result<()> {
        self.terminate()
    }

    fn terminate(&mut self) -> Result<()> {
        if self.child.try_wait()?.is_some() {
            return Ok(());
        }
        terminate_process(&mut self.child, "the site", STOP_TIMEOUT).map(drop)
    }
}

impl Drop for PortalProcess {
    fn drop(&mut self) {
        // A drop has nowhere to report an error; the chore that cares calls `stop`.
        let _ = self.terminate();
    }
}

/// Where what the site said can be read.
fn describe_log(log: Option<&Path>) -> String {
    log.map(|log| format!("; see {}", log.display())).unwrap_or_default()
}
