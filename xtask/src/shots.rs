//! `cargo xtask shots`: pictures of each main screen into docs/screenshots, at three widths, light and dark; axe-core
//! looks at each on the way. With the sample content, so that the screens show what somebody would see.

use crate::api::Api;
use crate::build::Profile;
use crate::process::{check, command, output};
use crate::server::{Boot, free_address};
use crate::{admin_ui, build, need, paths, sample, wasm};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Opens only the server that is started here, on a scratch project.
const TOKEN: &str = "a-token-of-a-scratch-project-0123456789";
/// Who looks at the screens.
const EMAIL: &str = "anna@example.com";
const PASSWORD: &str = "correct horse battery staple";

/// Boots the sample project in a scratch folder and runs the script against it.
///
/// # Errors
/// When a step fails, or axe finds something.
pub(crate) fn run() -> Result<()> {
    need::tools(&[need::NODE, need::NPM, need::CHROMIUM])?;
    let dist = admin_ui::build()?;
    let root = paths::root();
    let scratch = paths::scratch("shots")?;
    let project = scratch.join("donkervoort");
    paths::copy_dir(&root.join("content-types"), &project.join("content-types"))?;
    let env = vec![
        ("CAIRN_SAMPLE_TOKEN".to_owned(), TOKEN.to_owned()),
        ("CAIRN_ADMIN_UI".to_owned(), dist.display().to_string()),
    ];
    let boot = Boot {
        binary: build::server(Profile::Quick)?,
        project,
        listen: free_address()?,
        env,
        log: Some(scratch.join("log")),
    };
    boot.apply(&root.join("examples/sample/settings.json"))?;
    let admin = serde_json::json!({ "adminUsers": [{
        "email": EMAIL, "password": PASSWORD, "firstName": "Anna", "lastName": "de Vries", "roles": ["super-admin"],
    }] });
    let settings = scratch.join("admin.json");
    fs::write(&settings, admin.to_string())?;
    boot.apply(&settings)?;
    let package = packed(&boot.binary, "bookings", &scratch)?;
    let server = boot.start()?;
    let api = Api::new(&server.base, Some(TOKEN));
    sample::load(&api, &root.join("examples/sample"), &root.join("content-types"), PASSWORD)
        .context("loading the sample content")?;
    let out = root.join("docs/screenshots");
    fs::create_dir_all(&out)?;
    let mut node = command("node");
    node.arg(root.join("xtask/shots/shots.mjs")).arg(&server.base).arg(out).arg(admin_ui::folder());
    node.env("ADMIN_EMAIL", EMAIL).env("ADMIN_PASSWORD", PASSWORD).env("PLUGIN_PACKAGE", package);
    let looked = check(&mut node);
    server.stop()?;
    looked
}

/// The package of an example plugin, signed by nobody, below a folder.
fn packed(binary: &Path, example: &str, below: &Path) -> Result<PathBuf> {
    let file = format!("{example}.wasm");
    let components = wasm::components(false)?;
    let component =
        components.iter().find(|path| path.ends_with(&file)).with_context(|| format!("{file} not found"))?;
    let folder = below.join(example);
    let source = paths::root().join("examples/plugins").join(example);
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
    output(Command::new(binary).args(["plugin", "pack"]).arg(&folder).arg("--out").arg(below))?;
    let packages: Vec<PathBuf> = fs::read_dir(below)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let found = packages.into_iter().find(|path| path.extension().is_some_and(|e| e == "cairnplugin"));
    found.context("`cairn plugin pack` wrote no package")
}
