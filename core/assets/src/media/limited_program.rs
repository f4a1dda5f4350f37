//! Programs run with little memory and little time, for what cannot be trusted with those of the server.
//!
//! [`run_program`] blocks: until one of two places is free, and then for as long as the program may take.

use crate::AssetError;
use crate::image::SharedBudget;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How many such programs run at once, in all of the server.
static PROGRAM_SLOTS: SharedBudget = SharedBudget::new(2);

/// How often it is looked whether a program that has said all has ended.
const POLL_INTERVAL: Duration = Duration::from_millis(2);

/// How long it takes at most until what an ended program wrote has been read.
const OUTPUT_GRACE_TIME: Duration = Duration::from_secs(1);

/// Limits on the resources of a program.
#[derive(Debug, Clone, Copy)]
pub struct ProgramLimits {
    /// Its address space in bytes; what it uses is less.
    pub memory: u64,
    /// On the clock, and of all its threads together.
    pub time: Duration,
    /// How many bytes it may write.
    pub output: usize,
}

/// Result of a program that was run.
#[derive(Debug, PartialEq)]
pub struct ProgramOutput {
    /// Bytes that it wrote to its output, up to [`ProgramLimits::output`].
    pub output: Vec<u8>,
    /// True if it exited with success; false also if it wrote too much or took too long.
    pub succeeded: bool,
}

/// Runs a program, without a shell, an environment or anything to read. It is gone when this returns. Fails with [`AssetError::Io`] if
/// it cannot be started.
pub fn run_program(program: &Path, arguments: &[OsString], limits: ProgramLimits) -> Result<ProgramOutput, AssetError> {
    let _one_of_few = PROGRAM_SLOTS.reserve(1);
    let deadline = Instant::now() + limits.time;
    let child = Command::new(program)
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(AssetError::io("start an external program"))?;
    let mut running = RunningProgram(child);
    running.limit(limits);
    let Some(output) = running.0.stdout.take() else {
        return Ok(ProgramOutput { output: Vec::new(), succeeded: false });
    };
    let (tell, receiver) = mpsc::channel();
    std::thread::Builder::new()
        .name("read-output".to_owned())
        .spawn(move || {
            let mut bytes = Vec::new();
            let read = output.take(limits.output as u64 + 1).read_to_end(&mut bytes);
            // The receiver is gone if the program took too long.
            let _ = tell.send(read.map(|_| bytes));
        })
        .map_err(AssetError::io("start reading the output of an external program"))?;
    let left = || deadline.saturating_duration_since(Instant::now());
    let (mut output, in_time) = match receiver.recv_timeout(left()) {
        Ok(read) => (read.unwrap_or_default(), true),
        Err(_) => {
            tracing::info!(program = %program.display(), "an external program took too long");
            running.kill_if_running();
            // The program's output ends when it is killed.
            let read = receiver.recv_timeout(OUTPUT_GRACE_TIME);
            (read.unwrap_or_else(|_| Ok(Vec::new())).unwrap_or_default(), false)
        }
    };
    if output.len() > limits.output {
        tracing::info!(program = %program.display(), "an external program wrote too much");
        output.truncate(limits.output);
        return Ok(ProgramOutput { output, succeeded: false });
    }
    let succeeded = in_time && running.succeeded(left).map_err(AssetError::io("wait for an external program"))?;
    Ok(ProgramOutput { output, succeeded })
}

/// A program that runs. Dropping it ends it, and what it may have started.
struct RunningProgram(Child);

impl RunningProgram {
    /// Set from outside and thus a moment after its start, which reads nothing yet that anybody sent.
    #[cfg(target_os = "linux")]
    fn limit(&self, limits: ProgramLimits) {
        use rustix::process::{Pid, Resource, Rlimit, prlimit};
        let seconds = limits.time.as_secs().max(1);
        let process = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        for (resource, limit) in [
            (Resource::As, limits.memory),
            (Resource::Cpu, seconds),
            // Output goes to the pipe only: no file may be written.
            (Resource::Fsize, 0),
            (Resource::Core, 0),
            (Resource::Nofile, 64),
        ] {
            let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
            // The program may have ended already.
            if let Err(error) = prlimit(process, resource, limit) {
                tracing::debug!(%error, "cannot limit an external program");
            }
        }
    }

    #[cfg(not(target_os = "linux"))]
    fn limit(&self, _: ProgramLimits) {}

    /// Waits until it has ended, at most for what is left.
    fn succeeded(&mut self, left: impl Fn() -> Duration) -> io::Result<bool> {
        loop {
            if let Some(status) = self.0.try_wait()? {
                if !status.success() {
                    tracing::info!(%status, "an external program failed");
                }
                return Ok(status.success());
            }
            if left().is_zero() {
                return Ok(false);
            }
            std::thread::sleep(POLL_INTERVAL);
        }
    }

    /// Ends it, if it has not ended.
    fn kill_if_running(&mut self) {
        // Ended and waited for: its number may be another's by now.
        if matches!(self.0.try_wait(), Ok(Some(_))) {
            return;
        }
        let group = i32::try_from(self.0.id()).ok().and_then(rustix::process::Pid::from_raw);
        if let Some(group) = group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for RunningProgram {
    fn drop(&mut self) {
        self.kill_if_running();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: ProgramLimits = ProgramLimits { memory: 256 << 20, time: Duration::from_secs(5), output: 1000 };

    fn run_shell(script: &str, limits: ProgramLimits) -> (String, bool) {
        let ran = run_program(Path::new("/bin/sh"), &["-c".into(), script.into()], limits).unwrap();
        (String::from_utf8(ran.output).unwrap(), ran.succeeded)
    }

    #[test]
    fn program_output_and_success_are_returned() {
        assert_eq!(run_shell("echo hello", LIMITS), ("hello\n".to_owned(), true));
        assert_eq!(run_shell("echo hello; exit 1", LIMITS), ("hello\n".to_owned(), false));
        assert_eq!(run_shell("echo hello; kill -9 $$", LIMITS), ("hello\n".to_owned(), false));
        assert_eq!(run_shell("cat; pwd", LIMITS), ("/\n".to_owned(), true));
        let missing = run_program(Path::new("/nonexistent"), &[], LIMITS);
        assert!(matches!(missing, Err(AssetError::Io { .. })));
    }

    #[test]
    fn slow_programs_are_killed() {
        let short = ProgramLimits { time: Duration::from_millis(300), ..LIMITS };
        let start = Instant::now();
        assert_eq!(run_shell("echo a; sleep 60 & sleep 60", short), ("a\n".to_owned(), false));
        assert_eq!(run_shell("while :; do :; done", short), (String::new(), false));
        // A program may close its output and go on running.
        assert_eq!(run_shell("exec >&-; sleep 60", short), (String::new(), false));
        assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn programs_with_too_much_output_are_killed() {
        assert_eq!(run_shell("yes", LIMITS), ("y\n".repeat(500), false));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn programs_get_resource_limits_and_a_clean_environment() {
        let (output, _) = run_shell("sleep 0.2; ulimit -v; ulimit -t; ulimit -f; ulimit -c", LIMITS);
        assert_eq!(output, "262144\n5\n0\n0\n");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("written");
        run_shell(&format!("sleep 0.2; echo x > {}", file.display()), LIMITS);
        assert_eq!(std::fs::metadata(&file).map_or(0, |file| file.len()), 0);
        let (environment, _) = run_shell("env", LIMITS);
        assert!(!environment.contains("CARGO"), "{environment}");
    }
}
