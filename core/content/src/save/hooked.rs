//! Hooks in a write: the values that they get, and how their amendments are applied.

#[cfg(test)]
mod tests;

use super::links::Relinked;
use super::{Save, Which, Write};
use crate::body::{Casting, Given, cast_values, resolved};
use crate::files::Viewer;
use crate::history::{Linked, snapshot};
use crate::hooks::{Change, HookAction, Verdict};
use crate::reads::Reads;
use crate::{Ask, Content, ContentError, RefusalKind, Result, secrets};
use cairn_model::body::check_keys;
use cairn_model::validate::{CastMode, merge};
use cairn_model::*;
use cairn_query::Action;
use cairn_store::content::Row;
use cairn_store::{Reader, WriteTx};
use serde_json::{Map, Value as Json};

/// A version in the form that hooks get.
type Shown = Map<String, Json>;

impl Content {
    /// Calls the hooks that run before the transaction; their amendments become part of the write.
    pub(crate) async fn prepare(&self, ask: &Ask<'_>, document_id: Option<&str>, save: &mut Save) -> Result<()> {
        let action = if save.action == Action::Create { HookAction::Create } else { HookAction::Update };
        let Some(hooks) = self.hooks.as_ref().filter(|hooks| hooks.wants_early(ask.content_type, action)) else {
            return Ok(());
        };
        let registry = self.registry();
        let ct = registry.get(ask.content_type);
        let (before, after) = self.store.read(|r| preview(r, ct, save))?;
        let changed = changed(before.as_ref(), &after);
        let document_id = match &save.which {
            Which::Document { id, .. } | Which::Again(id) => Some(id.clone()),
            Which::New => document_id.map(str::to_owned),
        };
        let change = Change {
            action,
            content_type: ct,
            document_id: document_id.as_deref(),
            locale: &save.locale,
            before,
            after: Some(after),
            changed,
            actor: ask.actor,
            access: Some(ask.access),
        };
        let values = |patch: &Shown| {
            let reads = Reads::Own(&self.store);
            amended(registry, reads, ct, patch, save, document_id.as_deref())
        };
        let check = |patch: &Shown| values(patch).map(drop);
        if let Verdict::Amend(patch) = hooks.prepare(change, &check).await? {
            let amended = values(&patch).map_err(not_the_clients)?;
            overlay(&mut save.given, amended);
        }
        Ok(())
    }
}

impl Write<'_, '_> {
    /// Calls the hooks with the values that are about to be written, and applies their amendments. `linked`: the row whose links the
    /// written one has, by attribute.
    pub(super) fn pass_hooks(
        &mut self,
        document_id: &str,
        held: Option<&Row>,
        row: &mut Row,
        relinked: Vec<Relinked>,
        linked: &dyn Fn(AttributeId) -> Option<i64>,
    ) -> Result<Vec<Relinked>> {
        let action = if held.is_some() { HookAction::Update } else { HookAction::Create };
        if !self.wanted(action) {
            return Ok(relinked);
        }
        let mut links: Linked = match held {
            Some(held) => self.tx.linked(self.ct.id, held.id)?.into_iter().collect(),
            None => Linked::new(),
        };
        let before = held.map(|held| snapshot(self.registry, self.ct, held, &links));
        for r in &relinked {
            links.insert(r.attribute, r.after.iter().map(|l| l.target.clone()).collect());
        }
        let after = snapshot(self.registry, self.ct, row, &links);
        let Verdict::Amend(patch) = self.ask_hooks(action, document_id, before, Some(after))? else {
            return Ok(relinked);
        };
        let amended = amended(self.registry, Reads::Within(self.tx), self.ct, &patch, &self.save, Some(document_id))
            .map_err(not_the_clients)?;
        let mut given = std::mem::replace(&mut self.save.given, amended.clone());
        overlay(&mut given, amended);
        let mut again = self.give_amended(row, linked).map_err(not_the_clients)?;
        // What the client gave is still to be written on the other side of relations.
        self.save.given = given;
        again.extend(relinked.into_iter().filter(|r| !patch.contains_key(&self.ct.attributes[r.attribute].name)));
        Ok(again)
    }

    /// Writes amended values into the row.
    fn give_amended(&mut self, row: &mut Row, linked: &dyn Fn(AttributeId) -> Option<i64>) -> Result<Vec<Relinked>> {
        self.check_targets()?;
        self.give(row)?;
        let again = self.owned(linked)?;
        self.link_columns(row)?;
        Ok(again)
    }

    /// Calls the hooks for a step that has no values to amend. `before` and `after`: versions whose links are in the database.
    pub(crate) fn pass_step(
        &mut self,
        action: HookAction,
        document_id: &str,
        before: Option<&Row>,
        after: Option<&Row>,
    ) -> Result<()> {
        if !self.wanted(action) {
            return Ok(());
        }
        let shown = |row: &Row| -> Result<Shown> {
            let links = self.tx.linked(self.ct.id, row.id)?.into_iter().collect();
            Ok(snapshot(self.registry, self.ct, row, &links))
        };
        let (before, after) = (before.map(shown).transpose()?, after.map(shown).transpose()?);
        self.ask_hooks(action, document_id, before, after).map(drop)
    }

