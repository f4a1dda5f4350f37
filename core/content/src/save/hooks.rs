//! Hooks in a write: the values that they get, and how their amendments are applied.

#[cfg(test)]
mod tests;

use super::document_write::blank_row;
use super::links::AttributeLinkChange;
use super::{CheckedSave, DocumentWrite, WriteTarget};
use crate::body::{CastInput, CastOptions, cast_values, resolve_references};
use crate::files::FileViewer;
use crate::history::{LinksByAttribute, build_snapshot};
use crate::hooks::{DocumentChange, HookAction, HookDecision};
use crate::read_scope::ReadScope;
use crate::{Content, ContentError, RefusalKind, RequestContext, Result, secrets};
use cairn_model::body::check_keys;
use cairn_model::validate::{CastMode, CastRules, merge_value};
use cairn_model::*;
use cairn_query::Action;
use cairn_store::content::DocumentRow;
use cairn_store::{Reader, WriteTx};
use serde_json::{Map, Value as Json};

/// A version in the form that hooks get.
pub(crate) type HookSnapshot = Map<String, Json>;

impl Content {
    /// Calls the hooks that run before the transaction; their amendments become part of the write.
    pub(crate) async fn run_prepare_hooks(
        &self,
        context: &RequestContext<'_>,
        document_id: Option<&str>,
        save: &mut CheckedSave,
    ) -> Result<()> {
        let action = if save.action == Action::Create { HookAction::Create } else { HookAction::Update };
        let Some(hooks) = self.hooks.as_ref().filter(|hooks| hooks.has_prepare_hooks(context.content_type, action))
        else {
            return Ok(());
        };
        let registry = self.registry();
        let ct = registry.get(context.content_type);
        let (before, after) = self.store.read(|r| preview_write(r, ct, save))?;
        let changed = changed_names(before.as_ref(), &after);
        let document_id = match &save.target {
            WriteTarget::Document { id, .. } | WriteTarget::Identified(id) => Some(id.clone()),
            WriteTarget::New => document_id.map(str::to_owned),
        };
        let change = DocumentChange {
            action,
            content_type: ct,
            document_id: document_id.as_deref(),
            locale: &save.locale,
            before,
            after: Some(after),
            changed,
            actor: context.actor,
            access: Some(context.access),
        };
        let values = |patch: &HookSnapshot| {
            let reads = ReadScope::Snapshot(&self.store);
            cast_amendment(registry, reads, ct, patch, save, document_id.as_deref())
        };
        let check = |patch: &HookSnapshot| values(patch).map(drop);
        if let HookDecision::Amend(patch) = hooks.prepare(change, &check).await? {
            let amended = values(&patch).map_err(blame_plugin)?;
            overlay_input(&mut save.input, amended);
        }
        Ok(())
    }
}

impl DocumentWrite<'_, '_> {
    /// Calls the hooks with the values that are about to be written, and applies their amendments. `linked`: the row whose links the
    /// written one has, by attribute.
    pub(super) fn run_before_hooks(
        &mut self,
        document_id: &str,
        document_row: Option<&DocumentRow>,
        row: &mut DocumentRow,
        relinked: Vec<AttributeLinkChange>,
        linked: &dyn Fn(AttributeId) -> Option<i64>,
    ) -> Result<Vec<AttributeLinkChange>> {
        let action = if document_row.is_some() { HookAction::Update } else { HookAction::Create };
        // The values of an amendment are their word.
        if self.options.amendment_depth > 0 || !self.has_hooks(action) {
            return Ok(relinked);
        }
        let mut links: LinksByAttribute = match document_row {
            Some(previous) => self.tx.reader().links().find_targets(self.ct.id, previous.id)?.into_iter().collect(),
            None => LinksByAttribute::new(),
        };
        let before = document_row.map(|previous| build_snapshot(self.registry, self.ct, previous, &links));
        for r in &relinked {
            links.insert(r.attribute, r.after.iter().map(|l| l.target.clone()).collect());
        }
        let after = build_snapshot(self.registry, self.ct, row, &links);
        let HookDecision::Amend(patch) = self.call_hooks(action, document_id, before, Some(after))? else {
            return Ok(relinked);
        };
        let amended = cast_amendment(
            self.registry,
            ReadScope::Transaction(self.tx),
            self.ct,
            &patch,
            &self.save,
            Some(document_id),
        )
        .map_err(blame_plugin)?;
        let mut input = std::mem::replace(&mut self.save.input, amended.clone());
        overlay_input(&mut input, amended);
        let mut changes = self.apply_amendment(row, linked).map_err(blame_plugin)?;
        // The client's input is put back: the inverse sides of its relations are still to be written.
        self.save.input = input;
        changes.extend(relinked.into_iter().filter(|r| !patch.contains_key(&self.ct.attributes[r.attribute].name)));
        Ok(changes)
    }

