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
mod lint;
mod mail;
mod object_store;
mod pdf;
mod plugins;
mod portal_site;
mod resumable;
mod shared;
mod strapi_import;

use crate::counts::TestCounts;
use crate::database::{Database, DatabaseUnavailable, SharedServers};
use crate::{advisories, bench, build, crash, process, tidy};
use anyhow::{Result, bail};
use applications::{APPLICATIONS, Application};
pub(crate) use budgets::check_budgets;
use closing_lines::{SuiteUsage, UsageClock};
use crates::WITH_STORE;

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
}

/// How much of the tests is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tier {
    /// Tests by which the product is known to work: run on every commit.
    Gate,
    /// Everything: run for what a change touches, and before a release.
    Full,
}

impl Tier {
    /// The profile of `.config/nextest.toml` for tests on SQLite.
    fn sqlite_profile(self) -> &'static str {
        match self {
            Self::Gate => "gate",
            Self::Full => "full",
        }
    }

    /// Rounds of the crash test on each database.
    fn crash_rounds(self) -> u32 {
        match self {
            Self::Gate => 4,
            Self::Full => 10,
        }
    }
}

/// Part of the tests that runs and is reported by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Suite {
    /// Formatting and lints, by a compilation of everything that the other suites run.
    Compile,
    /// Formatting and lints alone.
    Lint,
    Tidy,
    /// Known vulnerabilities in dependencies.
    Advisories,
    /// The guest library, the guests of the host's tests, the example plugins.
    Plugins,
    /// The program that makes PDFs.
    Pdf,
    /// The tests of all crates; on PostgreSQL only those of crates that open a store.
    Workspace(Database),
    Crate(String, Database),
    /// The tests of some crates.
    Crates(Vec<String>, Database),
    /// An application: the scenarios of its plugin, its story over HTTP and in a browser.
    Application(Application, Database),
    /// Lints, types and unit tests of the admin UI.
    Admin,
    /// The admin UI's end-to-end tests in a browser; on PostgreSQL those that depend on the database.
    E2e(Database),
    /// The customers' site of `examples/portal`.
    PortalSite,
    Mail(Database),
    S3,
    Tus(Database),
    Conformance(Database),
    /// GraphQL compared with what Strapi's plugin answered.
    GraphqlContract,
    Client(Database),
    /// The package of `clients/javascript`.
    JavascriptClient,
    /// A large project of a real Strapi is imported.
    StrapiImport,
    /// Public clients of Strapi, from npm and PyPI.
    Clients,
    Crash(Database),
    /// Figures that grow a little with every change: `cargo xtask bench --budget`.
    Budget,
}

/// The result of a suite.
enum SuiteOutcome {
    Ran(TestCounts),
    LeftOut(String),
}

/// Runs the suites and prints the totals. Returns an error if a suite failed.
pub(crate) fn run(args: Args) -> Result<()> {
    let tier = if args.full { Tier::Full } else { Tier::Gate };
    let is_whole = !args.changed && args.suite.is_none() && args.database.is_none();
    let mut total = TestCounts::default();
    let mut left_out = Vec::new();
    let mut usages = Vec::new();
    let servers = SharedServers::default();
    if !args.changed && matches!(args.suite.as_deref(), None | Some("plugins" | "pdf")) {
        process::enable_compile_lints();
    }
    let mut suites = plan_suites(tier, args.suite.as_deref(), args.database)?;
    if args.changed {
        let files = changed::files_since(args.since.as_deref())?;
        let scope = changed::ChangeScope::from_files(&files, &changed::PackageGraph::of_workspace()?);
        println!("{} changed files", files.len());
        let all = suites.clone();
        suites = narrow_suites(suites, &scope);
        if !suites.is_empty() && !scope.everything {
            let apart = all.into_iter().filter(|suite| suite.drives_product() && !suites.contains(suite));
            left_out.extend(
                apart.map(|suite| format!("{}: neither the admin UI nor the server has changed", suite.title())),
            );
        }
    }
    let count = suites.len();
    for (number, suite) in suites.into_iter().enumerate() {
        println!("\n== {} ({} of {count})", suite.title(), number + 1);
        let clock = UsageClock::start();
        let counts = match suite.run_until_it_passes(tier, &servers) {
            Ok(SuiteOutcome::Ran(counts)) => counts,
            Ok(SuiteOutcome::LeftOut(why)) => {
                left_out.push(format!("{}: {why}", suite.title()));
                continue;
            }
            Err(error) => {
                println!("== {}: {error:#}", suite.title());
                TestCounts::check(format!("{error:#}"), false)
            }
        };
        let usage = SuiteUsage::new(suite.title(), &counts, &clock, budgets::find_budget(tier, &suite.title()));
        println!("== {usage}");
        usages.push(usage);
        total += counts.in_suite(&suite.title());
    }
    closing_lines::print_closing_lines(&total, &usages, &left_out);
    if total.failed > 0 {
        bail!("the tests failed");
    }
    if is_whole {
        closing_lines::note_verified_commit()?;
    }
    Ok(())
}

