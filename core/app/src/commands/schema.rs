//! `cairn schema`.

use super::{ProjectArgs, print_line, schema_files};
use crate::config::Config;
use crate::model_files;
use crate::operator_error::OperatorError;
use crate::project_model::report_loaded;
use crate::wiring::ProcessContext;
use cairn_access::{Clock as _, DEFAULT_TENANT, SystemClock, format_iso};
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangeClass, ChangePlan, StepTiming};
use cairn_model::load::{SchemaFileChanges, load_changed};
use cairn_store::change::{ChangeTimes, SchemaPlan, TrashEntry, TrashKind};
use cairn_store::{Database, StoreError};
use chrono::Duration;
use clap::Subcommand;
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::Arc;

/// Time for which dropped content is kept.
const TRASH_RETENTION: Duration = Duration::days(30);

/// Arguments of `cairn schema`.
#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    /// Print the changes that the content types require in the database, without applying them
    Plan {
        /// Print the plan as JSON
        #[arg(long)]
        json: bool,
        /// Test the changes on the content and roll them back; writes wait during the test
        #[arg(long = "try")]
        tried: bool,
        #[command(flatten)]
        answers: AnswerArgs,
        #[command(flatten)]
        of: DatabaseArgs,
    },
    /// Apply the content types to the database: for each tenant, all changes or none
    Apply {
        #[command(flatten)]
        answers: AnswerArgs,
        #[command(flatten)]
        of: DatabaseArgs,
    },
    /// Exit with 1 if the content types and the database differ
    Check {
        #[command(flatten)]
        of: DatabaseArgs,
    },
    /// List the content that was dropped in the last 30 days
    Trash {
        /// Print the list as JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        of: DatabaseArgs,
    },
    /// Restore dropped content
    Restore {
        /// The id that `cairn schema trash` shows
        #[arg(value_name = "ID")]
        id: i64,
        /// Add its definition to the content type files first
        #[arg(long)]
        write_files: bool,
        #[command(flatten)]
        of: DatabaseArgs,
    },
}

/// Databases that a command works on.
#[derive(Debug, clap::Args)]
struct DatabaseArgs {
    /// One tenant; by default all tenants
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    #[command(flatten)]
    project: ProjectArgs,
}

/// Decisions about a change.
#[derive(Debug, clap::Args)]
struct AnswerArgs {
    /// OLD=NEW: it was renamed; OLD=: it was not renamed. OLD is a uid, or a uid and an attribute, as in the database
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
    /// OLD=NEW: it was moved into or out of a component, such as api::article.article.title=seo.metaTitle
    #[arg(long = "move", value_name = "OLD=NEW")]
    moved: Vec<String>,
    /// PLACE=DECISION for content that cannot be converted: fail, null, cut, keep or drop
    #[arg(long, value_name = "PLACE=DECISION")]
    decide: Vec<String>,
    /// A JSON file with the answers
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// The hash of the plan, to agree to the content that it drops
    #[arg(long, value_name = "HASH")]
    consent: Option<String>,
}

impl AnswerArgs {
    fn to_answers(&self) -> Result<Answers, OperatorError> {
        let mut answers = Answers::default();
        if let Some(file) = &self.answers {
            let file_error = |e: &dyn std::fmt::Display| OperatorError(format!("{}: {e}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|e| file_error(&e))?;
            answers = Answers::from_json(&text).map_err(|e| file_error(&e))?;
        }
        let failed = |e: cairn_model::change::AnswerError| OperatorError(e.to_string());
        self.rename.iter().try_for_each(|text| answers.add_rename(text)).map_err(failed)?;
        self.moved.iter().try_for_each(|text| answers.add_move(text)).map_err(failed)?;
        self.decide.iter().try_for_each(|text| answers.add_decision(text)).map_err(failed)?;
        if self.consent.is_some() {
            answers.consent.clone_from(&self.consent);
        }
        Ok(answers)
    }
}

/// A tenant's model and database.
pub(super) struct TenantSchema {
    name: String,
    registry: Arc<Registry>,
    database: Database,
}

impl TenantSchema {
    pub(super) fn for_tenant(context: &ProcessContext, name: &str) -> Result<Self, OperatorError> {
        let registry = context.tenant_registry(name)?.unwrap_or_else(|| context.registry());
        Ok(Self { name: name.to_owned(), registry, database: context.databases.for_tenant(name)? })
    }

    fn error_with_tenant(&self) -> impl Fn(StoreError) -> OperatorError + use<> {
        let name = self.name.clone();
        move |e| OperatorError(if name == DEFAULT_TENANT { e.to_string() } else { format!("tenant {name}: {e}") })
    }

    /// Lists the problems of the schema for `cairn doctor`: what no start would do, and what is missing.
    pub(super) fn list_findings(&self) -> Result<Vec<String>, OperatorError> {
        let plan = self.plan_change(&Answers::default(), false)?;
        let mut findings: Vec<String> = plan.missing.iter().map(|m| format!("schema: missing: {m}")).collect();
        if !plan.at_start {
            let steps =
                plan.plan.steps.iter().filter(|s| s.timing() > StepTiming::StartIfItHolds).map(|s| s.sentence.clone());
            let problems = plan.plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message));
            findings.extend(problems.chain(steps).map(|s| format!("schema: not applied: {s}")));
            findings.push("schema: review the changes with `cairn schema plan`, then run `cairn schema apply`".into());
        }
        Ok(findings)
    }

