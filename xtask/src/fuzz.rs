//! `cargo xtask fuzz`: every target of `fuzz/` for a while, where nightly Rust and cargo-fuzz are installed.

use crate::{paths, process};
use anyhow::{Result, bail};

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Seconds for each target
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// Run one target instead of all
    target: Option<String>,
}

/// Runs the targets one after the other. Returns an error if a tool is missing, there is no target, or one finds something.
pub(crate) fn run(args: Args) -> Result<()> {
    if !process::root_command("cargo")
        .args(["+nightly", "fuzz", "--version"])
        .output()
        .is_ok_and(|o| o.status.success())
    {
        bail!(
            "nightly Rust and cargo-fuzz are required; install them with:\n    rustup toolchain install nightly\n    \
             cargo install cargo-fuzz"
        );
    }
    if !paths::repository_root().join("fuzz/Cargo.toml").is_file() {
        bail!("fuzz/Cargo.toml not found");
    }
    let targets = match args.target {
        Some(target) => vec![target],
        None => {
            let list = process::run_output(process::root_command("cargo").args(["+nightly", "fuzz", "list"]))?;
            list.split_whitespace().map(str::to_owned).collect()
        }
    };
    if targets.is_empty() {
        bail!("fuzz/ has no targets");
    }
    for target in &targets {
        println!("== {target}, {} s", args.seconds);
        let limit = format!("-max_total_time={}", args.seconds);
        process::run_checked(process::root_command("cargo").args(["+nightly", "fuzz", "run", target, "--", &limit]))?;
    }
    println!("{} targets, no findings", targets.len());
    Ok(())
}
