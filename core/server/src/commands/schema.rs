//! `cairn schema`.

use super::{Project, say, schema_files};
use crate::wiring::{Failure, Ground};
use cairn_access::{Clock as _, DEFAULT_TENANT, SystemClock, iso};
use cairn_model::Registry;
use cairn_model::change::{Answers, Class, Plan, When};
use cairn_store::change::{SchemaPlan, Times};
use cairn_store::{Database, StoreError};
use chrono::Duration;
use clap::Subcommand;
use serde_json::{Value as Json, json};
use std::path::PathBuf;
use std::sync::Arc;

/// What is dropped is kept that long.
const KEPT: Duration = Duration::days(30);

#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    #[command(subcommand)]
    command: SchemaCommand,
}

#[derive(Debug, Subcommand)]
enum SchemaCommand {
    /// Print the changes that the content types require in the database, without applying them
    Plan {
        /// As JSON
        #[arg(long)]
        json: bool,
        /// Test the changes on the content and roll them back; writes wait during the test
        #[arg(long = "try")]
        tried: bool,
        #[command(flatten)]
        answers: AnswerArgs,
        #[command(flatten)]
        of: Of,
    },
    /// Apply the content types to the database: for each tenant, all changes or none
    Apply {
        #[command(flatten)]
        answers: AnswerArgs,
        #[command(flatten)]
        of: Of,
    },
    /// Exit with 1 if the content types and the database differ
    Check {
        #[command(flatten)]
        of: Of,
    },
    /// List the content that was dropped in the last 30 days
    Trash {
        /// As JSON
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        of: Of,
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
        of: Of,
    },
}