/// The suites to run, cheapest first.
fn plan_suites(tier: Tier, name: Option<&str>, database: Option<Database>) -> Result<Vec<Suite>> {
    use Database::{Postgres, Sqlite};
    let both = |suite: fn(Database) -> Suite| vec![suite(Sqlite), suite(Postgres)];
    // Tests of the product from outside are nearly the same on every database, so the gate runs them on SQLite only.
    let on = |suite: fn(Database) -> Suite| match tier {
        Tier::Gate => vec![suite(Sqlite)],
        Tier::Full => both(suite),
    };
    let all = match name {
        None => {
            // The admin UI before whatever compiles the server, which has its build in it. Not the advisories: whether a commit passes
            // must not depend on what was published that day.
            let mut all = vec![Suite::Tidy, Suite::Admin, Suite::Compile, Suite::Plugins, Suite::Pdf];
            all.extend(both(Suite::Workspace));
            all.extend(APPLICATIONS.into_iter().flat_map(|application| application_suites(tier, application)));
            all.extend(on(Suite::E2e));
            all.push(Suite::PortalSite);
            all.extend(on(Suite::Mail));
            all.push(Suite::S3);
            for suite in [Suite::Tus, Suite::Conformance, Suite::Client] {
                all.extend(on(suite));
            }
            all.push(Suite::JavascriptClient);
            // Three suites are not in the gate: the contract makes its content anew for each write, an import has to be large to say something, and
            // public clients come with hundreds of packages.
            if tier == Tier::Full {
                all.extend([Suite::GraphqlContract, Suite::StrapiImport, Suite::Clients]);
            }
            all.extend(both(Suite::Crash));
            // Last, when nothing else runs, and not in the gate: it needs the release build.
            if tier == Tier::Full {
                all.push(Suite::Budget);
            }
            all
        }
        Some("lint") => vec![Suite::Lint],
        Some("tidy") => vec![Suite::Tidy],
        Some("advisories") => vec![Suite::Advisories],
        Some("plugins") => vec![Suite::Plugins],
        Some("pdf") => vec![Suite::Pdf, Suite::Crate(crates::package_name("pdf-protocol")?, Sqlite)],
        Some("admin") => vec![Suite::Admin],
        Some("e2e") => on(Suite::E2e),
        Some("site") => vec![Suite::PortalSite],
        Some("mail") => on(Suite::Mail),
        Some("s3") => vec![Suite::S3],
        Some("tus") => on(Suite::Tus),
        Some("conformance") => on(Suite::Conformance),
        Some("graphql") => vec![Suite::Crate(crates::package_name("graphql")?, Sqlite), Suite::GraphqlContract],
        Some("client") => {
            let mut suites = on(Suite::Client);
            suites.push(Suite::JavascriptClient);
            suites
        }
        Some("import") => vec![Suite::StrapiImport],
        Some("clients") => vec![Suite::Clients],
        Some("crash") => both(Suite::Crash),
        Some("budget") => vec![Suite::Budget],
        Some("xtask") => vec![Suite::Crate("xtask".to_owned(), Sqlite)],
        Some(name) if let Some(application) = Application::find(name) => application_suites(tier, application),
        Some(name) => {
            let package = crates::package_name(name)?;
            let opens_store = WITH_STORE.contains(&package.as_str());
            let databases = [Sqlite, Postgres].into_iter().take(if opens_store { 2 } else { 1 });
            databases.map(|database| Suite::Crate(package.clone(), database)).collect()
        }
    };
    let is_selected = |suite: &Suite| database.is_none() || suite.database_kind() == database;
    let chosen: Vec<Suite> = all.into_iter().filter(is_selected).collect();
    if let (Some(database), true) = (database, chosen.is_empty()) {
        let hint = if tier == Tier::Gate { " without --full" } else { "" };
        bail!("{} does not run on {database}{hint}", name.unwrap_or_default());
    }
    Ok(chosen)
}

/// An application's suites: on SQLite in the gate, as what tests the product from outside.
fn application_suites(tier: Tier, application: Application) -> Vec<Suite> {
    let databases: &[Database] = match tier {
        Tier::Gate => &[Database::Sqlite],
        Tier::Full => &[Database::Sqlite, Database::Postgres],
    };
    databases.iter().map(|database| Suite::Application(application, *database)).collect()
}

