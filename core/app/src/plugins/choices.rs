//! The choices that a plugin's manifest leaves to operators: at its installation, and later.

use super::consent::{Refusals, package_reach};
use super::packages;
use super::record::{ChangeError, change_plugin};
use cairn_model::Registry;
use cairn_plugin_host::attributes_of;
use cairn_plugin_package::package::Package;
use cairn_plugin_package::{Choices, GrantedScope, Grants, Manifest, Scope, UnfitReason, UnfitType};
use cairn_store::WriteTx;
use cairn_store::events::Actor;
use cairn_store::plugins::{PluginRow, PluginState};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::Path;

/// Most problems with choices that one answer lists.
const MAX_PROBLEMS: usize = 20;

/// One of the project's content types, for a choice.
#[derive(Debug, Clone)]
pub struct CandidateType {
    /// Uid of the content type.
    pub uid: String,
    /// Its name for people.
    pub display_name: String,
    /// Why it cannot be chosen; `None`: it can.
    pub unfit: Option<UnfitReason>,
}

/// The project's own content types, those that fit a choice first.
pub fn candidate_types(
    registry: &Registry,
    choice: &cairn_plugin_package::manifest::ManifestChoice,
) -> Vec<CandidateType> {
    let own = registry.types().iter().filter(|ct| ct.is_api() && ct.plugin_id().is_none());
    let mut candidates: Vec<CandidateType> = own
        .map(|ct| CandidateType {
            uid: ct.uid.clone(),
            display_name: ct.display_name.clone(),
            unfit: choice.unfit_reason(attributes_of(registry, &ct.uid).as_ref()),
        })
        .collect();
    candidates.sort_by(|a, b| (a.unfit.is_some(), &a.uid).cmp(&(b.unfit.is_some(), &b.uid)));
    candidates
}

/// The chosen content types of a plugin that do not fit the project: what rests on them is off.
pub fn unfit_types(registry: &Registry, manifest: &Manifest, choices: &Choices) -> Vec<UnfitType> {
    choices.split_unfit(manifest, &|uid| attributes_of(registry, uid)).1
}

/// The content types of the project and of other plugins that the read policy of a version decided about, and that of the next does not:
/// whoever has the permission sees all of their documents from then on. What becomes of the plugin's own types is its own affair.
fn find_opened(id: &str, before: &BTreeSet<String>, manifest: &Manifest, choices: &Choices) -> Vec<String> {
    let now = policy_types(manifest, choices);
    let own = format!("plugin::{id}.");
    before.difference(&now).filter(|uid| !uid.starts_with(&own)).cloned().collect()
}

fn policy_types(manifest: &Manifest, choices: &Choices) -> BTreeSet<String> {
    manifest.resolve(choices).read_policy.map_or_else(BTreeSet::new, |policy| policy.types.into_iter().collect())
}

/// The content types that an installed plugin would no longer decide about with another version or other choices. Reads a file.
pub fn opened_types(project: &Path, row: Option<&PluginRow>, manifest: &Manifest, choices: &Choices) -> Vec<String> {
    let Some(row) = row.filter(|row| row.state != PluginState::Removed) else { return Vec::new() };
    let before = match packages::load_version(project, &row.id, &row.current) {
        Ok(package) => policy_types(package.manifest(), &packages::stored_choices(row)),
        // A package that is gone still closes what its policy is about.
        Err(_) => packages::policy_types(project, row).into_iter().collect(),
    };
    find_opened(&row.id, &before, manifest, choices)
}

/// A content type that a read policy no longer decides about, in English and Dutch.
pub fn opened_sentence(uid: &str) -> (String, String) {
    (
        format!("No longer decides who sees which documents of {uid}: roles alone do"),
        format!("Bepaalt niet langer wie welke documenten van {uid} ziet: alleen rollen doen dat nog"),
    )
}

/// The first problems of a list, and how many more there are.
fn cap_problems(mut problems: Refusals) -> Refusals {
    let omitted_count = problems.len().saturating_sub(MAX_PROBLEMS);
    if omitted_count > 0 {
        problems.truncate(MAX_PROBLEMS);
        problems.push(("choices".to_owned(), format!("and {omitted_count} more")));
    }
    problems
}

/// The choices of a manifest: those of before where `chosen` names no others. Values of choices that it does not have stay stored, for a
/// rollback to a version that has them.
///
/// # Errors
/// Choices that the plugin does not have, and values that cannot be chosen. What was chosen before is not checked again.
pub fn merge_choices(
    manifest: &Manifest,
    registry: &Registry,
    row: Option<&PluginRow>,
    chosen: &Choices,
) -> Result<Choices, Refusals> {
    chosen.check(manifest).map_err(cap_problems)?;
    let stored = row.map(packages::stored_choices).unwrap_or_default();
    let before = stored.clone().overlaid_with(stored.known_to(manifest));
    let new = unfit_types(registry, manifest, chosen);
    let new = new.into_iter().filter(|unfit| !before.has(&unfit.choice, &unfit.uid));
    let problems: Refusals = new
        .map(|unfit| (format!("choices.{}", unfit.choice), format!("{} {}", unfit.uid, unfit.reason.english())))
        .collect();
    if problems.is_empty() { Ok(before.overlaid_with(chosen.clone())) } else { Err(cap_problems(problems)) }
}

