//! The examples of the repository pass the tests in their folders, as `cairn plugin test` runs them.

use crate::{HOST, database, load_example};
use cairn_plugin_host::PdfProgram;
use cairn_plugin_test::HarnessOptions;
use cairn_plugin_test::scenario::{Scenario, scenario_files};

async fn assert_scenarios_pass(name: &str, least: usize) {
    let plugin = load_example(name);
    let tests = scenario_files(&crate::root().join("examples/plugins").join(name)).unwrap();
    assert!(tests.len() >= least, "{tests:?}");
    let database = database();
    for file in tests {
        let scenario = Scenario::from_file(&file).unwrap_or_else(|e| panic!("{e}"));
        let pdf = PdfProgram::new(crate::root().join("target/tools/cairn-pdf"));
        let terms =
            HarnessOptions { seed: 7, database: database.as_deref(), pdf: Some(&pdf), ..HarnessOptions::default() };
        let ran = scenario.run(&HOST, &plugin, &terms).await;
        assert_eq!(ran.map_err(|e| e.to_string()), Ok(()), "{}", file.display());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bookings_example_passes_its_scenarios() {
    assert_scenarios_pass("bookings", 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn enrich_example_passes_its_scenarios() {
    assert_scenarios_pass("enrich", 3).await;
}

/// What takes long: `cargo xtask test --full`.
mod full {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn nightly_report_example_passes_its_scenarios() {
        assert_scenarios_pass("nightly-report", 1).await;
    }
}
