//! `cairn import`.

mod load;
mod permissions;
mod schema_files;
mod source;

use super::{ProjectArgs, print_line};
use cairn_access::{DEFAULT_TENANT, SystemClock, is_locale_code};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::project_model::load_model;
use cairn_app::wiring::ProcessContext;
use cairn_model::Registry;
use cairn_model::change::{Answers, SchemaChange, Snapshot, plan_change};
use cairn_strapi_import::{
    Archive, ImportError, ImportReport, ImportSink, ImportedFile, SchemaFiles, Survey, TextRepair, build_schema_files,
    convert_archive, present_schema_files, survey_archive,
};
use clap::Subcommand;
use schema_files::WrittenFiles;
use source::SourceArgs;
use std::collections::HashMap;
use std::sync::Arc;

/// Arguments of `cairn import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[command(subcommand)]
    command: ImportCommand,
}

#[derive(Debug, Subcommand)]
enum ImportCommand {
    /// Import a Strapi 5 project, from an archive of `strapi export` or from its database, into an empty project
    Strapi {
        #[command(flatten)]
        source: SourceArgs,
        /// Mend texts that were encoded twice (cafÃ© for café); without this option, the report only lists them
        #[arg(long)]
        repair_texts: bool,
        /// Read all of the source and print the report, without importing anything
        #[arg(long)]
        dry_run: bool,
        /// Confirm the import; without this option, only the report is printed
        #[arg(long)]
        yes: bool,
        /// Print the report as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl ImportArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        let ImportCommand::Strapi { source, repair_texts, dry_run, yes, json, project } = self.command;
        let repair = if repair_texts { TextRepair::Mend } else { TextRepair::Report };
        let config = project.load_config()?;
        cairn_app::logging::start_logging(&config.log.level);
        let archive = run_blocking({
            let (source, folder) = (source.clone(), config.project.clone());
            move || source.open(&folder)
        })
        .await??;
        let database = find_database_state(&config).await?;
        let checked = run_blocking({
            let (archive, config) = (archive.clone(), config.clone());
            move || check_archive(&archive, &config, repair)
        })
        .await?;
        let CheckedArchive { survey, files, mut report } = checked.map_err(|e| source.error(e))?;
        if database == DatabaseState::Filled {
            let message = "its database is not empty: import into a new project";
            report.add_problem(config.project.display().to_string(), message);
        }
        print_report(&report, json)?;
        if !report.problems.is_empty() {
            return Err(source.error("nothing was imported; solve the problems that the report lists, and try again"));
        }
        if dry_run {
            return Ok(());
        }
        if !yes {
            return Err(OperatorError("nothing was imported; use --yes to import what the report shows".into()));
        }
        let written = WrittenFiles::write(&config.project, &files)?;
        let imported = import_content(config.clone(), archive, survey, repair, report).await;
        if imported.is_err() {
            // The database may be in use by now: it is removed only while nothing is stored in it.
            let is_unused = database == DatabaseState::Missing
                && matches!(find_database_state(&config).await, Ok(DatabaseState::Empty));
            written.remove();
            if is_unused {
                run_blocking(move || remove_database(&config)).await??;
            }
        }
        imported.map_err(|e| source.error(format_args!("{e}; nothing was imported")))?;
        if !json {
            print_line("imported");
        }
        Ok(())
    }
}

async fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, OperatorError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| OperatorError(e.to_string()))
}

/// State of a project's database before an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DatabaseState {
    Missing,
    /// Without rows other than those that Cairn itself stores in a new one.
    Empty,
    Filled,
}

async fn find_database_state(config: &Config) -> Result<DatabaseState, OperatorError> {
    let context = ProcessContext::new(config.clone(), Arc::new(SystemClock))?;
    let database = context.databases.for_tenant(DEFAULT_TENANT)?;
    if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
        return Ok(DatabaseState::Missing);
    }
    let access = context.access_once(DEFAULT_TENANT).await?;
    let is_untouched = access.store().read(|r| r.transfer().is_untouched())?;
    Ok(if is_untouched { DatabaseState::Empty } else { DatabaseState::Filled })
}

