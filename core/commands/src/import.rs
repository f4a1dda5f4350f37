//! `cairn import`.

mod digest;
mod load;
mod permissions;
mod schema_files;
mod source;
mod undo;

use super::{ProjectArgs, print_line};
use cairn_access::{Clock, DEFAULT_TENANT, SystemClock, is_locale_code};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::project_model::load_model;
use cairn_app::wiring::ProcessContext;
use cairn_model::change::{Answers, SchemaChange, Snapshot, plan_change};
use cairn_model::{Registry, TypeId};
use cairn_store::content::BulkVersion;
use cairn_store::system::STRAPI_IMPORT_SETTING;
use cairn_strapi_import::{
    Archive, ImportError, ImportReport, ImportSink, ImportedFile, SchemaFiles, Survey, TextRepair, build_schema_files,
    convert_archive, present_schema_files, survey_any_version,
};
use clap::Subcommand;
use digest::ContentDigest;
use serde_json::{Value as Json, json};
use source::SourceArgs;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Arguments of `cairn import`.
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[command(subcommand)]
    command: ImportCommand,
}

#[derive(Debug, Subcommand)]
enum ImportCommand {
    /// Import a project of Strapi 4 or 5, from an archive of `strapi export` or from its database, into an empty project
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
    /// Undo an import: permanently delete its content, and everything that was added to the project since
    Undo {
        /// Confirm the deletion; without this option, only what would be deleted is printed
        #[arg(long)]
        yes: bool,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

/// How to import.
struct StrapiImport {
    source: SourceArgs,
    repair: TextRepair,
    /// False: the report is printed, and nothing is stored.
    dry_run: bool,
    /// True if the import is confirmed.
    yes: bool,
    json: bool,
}

impl ImportArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            ImportCommand::Strapi { source, repair_texts, dry_run, yes, json, project } => {
                let repair = if repair_texts { TextRepair::Mend } else { TextRepair::Report };
                StrapiImport { source, repair, dry_run, yes, json }.run(open_config(&project)?).await
            }
            ImportCommand::Undo { yes, project } => undo::undo_import(open_config(&project)?, yes).await,
        }
    }
}

/// Reads the configuration; logging is on from here.
fn open_config(project: &ProjectArgs) -> Result<Config, OperatorError> {
    let config = project.load_config()?;
    cairn_app::logging::start_logging(&config.log.level);
    Ok(config)
}

