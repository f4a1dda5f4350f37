//! `cargo xtask shots`: pictures of each main screen into docs/screenshots, at three widths, light and dark; axe-core
//! looks at each on the way.

use crate::process::{check, command};
use crate::server::{Boot, free_address};
use crate::{build, need, paths};
use anyhow::Result;

/// What the script needs, pinned.
const MODULES: [&str; 2] = ["playwright-core@1.64.1", "axe-core@4"];

/// Boots the sample's content types in a scratch project and runs the script against it.
///
/// # Errors
/// When a step fails, or axe finds something.
pub(crate) fn run() -> Result<()> {
    need::tools(&[need::NODE, need::NPM, need::CHROMIUM])?;
    let scratch = paths::scratch("shots")?;
    let project = scratch.join("donkervoort");
    paths::copy_dir(&paths::root().join("content-types"), &project.join("content-types"))?;
    let env = vec![("CAIRN_SAMPLE_TOKEN".to_owned(), "a-token-of-a-scratch-project".to_owned())];
    let boot =
        Boot { binary: build::server(false)?, project, listen: free_address()?, env, log: Some(scratch.join("log")) };
    boot.apply(&paths::root().join("examples/sample/settings.json"))?;
    let server = boot.start()?;
    let mut npm = command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"]).arg(&scratch).args(MODULES);
    check(&mut npm)?;
    let out = paths::root().join("docs/screenshots");
    std::fs::create_dir_all(&out)?;
    let mut node = command("node");
    node.arg(paths::root().join("xtask/shots/shots.mjs")).arg(&server.base).arg(out).arg(&scratch);
    let looked = check(&mut node);
    server.stop()?;
    looked
}
