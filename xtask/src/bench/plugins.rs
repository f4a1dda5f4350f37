//! `cargo xtask bench --plugins`: what plugins cost in the process, and how long a server with four of them takes to start.

use crate::api::Api;
use crate::build::Profile;
use crate::plugin_package::{install_package, pack_plugin};
use crate::process::{cargo_command, run_checked};
use crate::server::{ServerCommand, free_address};
use crate::{build, paths, wasm};
use anyhow::{Result, bail};
use std::path::Path;
use std::time::{Duration, Instant};

/// Their folders: three in Rust, one in TypeScript.
const PLUGIN_FOLDERS: [&str; 4] =
    ["plugins/guests/allow", "plugins/guests/allow-ts", "plugins/guests/policy", "examples/plugins/bookings"];
/// A route of one of them.
const PLUGIN_ROUTE: &str = "/api/allow/read-notes";
/// Starts of each side, in turns.
const STARTS_PER_SIDE: usize = 10;

/// Measures both. Returns an error if a bench fails or a server does not start.
pub(super) fn run() -> Result<()> {
    wasm::build_components(false)?;
    run_checked(cargo_command().args(["bench", "--package", "cairn-plugin-host"]))?;
    let binary = build::build_server(Profile::Release)?;
    let without = paths::scratch_folder("bench-plugins-without")?;
    let with = paths::scratch_folder("bench-plugins-with")?;
    // The first start makes the database.
    time_start(&binary, &with, None)?;
    for folder in PLUGIN_FOLDERS {
        install_package(&binary, &with, &pack_plugin(&binary, folder, None, |manifest| manifest)?, &["--unsigned"])?;
    }
    let (mut none, mut four) = (Vec::new(), Vec::new());
    // The first start is not counted: it compiles what the others take from the cache.
    for turn in 0..=STARTS_PER_SIDE {
        let times = (time_start(&binary, &without, None)?, time_start(&binary, &with, Some(PLUGIN_ROUTE))?);
        if turn == 0 {
            println!("start    with four plugins, nothing compiled   {:6.0} ms", times.1.as_secs_f64() * 1e3);
        } else {
            none.push(times.0);
            four.push(times.1);
        }
    }
    for (name, mut times) in [("without plugins", none), ("with four plugins that answer", four)] {
        times.sort_unstable();
        println!("start    {name:38}{:6.0} ms", times[times.len() / 2].as_secs_f64() * 1e3);
    }
    Ok(())
}

/// From the start of the process to the first answer: of the server, or of a plugin's route.
fn time_start(binary: &Path, project: &Path, route: Option<&str>) -> Result<Duration> {
    let log = Some(project.join("cairn.log"));
    let listen = free_address()?;
    let boot = ServerCommand { binary: binary.to_owned(), project: project.to_owned(), listen, env: Vec::new(), log };
    let server = boot.start()?;
    let ready = Instant::now();
    let mut took = server.ready_after;
    if let Some(route) = route {
        let api = Api::new(&server.base, None);
        while !api.get(route).is_ok_and(|answer| answer.status == 200) {
            if ready.elapsed() > Duration::from_secs(20) {
                bail!("{route} does not respond; the log is {}", project.join("cairn.log").display());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        took += ready.elapsed();
    }
    server.stop()?;
    Ok(took)
}
