//! `cargo xtask bench --plugins`: what plugins cost in the process, and how long a server with four of them takes to start.

use crate::api::Api;
use crate::process::{cargo, check, command};
use crate::server::{Boot, free_address};
use crate::{build, paths, wasm};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

const PLUGINS: [&str; 4] = ["one", "two", "three", "four"];
/// Starts of each side, in turns.
const TURNS: usize = 10;

/// Measures both.
///
/// # Errors
/// When a bench fails or a server does not start.
pub(super) fn run() -> Result<()> {
    wasm::components(false)?;
    check(cargo().args(["bench", "--package", "cairn-plugin-host"]))?;
    let binary = build::server(true)?;
    let without = paths::scratch("bench-plugins-without")?;
    let with = paths::scratch("bench-plugins-with")?;
    for id in PLUGINS {
        install(&binary, &with, id)?;
    }
    let (mut none, mut four) = (Vec::new(), Vec::new());
    // One more than is counted: the first compiles what the others take from the cache.
    for turn in 0..=TURNS {
        let times = (start(&binary, &without, None)?, start(&binary, &with, Some("/api/four/echo/word"))?);
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
fn start(binary: &Path, project: &Path, route: Option<&str>) -> Result<Duration> {
    let log = Some(project.join("cairn.log"));
    let listen = free_address()?;
    let boot = Boot { binary: binary.to_owned(), project: project.to_owned(), listen, env: Vec::new(), log };
    let server = boot.start()?;
    let ready = Instant::now();
    let mut took = server.ready_after;
    if let Some(route) = route {
        let api = Api::new(&server.base, None);
        while !api.get(route).is_ok_and(|answer| answer.status == 200) {
            if ready.elapsed() > Duration::from_secs(20) {
                bail!("{route} does not answer; the log is {}", project.join("cairn.log").display());
            }
            std::thread::sleep(Duration::from_millis(2));
        }
        took += ready.elapsed();
    }
    server.stop()?;
    Ok(took)
}

/// The guest `allow` under another name, with one hook and one route.
fn install(binary: &Path, project: &Path, id: &str) -> Result<()> {
    let folder = paths::scratch(&format!("bench-plugin-{id}"))?;
    let component = paths::target().join("plugins/allow.wasm");
    fs::copy(&component, folder.join("plugin.wasm")).with_context(|| component.display().to_string())?;
    let grants =
        ["kv", "jobs", "events.publish"].map(|name| format!("[[grant]]\nuse = \"{name}\"\nreason = \"Is imported\"\n"));
    let route = "[[route]]\nname = \"echo\"\nmethod = \"GET\"\npath = \"/echo/{word}\"\nauth = \"none\"\n";
    let about = format!("id = \"{id}\"\nversion = \"1.0.0\"\napi = \"0.1\"\nname = \"{id}\"\nlicense = \"MIT\"\n");
    fs::write(folder.join("plugin.toml"), format!("[plugin]\n{about}\n{}\n{route}", grants.concat()))?;
    let out = folder.join("out");
    fs::create_dir_all(&out)?;
    check(command(&binary.display().to_string()).args(["plugin", "pack"]).arg(&folder).arg("--out").arg(&out))?;
    let package = out.join(format!("{id}-1.0.0.cairnplugin"));
    let install = ["plugin", "install"];
    check(
        command(&binary.display().to_string())
            .args(install)
            .arg(package)
            .args(["--yes", "--unsigned", "--project"])
            .arg(project),
    )
}
