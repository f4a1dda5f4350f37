//! `cairn schema`.

use super::schema_restore::restore_entries;
use super::{ProjectArgs, print_line};
use cairn_access::{Clock as _, DEFAULT_TENANT, SystemClock, format_iso};
use cairn_app::OperatorError;
use cairn_app::wiring::ProcessContext;
use cairn_model::Registry;
use cairn_model::change::{Answers, ChangeClass, ChangePlan, StepTiming};
use cairn_store::change::{ChangeTimes, SchemaPlan};
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
        /// The ids that `cairn schema trash` shows; what needs each other is restored together
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
        /// Add its definition to the content type files first
        #[arg(long)]
        write_files: bool,
        #[command(flatten)]
        of: DatabaseArgs,
    },
}

/// Databases that a command works on.
#[derive(Debug, clap::Args)]
pub(super) struct DatabaseArgs {
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
    pub(super) name: String,
    pub(super) registry: Arc<Registry>,
    pub(super) database: Database,
}

impl TenantSchema {
    pub(super) fn for_tenant(context: &ProcessContext, name: &str) -> Result<Self, OperatorError> {
        let registry = context.tenant_registry(name)?.unwrap_or_else(|| context.registry());
        Ok(Self { name: name.to_owned(), registry, database: context.databases.for_tenant(name)? })
    }

    pub(super) fn error_with_tenant(&self) -> impl Fn(StoreError) -> OperatorError + use<> {
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
    pub(super) fn open_one_schema(&self) -> Result<(ProcessContext, TenantSchema), OperatorError> {
        let one = Self {
            tenant: Some(self.tenant.clone().unwrap_or_else(|| DEFAULT_TENANT.to_owned())),
            project: self.project.clone(),
        };
        let (context, mut places) = one.open_schemas()?;
        let place = places.pop().ok_or_else(|| OperatorError("tenant not found".into()))?;
        Ok((context, place))
    }
}

pub(super) fn current_times() -> ChangeTimes {
    let now = SystemClock.now();
    ChangeTimes { now: format_iso(now), expires: format_iso(now + TRASH_RETENTION) }
}

impl SchemaArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        // Commands wait for databases, which would block an asynchronous thread.
        tokio::task::spawn_blocking(move || match self.command {
            SchemaCommand::Plan { json, tried, answers, of } => plan_changes(&of, &answers.to_answers()?, json, tried),
            SchemaCommand::Apply { answers, of } => apply_changes(&of, &answers.to_answers()?),
            SchemaCommand::Check { of } => check_databases(&of),
            SchemaCommand::Trash { json, of } => list_trash(&of, json),
            SchemaCommand::Restore { ids, write_files, of } => restore_entries(&of, &ids, write_files),
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
