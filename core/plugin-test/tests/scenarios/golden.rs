//! Plugins of every line of the contract, as they were packed when the line was current: they are still read, loaded, and answer as then.

use crate::{HOST, database, root};
use cairn_plugin_package::Package;
use cairn_plugin_package::package::PackageLimits;
use cairn_plugin_test::scenario::Scenario;
use cairn_plugin_test::{HarnessOptions, TestPlugin};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Bytes of all packages together: they stay in the repository for good.
const MOST: u64 = 300 << 10;

fn plugins_folder() -> PathBuf {
    root().join("plugins")
}

/// The packages: the line that each is of, and where it is.
fn list_packages() -> Vec<(String, PathBuf)> {
    let lines = fs::read_dir(plugins_folder().join("golden")).unwrap().map(|entry| entry.unwrap().path());
    let files = lines.filter(|path| path.is_dir()).flat_map(|line| {
        let name = line.file_name().unwrap().to_str().unwrap().to_owned();
        fs::read_dir(line).unwrap().map(move |entry| (name.clone(), entry.unwrap().path()))
    });
    let mut packages: Vec<_> =
        files.filter(|(_, path)| path.extension().is_some_and(|extension| extension == "cairnplugin")).collect();
    packages.sort();
    packages
}

#[test]
fn every_api_version_has_a_package_within_the_size_limit() {
    let packages = list_packages();
    let have: BTreeSet<&str> = packages.iter().map(|(line, _)| line.as_str()).collect();
    for entry in fs::read_dir(plugins_folder().join("wit")).unwrap().map(|entry| entry.unwrap()) {
        let line = entry.file_name().to_str().unwrap().to_owned();
        assert!(!entry.path().is_dir() || have.contains(line.as_str()), "plugins/golden has no package of {line}");
    }
    let bytes: u64 = packages.iter().map(|(_, path)| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= MOST, "{bytes} bytes");
}

#[tokio::test(flavor = "multi_thread")]
async fn golden_packages_load_and_pass_their_scenarios() {
    let database = database();
    for (line, path) in list_packages() {
        let package =
            Package::read(&fs::read(&path).unwrap(), &PackageLimits::default()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(line, format!("v{}", package.manifest().plugin.api), "{}", path.display());
        assert_eq!(package.check(), [], "{}", path.display());
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in package.files().iter() {
            let place = folder.path().join(name);
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            fs::write(place, content).unwrap();
        }
        let plugin = TestPlugin::from_folder(folder.path()).unwrap_or_else(|e| panic!("{e}"));
        let scenario = Scenario::from_file(&path.with_extension("toml")).unwrap_or_else(|e| panic!("{e}"));
        let terms = HarnessOptions { seed: 7, database: database.as_deref(), ..HarnessOptions::default() };
        let ran = scenario.run(&HOST, &plugin, &terms).await;
        assert_eq!(ran.map_err(|e| e.to_string()), Ok(()), "{}", path.display());
    }
}
