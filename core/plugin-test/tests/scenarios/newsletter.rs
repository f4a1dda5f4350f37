//! One newsletter in three languages: double opt-in, a daily mail, a page in the admin, end to end.

use crate::{HOST, database, root};
use cairn_plugin_test::scenario::{Scenario, scenario_files};
use cairn_plugin_test::{HarnessOptions, TestPlugin};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const GUESTS: [&str; 3] = ["newsletter", "newsletter-ts", "newsletter-py"];

fn guest_folder(guest: &str) -> PathBuf {
    root().join("plugins/guests").join(guest)
}

async fn assert_scenarios_pass(guest: &str) {
    let component = root().join(format!("target/plugins/{guest}.wasm"));
    let plugin = TestPlugin::with_component(&guest_folder(guest), &component).unwrap_or_else(|e| panic!("{e}"));
    let database = database();
    for file in scenario_files(&guest_folder(guest)).unwrap() {
        let scenario = Scenario::from_file(&file).unwrap_or_else(|e| panic!("{e}"));
        let terms = HarnessOptions { seed: 7, database: database.as_deref(), ..HarnessOptions::default() };
        let ran = scenario.run(&HOST, &plugin, &terms).await;
        assert_eq!(ran.map_err(|e| e.to_string()), Ok(()), "{guest}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rust_newsletter_passes_its_scenarios() {
    assert_scenarios_pass("newsletter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn typescript_newsletter_passes_its_scenarios() {
    assert_scenarios_pass("newsletter-ts").await;
}

/// Every file of a folder but the source, by its path.
fn collect_contents(folder: &Path, at: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(folder).unwrap().to_owned();
        let included = ["content-types", "locales", "templates", "tests", "plugin.toml"];
        if !included.iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        if path.is_dir() {
            collect_contents(folder, &path, found);
        } else {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn newsletters_differ_only_in_their_source() {
    let all = GUESTS.map(|guest| {
        let mut found = BTreeMap::new();
        collect_contents(&guest_folder(guest), &guest_folder(guest), &mut found);
        found
    });
    assert!(all[0].len() > 7, "{:?}", all[0].keys());
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}

/// Tests that take long: `cargo xtask test --full`.
mod full {
    use super::assert_scenarios_pass;

    #[tokio::test(flavor = "multi_thread")]
    async fn python_newsletter_passes_its_scenarios() {
        assert_scenarios_pass("newsletter-py").await;
    }
}