    fn plan_change(&self, answers: &Answers, tried: bool) -> Result<SchemaPlan, OperatorError> {
        self.database.schema_plan(&self.registry, answers, tried).map_err(self.error_with_tenant())
    }
}

impl DatabaseArgs {
    /// The databases meant, the default one first. Those that are not there yet are made by a start.
    fn open_schemas(&self) -> Result<(ProcessContext, Vec<TenantSchema>), OperatorError> {
        let context = self.project.load_context()?;
        let default = TenantSchema::for_tenant(&context, DEFAULT_TENANT)?;
        let declared = default.database.schema_tenants(&default.registry).map_err(default.error_with_tenant())?;
        if let Some(name) = &self.tenant {
            if name != DEFAULT_TENANT && !declared.contains(name) {
                return Err(OperatorError(format!(
                    "tenant {name:?} not found; list the tenants with `cairn tenant list`"
                )));
            }
            let place = TenantSchema::for_tenant(&context, name)?;
            return Ok((context, vec![place]));
        }
        let mut places = vec![default];
        for name in declared.iter().filter(|name| *name != DEFAULT_TENANT) {
            let place = TenantSchema::for_tenant(&context, name)?;
            if place.database.exists().map_err(place.error_with_tenant())? {
                places.push(place);
            }
        }
        Ok((context, places))
    }

    /// The one tenant of a command that is about one.
    fn open_one_schema(&self) -> Result<(ProcessContext, TenantSchema), OperatorError> {
        let one = Self {
            tenant: Some(self.tenant.clone().unwrap_or_else(|| DEFAULT_TENANT.to_owned())),
            project: self.project.clone(),
        };
        let (context, mut places) = one.open_schemas()?;
        let place = places.pop().ok_or_else(|| OperatorError("tenant not found".into()))?;
        Ok((context, place))
    }
}

fn current_times() -> ChangeTimes {
    let now = SystemClock.now();
    ChangeTimes { now: format_iso(now), expires: format_iso(now + TRASH_RETENTION) }
}

impl SchemaArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        // Everything here waits for databases.
        tokio::task::spawn_blocking(move || match self.command {
            SchemaCommand::Plan { json, tried, answers, of } => plan_changes(&of, &answers.to_answers()?, json, tried),
            SchemaCommand::Apply { answers, of } => apply_changes(&of, &answers.to_answers()?),
            SchemaCommand::Check { of } => check_databases(&of),
            SchemaCommand::Trash { json, of } => list_trash(&of, json),
            SchemaCommand::Restore { id, write_files, of } => restore_entry(&of, id, write_files),
        })
        .await
        .map_err(|e| OperatorError(e.to_string()))?
    }
}

fn plan_changes(args: &DatabaseArgs, answers: &Answers, json: bool, tried: bool) -> Result<(), OperatorError> {
    let (_, places) = args.open_schemas()?;
    let mut list: Vec<Json> = Vec::new();
    for place in &places {
        let plan = place.plan_change(answers, tried)?;
        if json {
            list.push(json!({
                "tenant": place.name, "hash": plan.plan.hash(), "atStart": plan.at_start,
                "needsConsent": plan.plan.latest_timing() == StepTiming::Consent, "plan": plan.plan, "leftovers": plan.leftovers,
                "missing": plan.missing, "refused": plan.refused,
            }));
            continue;
        }
        if places.len() > 1 {
            print_line(format_args!("tenant {}", place.name));
        }
        print_plan(&plan, &place.name);
    }
    if json {
        print_line(serde_json::to_string_pretty(&list).map_err(|e| OperatorError(e.to_string()))?);
    }
    Ok(())
}