/// A change of the choices of an installed plugin, decided but not yet carried out.
#[derive(Debug, Clone)]
pub struct ChoiceChange {
    from: PluginRow,
    choices: Choices,
    grants: Grants,
    /// Everything that the plugin may do and does from then on and did not before: an English and a Dutch sentence each.
    pub widened: Vec<(String, String)>,
    /// Content types that its read policy no longer decides about: whoever has the permission sees all of their documents.
    pub opened: Vec<String>,
}

/// Plans a change of choices. Reads the package.
///
/// # Errors
/// Choices that the plugin does not have, values that cannot be chosen, and a package that cannot be read.
pub fn plan_choices(
    project: &Path,
    registry: &Registry,
    row: &PluginRow,
    chosen: &Choices,
) -> Result<ChoiceChange, Refusals> {
    let refuse = |message: String| vec![(String::new(), message)];
    if row.state == PluginState::Upgrading {
        return Err(refuse("it is being upgraded: choose once that has finished".to_owned()));
    }
    let package = packages::load_version(project, &row.id, &row.current).map_err(refuse)?;
    let manifest = package.manifest();
    let choices = merge_choices(manifest, registry, Some(row), chosen)?;
    let before = packages::stored_choices(row);
    let had = packages::effective_grants(manifest, row).map_err(refuse)?;
    let grants = carry_grants(manifest, &before, &choices, &had);
    let widened = list_widened(&package, (&before, &had), (&choices, &grants));
    let opened = find_opened(&row.id, &policy_types(manifest, &before), manifest, &choices);
    Ok(ChoiceChange { from: row.clone(), choices, grants, widened, opened })
}

/// The grants with other choices: each as wide or narrow as it was given, for the types that are chosen now. One that was left out stays
/// left out.
fn carry_grants(manifest: &Manifest, before: &Choices, now: &Choices, had: &Grants) -> Grants {
    let (requested_before, requested) =
        (Grants::from_manifest(&manifest.resolve(before)), Grants::from_manifest(&manifest.resolve(now)));
    let mut list: Vec<GrantedScope> = Vec::new();
    for (old, new) in requested_before.list().iter().zip(requested.list()) {
        if old.scope.is_empty() {
            // The old scope was empty, so there was nothing to decide about: the new one is granted.
            list.push(new.clone());
            continue;
        }
        let given = Grants::from(vec![old.clone()]).intersect(had);
        for part in given.list() {
            let mut part = part.clone();
            carry_scope(&mut part.scope, &old.scope, &new.scope);
            list.push(part);
        }
    }
    Grants::from(list).without_empty()
}

/// Takes out of a given scope what is no longer requested, and adds what is requested anew.
fn carry_scope(given: &mut Scope, before: &Scope, now: &Scope) {
    match (given, before, now) {
        (Scope::DataRead { types, .. }, Scope::DataRead { types: before, .. }, Scope::DataRead { types: now, .. })
        | (
            Scope::DataWrite { types, .. },
            Scope::DataWrite { types: before, .. },
            Scope::DataWrite { types: now, .. },
        ) => {
            types.retain(|uid| now.contains(uid));
            types.extend(now.difference(before).cloned());
        }
        (Scope::Http { to, .. }, Scope::Http { to: before, .. }, Scope::Http { to: now, .. }) => {
            // A narrowed address equals none of the requested ones, but lies within one of them.
            to.retain(|address| now.iter().any(|requested| requested.covers(address)));
            to.extend(now.difference(before).cloned());
        }
        _ => {}
    }
}

fn list_widened(package: &Package, before: (&Choices, &Grants), now: (&Choices, &Grants)) -> Vec<(String, String)> {
    let reach_before = package_reach(package, before.0, before.1);
    let reach = package_reach(package, now.0, now.1);
    let wider = now.1.list().iter().map(|granted| Grants::from(vec![granted.clone()]));
    let wider = wider.filter(|alone| !alone.widened_from(before.1).is_empty());
    let grants = wider.flat_map(|alone| alone.sentences()).map(|sentence| (sentence.english, sentence.dutch));
    let lines =
        reach.lines().iter().filter(|line| cairn_plugin_package::PluginReach::is_new(line, Some(&reach_before)));
    grants.chain(lines.map(|line| (line.english.clone(), line.dutch.clone()))).collect()
}

impl ChoiceChange {
    /// Stores the choices with the grants that follow from them. Returns the same errors as [`change_plugin`].
    pub fn write(self, tx: &mut WriteTx<'_>, by: &Actor, now: i64) -> Result<PluginRow, ChangeError> {
        let Self { from, choices, grants, widened, opened } = self;
        change_plugin(tx, &from.id.clone(), by, now, |row| {
            // Consent was given for the row as it was then.
            if row.generation != from.generation {
                return Err(ChangeError::Changed);
            }
            let (choices, grants) = (json!(choices), json!(grants));
            if row.choices == choices && row.grants == grants {
                return Ok(None);
            }
            let before = std::mem::replace(&mut row.choices, choices);
            row.grants = grants;
            let new: Vec<String> = widened.into_iter().map(|(english, _)| english).collect();
            Ok(Some((
                "choices-changed",
                json!({ "before": before, "after": row.choices, "new": new, "opened": opened }),
            )))
        })
    }
}
