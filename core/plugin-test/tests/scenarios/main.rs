//! Tests of plugins: scenarios with built plugins that behave, and with what they do not stand.
#![expect(clippy::unwrap_used, reason = "a test stops where its ground gives way")]

mod applications;
mod content_api;
mod examples;
mod external_services;
mod files;
mod golden;
mod neighbours;
mod newsletter;
mod previews;
mod steps;

use cairn_plugin_host::{PdfProgram, PluginHost};
use cairn_plugin_test::scenario::Scenario;
use cairn_plugin_test::{HarnessOptions, TestPlugin};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// One engine for all tests of a process.
pub(crate) static HOST: LazyLock<PluginHost> =
    LazyLock::new(|| PluginHost::with_fuel_meter(root().join("target/plugins/metered")));

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The database that the tests are told to use, where that is not SQLite.
pub(crate) fn database() -> Option<String> {
    std::env::var("CAIRN_TEST_DATABASE_URL").ok().filter(|url| !url.is_empty())
}

/// A plugin of the repository by its folder, as `cargo xtask wasm` has built it.
pub(crate) fn load_plugin(folder: &str) -> TestPlugin {
    let name = folder.rsplit('/').next().unwrap_or(folder);
    let component = root().join(format!("target/plugins/{name}.wasm"));
    TestPlugin::with_component(&root().join(folder), &component).unwrap_or_else(|e| panic!("{e}"))
}

/// A plugin of `examples/plugins/`.
pub(crate) fn load_example(name: &str) -> TestPlugin {
    load_plugin(&format!("examples/plugins/{name}"))
}

/// Takes a plugin through the steps of a text, where there are no PDFs.
pub(crate) async fn run_text(plugin: &TestPlugin, text: &str, calm: bool) -> Result<(), String> {
    run_text_with(plugin, text, calm, None).await
}

/// Takes a plugin through the steps of a text.
pub(crate) async fn run_text_with(
    plugin: &TestPlugin,
    text: &str,
    calm: bool,
    pdf: Option<&PdfProgram>,
) -> Result<(), String> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("test.toml");
    std::fs::write(&file, text).unwrap();
    let scenario = Scenario::from_file(&file).map_err(|e| e.to_string())?;
    let (database, components) = (database(), root().join("target/plugins"));
    let (database, components) = (database.as_deref(), Some(&*components));
    let terms = HarnessOptions { calm, seed: 7, database, components, pdf, ..HarnessOptions::default() };
    scenario.run(&HOST, plugin, &terms).await.map_err(|e| e.to_string())
}