fn print_plan(plan: &SchemaPlan, tenant: &str) {
    let ChangePlan { steps, questions, problems, warnings, .. } = &plan.plan;
    if plan.plan.is_empty() && questions.is_empty() {
        print_line("nothing to change");
    }
    for step in steps {
        let class = match step.class {
            ChangeClass::Add => "add",
            ChangeClass::Rename => "rename",
            ChangeClass::Move => "move",
            ChangeClass::Check => "check",
            ChangeClass::Convert => "convert",
            ChangeClass::Drop => "DROP",
        };
        let when = match step.timing() {
            StepTiming::Start => "",
            StepTiming::StartIfItHolds => " [if the content allows it]",
            StepTiming::Apply => " [by `cairn schema apply`]",
            StepTiming::Consent => " [needs consent]",
        };
        print_line(format_args!("{class:8} {}{when}", step.sentence));
    }
    questions.iter().for_each(|q| print_line(format_args!("QUESTION {}", q.sentence)));
    problems.iter().for_each(|p| print_line(format_args!("PROBLEM  {}: {}", p.place, p.message)));
    warnings.iter().for_each(|w| print_line(format_args!("warning  {}: {}", w.place, w.message)));
    plan.leftovers
        .iter()
        .for_each(|l| print_line(format_args!("unused   {l}: not used by any content type; it stays unchanged")));
    plan.missing.iter().for_each(|m| print_line(format_args!("MISSING  {m}: the database was changed manually")));
    if let Some(refused) = &plan.refused {
        print_line(format_args!("REFUSED  {refused}"));
    }
    if !problems.is_empty() || steps.is_empty() || plan.refused.is_some() {
        return;
    }
    let tenant_option = if tenant == DEFAULT_TENANT { String::new() } else { format!(" --tenant {tenant}") };
    match plan.plan.latest_timing() {
        StepTiming::Start | StepTiming::StartIfItHolds => {
            print_line("apply these changes with `cairn schema apply`, or at the next start")
        }
        StepTiming::Apply => print_line(format_args!(
            "apply these changes with `cairn schema apply{tenant_option}` and the same answers"
        )),
        StepTiming::Consent => print_line(format_args!(
            "apply these changes with `cairn schema apply{tenant_option} --consent {}` and the same answers",
            plan.plan.hash()
        )),
    }
}

fn apply_changes(args: &DatabaseArgs, answers: &Answers) -> Result<(), OperatorError> {
    let (_, places) = args.open_schemas()?;
    let mut applied_tenants: Vec<&str> = Vec::new();
    for place in &places {
        let applied = place.database.schema_apply(&place.registry, answers, &current_times());
        let (plan, outcome) = applied.map_err(place.error_with_tenant()).map_err(|OperatorError(e)| {
            let before = if applied_tenants.is_empty() {
                String::new()
            } else {
                format!("\nalready applied: {}", applied_tenants.join(", "))
            };
            OperatorError(format!("{e}{before}"))
        })?;
        if places.len() > 1 {
            print_line(format_args!("tenant {}", place.name));
        }
        plan.steps.iter().for_each(|step| print_line(&step.sentence));
        outcome.notes.iter().for_each(|note| print_line(format_args!("note: {note}")));
        for id in &outcome.trashed {
            print_line(format_args!("in the trash for 30 days: {id} (see `cairn schema trash`)"));
        }
        if plan.steps.is_empty() {
            print_line("nothing to change");
        }
        applied_tenants.push(&place.name);
    }
    Ok(())
}

fn check_databases(args: &DatabaseArgs) -> Result<(), OperatorError> {
    let (_, places) = args.open_schemas()?;
    let mut differences = Vec::new();
    for place in &places {
        let schema_plan = place.plan_change(&Answers::default(), false)?;
        let n = schema_plan.plan.steps.len() + schema_plan.plan.problems.len();
        if n > 0 {
            differences.push(format!("{}: {n} change(s) not applied", place.name));
        }
        differences.extend(schema_plan.missing.iter().map(|m| format!("{}: missing: {m}", place.name)));
    }
    if differences.is_empty() {
        print_line("content types and database match");
        return Ok(());
    }
    Err(OperatorError(format!(
        "content types and database differ:\n  {}\nRun `cairn schema plan` for details",
        differences.join("\n  ")
    )))
}

fn list_trash(args: &DatabaseArgs, json: bool) -> Result<(), OperatorError> {
    let (_, places) = args.open_schemas()?;
    let mut list: Vec<Json> = Vec::new();
    for place in &places {
        let entries = place.database.schema_trash(&place.registry).map_err(place.error_with_tenant())?;
        for e in &entries {
            list.push(json!({
                "tenant": place.name, "id": e.id, "kind": e.kind.as_str(), "place": e.path(), "values": e.values,
                "createdAt": e.created_at, "expiresAt": e.expires_at,
            }));
            if !json {
                let tenant = if places.len() > 1 { format!("{}  ", place.name) } else { String::new() };
                let (kind, place) = (e.kind.as_str(), e.path());
                let (values, until) = (e.values, &e.expires_at[..10.min(e.expires_at.len())]);
                print_line(format_args!("{tenant}{:5}  {kind:10}  {place}  {values} value(s), until {until}", e.id));
            }
        }
    }
    match json {
        true => print_line(serde_json::to_string_pretty(&list).map_err(|e| OperatorError(e.to_string()))?),
        false if list.is_empty() => print_line("the trash is empty"),
        false => {}
    }
    Ok(())
}

