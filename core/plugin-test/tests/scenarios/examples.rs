//! The examples of the repository pass the tests in their folders, as `cairn plugin test` runs them.

use crate::{HOST, database, load_plugin};
use cairn_plugin_host::PdfProgram;
use cairn_plugin_test::HarnessOptions;
use cairn_plugin_test::scenario::{Scenario, scenario_files};

/// Runs the tests in the folder of a plugin, of which there are so many at least, with faults.
pub(crate) async fn assert_scenarios_pass(folder: &str, least: usize) {
    run_scenarios(folder, least, false).await;
}

/// Runs them without faults, in a fraction of the time.
pub(crate) async fn assert_scenarios_pass_calmly(folder: &str, least: usize) {
    run_scenarios(folder, least, true).await;
}

async fn run_scenarios(folder: &str, least: usize, calm: bool) {
    let plugin = load_plugin(folder);
    let tests = scenario_files(&crate::root().join(folder)).unwrap();
    assert!(tests.len() >= least, "{tests:?}");
    let database = database();
    for file in tests {
        let scenario = Scenario::from_file(&file).unwrap_or_else(|e| panic!("{e}"));
        let pdf = PdfProgram::new(crate::root().join("target/tools/cairn-pdf"));
        let (database, components) = (database.as_deref(), crate::root().join("target/plugins"));
        let (pdf, components) = (Some(&pdf), Some(&*components));
        let terms = HarnessOptions { seed: 7, calm, database, pdf, components, ..HarnessOptions::default() };
        let ran = scenario.run(&HOST, &plugin, &terms).await;
        assert_eq!(ran.map_err(|e| e.to_string()), Ok(()), "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_example_passes_its_scenarios() {
    assert_scenarios_pass("examples/plugins/bookings", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn desk_example_passes_its_scenarios() {
    assert_scenarios_pass("examples/plugins/desk", 18).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enrich_example_passes_its_scenarios() {
    assert_scenarios_pass("examples/plugins/enrich", 3).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn translate_example_passes_its_scenarios() {
    assert_scenarios_pass("examples/plugins/translate", 3).await;
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn nightly_report_example_passes_its_scenarios() {
        assert_scenarios_pass("examples/plugins/nightly-report", 1).await;
    }
}