/// Which databases.
#[derive(Debug, clap::Args)]
struct Of {
    /// One tenant; by default all tenants
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    #[command(flatten)]
    project: Project,
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
    fn answers(&self) -> Result<Answers, Failure> {
        let mut answers = Answers::default();
        if let Some(file) = &self.answers {
            let named = |e: &dyn std::fmt::Display| Failure(format!("{}: {e}", file.display()));
            let text = std::fs::read_to_string(file).map_err(|e| named(&e))?;
            answers = Answers::from_json(&text).map_err(|e| named(&e))?;
        }
        let failed = |e: cairn_model::change::AnswerError| Failure(e.to_string());
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
pub(super) struct Place {
    name: String,
    registry: Arc<Registry>,
    database: Database,
}

impl Place {
    pub(super) fn of(ground: &Ground, name: &str) -> Result<Self, Failure> {
        let registry = ground.own_registry(name)?.unwrap_or_else(|| ground.registry());
        Ok(Self { name: name.to_owned(), registry, database: ground.databases.of(name)? })
    }

    fn failed(&self) -> impl Fn(StoreError) -> Failure + use<> {
        let name = self.name.clone();
        move |e| Failure(if name == DEFAULT_TENANT { e.to_string() } else { format!("tenant {name}: {e}") })
    }

    /// What is wrong with the schema for `cairn doctor`: what no start would do, and what is missing.
    pub(super) fn findings(&self) -> Result<Vec<String>, Failure> {
        let found = self.plan(&Answers::default(), false)?;
        let mut findings: Vec<String> = found.missing.iter().map(|m| format!("schema: missing: {m}")).collect();
        if !found.at_start {
            let steps = found.plan.steps.iter().filter(|s| s.when() > When::StartIfItHolds).map(|s| s.sentence.clone());
            let problems = found.plan.problems.iter().map(|p| format!("{}: {}", p.place, p.message));
            findings.extend(problems.chain(steps).map(|s| format!("schema: not applied: {s}")));
            findings.push("schema: review the changes with `cairn schema plan`, then run `cairn schema apply`".into());
        }
        Ok(findings)
    }

    fn plan(&self, answers: &Answers, tried: bool) -> Result<SchemaPlan, Failure> {
        self.database.schema_plan(&self.registry, answers, tried).map_err(self.failed())
    }
}

impl Of {
    /// The databases meant, the default one first. Those that are not there yet are made by a start.
    fn places(&self) -> Result<(Ground, Vec<Place>), Failure> {
        let ground = self.project.ground()?;
        let default = Place::of(&ground, DEFAULT_TENANT)?;
        let declared = default.database.schema_tenants(&default.registry).map_err(default.failed())?;
        if let Some(name) = &self.tenant {
            if name != DEFAULT_TENANT && !declared.contains(name) {
                return Err(Failure(format!("tenant {name:?} not found; list the tenants with `cairn tenant list`")));
            }
            let place = Place::of(&ground, name)?;
            return Ok((ground, vec![place]));
        }
        let mut places = vec![default];
        for name in declared.iter().filter(|name| *name != DEFAULT_TENANT) {
            let place = Place::of(&ground, name)?;
            if place.database.exists().map_err(place.failed())? {
                places.push(place);
            }
        }
        Ok((ground, places))
    }

    /// The one tenant of a command that is about one.
    fn place(&self) -> Result<(Ground, Place), Failure> {
        let one = Self {
            tenant: Some(self.tenant.clone().unwrap_or_else(|| DEFAULT_TENANT.to_owned())),
            project: self.project.clone(),
        };
        let (ground, mut places) = one.places()?;
        let place = places.pop().ok_or_else(|| Failure("tenant not found".into()))?;
        Ok((ground, place))
    }
}

fn times() -> Times {
    let now = SystemClock.now();
    Times { now: iso(now), expires: iso(now + KEPT) }
}

impl Schema {
    pub(super) async fn run(self) -> Result<(), Failure> {
        // Everything here waits for databases.
        tokio::task::spawn_blocking(move || match self.command {
            SchemaCommand::Plan { json, tried, answers, of } => plan(&of, &answers.answers()?, json, tried),
            SchemaCommand::Apply { answers, of } => apply(&of, &answers.answers()?),
            SchemaCommand::Check { of } => check(&of),
            SchemaCommand::Trash { json, of } => trash(&of, json),
            SchemaCommand::Restore { id, write_files, of } => restore(&of, id, write_files),
        })
        .await
        .map_err(|e| Failure(e.to_string()))?
    }
}

fn plan(of: &Of, answers: &Answers, json: bool, tried: bool) -> Result<(), Failure> {
    let (_, places) = of.places()?;
    let mut list: Vec<Json> = Vec::new();
    for place in &places {
        let found = place.plan(answers, tried)?;
        if json {
            list.push(json!({
                "tenant": place.name, "hash": found.plan.hash(), "atStart": found.at_start,
                "needsConsent": found.plan.when() == When::Consent, "plan": found.plan, "leftovers": found.leftovers,
                "missing": found.missing, "refused": found.refused,
            }));
            continue;
        }
        if places.len() > 1 {
            say(format_args!("tenant {}", place.name));
        }
        print(&found, &place.name);
    }
    if json {
        say(serde_json::to_string_pretty(&list).map_err(|e| Failure(e.to_string()))?);
    }
    Ok(())
}

fn print(found: &SchemaPlan, tenant: &str) {
    let Plan { steps, questions, problems, warnings, .. } = &found.plan;
    if found.plan.is_empty() && questions.is_empty() {
        say("nothing to change");
    }
    for step in steps {
        let class = match step.class {
            Class::Add => "add",
            Class::Rename => "rename",
            Class::Move => "move",
            Class::Check => "check",
            Class::Convert => "convert",
            Class::Drop => "DROP",
        };
        let when = match step.when() {
            When::Start => "",
            When::StartIfItHolds => " [if the content allows it]",
            When::Apply => " [by `cairn schema apply`]",
            When::Consent => " [needs consent]",
        };
        say(format_args!("{class:8} {}{when}", step.sentence));
    }
    questions.iter().for_each(|q| say(format_args!("QUESTION {}", q.sentence)));
    problems.iter().for_each(|p| say(format_args!("PROBLEM  {}: {}", p.place, p.message)));
    warnings.iter().for_each(|w| say(format_args!("warning  {}: {}", w.place, w.message)));
    found
        .leftovers
        .iter()
        .for_each(|l| say(format_args!("unused   {l}: not used by any content type; it stays unchanged")));
    found.missing.iter().for_each(|m| say(format_args!("MISSING  {m}: the database was changed manually")));
    if let Some(refused) = &found.refused {
        say(format_args!("REFUSED  {refused}"));
    }
    if !problems.is_empty() || steps.is_empty() || found.refused.is_some() {
        return;
    }
    let of = if tenant == DEFAULT_TENANT { String::new() } else { format!(" --tenant {tenant}") };
    match found.plan.when() {
        When::Start | When::StartIfItHolds => {
            say("apply these changes with `cairn schema apply`, or at the next start")
        }
        When::Apply => say(format_args!("apply these changes with `cairn schema apply{of}` and the same answers")),
        When::Consent => say(format_args!(
            "apply these changes with `cairn schema apply{of} --consent {}` and the same answers",
            found.plan.hash()
        )),
    }
}

fn apply(of: &Of, answers: &Answers) -> Result<(), Failure> {
    let (_, places) = of.places()?;
    let mut done: Vec<&str> = Vec::new();
    for place in &places {
        let applied = place.database.schema_apply(&place.registry, answers, &times());
        let (plan, outcome) = applied.map_err(place.failed()).map_err(|Failure(e)| {
            let before =
                if done.is_empty() { String::new() } else { format!("\nalready applied: {}", done.join(", ")) };
            Failure(format!("{e}{before}"))
        })?;
        if places.len() > 1 {
            say(format_args!("tenant {}", place.name));
        }
        plan.steps.iter().for_each(|step| say(&step.sentence));
        outcome.notes.iter().for_each(|note| say(format_args!("note: {note}")));
        for id in &outcome.trashed {
            say(format_args!("in the trash for 30 days: {id} (see `cairn schema trash`)"));
        }
        if plan.steps.is_empty() {
            say("nothing to change");
        }
        done.push(&place.name);
    }
    Ok(())
}

fn check(of: &Of) -> Result<(), Failure> {
    let (_, places) = of.places()?;
    let mut wrong = Vec::new();
    for place in &places {
        let found = place.plan(&Answers::default(), false)?;
        let n = found.plan.steps.len() + found.plan.problems.len();
        if n > 0 {
            wrong.push(format!("{}: {n} change(s) not applied", place.name));
        }
        wrong.extend(found.missing.iter().map(|m| format!("{}: missing: {m}", place.name)));
    }
    if wrong.is_empty() {
        say("content types and database match");
        return Ok(());
    }
    Err(Failure(format!(
        "content types and database differ:\n  {}\nRun `cairn schema plan` for details",
        wrong.join("\n  ")
    )))
}

fn trash(of: &Of, json: bool) -> Result<(), Failure> {
    let (_, places) = of.places()?;
    let mut list: Vec<Json> = Vec::new();
    for place in &places {
        let entries = place.database.schema_trash(&place.registry).map_err(place.failed())?;
        for e in &entries {
            list.push(json!({
                "tenant": place.name, "id": e.id, "kind": e.kind.name(), "place": e.place(), "values": e.values,
                "createdAt": e.created_at, "expiresAt": e.expires_at,
            }));
            if !json {
                let tenant = if places.len() > 1 { format!("{}  ", place.name) } else { String::new() };
                let (kind, place) = (e.kind.name(), e.place());
                let (values, until) = (e.values, &e.expires_at[..10.min(e.expires_at.len())]);
                say(format_args!("{tenant}{:5}  {kind:10}  {place}  {values} value(s), until {until}", e.id));
            }
        }
    }
    match json {
        true => say(serde_json::to_string_pretty(&list).map_err(|e| Failure(e.to_string()))?),
        false if list.is_empty() => say("the trash is empty"),
        false => {}
    }
    Ok(())
}

fn restore(of: &Of, id: i64, write_files: bool) -> Result<(), Failure> {
    let (_, mut place) = of.place()?;
    let entries = place.database.schema_trash(&place.registry).map_err(place.failed())?;
    let entry = entries.iter().find(|e| e.id == id);
    let entry = entry
        .ok_or_else(|| Failure(format!("the trash has no entry {id}; list the entries with `cairn schema trash`")))?;
    let files = schema_files::missing(&place.registry, entry);
    if !files.is_empty() {
        if !write_files {
            for file in &files {
                say(format_args!("{}:\n{}", file.path, file.text()));
            }
            return Err(Failure(format!(
                "{} is not in the content types; add the definitions printed above, or use --write-files",
                entry.place()
            )));
        }
        let project = of.project.config()?.project;
        for file in &files {
            schema_files::write(&project, file)?;
            say(format_args!("written: {}", file.path));
        }
        let ground = of.project.ground()?;
        place = Place::of(&ground, &place.name)?;
        let applied = place.database.schema_apply(&place.registry, &Answers::default(), &times());
        let (plan, _) = applied.map_err(place.failed())?;
        plan.steps.iter().for_each(|step| say(&step.sentence));
    }
    let restored = place.database.schema_restore(&place.registry, id, &times()).map_err(place.failed())?;
    say(format_args!("{}: {} value(s) restored", entry.place(), restored.placed));
    restored.left.iter().for_each(|line| say(format_args!("left in the trash: {line}")));
    if restored.left_count > restored.left.len() {
        say(format_args!("and {} more", restored.left_count - restored.left.len()));
    }
    Ok(())
}
