//! `cairn plugin test`.

use crate::print_line;
use cairn_app::OperatorError;
use cairn_plugin_host::PluginHost;
use cairn_plugin_test::scenario::{Scenario, scenario_files};
use cairn_plugin_test::{HarnessOptions, TestError, TestPlugin, budgets};
use std::path::PathBuf;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Run only tests whose file name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// The project whose content types to use; without it, those in the folder's tests/content-types
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// A PostgreSQL database in which to create schemas (postgres://…); without it, SQLite
    #[arg(long, value_name = "URL", env = "CAIRN_TEST_DATABASE_URL", hide_env_values = true)]
    database: Option<String>,
    /// The seed for randomness, to repeat a run
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Run without failures: events and jobs are delivered once, and no call is interrupted
    #[arg(long)]
    calm: bool,
    /// Store the current cost of calls in budgets.lock
    #[arg(long)]
    budgets: bool,
}

fn from_scenario_error(e: TestError) -> OperatorError {
    OperatorError(e.0)
}

impl TestArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        cairn_app::logging::start_logging("error");
        let folder =
            self.folder.canonicalize().map_err(|e| OperatorError(format!("{}: {e}", self.folder.display())))?;
        let plugin = TestPlugin::from_folder(&folder).map_err(from_scenario_error)?;
        let name = |file: &PathBuf| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is_selected = |file: &PathBuf| self.only.as_ref().is_none_or(|text| name(file).contains(text));
        let tests: Vec<PathBuf> =
            scenario_files(&folder).map_err(from_scenario_error)?.into_iter().filter(is_selected).collect();
        if tests.is_empty() {
            return Err(OperatorError(format!(
                "{} has no matching tests: tests are files named tests/*.toml and tests/*.json",
                folder.display()
            )));
        }
        let seed = self.seed.unwrap_or_else(rand::random);
        let host = PluginHost::with_fuel_meter(folder.join("target").join("cairn-test"));
        let database = self.database.as_deref().filter(|url| !url.is_empty());
        let pdf = cairn_app::config::PluginsConfig::default().pdf_program(&folder.join("target"));
        let (project, pdf) = (self.project.as_deref(), pdf.as_ref());
        let terms = HarnessOptions { project, database, seed, calm: self.calm, pdf, ..HarnessOptions::default() };
        let mut bad = 0_usize;
        for file in &tests {
            let began = Instant::now();
            let ran = match Scenario::from_file(file) {
                Ok(scenario) => scenario.run(&host, &plugin, &terms).await,
                Err(error) => Err(error),
            };
            let took = began.elapsed().as_millis();
            match ran {
                Ok(()) => print_line(format_args!("ok      {} ({took} ms)", name(file))),
                Err(error) => {
                    bad += 1;
                    print_line(format_args!("FAILED  {}: {error}", name(file)));
                }
            }
        }
        let now = budgets::from_measurements(&host.peak_fuel(), plugin.id());
        // Budgets are for all tests: a run of some of them, or one that failed, does not measure them.
        let all = self.only.is_none() && bad == 0;
        if self.budgets && all {
            print_line(budgets::write_budgets(&folder, &now).map_err(from_scenario_error)?.display());
        } else if all && let Some(stored_budgets) = budgets::read_budgets(&folder).map_err(from_scenario_error)? {
            for change in budgets::compare_budgets(&stored_budgets, &now) {
                bad += 1;
                print_line(format_args!(
                    "FAILED  {change}; if this is intended, run `cairn plugin test --budgets` to update the file"
                ));
            }
        }
        let chance = if self.calm { "calm".to_owned() } else { format!("--seed {seed}") };
        match bad {
            0 => {
                print_line(format_args!("{} passed ({chance})", tests.len()));
                Ok(())
            }
            bad => Err(OperatorError(format!("{bad} of {} failed ({chance})", tests.len().max(bad)))),
        }
    }
}
