//! Slots and rules: creating, changing, moving, filling, cancelling, deleting.

use super::input::parse_stored_rule;
use super::{RuleInput, SlotInput, SlotOccurrence, SlotRulePreview, SlotRuleView, SlotView, format_ms};
use crate::EditorialService;
use crate::service::{emit_event, invalid_at, invalid_error, known_users, not_found};
use cairn_content::Result;
use cairn_store::editorial::{NewSlot, NewSlotRule};
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Largest number of rules in a project.
const MAX_RULES: usize = 500;
/// Largest number of occurrences in a preview.
const MAX_PREVIEW_OCCURRENCES: usize = 100;

/// Checks that what a slot or rule refers to exists.
fn check_references(
    tx: &WriteTx<'_>,
    content_type: Option<&str>,
    locale: Option<&str>,
    owner: Option<i64>,
    document_id: Option<&str>,
) -> Result<()> {
    let registry = tx.registry();
    let reader = tx.reader();
    if let Some(uid) = content_type {
        let ct = registry.by_uid(uid).filter(|t| t.is_api());
        let ct = ct.ok_or_else(|| invalid_at("contentType", format!("Content type {uid:?} not found")))?;
        if let Some(document_id) = document_id
            && !tx.reader().documents().exists(ct.id, document_id, locale)?
        {
            return Err(invalid_at("documentId", format!("Document {document_id:?} of {uid} not found")));
        }
    }
    if let Some(locale) = locale
        && !reader.locales().list()?.iter().any(|l| l.code == locale)
    {
        return Err(invalid_at("locale", format!("Locale {locale:?} not found")));
    }
    if let Some(owner) = owner {
        known_users(&reader, "owner", &[owner])?;
    }
    Ok(())
}

fn check_slot(tx: &WriteTx<'_>, s: &NewSlot) -> Result<()> {
    check_references(tx, s.content_type.as_deref(), s.locale.as_deref(), s.owner, s.document_id.as_deref())
}

fn no_slot() -> cairn_content::ContentError {
    not_found("Slot not found")
}

fn no_rule() -> cairn_content::ContentError {
    not_found("Slot rule not found")
}

/// The data of a slot in an event.
fn slot_event_json(s: &NewSlot) -> Json {
    json!({ "title": s.title, "at": format_ms(s.at), "status": s.status, "documentId": s.document_id, "contentType": s.content_type })
}