    /// Writes amended values into the row.
    fn apply_amendment(
        &mut self,
        row: &mut DocumentRow,
        linked: &dyn Fn(AttributeId) -> Option<i64>,
    ) -> Result<Vec<AttributeLinkChange>> {
        self.check_targets()?;
        self.apply_input(row)?;
        let changes = self.owned_link_changes(linked)?;
        self.write_link_columns(row)?;
        Ok(changes)
    }

    /// Calls the hooks for a step that has no values to amend. `before` and `after`: versions whose links are in the database.
    pub(crate) fn run_step_hooks(
        &mut self,
        action: HookAction,
        document_id: &str,
        before: Option<&DocumentRow>,
        after: Option<&DocumentRow>,
    ) -> Result<()> {
        if !self.has_hooks(action) {
            return Ok(());
        }
        let snapshot = |row: &DocumentRow| self.load_snapshot(row);
        let (before, after) = (before.map(snapshot).transpose()?, after.map(snapshot).transpose()?);
        self.call_hooks(action, document_id, before, after).map(drop)
    }

    /// A stored version in the form that hooks get.
    pub(crate) fn load_snapshot(&self, row: &DocumentRow) -> Result<HookSnapshot> {
        let links = self.tx.reader().links().find_targets(self.ct.id, row.id)?.into_iter().collect();
        Ok(build_snapshot(self.registry, self.ct, row, &links))
    }

    /// The change of a version whose attribute of files gets more of them, as hooks see it: what happens, and the version before and after;
    /// `None` if no hook handles it.
    pub(crate) fn load_link_change(
        &self,
        row: &DocumentRow,
        attribute: AttributeId,
        files: &[String],
    ) -> Result<Option<(HookAction, HookSnapshot, HookSnapshot)>> {
        let action = if row.published && self.ct.draft_publish { HookAction::Publish } else { HookAction::Update };
        if !self.has_hooks(action) {
            return Ok(None);
        }
        let mut links: LinksByAttribute =
            self.tx.reader().links().find_targets(self.ct.id, row.id)?.into_iter().collect();
        let before = build_snapshot(self.registry, self.ct, row, &links);
        let mut after = row.clone();
        match self.registry.attribute_link(&self.ct.attributes[attribute]).map(|link| link.storage) {
            Some(LinkStorage::Column) => {
                if let Some(last) = files.last() {
                    after.to_one.insert(attribute, (last.clone(), 0));
                }
            }
            _ => {
                let file = self.registry.file_type().id;
                let added = files.iter().map(|id| LinkTarget { content_type: file, document_id: id.clone() });
                links.entry(attribute).or_default().extend(added);
            }
        }
        Ok(Some((action, before, build_snapshot(self.registry, self.ct, &after, &links))))
    }

    pub(crate) fn has_hooks(&self, action: HookAction) -> bool {
        self.hooks.as_ref().is_some_and(|hooks| hooks.has_before_hooks(self.ct.id, action))
    }

    /// Calls the hooks for a change. Returns their refusal, or an error of the database.
    pub(crate) fn call_hooks(
        &mut self,
        action: HookAction,
        document_id: &str,
        before: Option<HookSnapshot>,
        after: Option<HookSnapshot>,
    ) -> Result<HookDecision> {
        let Some(hooks) = self.hooks.clone() else { return Ok(HookDecision::Allow) };
        let changed = after.as_ref().map(|after| changed_names(before.as_ref(), after)).unwrap_or_default();
        let change = DocumentChange {
            action,
            content_type: self.ct,
            document_id: Some(document_id),
            locale: &self.save.locale,
            before,
            after,
            changed,
            actor: &self.author.actor,
            access: self.author.viewer.as_ref().map(FileViewer::access),
        };
        let (registry, ct, save) = (self.registry, self.ct, &self.save);
        let check = |tx: &WriteTx<'_>, patch: &HookSnapshot| {
            cast_amendment(registry, ReadScope::Transaction(tx), ct, patch, save, Some(document_id)).map(drop)
        };
        hooks.before(self.tx, change, &check)
    }
}

/// Marks an error as the hook's: a value that a hook has set is not the client's mistake.
pub(super) fn blame_plugin(error: ContentError) -> ContentError {
    match error {
        ContentError::Refused(refusal) if refusal.kind == RefusalKind::Validation => {
            tracing::warn!(reason = refusal.message, "a hook changed an entry into one that cannot be stored");
            ContentError::unavailable("A plugin returned an invalid change: the entry was not saved")
        }
        other => other,
    }
}

