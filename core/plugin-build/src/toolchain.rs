//! Search for the compiler that makes components on this machine. The first of these that exists is used:
//!
//! 1. rustup's target `wasm32-wasip2`: its output is a component;
//! 2. rustup's target `wasm32-unknown-unknown`, with the linker that makes components of modules;
//! 3. Debian's `rustc-web` with the standard library compiled from `rust-web-src`, and the same linker.
//!
//! Where none exists, rustup is asked to install the first. The same sources serve all three. Components made by
//! 2 and 3 import nothing of WASI.

use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Debian's packages that the third route needs.
pub const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "rust-web-src"];
/// Instructions for people who have none of the routes.
pub const INSTALL_HINT: &str = "install one of these to compile plugins:\n    \
    rustup target add wasm32-wasip2\n    \
    apt-get install --yes --no-install-recommends rustc-web rust-web-src";

/// How long rustup may take to download a target; on a machine without its server it would try for minutes.
const RUSTUP_TIMEOUT: Duration = Duration::from_secs(60);
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";

/// A way to make components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WasmToolchain {
    /// A target whose linker produces components itself.
    Wasip2,
    /// A target that links modules, with the linker that makes components of them.
    Module {
        /// Path of `wasm-component-ld`.
        linker: PathBuf,
    },
    /// Another compiler, without a standard library for WebAssembly, which is compiled first.
    Source {
        /// Compiler that the sources belong to.
        rustc: PathBuf,
        /// Path of `wasm-component-ld`.
        linker: PathBuf,
    },
}

/// The result of looking for a route.
#[derive(Debug)]
pub enum WasmToolchainSearch {
    /// A route was found.
    Route(WasmToolchain),
    /// No route was found.
    Nothing {
        /// Attempts that were made, in a sentence.
        why: String,
    },
}

impl WasmToolchain {
    /// Describes the route for the person who waits.
    pub fn describe(&self) -> String {
        match self {
            Self::Wasip2 => "using the target wasm32-wasip2".to_owned(),
            Self::Module { .. } => "using the target wasm32-unknown-unknown, linked into components".to_owned(),
            Self::Source { rustc, .. } => {
                format!(
                    "using {} and a standard library compiled from source (the first build takes minutes)",
                    rustc.display()
                )
            }
        }
    }

    /// Name of the target, and of its folder.
    pub fn target_name(&self) -> &'static str {
        match self {
            Self::Wasip2 => "wasm32-wasip2",
            Self::Module { .. } | Self::Source { .. } => "wasm32-unknown-unknown",
        }
    }

    /// Adds what cargo needs to a `cargo build`. The environment is set for this one command only: if another build saw `RUSTC_BOOTSTRAP`,
    /// it would compile everything anew.
    pub fn configure_cargo(&self, cargo: &mut Command) {
        cargo.args(["--target", self.target_name()]);
        cargo.env_remove("RUSTC_BOOTSTRAP").env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
        match self {
            Self::Wasip2 => {}
            Self::Module { linker } => {
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            }
            Self::Source { rustc, linker } => {
                cargo.arg("-Zbuild-std=std,panic_abort");
                cargo.env("RUSTC", rustc).env("RUSTC_BOOTSTRAP", "1");
                cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
                // The linker runs `rust-lld`, which lies beside it.
                cargo.env("PATH", path_with(linker.parent().unwrap_or(Path::new("."))));
            }
        }
    }
}

/// Finds the first route; where there is none, asks rustup to install its target. Returns an error if `rustc` cannot be run.
pub fn find_toolchain(rustc: &Path) -> Result<WasmToolchainSearch> {
    let sysroot = rustc_sysroot(rustc)?;
    if has_target(&sysroot, "wasm32-wasip2") {
        return Ok(WasmToolchainSearch::Route(WasmToolchain::Wasip2));
    }
    if has_target(&sysroot, "wasm32-unknown-unknown") {
        return Ok(WasmToolchainSearch::Route(WasmToolchain::Module { linker: find_linker(rustc, &sysroot)? }));
    }
    let debian = match find_debian_toolchain(rustc)? {
        found @ WasmToolchainSearch::Route(_) => return Ok(found),
        WasmToolchainSearch::Nothing { why } => why,
    };
    let rustup = add_target(Command::new("rustup").args(["target", "add", "wasm32-wasip2"]), RUSTUP_TIMEOUT);
    Ok(match has_target(&sysroot, "wasm32-wasip2") {
        true => WasmToolchainSearch::Route(WasmToolchain::Wasip2),
        false => WasmToolchainSearch::Nothing { why: format!("`rustup target add wasm32-wasip2` {rustup}; {debian}") },
    })
}