impl EditorialService {
    /// Creates a slot. Fails with 400 for invalid input.
    pub async fn create_slot(&self, actor: &Arc<Actor>, input: SlotInput) -> Result<SlotView> {
        let slot = input.apply_to(None)?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                check_slot(tx, &slot)?;
                let id = tx.calendar().create_slot(&slot, now)?;
                emit_event(tx, &actor, "cairn.slot.created", format!("slot {id}"), slot_event_json(&slot), now)?;
                tx.reader().calendar().get_slot(id)?.map(SlotView::from).ok_or_else(no_slot)
            })
            .await
    }

    /// Returns the slot with that id. Fails with 404 if there is no such slot.
    pub fn get_slot(&self, id: i64) -> Result<SlotView> {
        self.store().read(|r| r.calendar().get_slot(id))?.map(SlotView::from).ok_or_else(no_slot)
    }

    /// Lists slots, newest first, with the id to continue before. Returns an error if the database fails.
    pub fn list_slots(&self, before: Option<i64>, limit: i64) -> Result<(Vec<SlotView>, Option<i64>)> {
        let slots = self.store().read(|r| r.calendar().list_slots(before, limit))?;
        let next = (slots.len() as i64 == limit).then(|| slots.last().map(|s| s.id)).flatten();
        Ok((slots.into_iter().map(SlotView::from).collect(), next))
    }

    /// Changes a slot: its time, its document or its status.
    ///
    /// # Errors
    /// 400 for invalid input, 404 if there is no such slot.
    pub async fn change_slot(&self, actor: &Arc<Actor>, id: i64, input: SlotInput) -> Result<SlotView> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                tx.lock_name(&format!("slot {id}"))?;
                let before = tx.reader().calendar().get_slot(id)?.ok_or_else(no_slot)?;
                let slot = input.apply_to(Some(&before.slot))?;
                if slot != before.slot {
                    check_slot(tx, &slot)?;
                    tx.calendar().update_slot(id, &slot, now)?;
                    emit_event(tx, &actor, "cairn.slot.changed", format!("slot {id}"), slot_event_json(&slot), now)?;
                }
                tx.reader().calendar().get_slot(id)?.map(SlotView::from).ok_or_else(no_slot)
            })
            .await
    }

    /// Deletes a slot. If it replaced an occurrence of a rule, that is back at the time of the rule. Fails with 404 if
    /// there is no such slot.
    pub async fn delete_slot(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                let before = tx.reader().calendar().get_slot(id)?.ok_or_else(no_slot)?;
                tx.calendar().delete_slot(id)?;
                emit_event(tx, &actor, "cairn.slot.deleted", format!("slot {id}"), slot_event_json(&before.slot), now)
            })
            .await
    }

    /// Lists every rule, with its next occurrence. Returns an error if the database fails.
    pub fn slot_rules(&self) -> Result<Vec<SlotRuleView>> {
        let now = self.now();
        Ok(self.store().read(|r| r.calendar().list_rules())?.into_iter().map(|r| SlotRuleView::new(r, now)).collect())
    }

    /// Returns the rule with that id. Fails with 404 if there is no such rule.
    pub fn slot_rule(&self, id: i64) -> Result<SlotRuleView> {
        let rule = self.store().read(|r| r.calendar().get_rule(id))?.ok_or_else(no_rule)?;
        Ok(SlotRuleView::new(rule, self.now()))
    }

    /// Creates a rule. Fails with 400 for invalid input.
    pub async fn create_slot_rule(&self, actor: &Arc<Actor>, input: RuleInput) -> Result<SlotRuleView> {
        let rule = input.apply_to(None)?;
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                check_references(tx, rule.content_type.as_deref(), rule.locale.as_deref(), rule.owner, None)?;
                if tx.reader().calendar().list_rules()?.len() >= MAX_RULES {
                    return Err(invalid_error(format!("A project can have at most {MAX_RULES} slot rules")));
                }
                let id = tx.calendar().create_rule(&rule, now)?;
                emit_rule(tx, &actor, "cairn.slot_rule.created", id, &rule, now)?;
                tx.reader().calendar().get_rule(id)?.map(|r| SlotRuleView::new(r, now)).ok_or_else(no_rule)
            })
            .await
    }

    /// Changes a rule. Slots that replace occurrences stay unchanged.
    ///
    /// # Errors
    /// 400 for invalid input, 404 if there is no such rule.
    pub async fn change_slot_rule(&self, actor: &Arc<Actor>, id: i64, input: RuleInput) -> Result<SlotRuleView> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                tx.lock_name(&format!("slot rule {id}"))?;
                let before = tx.reader().calendar().get_rule(id)?.ok_or_else(no_rule)?;
                let rule = input.apply_to(Some(&before.rule))?;
                if rule != before.rule {
                    check_references(tx, rule.content_type.as_deref(), rule.locale.as_deref(), rule.owner, None)?;
                    tx.calendar().update_rule(id, &rule, now)?;
                    emit_rule(tx, &actor, "cairn.slot_rule.changed", id, &rule, now)?;
                }
                tx.reader().calendar().get_rule(id)?.map(|r| SlotRuleView::new(r, now)).ok_or_else(no_rule)
            })
            .await
    }

    /// Deletes a rule with its occurrences; slots that are in progress or done stay. Fails with 404 if there is no such rule.
    pub async fn delete_slot_rule(&self, actor: &Arc<Actor>, id: i64) -> Result<()> {
        let (actor, now) = (actor.clone(), self.now());
        self.store()
            .write(move |tx| {
                tx.lock_name(&format!("slot rule {id}"))?;
                let before = tx.reader().calendar().get_rule(id)?.ok_or_else(no_rule)?;
                tx.calendar().delete_rule(id)?;
                emit_rule(tx, &actor, "cairn.slot_rule.deleted", id, &before.rule, now)
            })
            .await
    }

    /// Previews the next occurrences of a rule that is not stored. Fails with 400 for an invalid rule.
    pub fn preview_slot_rule(&self, input: &RuleInput, n: usize) -> Result<SlotRulePreview> {
        let titled = RuleInput { title: Some("preview".to_owned()), ..input.clone() };
        let rule = titled.apply_to(None)?;
        let next = parse_stored_rule(&rule)?.next_occurrences(i64::MIN, n.clamp(1, MAX_PREVIEW_OCCURRENCES));
        let occurrences = next.into_iter().map(SlotOccurrence::from).collect();
        Ok(SlotRulePreview { rule: rule.rule, zone: rule.zone, occurrences })
    }

    /// Changes one occurrence of a rule, identified by its local time by the rule: from then on a slot replaces it.
    ///
    /// # Errors
    /// 400 for invalid input, 404 if the rule has no such occurrence.
    pub async fn change_occurrence(
        &self,
        actor: &Arc<Actor>,
        rule: i64,
        occurrence: &str,
        input: SlotInput,
    ) -> Result<SlotView> {
        let (actor, now, occurrence) = (actor.clone(), self.now(), occurrence.to_owned());
        self.store()
            .write(move |tx| {
                tx.lock_name(&format!("slot rule {rule}"))?;
                let row = tx.reader().calendar().get_rule(rule)?.ok_or_else(no_rule)?;
                let before = tx.reader().calendar().get_replacement(rule, &occurrence)?;
                let current_slot = match &before {
                    Some(slot) => slot.slot.clone(),
                    None => planned_slot(rule, &row.rule, &occurrence)?,
                };
                let slot = input.apply_to(Some(&current_slot))?;
                check_slot(tx, &slot)?;
                let id = match &before {
                    Some(before) => {
                        tx.calendar().update_slot(before.id, &slot, now)?;
                        before.id
                    }
                    None => match tx.calendar().create_slot(&slot, now) {
                        Err(StoreError::Unique) => return Err(StoreError::Conflict.into()),
                        other => other?,
                    },
                };
                let mut data = slot_event_json(&slot);
                data["rule"] = rule.into();
                data["occurrence"] = occurrence.clone().into();
                emit_event(tx, &actor, "cairn.slot.changed", format!("slot {id}"), data, now)?;
                tx.reader().calendar().get_slot(id)?.map(SlotView::from).ok_or_else(no_slot)
            })
            .await
    }

    /// Cancels one occurrence of a rule. Returns the same errors as [`Self::change_occurrence`].
    pub async fn cancel_occurrence(&self, actor: &Arc<Actor>, rule: i64, occurrence: &str) -> Result<SlotView> {
        let input = SlotInput { status: Some("cancelled".to_owned()), ..SlotInput::default() };
        self.change_occurrence(actor, rule, occurrence, input).await
    }
}

