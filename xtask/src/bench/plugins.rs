//! `cargo xtask bench --plugins`: what plugins cost in the process, and how long a server with four of them takes to start.

use crate::api::Api;
use crate::build::Profile;
use crate::process::{cargo_command, root_command, run_checked};
use crate::server::{ServerCommand, free_address};
use crate::{build, paths, wasm};
use anyhow::{Context, Result, bail};
use std::fs;
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
        install_plugin(&binary, &with, folder, |manifest| manifest)?;
    }
    let (mut none, mut four) = (Vec::new(), Vec::new());
    // One more than is counted: the first compiles what the others take from the cache.
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

/// Packs the plugin in a folder of the repository, with its manifest changed, and installs it with all that it asks for. Returns an error
/// if it was not built, or cannot be installed.
pub(super) fn install_plugin(
    binary: &Path,
    project: &Path,
    folder: &str,
    change: impl FnOnce(String) -> String,
) -> Result<()> {
    let id = Path::new(folder).file_name().and_then(|name| name.to_str()).context("a folder without a name")?;
    let (copy, out) =
        (paths::scratch_folder(&format!("bench-plugin-{id}"))?, paths::scratch_folder(&format!("bench-package-{id}"))?);
    run_checked(root_command("cp").args(["-R", "."]).arg(&copy).current_dir(paths::repository_root().join(folder)))?;
    let component = paths::target_folder().join(format!("plugins/{id}.wasm"));
    fs::copy(&component, copy.join("plugin.wasm")).with_context(|| component.display().to_string())?;
    let manifest = copy.join("plugin.toml");
    fs::write(&manifest, change(fs::read_to_string(&manifest)?))?;
    let cairn = binary.display().to_string();
    run_checked(root_command(&cairn).args(["plugin", "pack"]).arg(&copy).arg("--out").arg(&out))?;
    let install = ["plugin", "install", "--yes", "--unsigned", "--project"];
    run_checked(root_command(&cairn).args(install).arg(project).arg(out.join(format!("{id}-1.0.0.cairnplugin"))))
}
