//! `cargo xtask test --changed`: the suites that what has changed since a revision can touch.
//!
//! A crate's tests run where its own code has changed or that of a crate below it. `testkit` is looked at as a tool: it starts whole servers
//! for whoever asks, so that through it every change would reach every crate. The admin UI's goals in a browser, mail, object store, uploads
//! in pieces and the crash test take longest and run where the admin UI or the server itself has changed; otherwise the run names them.

use crate::process::{root_command, run_output};
use crate::tidy::{DependencyEdge, load_edges};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The crate that starts servers for the tests of all others.
const TESTKIT_PACKAGE: &str = "cairn-testkit";
/// The crate of the binary, with the tests of whole servers.
const SERVER_PACKAGE: &str = "cairn-server";
/// The crates that are what is served: a change of theirs runs the suites that drive a whole product.
const PRODUCT_PACKAGES: [&str; 8] = [
    "cairn-app",
    "cairn-commands",
    "cairn-http",
    "cairn-content-api",
    "cairn-editing-api",
    "cairn-administration-api",
    "cairn-router",
    SERVER_PACKAGE,
];
/// The repository's chores.
const XTASK_PACKAGE: &str = "xtask";
/// Where what is under work branched off.
const MAIN_BRANCH: &str = "origin/main";

/// Scope that a set of changed files can touch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ChangeScope {
    /// A file changed of which nobody can tell what reads it: all suites run.
    pub everything: bool,
    /// Packages of the workspace whose tests run.
    pub crates: BTreeSet<String>,
    /// Rust code changed: form and lints are looked at.
    pub rust: bool,
    /// The admin UI itself changed.
    pub admin_ui: bool,
    /// The admin UI or the server changed: the suites that drive a whole product run.
    pub product: bool,
    /// The guest library, the test guests or the examples changed.
    pub plugins: bool,
    /// The program that makes PDFs changed.
    pub pdf: bool,
    /// A package of `clients` changed.
    pub client: bool,
}

/// Of each package of the workspace those it is built from, test dependencies apart.
#[derive(Debug, Default)]
pub(super) struct PackageGraph {
    built_from: BTreeMap<String, BTreeSet<String>>,
    tested_with: BTreeMap<String, BTreeSet<String>>,
}

