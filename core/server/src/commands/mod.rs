//! The `cairn` program's commands, one file each.

mod apply;
mod doctor;
mod serve;
mod user;

use crate::config::Config;
use crate::wiring::Failure;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// A headless CMS in one binary: typed content, served through Strapi v5's REST dialect.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, propagate_version = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a project: the content API and its files
    Serve(serve::Serve),
    /// Apply settings as code: locales, roles, permissions, API tokens, admin users
    Apply(apply::Apply),
    /// Manage people: the first admin user, password reset links
    User(user::User),
    /// Check a project: its files, database, settings and disk
    Doctor(doctor::Doctor),
}

/// The project of a command.
#[derive(Debug, clap::Args)]
pub(crate) struct Project {
    /// The project's folder: cairn.toml, content-types/ or src/, data/
    #[arg(long, value_name = "DIR", default_value = ".", env = "CAIRN_PROJECT")]
    project: PathBuf,
}

impl Project {
    fn config(&self) -> Result<Config, Failure> {
        Ok(Config::load(&self.project, &|name| std::env::var(name).ok())?)
    }
}

impl Cli {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Serve(c) => c.run().await,
            Command::Apply(c) => c.run().await,
            Command::User(c) => c.run().await,
            Command::Doctor(c) => c.run().await,
        }
    }
}

/// A line for the terminal, or for the program behind the pipe; one that has gone away is no error.
pub(crate) fn say(line: impl std::fmt::Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{line}");
}