/// Removes the database that a failed import created: it has tables of content types that the project does not have. Blocks.
fn remove_database(config: &Config) -> Result<(), OperatorError> {
    let database = config.resolve_databases()?.for_tenant(DEFAULT_TENANT)?;
    database.erase().map_err(|e| {
        OperatorError(format!("{database}: {e}. Nothing was imported; delete this database before you try again"))
    })
}

/// An archive whose content was checked against the content types that it will have in the project.
struct CheckedArchive {
    survey: Survey,
    /// The schema files to write; none if the project has its own.
    files: SchemaFiles,
    report: ImportReport,
}

fn check_archive(archive: &Archive, config: &Config, repair: TextRepair) -> Result<CheckedArchive, ImportError> {
    let survey = survey_archive(archive)?;
    let mut report = survey.begin_report();
    for locale in survey.locales.iter().filter(|locale| !is_locale_code(&locale.code)) {
        report.add_problem(
            format!("locale {}", locale.code),
            format!("it is not a valid locale code: replace it in Strapi, and {}", survey.source.retry()),
        );
    }
    let mut files = build_schema_files(&survey.schemas, &mut report);
    present_schema_files(&mut files, &survey.views, &mut report);
    let Some(of_archive) = schema_files::load_registry(&files, &mut report)? else {
        return Ok(CheckedArchive { survey, files, report });
    };
    let own = load_model(config).map_err(|e| ImportError::Stopped(e.to_string()))?;
    let has_own = own.types().iter().any(|ct| ct.source.file.starts_with(|c| c != '(')) || !own.components().is_empty();
    let registry = if has_own { own } else { Arc::new(of_archive.clone()) };
    if has_own {
        files.clear();
        report_other_types(&of_archive, &registry, &mut report);
    }
    if report.problems.is_empty() {
        let roles: HashMap<i64, String> = survey.roles.iter().map(|role| (role.id, role.kind.clone())).collect();
        convert_archive(archive, &survey, &registry, &roles, repair, &mut DiscardingSink, &mut report)?;
    }
    permissions::report_permissions(&survey, &registry, &mut report);
    Ok(CheckedArchive { survey, files, report })
}

/// Compares the project's content types with those of the archive.
fn report_other_types(of_archive: &Registry, own: &Registry, report: &mut ImportReport) {
    let (before, after) = (Snapshot::from_registry(of_archive), Snapshot::from_registry(own));
    if before.hash() == after.hash() {
        return;
    }
    let plan = plan_change(&before, &after, &Answers::default());
    let place = "content types of the project";
    let differs = format!("they differ from those of the {}", report.source.noun());
    // Collations are the project's own choice: Strapi has none.
    for step in plan.steps.into_iter().filter(|step| !matches!(step.change, SchemaChange::Collation { .. })) {
        report.add_problem(place, format!("{differs}: {}", step.sentence));
    }
    for problem in plan.problems {
        report.add_problem(place, format!("{differs}: {}: {}", problem.place, problem.message));
    }
}

/// Receives the content of a reading that only checks it.
struct DiscardingSink;

impl ImportSink for DiscardingSink {
    fn add_versions(
        &mut self,
        _: cairn_model::TypeId,
        _: Vec<cairn_store::content::BulkVersion>,
    ) -> Result<(), ImportError> {
        Ok(())
    }

    fn add_file(&mut self, _: ImportedFile) -> Result<(), ImportError> {
        Ok(())
    }
}

async fn import_content(
    config: Config,
    archive: Archive,
    survey: Survey,
    repair: TextRepair,
    report: ImportReport,
) -> Result<(), OperatorError> {
    let context = ProcessContext::new(config, Arc::new(SystemClock))?;
    let access = context.access_once(DEFAULT_TENANT).await?;
    let (uploads, config) = (context.upload_storage(DEFAULT_TENANT)?, context.config.clone());
    let blobs = run_blocking(move || uploads.open(&config, std::time::SystemTime::UNIX_EPOCH)).await??;
    let (survey, expected) = (Arc::new(survey), Arc::new(report));
    let import = load::Import { archive, survey, expected, repair, now: access.now() };
    import.run(access.store(), blobs).await
}

fn print_report(report: &ImportReport, json: bool) -> Result<(), OperatorError> {
    if json {
        print_line(serde_json::to_string_pretty(report).map_err(|e| OperatorError(e.to_string()))?);
    } else {
        print_line(report.to_string().trim_end());
    }
    Ok(())
}
