//! Installation of a package, from its checks to the row: one path for the command line and the admin.

use super::choices::{merge_choices, opened_sentence, opened_types};
use super::consent::{
    Consent, Refusals, classify_package, package_reach, publisher_key, reach_before, resolve_grants, undeclared_parts,
};
use super::packages;
use super::record::InstallRecord;
use cairn_model::Registry;
use cairn_model::change::Answers;
use cairn_model::load::{SchemaFileChanges, set_unique_keys};
use cairn_plugin_package::package::{Package, PackageProblem};
use cairn_plugin_package::{PluginProblem, Severity, has_errors};
use cairn_store::Database;
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState, PluginVersion};
use std::collections::BTreeMap;
use std::path::Path;

/// Every problem with its path: `plugin.toml:12`.
pub fn to_refusals(problems: &[PluginProblem], severity: Severity) -> Refusals {
    let matching = problems.iter().filter(|problem| problem.severity == severity);
    let one = |problem: &PluginProblem| {
        let line = if problem.line > 0 { format!(":{}", problem.line) } else { String::new() };
        let hint = if problem.hint.is_empty() { String::new() } else { format!("; {}", problem.hint) };
        (format!("{}{line}", problem.file), format!("{}{hint}", problem.message))
    };
    matching.map(one).collect()
}

/// Why bytes are not a package, with a path for each problem.
pub fn unreadable_refusals(problem: &PackageProblem) -> Refusals {
    match problem {
        PackageProblem::Manifest(problems) => to_refusals(problems, Severity::Error),
        other => vec![(String::new(), other.to_string())],
    }
}

/// The record of an installation, decided but not yet carried out. The error lists all problems that prevent the installation.
pub fn plan_installation(
    project: &Path,
    package: &Package,
    rows: &[PluginRow],
    registry: &Registry,
    consent: &Consent,
    by: &Actor,
) -> Result<InstallRecord, Refusals> {
    let problems = package.check();
    if has_errors(&problems) {
        return Err(to_refusals(&problems, Severity::Error));
    }
    let manifest = package.manifest();
    let row = rows.iter().find(|row| row.id == manifest.id());
    let key = publisher_key(package.candidate(), row, consent.unsigned, consent.older);
    let key = key.map_err(|message| vec![(String::new(), message)])?;
    if let (super::consent::UpgradeKind::Refused, Some(reason), _) = classify_package(package, row, rows) {
        return Err(vec![(String::new(), reason)]);
    }
    let choices = merge_choices(manifest, registry, row, &consent.choices)?;
    let grants = resolve_grants(manifest, &choices, &consent.chosen)?;
    let opened = opened_types(project, row, manifest, &choices);
    if let Some(agreed) = &consent.opened {
        let missing = opened.iter().filter(|uid| !agreed.contains(*uid));
        let missing: Refusals = missing
            .map(|uid| ("opened".to_owned(), format!("{}: agree to that first", opened_sentence(uid).0)))
            .collect();
        if !missing.is_empty() {
            return Err(missing);
        }
    }
    let (reach, before) = (package_reach(package, &choices, &grants), reach_before(project, row));
    Ok(InstallRecord {
        id: manifest.id().to_owned(),
        generation: Some(row.map_or(0, |row| row.generation)),
        version: PluginVersion { version: manifest.plugin.version.to_string(), digest: package.digest().to_string() },
        publisher: key.map(|key| key.to_string()),
        does: reach.lines().iter().map(|line| line.english.clone()).collect(),
        widened: before.map(|before| reach.widened_from(&before)),
        opened,
        grants,
        choices,
        by: by.clone(),
        steps: undeclared_parts(package).lifecycle,
    })
}

/// Why a plugin that was just installed refused its installation; `None` where it accepted, or has not been called. On a refusal nothing of
/// it stays but the data retained from before.
pub fn refusal_reason(row: PluginRow) -> Option<String> {
    row.reason.filter(|_| row.state == PluginState::Installed)
}

/// The changes that a package makes to the project's content types. Reads the folder of the version before.
pub fn model_changes(project: &Path, package: &Package) -> SchemaFileChanges {
    let id = package.manifest().id();
    let mut changes = SchemaFileChanges::new();
    // Content types of the installed version are deleted unless the new version, below, has them too.
    let below = packages::plugin_folder(project, id).join("content-types");
    for entry in std::fs::read_dir(below).into_iter().flatten().flatten() {
        if let Some(name) = entry.file_name().to_str() {
            changes.insert(format!("plugins/{id}/content-types/{name}/schema.json"), None);
        }
    }
    let types = package.manifest().content_types.iter().flat_map(|all| &all.types);
    let keys: BTreeMap<&str, &[Vec<String>]> =
        types.map(|(name, own)| (name.as_str(), own.unique.as_slice())).collect();
    for (path, content) in package.files().iter_below("content-types/") {
        if let Some(name) = path.strip_suffix("/schema.json")
            && let Ok(mut schema) = serde_json::from_slice(content)
        {
            set_unique_keys(&mut schema, keys.get(name).copied().unwrap_or_default());
            changes.insert(format!("plugins/{id}/content-types/{path}"), Some(schema));
        }
    }
    changes
}

/// Checks that no content type of the project has the same path below `/api/` as a plugin of that id.
///
/// # Errors
/// The content type that has this path.
pub fn id_is_free(registry: &Registry, id: &str) -> Result<(), String> {
    let types = registry.types().iter().filter(|ct| ct.is_api() && ct.plugin_id().is_none());
    match types.into_iter().find(|ct| ct.plural == id || ct.singular == id) {
        Some(ct) => Err(format!("the plugin id {id:?} conflicts with the content type {}: rename one of them", ct.uid)),
        None => Ok(()),
    }
}

/// Checks that a start may migrate a database to a model, and that its content permits it. Blocks. The error says why the
/// migration is not possible.
pub fn check_schema_change(database: &Database, registry: &Registry) -> Result<(), String> {
    let plan = database.schema_plan(registry, &Answers::default(), true).map_err(|e| e.to_string())?;
    if plan.at_start {
        return plan.refused.map_or(Ok(()), Err);
    }
    let steps = plan.plan.steps.iter().map(|step| step.sentence.as_str());
    let questions = plan.plan.questions.iter().map(|question| question.sentence.as_str());
    let all: Vec<&str> = steps.chain(questions).collect();
    Err(format!("its content types require schema changes that need a decision: {}", all.join("; ")))
}
