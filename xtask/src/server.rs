//! A running `cairn serve`: start, wait until it is ready, stop gracefully or kill.

use crate::database::isolate_command;
use crate::interrupt;
use crate::process::terminate_process;
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take before it counts as failed.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a graceful stop may take before the server is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Command that starts a server.
#[derive(Clone)]
pub(crate) struct ServerCommand {
    /// Path of the `cairn` binary.
    pub(crate) binary: PathBuf,
    /// The project folder.
    pub(crate) project: PathBuf,
    /// Address to listen on, as `host:port`.
    pub(crate) listen: String,
    /// Environment variables to add, for `apply` as well; the database is taken from here alone.
    pub(crate) env: Vec<(String, String)>,
    /// File that the output is appended to; `None` for the terminal.
    pub(crate) log: Option<PathBuf>,
}

/// A server process; stopped when dropped.
pub(crate) struct ServerProcess {
    child: Child,
    _interrupt: interrupt::CleanupGuard,
    /// Base URL, as `http://host:port`.
    pub(crate) base: String,
    /// Time from the start of the process to the first 204 of `/_health`.
    pub(crate) ready_after: Duration,
}

impl ServerCommand {
    /// Runs `cairn apply FILE`, with its output where the server's is. Returns an error if it fails.
    pub(crate) fn apply_settings(&self, settings: &Path) -> Result<()> {
        let status =
            self.cairn_command("apply")?.arg(settings).args(["--project".as_ref(), self.project.as_os_str()]).status();
        let status = status.with_context(|| format!("cannot start {}", self.binary.display()))?;
        if !status.success() {
            bail!("cairn apply {} ended with {status}{}", settings.display(), self.log_tail());
        }
        Ok(())
    }

    /// Runs `cairn doctor`, the integrity check of database and files. Returns an error if it finds a problem.
    pub(crate) fn run_doctor(&self) -> Result<()> {
        let status = self.cairn_command("doctor")?.args(["--project".as_ref(), self.project.as_os_str()]).status()?;
        if !status.success() {
            bail!("cairn doctor ended with {status}{}", self.log_tail());
        }
        Ok(())
    }

    /// Runs `cairn serve`; returns when the server is ready. Returns an error if it exits, or is not ready after a minute.
    pub(crate) fn start(&self) -> Result<ServerProcess> {
        let started = Instant::now();
        let child = self
            .cairn_command("serve")?
            .args(["--project".as_ref(), self.project.as_os_str()])
            .args(["--listen", &self.listen])
            // A group of its own, so that Ctrl-C reaches the chore first, which then stops the server itself.
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        let pid = Pid::from_raw(i32::try_from(child.id())?);
        let guard = interrupt::on_end(move || {
            // Killed, not stopped: what is acknowledged is on disk.
            let _ = kill(pid, Signal::SIGKILL);
        })?;
        let base = format!("http://{}", self.listen);
        let mut server = ServerProcess { child, _interrupt: guard, base, ready_after: Duration::ZERO };
        let api = crate::api::Api::new(&server.base, None);
        loop {
            if api.get("/_health").is_ok_and(|answer| answer.status == 204) {
                server.ready_after = started.elapsed();
                return Ok(server);
            }
            if let Some(status) = server.child.try_wait()? {
                bail!("cairn serve ended with {status}{}", self.log_tail());
            }
            if started.elapsed() > START_TIMEOUT {
                bail!(
                    "cairn serve: /_health did not return 204 within {} s{}",
                    START_TIMEOUT.as_secs(),
                    self.log_tail()
                );
            }
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn cairn_command(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(&self.binary);
        isolate_command(&mut command).arg(name).envs(self.env.iter().map(|(k, v)| (k, v))).stdin(Stdio::null());
        if let Some(log) = &self.log {
            let file = File::options().create(true).append(true).open(log)?;
            command.stdout(file.try_clone()?).stderr(file);
        }
        Ok(command)
    }

    /// The last lines of the log, for error messages.
    fn log_tail(&self) -> String {
        let Some(text) = self.log.as_ref().and_then(|log| std::fs::read_to_string(log).ok()) else {
            return String::new();
        };
        let lines: Vec<&str> = text.lines().collect();
        format!(":\n{}", lines[lines.len().saturating_sub(20)..].join("\n"))
    }
}

impl ServerProcess {
    /// Returns the exit status if the process has exited by itself, `None` if it still runs. Returns an error if its state cannot be read.
    pub(crate) fn exit_status(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The processor time that it has used, as of [`read_processor_time`].
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        read_processor_time(self.child.id())
    }

    /// Sends SIGTERM, then waits for the exit. Returns an error if it does not stop in time (it is then killed) or exits with a
    /// status other than 0.
    pub(crate) fn stop(mut self) -> Result<()> {
        self.terminate()
    }

    /// Sends SIGKILL, then waits for the exit. Returns an error if the process cannot be killed.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    fn terminate(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("cairn serve had already ended, with {status}");
        }
        let status = terminate_process(&mut self.child, "cairn serve", STOP_TIMEOUT)?;
        if !status.success() {
            bail!("cairn serve stopped with {status}");
        }
        Ok(())
    }
}

impl Drop for ServerProcess {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            // A drop has nowhere to report an error; the chore that cares calls `stop`.
            let _ = self.terminate();
        }
    }
}

/// The processor time that a process has used, to a hundredth of a second. Returns an error if the system does not tell.
pub(crate) fn read_processor_time(pid: u32) -> Result<Duration> {
    const TICK: Duration = Duration::from_millis(10);
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // Behind the name, which may have any characters: the 12th and 13th field are the time in and out of the kernel.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields).split_whitespace();
    let ticks = fields.skip(11).take(2).map(str::parse::<u32>).collect::<Result<Vec<_>, _>>()?;
    Ok(TICK * ticks.iter().sum::<u32>())
}

/// An address `127.0.0.1:<port>` whose port is free now. Returns an error if there is no free port.
pub(crate) fn free_address() -> Result<String> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
