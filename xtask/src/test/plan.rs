//! The suites to run: all of a tier, those of a name, those that a change can affect.

use super::applications::{APPLICATIONS, Application};
use super::changed::ChangeScope;
use super::crates::{self, WITH_STORE};
use super::suite::Suite;
use super::tier::Tier;
use crate::database::Database;
use anyhow::{Result, bail};

/// The suites to run, cheapest first.
pub(super) fn plan_suites(tier: Tier, name: Option<&str>, database: Option<Database>) -> Result<Vec<Suite>> {
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
pub(super) fn narrow_suites(all: Vec<Suite>, scope: &ChangeScope) -> Vec<Suite> {
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
        let narrow_all = |scope: ChangeScope| narrow_suites(all(), &scope);
        assert_eq!(narrow_all(ChangeScope { everything: true, ..Default::default() }), all());
        assert_eq!(narrow_all(ChangeScope::default()), [Suite::Tidy]);
        let store = narrow_all(ChangeScope {
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
        let admin = narrow_all(ChangeScope { admin_ui: true, product: true, ..Default::default() });
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