/// Finds the third route; `rustc` is the usual compiler, which brings the linker. Returns an error if `rustc` cannot be run.
pub fn find_debian_toolchain(rustc: &Path) -> Result<WasmToolchainSearch> {
    let compiler = Path::new(DEBIAN_RUSTC);
    if !compiler.is_file() {
        return Ok(WasmToolchainSearch::Nothing { why: format!("{DEBIAN_RUSTC} not found") });
    }
    let library = rustc_sysroot(compiler)?.join("lib/rustlib/src/rust/library/Cargo.lock");
    if !library.is_file() {
        return Ok(WasmToolchainSearch::Nothing {
            why: format!("the source of the standard library ({}) was not found", library.display()),
        });
    }
    let linker = find_linker(rustc, &rustc_sysroot(rustc)?)?;
    Ok(WasmToolchainSearch::Route(WasmToolchain::Source { rustc: compiler.to_owned(), linker }))
}

fn rustc_sysroot(rustc: &Path) -> Result<PathBuf> {
    Ok(PathBuf::from(run_rustc(rustc, &["--print", "sysroot"])?))
}

fn has_target(sysroot: &Path, target: &str) -> bool {
    sysroot.join("lib/rustlib").join(target).join("lib").is_dir()
}

/// The linker that comes with rustup's compiler for the machine it runs on.
fn find_linker(rustc: &Path, sysroot: &Path) -> Result<PathBuf> {
    let host = run_rustc(rustc, &["--print", "host-tuple"])?;
    let linker = sysroot.join("lib/rustlib").join(host).join("bin").join("wasm-component-ld");
    if !linker.is_file() {
        bail!("{} is missing: was {} installed with rustup?", linker.display(), rustc.display());
    }
    Ok(linker)
}

fn run_rustc(rustc: &Path, args: &[&str]) -> Result<String> {
    let output =
        Command::new(rustc).args(args).output().with_context(|| format!("cannot start {}", rustc.display()))?;
    if !output.status.success() {
        bail!("{} {} failed with {}", rustc.display(), args.join(" "), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs rustup for that long at most, and describes the result.
fn add_target(rustup: &mut Command, patience: Duration) -> String {
    let mut child = match rustup.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => return format!("cannot be started ({error})"),
    };
    let end = Instant::now() + patience;
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return format!("ended with {status}"),
            Ok(None) if Instant::now() < end => std::thread::sleep(Duration::from_millis(50)),
            Ok(None) | Err(_) => break,
        }
    }
    // Whether it ends or has just ended by itself makes no difference.
    let _ = child.kill();
    let _ = child.wait();
    format!("did not finish within {} s", patience.as_secs())
}

/// The value of `PATH` with a folder after all others.
fn path_with(folder: &Path) -> OsString {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([folder.to_owned()]);
    std::env::join_paths(folders).unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command_environment(command: &Command) -> Vec<(String, Option<String>)> {
        let text = |s: &std::ffi::OsStr| s.to_string_lossy().into_owned();
        command.get_envs().map(|(name, value)| (text(name), value.map(text))).collect()
    }

    #[test]
    fn toolchains_without_unstable_flags_unset_rustc_bootstrap() {
        for route in [WasmToolchain::Wasip2, WasmToolchain::Module { linker: "ld".into() }] {
            let mut cargo = Command::new("cargo");
            route.configure_cargo(&mut cargo);
            assert!(command_environment(&cargo).contains(&("RUSTC_BOOTSTRAP".to_owned(), None)), "{route:?}");
        }
    }

    #[test]
    fn source_toolchain_sets_bootstrap_compiler_and_path() {
        let mut cargo = Command::new("cargo");
        WasmToolchain::Source { rustc: "/usr/bin/rustc".into(), linker: "/tools/wasm-component-ld".into() }
            .configure_cargo(&mut cargo);
        let environment = command_environment(&cargo);
        assert!(environment.contains(&("RUSTC_BOOTSTRAP".to_owned(), Some("1".to_owned()))));
        assert!(environment.contains(&("RUSTC".to_owned(), Some("/usr/bin/rustc".to_owned()))));
        let path = environment.iter().find(|(name, _)| name == "PATH").and_then(|(_, value)| value.clone());
        assert!(path.is_some_and(|path| path.ends_with("/tools")));
    }

    #[test]
    fn hanging_rustup_is_stopped_at_the_timeout() {
        let start = Instant::now();
        let failure = add_target(Command::new("sleep").arg("60"), Duration::from_millis(100));
        assert!(failure.starts_with("did not finish"), "{failure}");
        assert!(start.elapsed() < Duration::from_secs(30));
    }

    #[test]
    fn missing_or_failing_rustup_is_reported() {
        assert!(add_target(&mut Command::new("no-such-rustup"), RUSTUP_TIMEOUT).starts_with("cannot be started"));
        assert!(add_target(&mut Command::new("false"), RUSTUP_TIMEOUT).starts_with("ended with"));
    }
}
