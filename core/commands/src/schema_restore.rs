//! `cairn schema restore`: content from the trash, with its definitions.

use super::print_line;
use super::schema::{DatabaseArgs, TenantSchema, current_times};
use super::schema_files::{RestoredSchemaFile, missing_files, to_changes};
use cairn_access::DEFAULT_TENANT;
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::model_files;
use cairn_app::project_model::report_loaded;
use cairn_app::wiring::ProcessContext;
use cairn_model::Registry;
use cairn_model::change::{Answers, AttributeShape, KindShape, SideShape};
use cairn_model::load::{SchemaFileChanges, load_changed};
use cairn_store::change::{TrashEntry, TrashKind};

/// Restores entries of the trash, the content types among them first. Definitions that are missing are written together, so that a type and a
/// relation of another type to it come back at once.
pub(super) fn restore_entries(args: &DatabaseArgs, ids: &[i64], write_files: bool) -> Result<(), OperatorError> {
    let (context, mut place) = args.open_one_schema()?;
    let trash = place.database.schema_trash(&place.registry).map_err(place.error_with_tenant())?;
    let mut chosen: Vec<&TrashEntry> = Vec::new();
    for &id in ids {
        let entry = trash.iter().find(|entry| entry.id == id).ok_or_else(|| {
            OperatorError(format!("the trash has no entry {id}; list the entries with `cairn schema trash`"))
        })?;
        if !chosen.iter().any(|known| known.id == id) {
            chosen.push(entry);
        }
    }
    chosen.sort_by_key(|entry| entry.kind != TrashKind::Type);
    for entry in &chosen {
        check_owner_exists(&place.registry, entry, &chosen, &trash)?;
    }
    let files: Vec<RestoredSchemaFile> =
        chosen.iter().flat_map(|entry| missing_files(&place.registry, entry)).collect();
    if !files.is_empty() {
        if !write_files {
            for file in &files {
                print_line(format_args!("{}:\n{}", file.path, file.to_text()));
            }
            let paths: Vec<String> = chosen.iter().map(|entry| entry.path()).collect();
            let (verb, all) = (if paths.len() == 1 { "is" } else { "are" }, paths.join(", "));
            return Err(OperatorError(format!(
                "{all} {verb} not in the content types; add the definitions printed above, or use --write-files"
            )));
        }
        let needed = find_needed(&place.registry, &chosen, &trash);
        let changes = to_changes(&context.config.project, &files)?;
        let steps = apply_definitions(&context, &mut place, &changes).map_err(|e| add_needed(e, &chosen, &needed))?;
        files.iter().for_each(|file| print_line(format_args!("written: {}", file.path)));
        steps.iter().for_each(print_line);
    }
    let mut done: Vec<String> = Vec::new();
    for entry in chosen {
        let restored = place.database.schema_restore(&place.registry, entry.id, &current_times());
        let restored = restored.map_err(place.error_with_tenant()).map_err(|OperatorError(e)| {
            let before = if done.is_empty() { String::new() } else { format!("{} restored, but ", done.join(", ")) };
            OperatorError(match files.is_empty() {
                true => format!("{before}{e}"),
                false => format!(
                    "{before}the definition was written and applied, but the content of {} is still in the trash: {e}",
                    entry.path()
                ),
            })
        })?;
        print_line(format_args!("{}: {} value(s) restored", entry.path(), restored.placed));
        restored.left.iter().for_each(|line| print_line(format_args!("left in the trash: {line}")));
        if restored.left_count > restored.left.len() {
            print_line(format_args!("and {} more", restored.left_count - restored.left.len()));
        }
        done.push(entry.path());
    }
    Ok(())
}

/// Refuses to restore a part of what was dropped as a whole and is not restored with it: its values belong to entries that do not exist.
fn check_owner_exists(
    registry: &Registry,
    entry: &TrashEntry,
    chosen: &[&TrashEntry],
    trash: &[TrashEntry],
) -> Result<(), OperatorError> {
    let owner = &entry.owner;
    let is_owner = |other: &TrashEntry| other.kind == TrashKind::Type && other.owner == *owner;
    if entry.kind == TrashKind::Type
        || registry.by_uid(owner).is_some()
        || registry.component_by_uid(owner).is_some()
        || chosen.iter().any(|other| is_owner(other))
    {
        return Ok(());
    }
    let path = entry.path();
    Err(OperatorError(match trash.iter().find(|other| is_owner(other)) {
        Some(dropped) => format!(
            "{path} cannot be restored, because `{owner}` was dropped too; nothing was changed. Restore it first, with \
             `cairn schema restore {} --write-files`",
            dropped.id
        ),
        None => format!("{path} cannot be restored, because `{owner}` no longer exists; nothing was changed"),
    }))
}

/// The entries of the trash that the chosen ones refer to, and what these refer to: related types that were dropped, and the other sides of
/// relations.
fn find_needed<'t>(registry: &Registry, chosen: &[&'t TrashEntry], trash: &'t [TrashEntry]) -> Vec<&'t TrashEntry> {
    let mut needed: Vec<&TrashEntry> = Vec::new();
    let mut next: Vec<&TrashEntry> = chosen.to_vec();
    while let Some(entry) = next.pop() {
        let types = entry.definition.types.iter().flat_map(|t| &t.attributes);
        let components = entry.definition.components.iter().flat_map(|c| &c.attributes);
        let relations = types.chain(components).filter_map(find_other_side);
        for (target, attribute) in relations {
            let exists = registry.by_uid(target);
            let found = trash.iter().find(|other| match (exists, attribute) {
                (None, _) => other.kind == TrashKind::Type && other.owner == target,
                (Some(ct), Some(attribute)) => {
                    ct.attributes.get(attribute).is_none()
                        && other.owner == target
                        && other.attribute.as_deref() == Some(attribute)
                }
                (Some(_), None) => false,
            });
            if let Some(found) = found
                && !chosen.iter().chain(&needed).any(|known| known.id == found.id)
            {
                needed.push(found);
                next.push(found);
            }
        }
    }
    needed
}

/// The target of a relation, and its attribute there.
fn find_other_side(attribute: &AttributeShape) -> Option<(&str, Option<&str>)> {
    let KindShape::Relation(relation) = &attribute.kind else { return None };
    let other = match &relation.side {
        SideShape::Owner(name) | SideShape::Inverse(name) => Some(name.as_str()),
        SideShape::OneWay => None,
    };
    Some((relation.target.as_deref()?, other))
}

/// Adds to the error of a restore what has to be restored with it.
fn add_needed(error: OperatorError, chosen: &[&TrashEntry], needed: &[&TrashEntry]) -> OperatorError {
    if needed.is_empty() {
        return error;
    }
    let paths: Vec<String> = needed.iter().map(|entry| entry.path()).collect();
    let ids: Vec<String> = chosen.iter().chain(needed).map(|entry| entry.id.to_string()).collect();
    let (verb, paths) = (if needed.len() == 1 { "is" } else { "are" }, paths.join(", "));
    OperatorError(format!(
        "{}. {paths} {verb} in the trash too: restore them together, with `cairn schema restore {} --write-files`",
        error.0.trim_end_matches('.'),
        ids.join(" ")
    ))
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
    // The next start looks at the default tenant to see whether an interrupted change was made.
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
