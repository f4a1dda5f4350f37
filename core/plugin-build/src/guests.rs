//! Compiles plugins to components with cargo, checks them, and copies them to where they are needed.

use super::toolchain::WasmToolchain;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// First bytes of a component: the magic word, then version 13 of layer 1 (a core module is layer 0).
const COMPONENT_MAGIC: &[u8] = b"\0asm\x0d\0\x01\0";

/// Options for building a cargo workspace.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions<'a> {
    /// Cargo's target folder; `None`: its default.
    pub target: Option<&'a Path>,
    /// The crates to build.
    pub crates: BuiltCrates<'a>,
    /// Refuses to change `Cargo.lock`.
    pub locked: bool,
    /// Prints nothing but the compiler's messages.
    pub quiet: bool,
}

/// A choice of the crates in a folder.
#[derive(Debug, Clone, Copy)]
pub enum BuiltCrates<'a> {
    /// The one of the folder.
    Folder,
    /// All of the workspace.
    Workspace,
    /// Those of the workspace that have these names.
    Named(&'a [&'a str]),
}

/// A compiled component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuiltComponent {
    /// Folder of the crate.
    pub folder: PathBuf,
    /// Component in cargo's target folder.
    pub wasm: PathBuf,
}

/// Compiles the crates that cargo builds in a folder; the compiler's messages go to standard error. A crate that is not a `cdylib` is
/// not a plugin. Returns an error if cargo cannot be started, a plugin does not compile, or the result is not a component.
pub fn compile_plugins(folder: &Path, route: &WasmToolchain, options: BuildOptions<'_>) -> Result<Vec<BuiltComponent>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).args(["build", "--release", "--message-format", "json-render-diagnostics"]);
    match options.crates {
        BuiltCrates::Folder => {}
        BuiltCrates::Workspace => {
            cargo.arg("--workspace");
        }
        BuiltCrates::Named(names) => {
            cargo.args(names.iter().flat_map(|name| ["--package", *name]));
        }
    }
    for (enabled, flag) in [(options.locked, "--locked"), (options.quiet, "--quiet")] {
        if enabled {
            cargo.arg(flag);
        }
    }
    if let Some(target) = options.target {
        cargo.arg("--target-dir").arg(target);
    }
    route.configure_cargo(&mut cargo);
    let mut child = cargo.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut components = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            components.extend(parse_artifact(&line?));
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("cargo build in {} failed with {status}", folder.display());
    }
    components.iter().try_for_each(|component| read_component(&component.wasm).map(drop))?;
    Ok(components)
}

/// Compiles plugins of a workspace and copies each to `out` as `<its folder's name>.wasm`; returns those paths.
///
/// # Errors
/// Those of [`compile_plugins`]; when a copy cannot be written.
pub fn build_workspace(
    workspace: &Path,
    route: &WasmToolchain,
    options: BuildOptions<'_>,
    out: &Path,
) -> Result<Vec<PathBuf>> {
    let components = compile_plugins(workspace, route, options)?;
    std::fs::create_dir_all(out)?;
    let output_name = |component: &BuiltComponent| {
        component.folder.file_name().and_then(|name| name.to_str()).map(|name| format!("{name}.wasm"))
    };
    let names = components.iter().filter_map(|component| Some((output_name(component)?, &component.wasm)));
    names.map(|(name, wasm)| copy_component(wasm, &out.join(name))).collect()
}

/// The component that a line of cargo's output reports.
fn parse_artifact(line: &str) -> Option<BuiltComponent> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let library = message["target"]["crate_types"].as_array()?.iter().any(|kind| kind == "cdylib");
    let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
    let wasm = files.map(PathBuf::from).find(|file| file.extension().is_some_and(|e| e == "wasm"))?;
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    library.then_some(BuiltComponent { folder, wasm })
}

fn read_component(wasm: &Path) -> Result<Vec<u8>> {
    let bytes = std::fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    if !bytes.starts_with(COMPONENT_MAGIC) {
        bail!("{} is a core module, not a component", wasm.display());
    }
    Ok(bytes)
}

/// Copies a component to its place; an unchanged file retains its time, so that what is made from it need not be made again. Returns an
/// error if it is not a component, or cannot be read or written.
pub fn copy_component(wasm: &Path, place: &Path) -> Result<PathBuf> {
    let bytes = read_component(wasm)?;
    if std::fs::read(place).ok().as_deref() != Some(&bytes) {
        // By way of another name: who reads meanwhile sees the old one or the new one.
        let half = place.with_extension("wasm.new");
        std::fs::write(&half, &bytes).with_context(|| format!("cannot write {}", half.display()))?;
        std::fs::rename(&half, place).with_context(|| format!("cannot write {}", place.display()))?;
    }
    Ok(place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn artifact_message(kinds: &[&str], files: &[&str]) -> String {
        json!({
            "reason": "compiler-artifact",
            "manifest_path": "/repo/plugins/guests/allow/Cargo.toml",
            "target": { "crate_types": kinds },
            "filenames": files,
        })
        .to_string()
    }

    #[test]
    fn artifact_messages_give_folder_and_component() {
        let line = artifact_message(&["cdylib", "rlib"], &["/t/libguest_allow.rlib", "/t/guest_allow.wasm"]);
        let component =
            BuiltComponent { folder: "/repo/plugins/guests/allow".into(), wasm: "/t/guest_allow.wasm".into() };
        assert_eq!(parse_artifact(&line), Some(component));
    }

    #[test]
    fn other_build_messages_are_ignored() {
        assert_eq!(parse_artifact(&artifact_message(&["lib"], &["/t/libcairn_plugin.rlib"])), None);
        assert_eq!(parse_artifact(&artifact_message(&["bin"], &["/t/tool.wasm"])), None);
        assert_eq!(parse_artifact(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(parse_artifact("not json"), None);
    }

    #[test]
    fn core_modules_are_refused_and_components_are_copied() {
        let dir = tempfile::tempdir().unwrap();
        let (built, place) = (dir.path().join("made.wasm"), dir.path().join("plugin.wasm"));
        std::fs::write(&built, b"\0asm\x01\0\0\0").unwrap();
        assert!(copy_component(&built, &place).unwrap_err().to_string().contains("not a component"));
        assert!(!place.exists());
        std::fs::write(&built, COMPONENT_MAGIC).unwrap();
        assert_eq!(std::fs::read(copy_component(&built, &place).unwrap()).unwrap(), COMPONENT_MAGIC);
    }
}