impl StrapiImport {
    async fn run(self, config: Config) -> Result<(), OperatorError> {
        let Self { source, repair, dry_run, yes, json } = self;
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
        let CheckedArchive { archive, survey, files, written, mut report } = checked.map_err(|e| source.error(e))?;
        if let DatabaseState::Filled(stored) = &database {
            if let Some(at) = find_same_import(stored.as_ref(), &report) {
                // A process that is killed at the end of an import leaves a whole one, and nobody has seen its report.
                print_report(&report, json)?;
                if !json {
                    print_line(format_args!(
                        "it was imported at {at}; nothing was changed. To import it anew, run `cairn import undo` first"
                    ));
                }
                return Ok(());
            }
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
        schema_files::write(&config.project, &files)?;
        let schema_files = written.iter().chain(files.keys()).cloned().collect();
        let import = load::Import {
            archive,
            survey: Arc::new(survey),
            expected: Arc::new(report),
            repair,
            schema_files,
            now: SystemClock.now(),
        };
        let imported = import_content(config.clone(), import).await;
        if imported.is_err() {
            // The database may be in use by now: it is removed only while nothing is stored in it.
            let is_unused = database == DatabaseState::Missing
                && matches!(find_database_state(&config).await, Ok(DatabaseState::Empty));
            // Files that were there before stay, whoever wrote them: the next import goes on with them.
            schema_files::remove(&config.project, files.keys());
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
#[derive(Debug, Clone, PartialEq)]
enum DatabaseState {
    Missing,
    /// Without rows other than those that Cairn itself stores in a new one.
    Empty,
    /// With rows, and with what an import has stored of itself if the project began with one.
    Filled(Option<Json>),
}

/// The time of a stored import of the same content from the same source; `None` if it was another.
fn find_same_import<'a>(stored: Option<&'a Json>, report: &ImportReport) -> Option<&'a str> {
    let (stored, report) = (stored?, serde_json::to_value(report).ok()?);
    let is_same = |member: &&str| stored["report"].get(*member) == report.get(*member);
    let same = ["source", "archivedAt", "types", "links", "hashes"].iter().all(is_same);
    stored["importedAt"].as_str().filter(|_| same && report["problems"] == json!([]))
}

async fn find_database_state(config: &Config) -> Result<DatabaseState, OperatorError> {
    // Before the content types are loaded: a killed import has left a part of their files, and no database.
    let database = config.resolve_databases()?.for_tenant(DEFAULT_TENANT)?;
    if !database.exists().map_err(|e| OperatorError(format!("{database}: {e}")))? {
        return Ok(DatabaseState::Missing);
    }
    let context = ProcessContext::new(config.clone(), Arc::new(SystemClock))?;
    let access = context.access_once(DEFAULT_TENANT).await?;
    access.store().read(|r| {
        Ok(match r.transfer().is_untouched()? {
            true => DatabaseState::Empty,
            false => DatabaseState::Filled(r.settings().get(STRAPI_IMPORT_SETTING)?),
        })
    })
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
    /// The archive in the form of Strapi 5.
    archive: Archive,
    survey: Survey,
    /// The schema files to write; none if the project has its own.
    files: SchemaFiles,
    /// Schema files that an import wrote before it was killed.
    written: BTreeSet<String>,
    report: ImportReport,
}

fn check_archive(archive: &Archive, config: &Config, repair: TextRepair) -> Result<CheckedArchive, ImportError> {
    let (archive, survey) = survey_any_version(archive)?;
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
        return Ok(CheckedArchive { archive, survey, files, written: BTreeSet::new(), report });
    };
    let mut written = schema_files::find_written(&config.project, &files);
    let own = match written.is_empty() || schema_files::are_complete(&config.project, &files, &written) {
        true => Some(load_model(config).map_err(|e| ImportError::Stopped(e.to_string()))?),
        false => None,
    };
    let is_own = |file: &str| !file.starts_with('(') && !written.contains(file);
    let own = own.filter(|own| {
        own.types().iter().any(|ct| is_own(&ct.source.file))
            || own.components().iter().any(|component| is_own(&component.source.file))
    });
    let has_own = own.is_some();
    let registry = own.unwrap_or_else(|| Arc::new(of_archive.clone()));
    files.retain(|path, _| !written.contains(path));
    if has_own {
        files.clear();
        written.clear();
        report_other_types(&of_archive, &registry, &mut report);
    }
    if report.problems.is_empty() {
        let roles: HashMap<i64, String> = survey.roles.iter().map(|role| (role.id, role.kind.clone())).collect();
        let mut sink = CheckingSink { registry: &registry, digest: ContentDigest::default() };
        convert_archive(&archive, &survey, &registry, &roles, repair, &mut sink, &mut report)?;
        report.hashes = sink.digest.finish(&registry);
    }
    permissions::report_permissions(&survey, &registry, &mut report);
    Ok(CheckedArchive { archive, survey, files, written, report })
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
struct CheckingSink<'r> {
    registry: &'r Registry,
    digest: ContentDigest,
}

impl ImportSink for CheckingSink<'_> {
    fn add_versions(&mut self, ct: TypeId, versions: Vec<BulkVersion>) -> Result<(), ImportError> {
        self.digest.add_versions(self.registry, ct, &versions);
        Ok(())
    }

    fn add_file(&mut self, _: ImportedFile) -> Result<(), ImportError> {
        Ok(())
    }
}

async fn import_content(config: Config, import: load::Import) -> Result<(), OperatorError> {
    let context = ProcessContext::new(config, Arc::new(SystemClock))?;
    let access = context.access_once(DEFAULT_TENANT).await?;
    let (uploads, config) = (context.upload_storage(DEFAULT_TENANT)?, context.config.clone());
    let blobs = run_blocking(move || uploads.open(&config, std::time::SystemTime::UNIX_EPOCH)).await??;
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
