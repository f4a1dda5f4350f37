//! One newsletter in three languages: double opt-in, a daily mail, a page in the admin, end to end.

use crate::{HOST, database, root};
use cairn_plugin_test::scenario::{Scenario, scenario_files};
use cairn_plugin_test::{HarnessOptions, TestPlugin};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

const GUESTS: [&str; 3] = ["newsletter", "newsletter-ts", "newsletter-py"];

fn folder(guest: &str) -> PathBuf {
    root().join("plugins/guests").join(guest)
}

async fn passes(guest: &str) {
    let component = root().join(format!("target/plugins/{guest}.wasm"));
    let plugin = TestPlugin::with_component(&folder(guest), &component).unwrap_or_else(|e| panic!("{e}"));
    let database = database();
    for file in scenario_files(&folder(guest)).unwrap() {
        let scenario = Scenario::from_file(&file).unwrap_or_else(|e| panic!("{e}"));
        let terms = HarnessOptions { seed: 7, database: database.as_deref(), ..HarnessOptions::default() };
        let ran = scenario.run(&HOST, &plugin, &terms).await;
        assert_eq!(ran.map_err(|e| e.to_string()), Ok(()), "{guest}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_is_confirmed_by_its_link_in_rust() {
    passes("newsletter").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_is_confirmed_by_its_link_in_typescript() {
    passes("newsletter-ts").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newsletter_is_confirmed_by_its_link_in_python() {
    passes("newsletter-py").await;
}

/// Every file of a folder but the source, by its path.
fn contents(folder: &Path, at: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        let name = path.strip_prefix(folder).unwrap().to_owned();
        let ours = ["content-types", "locales", "templates", "tests", "plugin.toml"];
        if !ours.iter().any(|ours| name.starts_with(ours)) {
            continue;
        }
        if path.is_dir() {
            contents(folder, &path, found);
        } else {
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

#[test]
fn only_the_source_of_the_three_differs() {
    let all = GUESTS.map(|guest| {
        let mut found = BTreeMap::new();
        contents(&folder(guest), &folder(guest), &mut found);
        found
    });
    assert!(all[0].len() > 7, "{:?}", all[0].keys());
    assert_eq!(all[0], all[1]);
    assert_eq!(all[0], all[2]);
}
