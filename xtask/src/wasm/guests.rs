//! One cargo workspace of plugins to components: built, told apart, copied to one folder under the names of their own folders.

use super::route::Route;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What a component begins with: the magic word, then version 13 of the layer 1 (a core module is layer 0).
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Builds all plugins of a workspace below `target` and copies each to `out` as `<its folder's name>.wasm`; returns those
/// paths. A crate that is no `cdylib` is not a plugin.
///
/// # Errors
/// When a plugin does not compile, or what came out is no component.
pub(super) fn build(workspace: &Path, route: &Route, target: &Path, out: &Path) -> Result<Vec<PathBuf>> {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args(["build", "--release", "--workspace", "--locked", "--message-format"]);
    cargo.arg("json-render-diagnostics").arg("--target-dir").arg(target);
    route.apply(&mut cargo);
    let mut child = cargo.stdout(Stdio::piped()).spawn().context("cannot start cargo")?;
    let mut made = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        for line in BufReader::new(stdout).lines() {
            made.extend(artifact(&line?));
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("cargo build in {} ended with {status}", workspace.display());
    }
    std::fs::create_dir_all(out)?;
    made.iter().map(|(name, wasm)| take(name, wasm, out)).collect()
}

/// The plugin's name and file, where a line of cargo's tells of one.
fn artifact(line: &str) -> Option<(String, PathBuf)> {
    let message: Value = serde_json::from_str(line).ok()?;
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let library = message["target"]["crate_types"].as_array()?.iter().any(|kind| kind == "cdylib");
    let files = message["filenames"].as_array()?.iter().filter_map(Value::as_str);
    let wasm = files.map(PathBuf::from).find(|file| file.extension().is_some_and(|e| e == "wasm"))?;
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.file_name()?.to_str()?;
    library.then(|| (folder.to_owned(), wasm))
}

/// Copies one component; a file that is as it was keeps its time, so that what is made of it need not be made again.
fn take(name: &str, wasm: &Path, out: &Path) -> Result<PathBuf> {
    let bytes = std::fs::read(wasm).with_context(|| format!("cannot read {}", wasm.display()))?;
    if !bytes.starts_with(COMPONENT) {
        bail!("{} is a module, not a component", wasm.display());
    }
    let path = out.join(format!("{name}.wasm"));
    if std::fs::read(&path).ok().as_deref() != Some(&bytes) {
        // By way of another name: who reads meanwhile sees the old one or the new one.
        let half = out.join(format!(".{name}.wasm.new"));
        std::fs::write(&half, &bytes)?;
        std::fs::rename(&half, &path)?;
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn message(kinds: &[&str], files: &[&str]) -> String {
        json!({
            "reason": "compiler-artifact",
            "manifest_path": "/repo/plugins/guests/allow/Cargo.toml",
            "target": { "crate_types": kinds },
            "filenames": files,
        })
        .to_string()
    }

    #[test]
    fn a_plugin_is_called_as_its_folder() {
        let line = message(&["cdylib", "rlib"], &["/t/libguest_allow.rlib", "/t/guest_allow.wasm"]);
        assert_eq!(artifact(&line), Some(("allow".to_owned(), "/t/guest_allow.wasm".into())));
    }

    #[test]
    fn what_is_no_plugin_is_left_out() {
        assert_eq!(artifact(&message(&["lib"], &["/t/libcairn_plugin.rlib"])), None);
        assert_eq!(artifact(&message(&["bin"], &["/t/tool.wasm"])), None);
        assert_eq!(artifact(r#"{"reason":"build-finished","success":true}"#), None);
        assert_eq!(artifact("not json"), None);
    }

    #[test]
    fn a_module_is_refused_and_a_component_copied() {
        let dir = std::env::temp_dir().join(format!("xtask-wasm-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let made = dir.join("made.wasm");
        std::fs::write(&made, b"\0asm\x01\0\0\0").unwrap();
        assert!(take("one", &made, &dir).unwrap_err().to_string().contains("not a component"));
        std::fs::write(&made, COMPONENT).unwrap();
        let path = take("one", &made, &dir).unwrap();
        assert_eq!(std::fs::read(path).unwrap(), COMPONENT);
        std::fs::remove_dir_all(&dir).unwrap();
    }
}
