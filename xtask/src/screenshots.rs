//! `cargo xtask shots`: pictures of each main screen into docs/screenshots, at three widths, light and dark; axe-core
//! looks at each on the way. With the sample content, so that the screens show what somebody would see.

use crate::api::Api;
use crate::build::Profile;
use crate::process::{root_command, run_checked, run_output};
use crate::server::{ServerCommand, free_address};
use crate::{admin_ui, build, paths, prerequisites, sample, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Opens only the server that is started here, on a scratch project.
const SCRATCH_TOKEN: &str = "a-token-of-a-scratch-project-0123456789";
/// Admin user who looks at the screens.
const VIEWER_EMAIL: &str = "anna@example.com";
const VIEWER_PASSWORD: &str = "correct horse battery staple";

/// Boots the sample project in a scratch folder and runs the script against it. Returns an error if a step fails, or axe finds something.
pub(crate) fn run() -> Result<()> {
    prerequisites::require_tools(&[prerequisites::NODE, prerequisites::NPM, prerequisites::CHROMIUM])?;
    let dist = admin_ui::build_ui()?;
    let root = paths::repository_root();
    let scratch = paths::scratch_folder("shots")?;
    let project = scratch.join("donkervoort");
    paths::copy_dir(&root.join("content-types"), &project.join("content-types"))?;
    let env = vec![
        ("CAIRN_SAMPLE_TOKEN".to_owned(), SCRATCH_TOKEN.to_owned()),
        ("CAIRN_ADMIN_UI".to_owned(), dist.display().to_string()),
    ];
    let boot = ServerCommand {
        binary: build::build_server(Profile::Quick)?,
        project,
        listen: free_address()?,
        env,
        log: Some(scratch.join("log")),
    };
    boot.apply_settings(&root.join("examples/sample/settings.json"))?;
    let admin = serde_json::json!({ "adminUsers": [{
        "email": VIEWER_EMAIL, "password": VIEWER_PASSWORD, "firstName": "Anna", "lastName": "de Vries", "roles": ["super-admin"],
    }] });
    let settings = scratch.join("admin.json");
    fs::write(&settings, admin.to_string())?;
    boot.apply_settings(&settings)?;
    let package = pack_example(&boot.binary, "bookings", &scratch)?;
    let server = boot.start()?;
    let api = Api::new(&server.base, Some(SCRATCH_TOKEN));
    sample::load_samples(&api, &root.join("examples/sample"), &root.join("content-types"), VIEWER_PASSWORD)
        .context("loading the sample content")?;
    let out = root.join("docs/screenshots");
    fs::create_dir_all(&out)?;
    let mut node = root_command("node");
    node.arg(root.join("xtask/shots/shots.mjs")).arg(&server.base).arg(out).arg(admin_ui::ui_folder());
    node.env("ADMIN_EMAIL", VIEWER_EMAIL).env("ADMIN_PASSWORD", VIEWER_PASSWORD).env("PLUGIN_PACKAGE", package);
    let outcome = run_checked(&mut node);
    server.stop()?;
    outcome
}

/// The package of an example plugin, signed by nobody, below a folder.
fn pack_example(binary: &Path, example: &str, below: &Path) -> Result<PathBuf> {
    let file = format!("{example}.wasm");
    let components = wasm::build_components(false)?;
    let component =
        components.iter().find(|path| path.ends_with(&file)).with_context(|| format!("{file} not found"))?;
    let folder = below.join(example);
    let source = paths::repository_root().join("examples/plugins").join(example);
    for part in fs::read_dir(&source)? {
        let part = part?;
        // What its compiler left is no part of it.
        if part.file_name() == "target" {
            continue;
        }
        let to = folder.join(part.file_name());
        if part.file_type()?.is_dir() {
            paths::copy_dir(&part.path(), &to)?;
        } else {
            fs::create_dir_all(&folder)?;
            fs::copy(part.path(), to)?;
        }
    }
    fs::copy(component, folder.join("plugin.wasm"))?;
    run_output(Command::new(binary).args(["plugin", "pack"]).arg(&folder).arg("--out").arg(below))?;
    let packages: Vec<PathBuf> = fs::read_dir(below)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let found = packages.into_iter().find(|path| path.extension().is_some_and(|e| e == "cairnplugin"));
    found.context("`cairn plugin pack` wrote no package")
}
