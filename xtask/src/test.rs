//! `cargo xtask test`: what has to hold on a commit, with the totals in the last line; with `--full` everything there is, on every database.
//!
//! A suite of the shared material that does not exist is left out and named, and so are the suites on PostgreSQL where it can neither be
//! found nor installed; with `CI=true` the latter is a failure. Every other problem is a failure.

mod admin;
mod applications;
mod budgets;
mod changed;
mod clients;
mod closing_lines;
mod crates;
mod graphql_contract;
mod javascript_client;
mod lanes;
mod lint;
mod mail;
mod object_store;
mod outcome;
mod pdf;
mod plan;
mod plugins;
mod portal_site;
mod results;
mod resumable;
mod shared;
mod strapi_import;
mod suite;
mod tier;

use crate::counts::TestCounts;
use crate::database::{Database, DatabaseUnavailable, SharedServers};
use crate::{advisories, bench, build, crash, process, tidy};
use anyhow::{Result, bail};
pub(crate) use budgets::check_budgets;
use crates::WITH_STORE;
use lanes::{BackgroundProgram, Lanes};
use outcome::{SuiteOutcome, is_ci};
use plan::{narrow_suites, plan_suites};
use results::RunResults;
use std::path::PathBuf;
use std::time::Instant;
use suite::Suite;
use tier::Tier;

/// Options of the chore.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Run one suite instead of all: a crate of core/ (store, query …), xtask, lint, tidy, advisories, plugins, pdf, admin, e2e, site (examples/portal), mail, s3, tus, conformance, graphql, import, client, clients, crash or an application (crm, kb)
    suite: Option<String>,
    /// Run also what takes long: both databases throughout, all browser tests, random cases by the thousand
    #[arg(long)]
    full: bool,
    /// Run only the suites for this database
    #[arg(long, value_enum)]
    database: Option<Database>,
    /// Run only the suites that changes since a revision can affect
    #[arg(long, conflicts_with = "suite")]
    changed: bool,
    /// The revision; by default where this branch diverged from origin/main, or the last commit
    #[arg(long, requires = "changed")]
    since: Option<String>,
    /// Run one suite at a time: where memory is short, or to read along
    #[arg(long)]
    one_by_one: bool,
    /// Run only the suites of the background, for the run that started them, and write what they found to that file
    #[arg(long, hide = true)]
    background_results: Option<PathBuf>,
}

/// Runs the suites and prints the totals. Returns an error if a suite failed.
pub(crate) fn run(args: Args) -> Result<()> {
    let started = Instant::now();
    let background = BackgroundProgram::find()?;
    let tier = if args.full { Tier::Full } else { Tier::Gate };
    let is_whole = !args.changed && args.suite.is_none() && args.database.is_none();
    let mut results = RunResults::default();
    let servers = SharedServers::default();
    if !args.changed && matches!(args.suite.as_deref(), None | Some("plugins" | "pdf")) {
        process::enable_compile_lints();
    }
    let mut suites = plan_suites(tier, args.suite.as_deref(), args.database)?;
    if let Some(path) = args.background_results {
        for suite in Lanes::divide(suites).background {
            println!("\n== {}", suite.title());
            results.run_suite(&suite, tier, &servers);
        }
        return lanes::write_results(&path, &results);
    }
    if args.changed {
        let files = changed::files_since(args.since.as_deref())?;
        let scope = changed::ChangeScope::from_files(&files, &changed::PackageGraph::of_workspace()?);
        println!("{} changed files", files.len());
        let all = suites.clone();
        suites = narrow_suites(suites, &scope);
        if !suites.is_empty() && !scope.everything {
            let apart = all.into_iter().filter(|suite| suite.drives_product() && !suites.contains(suite));
            results.left_out.extend(
                apart.map(|suite| format!("{}: neither the admin UI nor the server has changed", suite.title())),
            );
        }
    }
    let lanes = match is_whole && !args.one_by_one {
        true => Lanes::divide(suites),
        false => Lanes::one_by_one(suites),
    };
    let (count, mut number) = (lanes.count_foreground(), 0);
    let mut run_all = |suites: &[Suite], results: &mut RunResults| {
        for suite in suites {
            number += 1;
            println!("\n== {} ({number} of {count})", suite.title());
            results.run_suite(suite, tier, &servers);
        }
    };
    run_all(&lanes.first, &mut results);
    if lanes.background.is_empty() {
        run_all(&lanes.meanwhile, &mut results);
    } else {
        let beside = background.start(tier)?;
        run_all(&lanes.meanwhile, &mut results);
        results.add(beside.finish());
    }
    run_all(&lanes.last, &mut results);
    closing_lines::print_closing_lines(&results, started.elapsed());
    if results.total.failed > 0 {
        bail!("the tests failed");
    }
    if is_whole {
        closing_lines::note_verified_commit()?;
    }
    Ok(())
}

