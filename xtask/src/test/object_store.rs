//! Files in a bucket: the tests of `core/assets` that need an object store, those of the commands that move files to one, and the
//! conformance of a server whose files are in one.

use super::{Outcome, shared};
use crate::database::isolate;
use crate::process::{cargo, tallied};
use crate::s3::{self, ObjectStore};
use anyhow::Result;

/// Test programs that need a bucket; without one they report that they are left out.
const TESTS: [&str; 2] = ["s3", "buckets"];

/// Runs the tests against an object store that is started for them.
///
/// # Errors
/// When they, or the store, cannot be started.
pub(super) fn run() -> Result<Outcome> {
    let program = match s3::program() {
        Ok(program) => program,
        Err(error) => return Ok(Outcome::LeftOut(format!("{error:#}"))),
    };
    let store = ObjectStore::start(&program)?;
    let mut run = cargo();
    // As the rest of the suite is built: a package alone has other features, and is compiled anew.
    isolate(&mut run).args(["test", "--workspace"]).envs(store.variables());
    for tests in TESTS {
        run.args(["--test", tests]);
    }
    let mut tally = tallied(&mut run)?;
    if let Outcome::Ran(conformance) = shared::conformance(None, &store.as_assets())? {
        tally += conformance;
    }
    Ok(Outcome::Ran(tally))
}