/// Lists the files changed since `revision`, committed or not, new files included. Returns an error if git does not know the revision.
pub(super) fn files_since(revision: Option<&str>) -> Result<Vec<String>> {
    let base = match revision {
        Some(revision) => revision.to_owned(),
        None => branched_off(),
    };
    let changed = run_output(root_command("git").args(["diff", "--name-only", "--no-renames", "-z", &base, "--"]))
        .with_context(|| format!("git cannot compare with {base}: use --since to specify a revision"))?;
    let new = run_output(root_command("git").args(["ls-files", "--others", "--exclude-standard", "-z"]))?;
    let names = changed.split('\0').chain(new.split('\0'));
    Ok(names.filter(|name| !name.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect())
}

/// The commit that this branch has in common with main elsewhere; where there is none, the last commit.
fn branched_off() -> String {
    let found = root_command("git")
        .args(["merge-base", "HEAD", MAIN_BRANCH])
        .output()
        .ok()
        .filter(|found| found.status.success());
    found.map_or_else(|| "HEAD".to_owned(), |found| String::from_utf8_lossy(&found.stdout).trim().to_owned())
}

impl ChangeScope {
    /// Returns the scope that the files can touch.
    pub(super) fn from_files(files: &[String], graph: &PackageGraph) -> Self {
        let mut scope = Self::default();
        // The crates whose code changed; and those of which tests read a file that is nobody's code.
        let (mut changed, mut readers) = (BTreeSet::new(), BTreeSet::new());
        for file in files {
            let mut parts = file.split('/');
            let top = parts.next().unwrap_or_default();
            let below = parts.next();
            let prose = file.ends_with(".md");
            match (top, below) {
                ("core", Some(_)) if prose => {}
                ("core", Some(folder)) => {
                    // Plugins are built with it too.
                    scope.plugins |= folder == "contact-details";
                    changed.insert(format!("cairn-{folder}"));
                }
                ("migrations", _) => {
                    changed.insert("cairn-store".to_owned());
                }
                ("xtask", _) => {
                    changed.insert(XTASK_PACKAGE.to_owned());
                }
                ("admin-ui", _) if prose => {}
                ("admin-ui", _) => {
                    scope.admin_ui = true;
                    scope.product = true;
                }
                // The contract is compiled into both sides of it.
                ("plugins", Some("wit")) => {
                    scope.plugins = true;
                    changed.insert("cairn-plugin-host".to_owned());
                    readers.insert("cairn-plugin-author");
                }
                ("plugins", _) | ("examples", Some("plugins")) if !prose => {
                    scope.plugins = true;
                    readers.extend(["cairn-plugin-host", "cairn-plugin-test", "cairn-plugin-author", SERVER_PACKAGE]);
                }
                ("pdf", _) if !prose => {
                    scope.pdf = true;
                    readers.extend(["cairn-plugin-host", "cairn-plugin-test"]);
                }
                // The server serves the script, and editors work with it.
                ("clients", Some("preview")) if !prose => {
                    (scope.client, scope.product) = (true, true);
                    readers.extend(["cairn-http", "cairn-router", SERVER_PACKAGE]);
                }
                ("clients", _) if !prose => scope.client = true,
                ("examples", Some("live-preview")) if !prose => scope.product = true,
                ("content-types" | "examples", _) if !prose => readers.extend([SERVER_PACKAGE, XTASK_PACKAGE]),
                // The server's tests type the commands of this page.
                ("docs", Some("front-end-developers.md")) => {
                    readers.insert(SERVER_PACKAGE);
                }
                // Pages are compared with what they describe.
                ("docs", _) | ("plugins", _) => {
                    readers.insert("cairn-plugin-package");
                }
                ("LICENSE" | ".gitignore" | ".gitattributes", None) | ("fuzz", _) => {}
                _ if prose => {}
                _ => scope.everything = true,
            }
        }
        scope.rust = files.iter().any(|file| file.ends_with(".rs") || file.ends_with(".toml"));
        scope.product |= PRODUCT_PACKAGES.iter().any(|package| changed.contains(*package));
        scope.crates = graph.dependents_of(&changed);
        scope.crates.extend(readers.into_iter().map(str::to_owned));
        scope
    }

    /// True if requests could be answered otherwise than before.
    pub(super) fn affects_answers(&self) -> bool {
        self.product || self.crates.contains(SERVER_PACKAGE)
    }
}

impl PackageGraph {
    /// As cargo knows it. Returns an error if `cargo metadata` fails.
    pub(super) fn of_workspace() -> Result<Self> {
        let mut graph = Self::default();
        for DependencyEdge { from, to, dev } in load_edges()? {
            let edges = if dev { &mut graph.tested_with } else { &mut graph.built_from };
            edges.entry(from).or_default().insert(to);
        }
        Ok(graph)
    }

    /// The packages themselves and all whose tests run their code.
    fn dependents_of(&self, changed: &BTreeSet<String>) -> BTreeSet<String> {
        let mut built = changed.clone();
        loop {
            let new_dependents: Vec<&String> = self
                .built_from
                .iter()
                .filter(|(name, from)| {
                    name.as_str() != TESTKIT_PACKAGE && !built.contains(*name) && !from.is_disjoint(&built)
                })
                .map(|(name, _)| name)
                .collect();
            if new_dependents.is_empty() {
                break;
            }
            let new_dependents: Vec<String> = new_dependents.into_iter().cloned().collect();
            built.extend(new_dependents);
        }
        let tested =
            self.tested_with.iter().filter(|(_, with)| !with.is_disjoint(&built)).map(|(name, _)| name.clone());
        let tested: Vec<String> = tested.collect();
        built.extend(tested);
        // A file of a folder that is no package.
        built.retain(|name| self.built_from.contains_key(name) || self.tested_with.contains_key(name));
        built
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> PackageGraph {
        let edges = |edges: &[(&str, &[&str])]| {
            edges
                .iter()
                .map(|(from, to)| ((*from).to_owned(), to.iter().map(|to| (*to).to_owned()).collect()))
                .collect()
        };
        PackageGraph {
            built_from: edges(&[
                ("cairn-model", &[]),
                ("cairn-search", &[]),
                ("cairn-store", &["cairn-model"]),
                (SERVER_PACKAGE, &["cairn-store", "cairn-search"]),
                (TESTKIT_PACKAGE, &[SERVER_PACKAGE]),
                ("cairn-plugin-package", &[]),
                (XTASK_PACKAGE, &[]),
            ]),
            tested_with: edges(&[("cairn-store", &[TESTKIT_PACKAGE]), ("cairn-model", &[TESTKIT_PACKAGE])]),
        }
    }

    fn scope(files: &[&str]) -> ChangeScope {
        ChangeScope::from_files(&files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>(), &graph())
    }

    fn crates(files: &[&str]) -> Vec<String> {
        scope(files).crates.into_iter().collect()
    }

    #[test]
    fn changed_crates_affect_themselves_and_their_dependents() {
        assert_eq!(crates(&["core/store/src/lib.rs"]), [SERVER_PACKAGE, "cairn-store"]);
        assert_eq!(crates(&["core/search/src/lib.rs"]), ["cairn-search", SERVER_PACKAGE]);
        assert_eq!(crates(&["migrations/sqlite/0001_system.sql"]), [SERVER_PACKAGE, "cairn-store"]);
        // The crate that starts servers for tests affects its users.
        assert_eq!(crates(&["core/testkit/src/lib.rs"]), ["cairn-model", "cairn-store", TESTKIT_PACKAGE]);
        let scope = scope(&["core/model/src/lib.rs"]);
        assert!(scope.rust && scope.affects_answers() && !scope.product && !scope.everything);
    }

    #[test]
    fn product_changes_are_detected_in_server_and_admin_ui() {
        for file in ["core/app/src/tenant.rs", "core/router/src/request_entry.rs", "core/server/src/cli.rs"] {
            assert!(scope(&[file]).product, "{file}");
        }
        assert!(!scope(&["core/store/src/lib.rs"]).product);
        let admin = scope(&["admin-ui/src/main.tsx"]);
        assert!(admin.admin_ui && admin.product && admin.affects_answers() && !admin.rust && admin.crates.is_empty());
    }

    #[test]
    fn documentation_affects_only_crates_that_compare_it() {
        assert_eq!(crates(&["docs/security.md"]), ["cairn-plugin-package"]);
        assert_eq!(crates(&["docs/front-end-developers.md"]), [SERVER_PACKAGE]);
        assert_eq!(scope(&["README.md", "core/store/README.md", "LICENSE"]), ChangeScope::default());
        assert_eq!(scope(&[]), ChangeScope::default());
    }

    #[test]
    fn unknown_files_affect_everything() {
        for file in ["Cargo.lock", "Cargo.toml", ".ci/run", "something/new.rs", "rust-toolchain.toml"] {
            assert!(scope(&[file]).everything, "{file}");
        }
    }

    #[test]
    fn changes_outside_core_select_their_own_suites() {
        assert!(scope(&["pdf/src/main.rs"]).pdf);
        assert!(scope(&["clients/javascript/src/client.ts"]).client);
        assert!(scope(&["clients/preview/preview.js"]).product && scope(&["examples/live-preview/site.mjs"]).product);
        assert!(scope(&["examples/plugins/seo/src/lib.rs"]).plugins);
        assert!(scope(&["core/contact-details/src/phone.rs"]).plugins && !scope(&["core/store/src/lib.rs"]).plugins);
        assert_eq!(crates(&["content-types/article.json"]), [SERVER_PACKAGE, XTASK_PACKAGE]);
        // A folder of core that is no package.
        assert_eq!(crates(&["core/nothing/x.rs"]), Vec::<String>::new());
    }

    #[test]
    fn package_graph_is_read_from_the_workspace() {
        let graph = PackageGraph::of_workspace().unwrap();
        let affected_crates = |file: &str| ChangeScope::from_files(&[file.to_owned()], &graph).crates;
        assert!(affected_crates("core/store/src/lib.rs").contains(SERVER_PACKAGE));
        assert!(!affected_crates("core/notify/src/lib.rs").contains("cairn-query"));
        assert!(affected_crates("core/query/src/lib.rs").contains("cairn-store"));
    }

    #[test]
    fn unknown_revision_error_mentions_the_since_option() {
        let error = files_since(Some("no-such-revision")).unwrap_err();
        assert!(format!("{error:#}").contains("--since"), "{error:#}");
    }
}
