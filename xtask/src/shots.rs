//! `cargo xtask shots`: pictures of each main screen into docs/screenshots, at three widths, light and dark; axe-core
//! looks at each on the way. With the sample content, so that the screens show what somebody would see.

use crate::api::Api;
use crate::process::{check, command};
use crate::server::{Boot, free_address};
use crate::{admin_ui, build, need, paths, sample};
use anyhow::{Context, Result};
use std::fs;

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
    let boot =
        Boot { binary: build::server(false)?, project, listen: free_address()?, env, log: Some(scratch.join("log")) };
    boot.apply(&root.join("examples/sample/settings.json"))?;
    let admin = serde_json::json!({ "adminUsers": [{
        "email": EMAIL, "password": PASSWORD, "firstName": "Anna", "lastName": "de Vries", "roles": ["super-admin"],
    }] });
    let settings = scratch.join("admin.json");
    fs::write(&settings, admin.to_string())?;
    boot.apply(&settings)?;
    let server = boot.start()?;
    let api = Api::new(&server.base, Some(TOKEN));
    sample::load(&api, &root.join("examples/sample"), &root.join("content-types"), PASSWORD)
        .context("loading the sample content")?;
    let out = root.join("docs/screenshots");
    fs::create_dir_all(&out)?;
    let mut node = command("node");
    node.arg(root.join("xtask/shots/shots.mjs")).arg(&server.base).arg(out).arg(admin_ui::folder());
    let looked = check(node.env("ADMIN_EMAIL", EMAIL).env("ADMIN_PASSWORD", PASSWORD));
    server.stop()?;
    looked
}