fn restore_entry(args: &DatabaseArgs, id: i64, write_files: bool) -> Result<(), OperatorError> {
    let (context, mut place) = args.open_one_schema()?;
    let entries = place.database.schema_trash(&place.registry).map_err(place.error_with_tenant())?;
    let entry = entries.iter().find(|e| e.id == id);
    let entry = entry.ok_or_else(|| {
        OperatorError(format!("the trash has no entry {id}; list the entries with `cairn schema trash`"))
    })?;
    check_owner_exists(&place.registry, entry, &entries)?;
    let files = schema_files::missing_files(&place.registry, entry);
    if !files.is_empty() {
        if !write_files {
            for file in &files {
                print_line(format_args!("{}:\n{}", file.path, file.to_text()));
            }
            return Err(OperatorError(format!(
                "{} is not in the content types; add the definitions printed above, or use --write-files",
                entry.path()
            )));
        }
        let changes = schema_files::to_changes(&context.config.project, &files)?;
        let steps = apply_definitions(&context, &mut place, &changes)?;
        files.iter().for_each(|file| print_line(format_args!("written: {}", file.path)));
        steps.iter().for_each(print_line);
    }
    let restored =
        place.database.schema_restore(&place.registry, id, &current_times()).map_err(place.error_with_tenant());
    let restored = restored.map_err(|OperatorError(e)| match files.is_empty() {
        true => OperatorError(e),
        false => {
            OperatorError(format!("the definition was written and applied, but the content is still in the trash: {e}"))
        }
    })?;
    print_line(format_args!("{}: {} value(s) restored", entry.path(), restored.placed));
    restored.left.iter().for_each(|line| print_line(format_args!("left in the trash: {line}")));
    if restored.left_count > restored.left.len() {
        print_line(format_args!("and {} more", restored.left_count - restored.left.len()));
    }
    Ok(())
}

/// Refuses to restore a part of what was dropped as a whole: its values belong to entries that do not exist.
fn check_owner_exists(registry: &Registry, entry: &TrashEntry, entries: &[TrashEntry]) -> Result<(), OperatorError> {
    let owner = &entry.owner;
    if entry.kind == TrashKind::Type || registry.by_uid(owner).is_some() || registry.component_by_uid(owner).is_some() {
        return Ok(());
    }
    let path = entry.path();
    let dropped = entries.iter().find(|other| other.kind == TrashKind::Type && other.owner == *owner);
    Err(OperatorError(match dropped {
        Some(dropped) => format!(
            "{path} cannot be restored, because `{owner}` was dropped too; nothing was changed. Restore it first, with \
             `cairn schema restore {} --write-files`",
            dropped.id
        ),
        None => format!("{path} cannot be restored, because `{owner}` no longer exists; nothing was changed"),
    }))
}

/// Applies definitions to the database of the default tenant and to that place's, and writes their files: all of it, or nothing where the
/// definitions do not fit the project or its content. Returns what was done, as sentences.
fn apply_definitions(
    context: &ProcessContext,
    place: &mut TenantSchema,
    changes: &SchemaFileChanges,
) -> Result<Vec<String>, OperatorError> {
    let project = &context.config.project;
    let own = Config::own_types_folder(&place.name);
    let tenant_folders: &[&str] =
        if place.name == DEFAULT_TENANT || !project.join(&own).is_dir() { &[] } else { &[own.as_str()] };
    let load_types = |folders: &[&str]| {
        let loaded = report_loaded(load_changed(project, folders, changes));
        loaded.map_err(|e| OperatorError(format!("nothing was changed: {e}")))
    };
    place.registry = load_types(tenant_folders)?;
    // Who starts next looks there whether an interrupted change was made.
    let default = TenantSchema {
        name: DEFAULT_TENANT.to_owned(),
        registry: load_types(&[])?,
        database: context.databases.for_tenant(DEFAULT_TENANT)?,
    };
    let pending = model_files::begin_change(&context.config, changes)?;
    let (answers, times) = (Answers::default(), current_times());
    let applied = default.database.schema_apply(&default.registry, &answers, &times);
    let (mut plan, _) = match applied.map_err(default.error_with_tenant()) {
        Ok(applied) => applied,
        Err(e) => {
            pending.cancel()?;
            return Err(e);
        }
    };
    pending.finish()?;
    if place.name != DEFAULT_TENANT {
        let applied = place.database.schema_apply(&place.registry, &answers, &times);
        (plan, _) = applied.map_err(place.error_with_tenant())?;
    }
    Ok(plan.steps.into_iter().map(|step| step.sentence).collect())
}
