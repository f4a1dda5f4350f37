//! Running other programs: plainly, or with their output shown and counted.

use crate::counts::{OutputReader, TestCounts};
use crate::interrupt::{CleanupGuard, on_end};
use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;
use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// True if what is compiled is linted on the way: [`enable_compile_lints`].
static LINT_WHILE_COMPILING: AtomicBool = AtomicBool::new(false);

/// Where [`run_checked`] has programs write; the terminal if nothing is set: [`write_output_to`].
static OUTPUT_FILE: OnceLock<File> = OnceLock::new();

/// From here on the programs of [`run_checked`] write to the end of that file. Returns an error if it cannot be opened.
pub(crate) fn write_output_to(file: &Path) -> Result<()> {
    let opened = File::options().append(true).open(file).with_context(|| file.display().to_string())?;
    OUTPUT_FILE.get_or_init(|| opened);
    Ok(())
}

/// A command in the repository's root.
pub(crate) fn root_command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(crate::paths::repository_root());
    command
}

/// Cargo itself, the one that started this, with the environment of a terminal.
pub(crate) fn cargo_command() -> Command {
    let mut cargo = root_command(&std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned()));
    // `cargo xtask` names the package of the chores in its environment. The build script of `ring` watches these variables: with them every
    // change between `cargo build` and a chore compiled `ring` again, and all of Cairn, which depends on it.
    for (name, _) in std::env::vars_os().filter(|(name, _)| is_of_running_package(name)) {
        cargo.env_remove(name);
    }
    if LINT_WHILE_COMPILING.load(Ordering::Relaxed) {
        cargo.env("RUSTC_WORKSPACE_WRAPPER", CLIPPY);
    }
    cargo
}

/// True for a variable with which `cargo run` describes the package that it runs.
fn is_of_running_package(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// Number of crates that a package of the workspace is compiled from; `None` if cargo cannot tell.
pub(crate) fn count_dependencies(package: &str) -> Option<usize> {
    let mut tree = cargo_command();
    tree.args([
        "tree",
        "--quiet",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
        "--package",
        package,
    ]);
    let output = tree.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    // Crates that were named before have a mark behind them.
    let names = text.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty());
    Some(names.collect::<HashSet<_>>().len())
}

/// The compiler with clippy's lints: what it compiles can be run, which `cargo clippy` only looks at.
const CLIPPY: &str = "clippy-driver";

/// From here on every [`cargo_command`] lints the workspace's own crates while it compiles them, so that a run of everything does not compile
/// all dependencies once for the lints and once for the tests. What is compiled so is apart from what a plain `cargo build` leaves.
pub(crate) fn enable_compile_lints() {
    LINT_WHILE_COMPILING.store(true, Ordering::Relaxed);
}

/// Runs a command to its end, output straight to the terminal, or where [`write_output_to`] says. Returns an error if it cannot be started or ends with a status other than 0.
pub(crate) fn run_checked(command: &mut Command) -> Result<()> {
    let name = command_name(command);
    if let Some(file) = OUTPUT_FILE.get() {
        command.stdout(file.try_clone()?).stderr(file.try_clone()?);
    }
    let status = command.status().with_context(|| format!("cannot start {name}"))?;
    if !status.success() {
        bail!("{name} ended with {status}");
    }
    Ok(())
}