impl Suite {
    /// Runs the suite, and once more as a whole where that says something; what failed only the first time is flaky. Returns an error if it
    /// cannot be run.
    fn run_until_it_passes(&self, tier: Tier, servers: &SharedServers) -> Result<SuiteOutcome> {
        let first = self.run(tier, servers);
        let failures = match &first {
            Ok(SuiteOutcome::Ran(counts)) if counts.failed > 0 => counts.failures.clone(),
            Err(error) => vec![format!("{error:#}")],
            Ok(_) => return first,
        };
        if !self.is_tried_again() {
            return first;
        }
        println!("\n== {}, once more: {}", self.title(), failures.join("\n"));
        let mut second = self.run(tier, servers)?;
        if let SuiteOutcome::Ran(counts) = &mut second
            && counts.failed == 0
        {
            for failure in failures {
                counts.add_flaky(failure);
            }
        }
        Ok(second)
    }

    fn run(&self, tier: Tier, servers: &SharedServers) -> Result<SuiteOutcome> {
        let url = match self.database_kind() {
            Some(Database::Postgres) => match servers.quick_cluster() {
                Ok(cluster) => Some(cluster.url()),
                Err(DatabaseUnavailable::NotHere(error)) if !is_ci() => {
                    return Ok(SuiteOutcome::LeftOut(format!("{error:#}")));
                }
                Err(DatabaseUnavailable::NotHere(error) | DatabaseUnavailable::Broken(error)) => return Err(error),
            },
            _ => None,
        };
        let url = url.as_deref();
        Ok(match self {
            Self::Compile => SuiteOutcome::Ran(lint::while_compiling()?),
            Self::Lint => SuiteOutcome::Ran(lint::lint_alone()?),
            Self::Tidy => SuiteOutcome::Ran(tidy::check_rules()?),
            Self::Advisories => match advisories::check()? {
                Ok(tally) => SuiteOutcome::Ran(tally),
                Err(why) => SuiteOutcome::LeftOut(why),
            },
            Self::Plugins => SuiteOutcome::Ran(plugins::run()?),
            Self::Pdf => SuiteOutcome::Ran(pdf::run(tier)?),
            Self::Workspace(_) => SuiteOutcome::Ran(match url {
                None => crates::on_sqlite(tier, &[])?,
                Some(url) => crates::on_postgres(tier, &WITH_STORE, url)?,
            }),
            Self::Crate(name, _) => SuiteOutcome::Ran(match url {
                None => crates::on_sqlite(tier, &[name])?,
                Some(url) => crates::on_postgres(tier, &[name], url)?,
            }),
            Self::Crates(names, _) => {
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                SuiteOutcome::Ran(match url {
                    None => crates::on_sqlite(tier, &names)?,
                    Some(url) => crates::on_postgres(tier, &names, url)?,
                })
            }
            Self::Application(application, _) => application.run(tier, url)?,
            Self::Admin => admin::unit_tests()?,
            Self::E2e(_) => admin::browser_goals(tier, url, None)?,
            Self::PortalSite => portal_site::run(tier, servers)?,
            Self::Mail(_) => mail::run(url)?,
            Self::S3 => object_store::run(tier)?,
            Self::Tus(_) => resumable::run(url)?,
            Self::Conformance(_) => shared::run_conformance(url, &[])?,
            Self::GraphqlContract => graphql_contract::run()?,
            Self::StrapiImport => strapi_import::run()?,
            Self::Client(_) => shared::run_client(url)?,
            Self::JavascriptClient => javascript_client::run()?,
            Self::Clients => clients::run_clients()?,
            Self::Crash(database) => {
                let server = build::tested_server()?;
                crash::run_rounds(&server, *database, tier.crash_rounds(), crash::DEFAULT_CLIENTS)?;
                SuiteOutcome::Ran(TestCounts::check("crash", true))
            }
            Self::Budget => match bench::run_budget()? {
                Ok(()) => SuiteOutcome::Ran(TestCounts::check("budget", true)),
                Err(why) => SuiteOutcome::LeftOut(why),
            },
        })
    }
}
