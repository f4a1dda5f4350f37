//! Databases that Cairn runs on, and where each is for what a chore starts.

use crate::postgres::{self, Cluster, Durability};
use anyhow::Result;
use std::cell::OnceCell;
use std::fmt;
use std::process::Command;

/// The variable that `cairn` reads.
pub(crate) const DATABASE_VARIABLE: &str = "CAIRN_DATABASE_URL";
/// The variable that tests read: a PostgreSQL database in which each makes a schema of its own.
pub(crate) const TEST_DATABASE_VARIABLE: &str = "CAIRN_TEST_DATABASE_URL";

/// A kind of database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Database {
    /// Embedded: a file in the project
    Sqlite,
    /// A server that the command starts and stops
    Postgres,
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The servers that suites share, started when the first one needs them.
#[derive(Default)]
pub(crate) struct SharedServers {
    quick: OnceCell<Cluster>,
}

/// Why a suite cannot run on a database here.
pub(crate) enum DatabaseUnavailable {
    /// PostgreSQL is not there and cannot be installed; says what to type.
    NotHere(anyhow::Error),
    /// It is there and does not work.
    Broken(anyhow::Error),
}

impl SharedServers {
    /// The PostgreSQL for ordinary tests: fast, not durable. Returns an error if it cannot be had.
    pub(crate) fn quick_cluster(&self) -> Result<&Cluster, DatabaseUnavailable> {
        if let Some(cluster) = self.quick.get() {
            return Ok(cluster);
        }
        postgres::check_available().map_err(DatabaseUnavailable::NotHere)?;
        let cluster = Cluster::throw_away(Durability::None).map_err(DatabaseUnavailable::Broken)?;
        Ok(self.quick.get_or_init(|| cluster))
    }
}

/// How many times as long as on a quiet machine tests wait before they give up: `extend_limit` in `core/testkit`.
const PATIENCE_VARIABLE: &str = "CAIRN_TEST_PATIENCE";
/// Its value in the suites.
const PATIENCE: &str = "5";

/// Has a command take no database from the environment of whoever started the chore, and tests among what it runs wait as long as a slow
/// machine needs.
pub(crate) fn isolate_command(command: &mut Command) -> &mut Command {
    command.env_remove(DATABASE_VARIABLE).env_remove(TEST_DATABASE_VARIABLE);
    if std::env::var_os(PATIENCE_VARIABLE).is_none() {
        command.env(PATIENCE_VARIABLE, PATIENCE);
    }
    command
}