/// Runs a command and returns what it wrote to stdout; its stderr goes to the terminal. Returns an error if it cannot be started or ends
/// with a status other than 0.
pub(crate) fn run_output(command: &mut Command) -> Result<String> {
    let name = command_name(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start {name}"))?;
    if !output.status.success() {
        bail!("{name} ended with {}", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Sends SIGTERM to a program that runs, and waits for its exit. Returns an error if it does not end in time (it is then killed).
pub(crate) fn terminate_process(child: &mut Child, name: &str, timeout: Duration) -> Result<ExitStatus> {
    kill(Pid::from_raw(i32::try_from(child.id())?), Signal::SIGTERM)?;
    let requested_at = Instant::now();
    while requested_at.elapsed() < timeout {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill()?;
    child.wait()?;
    bail!("{name} did not stop within {} s and was killed", timeout.as_secs())
}

/// How long programs that are told to end may take before they are killed.
const END_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts a program in a process group of its own, which a signal that ends the chore ends as well while the guard lives: the program, and what
/// it has started in the group. Returns an error if it cannot be started.
pub(crate) fn spawn_group(command: &mut Command) -> Result<(Child, CleanupGuard)> {
    let name = command_name(command);
    // A group in the background may not read from the terminal.
    let child =
        command.process_group(0).stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
    let group = Pid::from_raw(i32::try_from(child.id())?);
    let guard = on_end(move || end_group(group))?;
    Ok((child, guard))
}

/// Tells a group to end, and kills what does not. A runner passes it on to what it started in groups of their own.
fn end_group(group: Pid) {
    let told_at = Instant::now();
    let _ = killpg(group, Signal::SIGTERM);
    // A group that cannot be signalled has no members left.
    while killpg(group, None).is_ok() {
        if told_at.elapsed() > END_TIMEOUT {
            let _ = killpg(group, Signal::SIGKILL);
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Runs a test runner: shows its output and adds up the closing lines it prints. A status other than 0 without a
/// failure counted is one failure. Returns an error if it cannot be started.
pub(crate) fn run_counted(command: &mut Command) -> Result<TestCounts> {
    let name = command_name(command);
    let (mut child, _guard) = spawn_group(command.stdout(Stdio::piped()).stderr(Stdio::piped()))?;
    let total = Mutex::new(OutputReader::default());
    std::thread::scope(|scope| {
        if let Some(stdout) = child.stdout.take() {
            scope.spawn(|| copy_and_count(stdout, &total));
        }
        if let Some(stderr) = child.stderr.take() {
            scope.spawn(|| copy_and_count(stderr, &total));
        }
    });
    let status = child.wait()?;
    let output = total.into_inner().unwrap_or_default();
    if status.success() {
        return Ok(output.finish());
    }
    println!("{name} ended with {status}");
    Ok(output.finish_failed(&format!("{name} ended with {status}")))
}

/// Copies a stream to our stdout line by line and counts on the way.
fn copy_and_count(stream: impl Read, total: &Mutex<OutputReader>) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
        let text = String::from_utf8_lossy(&line);
        println!("{}", text.trim_end_matches('\n'));
        if let Ok(mut total) = total.lock() {
            total.read_line(&text);
        }
        line.clear();
    }
}

fn command_name(command: &Command) -> String {
    let args: Vec<_> = command.get_args().map(|a| a.to_string_lossy()).collect();
    let program = Path::new(command.get_program());
    format!("{} {}", program.file_name().unwrap_or(program.as_os_str()).to_string_lossy(), args.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_not_told_which_package_started_it() {
        // Tests have these variables, as chores do.
        assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some() && std::env::var_os("CARGO_PKG_NAME").is_some());
        let cargo = cargo_command();
        let removed: Vec<&OsStr> =
            cargo.get_envs().filter(|(_, value)| value.is_none()).map(|(name, _)| name).collect();
        for name in ["CARGO_MANIFEST_DIR", "CARGO_PKG_NAME", "CARGO_PKG_VERSION_MAJOR"] {
            assert!(removed.contains(&OsStr::new(name)), "{name} is in {removed:?}");
        }
        assert!(!is_of_running_package(OsStr::new("CARGO_PROFILE_DEV_DEBUG")));
    }

    #[test]
    fn groups_end_when_they_are_told_and_are_killed_when_they_do_not() {
        let is_running = |pid: u32| nix::sys::signal::kill(Pid::from_raw(i32::try_from(pid).unwrap()), None).is_ok();
        // A process that a runner started in its group ends with the runner; the shell prints its id.
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 600 & echo $!; wait"]).stdout(Stdio::piped());
        let (mut child, guard) = spawn_group(&mut command).unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let grandchild: u32 = line.trim().parse().unwrap();
        assert!(is_running(grandchild));
        let group = Pid::from_raw(i32::try_from(child.id()).unwrap());
        let waiting = std::thread::spawn(move || child.wait().unwrap());
        end_group(group);
        assert!(!waiting.join().unwrap().success());
        assert!(killpg(group, None).is_err(), "somebody is left in the group");
        drop(guard);
    }
}