/// The suites among all that a change of that scope can affect.
fn narrow_suites(all: Vec<Suite>, scope: &changed::ChangeScope) -> Vec<Suite> {
    if scope.everything {
        return all;
    }
    let mut suites = Vec::new();
    for suite in all {
        match suite {
            Suite::Tidy => suites.push(Suite::Tidy),
            // Compiled as for every day, so that the next run finds it.
            Suite::Compile | Suite::Lint if scope.rust => suites.push(Suite::Lint),
            Suite::Plugins if scope.plugins => suites.push(suite),
            Suite::Pdf if scope.pdf => suites.push(suite),
            Suite::Admin if scope.admin_ui => suites.push(suite),
            Suite::Workspace(database) => {
                let uses_database =
                    |name: &&String| database == Database::Sqlite || WITH_STORE.contains(&name.as_str());
                let crates: Vec<String> = scope.crates.iter().filter(uses_database).cloned().collect();
                if !crates.is_empty() {
                    suites.push(Suite::Crates(crates, database));
                }
            }
            Suite::Conformance(_) | Suite::GraphqlContract | Suite::Client(_) | Suite::Clients
                if scope.affects_answers() =>
            {
                suites.push(suite)
            }
            Suite::JavascriptClient if scope.client || scope.affects_answers() => suites.push(suite),
            suite if suite.drives_product() && scope.product => suites.push(suite),
            _ => {}
        }
    }
    suites
}

impl Suite {
    /// True if it runs the product as its users do, browsers and kills included: the longest suites.
    fn drives_product(&self) -> bool {
        matches!(
            self,
            Self::Application(..)
                | Self::E2e(_)
                | Self::PortalSite
                | Self::Mail(_)
                | Self::S3
                | Self::Tus(_)
                | Self::Crash(_)
        )
    }

    fn database_kind(&self) -> Option<Database> {
        match self {
            Self::Compile
            | Self::Lint
            | Self::Tidy
            | Self::Advisories
            | Self::Plugins
            | Self::Pdf
            | Self::Admin
            | Self::PortalSite
            | Self::S3
            | Self::GraphqlContract
            | Self::StrapiImport
            | Self::JavascriptClient
            | Self::Clients
            | Self::Budget => None,
            Self::Workspace(database)
            | Self::Application(_, database)
            | Self::Crate(_, database)
            | Self::Crates(_, database)
            | Self::E2e(database)
            | Self::Mail(database)
            | Self::Tus(database)
            | Self::Conformance(database)
            | Self::Client(database)
            | Self::Crash(database) => Some(*database),
        }
    }

    fn title(&self) -> String {
        let title = match self {
            Self::Compile => "rustfmt, compilation and clippy".to_owned(),
            Self::Lint => "rustfmt and clippy".to_owned(),
            Self::Tidy => "tidy".to_owned(),
            Self::Advisories => "known vulnerabilities of dependencies".to_owned(),
            Self::Plugins => "plugins, natively and as components".to_owned(),
            Self::Pdf => "the program that makes PDFs".to_owned(),
            Self::Workspace(_) => "the crates' tests".to_owned(),
            Self::Crate(name, _) => format!("{name}'s tests"),
            Self::Crates(names, _) => format!("the tests of {}", names.join(", ")),
            Self::Application(application, _) => application.title.to_owned(),
            Self::Admin => "the admin UI".to_owned(),
            Self::E2e(_) => "the admin UI in a browser".to_owned(),
            Self::PortalSite => "the customers' site".to_owned(),
            Self::Mail(_) => "mail to a real server".to_owned(),
            Self::S3 => "files in a real object store, conformance on it included".to_owned(),
            Self::Tus(_) => "uploads in pieces, with the server killed".to_owned(),
            Self::Conformance(_) => "conformance with Strapi's recorded answers".to_owned(),
            Self::GraphqlContract => "GraphQL beside Strapi's recorded answers".to_owned(),
            Self::StrapiImport => "a large import from Strapi".to_owned(),
            Self::Client(_) => "Strapi's own JavaScript client".to_owned(),
            Self::JavascriptClient => "the JavaScript client".to_owned(),
            Self::Clients => "public clients of Strapi".to_owned(),
            Self::Crash(_) => "crash".to_owned(),
            Self::Budget => "what has grown since the last time".to_owned(),
        };
        // SQLite is where everything runs unless something else is said.
        if self.database_kind() == Some(Database::Postgres) { format!("{title} on PostgreSQL") } else { title }
    }

