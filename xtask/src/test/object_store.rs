//! Files in a bucket: the tests of `core/assets` that need an object store.

use super::Outcome;
use crate::database::isolate;
use crate::process::{cargo, tallied};
use crate::s3::{self, ObjectStore};
use anyhow::Result;

/// The test program with such tests, which say that they are left out otherwise.
const TESTS: &str = "s3";

/// The tests.
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
    isolate(&mut run).args(["test", "--workspace", "--test", TESTS]).envs(store.variables());
    Ok(Outcome::Ran(tallied(&mut run)?))
}