/// The values of an amendment, validated like a client's.
pub(super) fn cast_amendment(
    registry: &Registry,
    reads: ReadScope<'_>,
    ct: &ContentType,
    patch: &HookSnapshot,
    save: &CheckedSave,
    document_id: Option<&str>,
) -> Result<CastInput> {
    check_keys(registry, ct, patch, &|_| true, &|_| true).map_err(|e| ContentError::validation(e.message))?;
    let found = resolve_references(registry, reads, ct, patch, &save.link_locale)?;
    // A draft may have values that break a rule, and an amendment what the draft has.
    let rules = if save.publish { CastRules::of_type(ct) } else { CastRules::Kind };
    let mode = CastMode { rules, create: false };
    let unique_in = (!ct.draft_publish).then_some((document_id.unwrap_or_default(), save.locale.as_str()));
    let mut input = cast_values(
        registry,
        reads,
        ct.id,
        patch,
        CastOptions { mode, references: &found, unique_in, inherits: true },
    )?;
    secrets::refuse_passwords(registry, &ct.attributes, &mut input.values)?;
    Ok(input)
}

/// Replaces sent values by those that `over` names.
fn overlay_input(input: &mut CastInput, over: CastInput) {
    for (i, (value, is_named)) in over.values.into_iter().zip(over.named).enumerate() {
        if value != Value::Absent {
            input.values[i] = value;
            input.named[i] |= is_named;
        }
    }
}

/// A document before and after a write that has not begun.
fn preview_write(
    reader: &Reader<'_>,
    ct: &ContentType,
    save: &CheckedSave,
) -> Result<(Option<HookSnapshot>, HookSnapshot)> {
    let registry = reader.registry();
    let document_row = match &save.target {
        WriteTarget::Document { id, .. } => reader.documents().get_row(ct.id, id, &save.locale, !ct.draft_publish)?,
        WriteTarget::New | WriteTarget::Identified(_) => None,
    };
    let mut links: LinksByAttribute = match &document_row {
        Some(previous) => reader.links().find_targets(ct.id, previous.id)?.into_iter().collect(),
        None => LinksByAttribute::new(),
    };
    let before = document_row.as_ref().map(|previous| build_snapshot(registry, ct, previous, &links));
    let mut row = document_row.unwrap_or_else(|| blank_row(ct, "", &save.locale, "", !ct.draft_publish));
    let mut input = save.input.values.clone();
    super::components::resolve_component_ids(reader, ct, &row, &mut input)?;
    for (id, a) in ct.attributes.iter() {
        match (&a.kind, &input[id]) {
            (_, Value::Absent) => {}
            (FieldKind::Component { .. } | FieldKind::DynamicZone { .. }, value) => {
                row.values[id] = merge_value(registry, a, &row.values[id], value.clone())
                    .map_err(|e| ContentError::application(e.to_string()))?;
            }
            (FieldKind::Media { .. } | FieldKind::Relation(_), Value::Change(change)) => {
                let Some(link) = registry.attribute_link(a) else { continue };
                let link_targets = match (row.to_one.get(&id), link.target) {
                    (Some((document_id, _)), Some(content_type)) => {
                        vec![LinkTarget { content_type, document_id: document_id.clone() }]
                    }
                    _ => links.get(&id).cloned().unwrap_or_default(),
                };
                let targets = change.apply(&link_targets).map_err(|e| ContentError::invalid_entry(e.to_string()))?;
                if link.storage == LinkStorage::Column {
                    match targets.last() {
                        Some(target) => row.to_one.insert(id, (target.document_id.clone(), 0)),
                        None => row.to_one.remove(&id),
                    };
                } else {
                    links.insert(id, targets);
                }
            }
            (FieldKind::Media { .. } | FieldKind::Relation(_), _) => {}
            (_, input) => row.values[id] = input.clone(),
        }
    }
    let after = build_snapshot(registry, ct, &row, &links);
    Ok((before, after))
}

/// The names of attributes that differ; for a new document those that are not empty.
fn changed_names(before: Option<&HookSnapshot>, after: &HookSnapshot) -> Vec<String> {
    let differs = |name: &str, value: &Json| match before {
        Some(before) => before.get(name) != Some(value),
        None => !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)),
    };
    after.iter().filter(|(name, value)| differs(name, value)).map(|(name, _)| name.clone()).collect()
}