    /// True if a failure may be chance, and its runner has no second try for single tests: servers, browsers and mails of other programs.
    fn is_tried_again(&self) -> bool {
        matches!(
            self,
            Self::PortalSite
                | Self::Mail(_)
                | Self::S3
                | Self::Tus(_)
                | Self::Conformance(_)
                | Self::GraphqlContract
                | Self::Client(_)
                | Self::JavascriptClient
                | Self::Clients
                | Self::Crash(_)
        )
    }

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

/// True if nobody is there to read which suites were left out.
fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Database::{Postgres, Sqlite};

    #[test]
    fn suites_are_selected_by_name_or_crate() {
        let store = |database| Suite::Crate("cairn-store".to_owned(), database);
        for tier in [Tier::Gate, Tier::Full] {
            assert_eq!(plan_suites(tier, Some("store"), None).unwrap(), [store(Sqlite), store(Postgres)]);
            assert_eq!(plan_suites(tier, Some("crash"), None).unwrap(), [Suite::Crash(Sqlite), Suite::Crash(Postgres)]);
            assert_eq!(plan_suites(tier, Some("model"), None).unwrap().len(), 1);
            assert_eq!(plan_suites(tier, Some("advisories"), None).unwrap(), [Suite::Advisories]);
            assert_eq!(plan_suites(tier, Some("pdf"), None).unwrap().len(), 2);
            assert_eq!(plan_suites(tier, Some("graphql"), None).unwrap().len(), 2);
            assert!(matches!(plan_suites(tier, Some("crm"), None).unwrap()[0], Suite::Application(_, Sqlite)));
            assert!(plan_suites(tier, Some("no-such-crate"), None).is_err());
        }
    }

    #[test]
    fn only_full_runs_use_both_databases_throughout() {
        let applications = APPLICATIONS.len();
        assert_eq!(plan_suites(Tier::Full, None, None).unwrap().len(), 26 + 2 * applications);
        assert_eq!(plan_suites(Tier::Gate, None, None).unwrap().len(), 17 + applications);
        assert_eq!(plan_suites(Tier::Gate, Some("e2e"), None).unwrap(), [Suite::E2e(Sqlite)]);
        assert_eq!(plan_suites(Tier::Full, Some("e2e"), Some(Postgres)).unwrap(), [Suite::E2e(Postgres)]);
        let error = plan_suites(Tier::Gate, Some("e2e"), Some(Postgres)).unwrap_err();
        assert!(error.to_string().contains("--full"), "{error}");
    }

    #[test]
    fn changes_narrow_the_suites_to_run() {
        let crates = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = || plan_suites(Tier::Full, None, None).unwrap();
        let narrow_all = |scope: changed::ChangeScope| narrow_suites(all(), &scope);
        assert_eq!(narrow_all(changed::ChangeScope { everything: true, ..Default::default() }), all());
        assert_eq!(narrow_all(changed::ChangeScope::default()), [Suite::Tidy]);
        let store = narrow_all(changed::ChangeScope {
            rust: true,
            crates: crates(&["cairn-model", "cairn-server"]).into_iter().collect(),
            ..Default::default()
        });
        let (every, stores) = (crates(&["cairn-model", "cairn-server"]), crates(&["cairn-server"]));
        assert_eq!(
            store[..4],
            [Suite::Tidy, Suite::Lint, Suite::Crates(every, Sqlite), Suite::Crates(stores, Postgres)]
        );
        assert!(store.contains(&Suite::Conformance(Postgres)) && !store.contains(&Suite::E2e(Sqlite)));
        let admin = narrow_all(changed::ChangeScope { admin_ui: true, product: true, ..Default::default() });
        assert!(
            admin.contains(&Suite::Admin) && admin.contains(&Suite::E2e(Postgres)) && !admin.contains(&Suite::Lint)
        );
    }

    #[test]
    fn database_option_selects_the_suites_that_use_it() {
        assert_eq!(
            plan_suites(Tier::Gate, Some("store"), Some(Postgres)).unwrap(),
            [Suite::Crate("cairn-store".to_owned(), Postgres)]
        );
        assert_eq!(plan_suites(Tier::Full, None, Some(Postgres)).unwrap().len(), 7 + APPLICATIONS.len());
        assert_eq!(
            plan_suites(Tier::Gate, None, Some(Postgres)).unwrap(),
            [Suite::Workspace(Postgres), Suite::Crash(Postgres)]
        );
        assert!(plan_suites(Tier::Full, Some("model"), Some(Postgres)).is_err());
        assert!(plan_suites(Tier::Full, Some("lint"), Some(Sqlite)).is_err());
    }
}
