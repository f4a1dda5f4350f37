//! `cargo xtask bench --applications`: how long the CRM, e-signing and the journey take for what people wait for, with as much in them as a large
//! installation has. Each has a server of its own.

mod crm;
mod esign;
mod journey;
mod load;
mod mailbox;
mod server;

use super::options::Args;
use crate::build::Profile;
use crate::{build, wasm};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// An application and the bench of it.
struct ApplicationBench {
    id: &'static str,
    run: fn(&Path) -> Result<()>,
}

const BENCHES: [ApplicationBench; 3] = [
    ApplicationBench { id: "crm", run: crm::run },
    ApplicationBench { id: "esign", run: esign::run },
    ApplicationBench { id: "journey", run: journey::run },
];

/// Measures those that are named, or all. Returns an error for an unknown name, or if a server cannot be set up or does not answer.
pub(super) fn run(args: &Args) -> Result<()> {
    if let Some(unknown) = args.cases.iter().find(|case| BENCHES.iter().all(|bench| bench.id != **case)) {
        bail!("no bench {unknown}: use crm, esign or journey");
    }
    wasm::build_components(false)?;
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build::build_server(Profile::Release)?,
    };
    for bench in BENCHES {
        if args.cases.is_empty() || args.cases.iter().any(|case| case == bench.id) {
            (bench.run)(&binary).with_context(|| bench.id)?;
        }
    }
    Ok(())
}
