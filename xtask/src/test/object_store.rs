//! Files in a bucket: the tests of `core/assets` that need an object store, those of the commands that move files to one, and the
//! conformance of a server whose files are in one.

use super::outcome::SuiteOutcome;
use super::shared;
use super::tier::Tier;
use crate::counts::TestCounts;
use crate::database::isolate_command;
use crate::process::{cargo_command, run_counted};
use crate::s3::{self, ObjectStore};
use anyhow::Result;

/// Test programs with tests that need a bucket, and the beginning of these tests' names; without a bucket they report that they are left out.
const TESTS: [(&str, &str); 2] = [("s3", ""), ("program", "buckets::")];

/// Runs the tests against an object store that is started for them; the conformance run on it only where everything is run. Returns an error if
/// they, or the store, cannot be started.
pub(super) fn run(tier: Tier) -> Result<SuiteOutcome> {
    let program = match s3::fetch_program() {
        Ok(program) => program,
        Err(error) => return Ok(SuiteOutcome::LeftOut(format!("{error:#}"))),
    };
    let store = ObjectStore::start(&program)?;
    let mut tally = TestCounts::default();
    for (program, names) in TESTS {
        let mut run = cargo_command();
        // The whole workspace is built, as for the other suites: a package alone has other features, and is compiled anew.
        isolate_command(&mut run).args(["test", "--workspace", "--test", program, "--", names]);
        tally += run_counted(run.envs(store.test_variables()))?;
    }
    if tier == Tier::Full
        && let SuiteOutcome::Ran(conformance) = shared::run_conformance(None, &store.as_assets())?
    {
        tally += conformance;
    }
    Ok(SuiteOutcome::Ran(tally))
}
