//! Two lanes of suites: the tests of the crates run beside all others, in a process of their own, because both wait for servers, browsers and
//! clocks half of their time.

use super::results::RunResults;
use super::suite::Suite;
use super::tier::Tier;
use crate::counts::TestCounts;
use crate::interrupt::CleanupGuard;
use crate::paths;
use crate::process::spawn_group;
use anyhow::{Context, Result};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

/// The suites of a run, in the order in which they start.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lanes {
    /// Those that build what others use, one after another.
    pub(super) first: Vec<Suite>,
    /// The tests of the crates, which run in the background.
    pub(super) background: Vec<Suite>,
    /// Those that run meanwhile, one after another.
    pub(super) meanwhile: Vec<Suite>,
    /// Those that measure, when nothing else runs.
    pub(super) last: Vec<Suite>,
}

impl Lanes {
    /// Divides suites into lanes.
    pub(super) fn divide(suites: Vec<Suite>) -> Self {
        let mut lanes = Self::default();
        for suite in suites {
            match suite {
                Suite::Tidy | Suite::Admin | Suite::Compile | Suite::Plugins | Suite::Pdf => lanes.first.push(suite),
                Suite::Workspace(_) => lanes.background.push(suite),
                Suite::Budget => lanes.last.push(suite),
                suite => lanes.meanwhile.push(suite),
            }
        }
        lanes
    }

    /// One lane, for runs in which suites do not run beside one another.
    pub(super) fn one_by_one(suites: Vec<Suite>) -> Self {
        Self { first: suites, ..Self::default() }
    }

    /// Number of suites that run one after another.
    pub(super) fn count_foreground(&self) -> usize {
        self.first.len() + self.meanwhile.len() + self.last.len()
    }
}

/// The program of this chore, and where the background suites leave what they say and find.
#[derive(Debug)]
pub(super) struct BackgroundProgram {
    program: PathBuf,
    output: PathBuf,
    results: PathBuf,
}

impl BackgroundProgram {
    /// Finds the program that is running. To be asked before anything is compiled: a chore may be replaced by itself. Returns an error if the
    /// system cannot tell.
    pub(super) fn find() -> Result<Self> {
        let folder = paths::target_folder();
        Ok(Self {
            program: std::env::current_exe().context("the program of this chore")?,
            output: folder.join("background-suites.log"),
            results: folder.join("background-suites.json"),
        })
    }

    /// Starts the background suites. Returns an error if their process cannot be started.
    pub(super) fn start(&self, tier: Tier) -> Result<BackgroundRun<'_>> {
        let output = File::create(&self.output).with_context(|| self.output.display().to_string())?;
        // Results of an earlier run must not pass for those of this one.
        let _ = std::fs::remove_file(&self.results);
        let mut command = Command::new(&self.program);
        command.arg("test").arg("--background-results").arg(&self.results);
        if tier == Tier::Full {
            command.arg("--full");
        }
        command.stdout(output.try_clone()?).stderr(output);
        let (child, guard) = spawn_group(&mut command)?;
        println!("\n== in the background, shown at the end: {}", self.output.display());
        Ok(BackgroundRun { program: self, child, guard })
    }
}

/// Suites that are running in the background.
#[derive(Debug)]
pub(super) struct BackgroundRun<'p> {
    program: &'p BackgroundProgram,
    child: Child,
    guard: CleanupGuard,
}

impl BackgroundRun<'_> {
    /// Waits for the end, shows what the suites said, and returns what they found. A process that ends without results is a failure.
    pub(super) fn finish(mut self) -> RunResults {
        println!("\n== waiting for the suites in the background");
        let ended = self.child.wait();
        drop(self.guard);
        let said = std::fs::read(&self.program.output).unwrap_or_default();
        println!("{}", String::from_utf8_lossy(&said));
        read_results(&self.program.results).unwrap_or_else(|error| {
            let status = ended.map_or_else(|error| error.to_string(), |status| status.to_string());
            let total =
                TestCounts::check(format!("the suites in the background ended with {status}: {error:#}"), false);
            RunResults { total, ..RunResults::default() }
        })
    }
}

fn read_results(path: &Path) -> Result<RunResults> {
    let text = std::fs::read(path).with_context(|| path.display().to_string())?;
    Ok(serde_json::from_slice(&text)?)
}

/// Writes what the background suites found, for the run that started them. Returns an error if the file cannot be written.
pub(super) fn write_results(path: &Path, results: &RunResults) -> Result<()> {
    // A file that is half written must not be taken for the whole.
    let half = path.with_extension("half");
    std::fs::write(&half, serde_json::to_vec(results)?)?;
    std::fs::rename(&half, path).with_context(|| path.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Database::{Postgres, Sqlite};
    use crate::test::plan::plan_suites;

    #[test]
    fn each_suite_of_a_plan_is_in_one_lane_and_what_builds_comes_first() {
        for tier in [Tier::Gate, Tier::Full] {
            let suites = plan_suites(tier, None, None).unwrap();
            let lanes = Lanes::divide(suites.clone());
            assert_eq!(lanes.count_foreground() + lanes.background.len(), suites.len());
            assert_eq!(lanes.first, [Suite::Tidy, Suite::Admin, Suite::Compile, Suite::Plugins, Suite::Pdf]);
            assert_eq!(lanes.background, [Suite::Workspace(Sqlite), Suite::Workspace(Postgres)]);
            assert!(lanes.meanwhile.contains(&Suite::E2e(Sqlite)));
            assert_eq!(lanes.last.is_empty(), tier == Tier::Gate);
            let in_a_row = Lanes::one_by_one(suites.clone());
            assert_eq!((in_a_row.first, in_a_row.meanwhile), (suites, Vec::new()));
        }
    }

    #[test]
    fn results_are_read_as_they_were_written_and_missing_ones_are_a_failure() {
        let folder = std::env::temp_dir().join(format!("cairn-lanes-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("results.json");
        let results = RunResults {
            total: TestCounts::check("a test", false),
            left_out: vec!["a suite: why".to_owned()],
            ..RunResults::default()
        };
        write_results(&path, &results).unwrap();
        let read = read_results(&path).unwrap();
        assert_eq!((read.total, read.left_out), (results.total, results.left_out));
        std::fs::write(&path, "{").unwrap();
        assert!(read_results(&path).is_err());
        let program = BackgroundProgram {
            program: "/bin/false".into(),
            output: folder.join("output.log"),
            results: folder.join("none.json"),
        };
        let found = program.start(Tier::Gate).unwrap().finish();
        assert_eq!((found.total.passed, found.total.failed), (0, 1));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