/// The slot for an occurrence that nobody has changed.
fn planned_slot(id: i64, rule: &NewSlotRule, occurrence: &str) -> Result<NewSlot> {
    let found = parse_stored_rule(rule)?.find_occurrence(occurrence);
    let found = found.ok_or_else(|| {
        let text: String = occurrence.chars().take(40).collect();
        not_found(format!(
            "The rule has no occurrence at {text:?}; specify an occurrence by the local time that the rule gives it, \
             such as 2026-12-01T10:00"
        ))
    })?;
    Ok(slot_from_occurrence(id, rule, &found))
}

/// The slot for an expanded occurrence.
pub(super) fn slot_from_occurrence(id: i64, rule: &NewSlotRule, o: &super::rule::Occurrence) -> NewSlot {
    NewSlot {
        of: Some((id, o.local.clone())),
        title: rule.title.clone(),
        content_type: rule.content_type.clone(),
        locale: rule.locale.clone(),
        phase: rule.phase.clone(),
        owner: rule.owner,
        team: rule.team.clone(),
        channel: rule.channel.clone(),
        note: rule.note.clone(),
        status: "planned".to_owned(),
        document_id: None,
        at: o.at,
        local: o.local.clone(),
        zone: rule.zone.clone(),
    }
}

fn emit_rule(tx: &mut WriteTx<'_>, actor: &Actor, name: &str, id: i64, r: &NewSlotRule, now: i64) -> Result<()> {
    let data = json!({ "title": r.title, "rule": r.rule, "start": r.start, "zone": r.zone, "until": r.until });
    emit_event(tx, actor, name, format!("slot rule {id}"), data, now)
}
