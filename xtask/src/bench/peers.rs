//! Servers that the shared scripts of the bench start and stop: Cairn and Strapi.

use crate::process::run_checked;
use anyhow::{Context, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// One of the shared scripts that start and stop a server by name.
pub(super) struct ScriptRunner<'a> {
    pub(super) script: PathBuf,
    pub(super) peers: &'a Path,
    pub(super) cached: bool,
}

impl ScriptRunner<'_> {
    pub(super) fn verb_command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.script);
        command.arg(verb).env("PEERS", self.peers);
        // An own setting of the person who measures wins.
        if !self.cached && std::env::var_os("CAIRN_RESPONSE_CACHE").is_none() {
            command.env("CAIRN_RESPONSE_CACHE", "off");
        }
        command
    }
}

/// Stops a runner's server, whatever happened in between.
pub(super) struct StopGuard<'a>(pub(super) &'a ScriptRunner<'a>);

impl Drop for StopGuard<'_> {
    fn drop(&mut self) {
        if let Err(error) = run_checked(&mut self.0.verb_command("stop")) {
            eprintln!("xtask: {error:#}");
        }
    }
}

/// Where the shared scripts keep installed peers and scratch projects.
pub(super) fn peers_folder() -> Result<PathBuf> {
    if let Some(peers) = std::env::var_os("PEERS") {
        return Ok(PathBuf::from(peers));
    }
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let cache = cache.or_else(|| std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache")));
    Ok(cache.context("set PEERS or HOME")?.join("cairn-bench"))
}

pub(super) fn read_word(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Ok(text.trim().to_owned())
}