    pub(crate) fn wanted(&self, action: HookAction) -> bool {
        self.hooks.as_ref().is_some_and(|hooks| hooks.wants(self.ct.id, action))
    }

    fn ask_hooks(
        &mut self,
        action: HookAction,
        document_id: &str,
        before: Option<Shown>,
        after: Option<Shown>,
    ) -> Result<Verdict> {
        let Some(hooks) = self.hooks.clone() else { return Ok(Verdict::Allow) };
        let changed = after.as_ref().map(|after| changed(before.as_ref(), after)).unwrap_or_default();
        let change = Change {
            action,
            content_type: self.ct,
            document_id: Some(document_id),
            locale: &self.save.locale,
            before,
            after,
            changed,
            actor: &self.by.actor,
            access: self.by.viewer.as_ref().map(Viewer::access),
        };
        let (registry, ct, save) = (self.registry, self.ct, &self.save);
        let check = |tx: &WriteTx<'_>, patch: &Shown| {
            amended(registry, Reads::Within(tx), ct, patch, save, Some(document_id)).map(drop)
        };
        hooks.before(self.tx, change, &check)
    }
}

/// Marks an error as the hook's: a value that a hook has set is not the client's mistake.
fn not_the_clients(error: ContentError) -> ContentError {
    match error {
        ContentError::Refused(refusal) if refusal.kind == RefusalKind::Validation => {
            tracing::warn!(reason = refusal.message, "a hook changed an entry into one that cannot be stored");
            ContentError::unavailable("A plugin returned an invalid change: the entry was not saved")
        }
        other => other,
    }
}

/// The values of an amendment, validated like a client's.
fn amended(
    registry: &Registry,
    reads: Reads<'_>,
    ct: &ContentType,
    patch: &Shown,
    save: &Save,
    document_id: Option<&str>,
) -> Result<Given> {
    check_keys(registry, ct, patch, &|_| true, &|_| true).map_err(|e| ContentError::validation(e.message))?;
    let found = resolved(registry, reads, ct, patch, &save.link_locale)?;
    let mode = CastMode { strict: !ct.draft_publish, create: false };
    let unique_in = (!ct.draft_publish).then_some((document_id.unwrap_or_default(), save.locale.as_str()));
    let mut given =
        cast_values(registry, reads, ct.id, patch, Casting { mode, found: &found, unique_in, inherits: true })?;
    secrets::refuse_passwords(registry, &ct.attributes, &mut given.values)?;
    Ok(given)
}

/// Replaces sent values by those that `over` names.
fn overlay(given: &mut Given, over: Given) {
    for (i, (value, named)) in over.values.into_iter().zip(over.named).enumerate() {
        if value != Value::Absent {
            given.values[i] = value;
            given.named[i] |= named;
        }
    }
}

/// A document before and after a write that has not begun.
fn preview(reader: &Reader<'_>, ct: &ContentType, save: &Save) -> Result<(Option<Shown>, Shown)> {
    let registry = reader.registry();
    let held = match &save.which {
        Which::Document { id, .. } => reader.row(ct.id, id, &save.locale, !ct.draft_publish)?,
        Which::New | Which::Again(_) => None,
    };
    let mut links: Linked = match &held {
        Some(held) => reader.linked(ct.id, held.id)?.into_iter().collect(),
        None => Linked::new(),
    };
    let before = held.as_ref().map(|held| snapshot(registry, ct, held, &links));
    let mut row = held.unwrap_or_else(|| super::blank(ct, "", &save.locale, "", !ct.draft_publish));
    for (id, a) in ct.attributes.iter() {
        match (&a.kind, &save.given.values[id]) {
            (_, Value::Absent) => {}
            (FieldKind::Component { .. } | FieldKind::DynamicZone { .. }, given) => {
                row.values[id] = merge(registry, a, &row.values[id], given.clone())
                    .map_err(|e| ContentError::application(e.to_string()))?;
            }
            (FieldKind::Media { .. } | FieldKind::Relation(_), Value::Change(change)) => {
                let Some(link) = registry.link(a) else { continue };
                let held = match (row.to_one.get(&id), link.target) {
                    (Some((document_id, _)), Some(content_type)) => {
                        vec![Target { content_type, document_id: document_id.clone() }]
                    }
                    _ => links.get(&id).cloned().unwrap_or_default(),
                };
                let targets = change.apply(&held).map_err(|e| ContentError::whole(e.to_string()))?;
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
            (_, given) => row.values[id] = given.clone(),
        }
    }
    let after = snapshot(registry, ct, &row, &links);
    Ok((before, after))
}

/// The names of attributes that differ; for a new document those that are not empty.
fn changed(before: Option<&Shown>, after: &Shown) -> Vec<String> {
    let differs = |name: &str, value: &Json| match before {
        Some(before) => before.get(name) != Some(value),
        None => !(value.is_null() || value.as_array().is_some_and(Vec::is_empty)),
    };
    after.iter().filter(|(name, value)| differs(name, value)).map(|(name, _)| name.clone()).collect()
}
