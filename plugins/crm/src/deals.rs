//! Deals: made of leads, and moved over the stages by the rules of [`crate::stage_rules`].

use crate::clock::{restart_stage_clock, stop_stage_clock};
use crate::contact_changes::update_quotes_of_deal;
use crate::contract_state::ContractState;
use crate::deal_events::describe_won;
use crate::locked_documents::stage_relations;
use crate::model::{Deal, DealChange, Lead, Quote, QuoteStatus, SlaState, Stage};
use crate::money::MAX_AMOUNT;
use crate::owners::{is_owner, name_owner};
use crate::packages::check_package_wish;
use crate::person::Person;
use crate::readable_names::is_name_unreadable;
use crate::refusals::refuse_state;
use crate::stage_rules::{DealStatus, EntryRule, Move, MoveOutcome, RuleBreak, decide_move};
use cairn_plugin::data::Find;
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, events};
use serde_json::{Map, Value, json};

/// Stages of a pipeline that are looked at.
const MAX_STAGES: u32 = 100;
/// Moves that a deal remembers; the oldest go first.
const MAX_HISTORY: usize = 200;

/// Fields of a deal that only the plugin changes.
const KEPT: [&str; 8] =
    ["stageHistory", "wonAt", "stageEnteredAt", "slaState", "slaDueAt", "slaWarnAt", "slaWarnedAt", "slaBreachedAt"];
/// Fields that say where a deal stands.
const STANDING: [&str; 4] = ["stage", "pipeline", "status", "lostReason"];

/// A lead that becomes a deal.
pub(crate) struct NewDeal<'a> {
    pub(crate) lead: &'a Row<Lead>,
    pub(crate) pipeline: &'a str,
    pub(crate) person: &'a Person,
    pub(crate) locale: &'a str,
}

/// Makes a deal of a lead in the pipeline's second stage, which follows the one for what is new; in the only one where there is but one.
///
/// # Errors
/// `Conflict` where the pipeline has no stages, `Invalid` with what the stage requires and the lead does not have.
pub(crate) fn create_deal(new: &NewDeal<'_>) -> Result<String> {
    let stages = query_stages(new.pipeline).all(2)?;
    let Some(stage) = stages.get(1).or(stages.first()) else {
        return Err(refuse_state("conflict.noStages", new.locale));
    };
    let lead = new.lead;
    let contact = lead.contact.as_ref().map(|contact| contact.document_id.as_str());
    // A lead of a role, or without an owner, makes the person who qualifies it the owner of the deal.
    let is_owned = !lead.owner.is_empty() && !lead.owner.starts_with("role:");
    let (owner, owner_name) =
        if is_owned { (&lead.owner, &lead.owner_name) } else { (&new.person.id, &new.person.name) };
    let mut deal = json!({
        "title": find_title(lead), "pipeline": new.pipeline, "stage": stage.document_id, "currency": "EUR", "contact": contact,
        "lead": lead.document_id, "owner": owner, "ownerName": owner_name, "eventDate": lead.event_date,
        "eventVenue": lead.event_venue, "guests": lead.guests, "packageWish": lead.package_wish,
    });
    let is_filled = |field: &str| is_filled(&deal[field]);
    let settled = decide_move(&Move {
        from: None,
        to: Stage::facts(stage),
        pipeline: new.pipeline,
        had: None,
        wanted: DealStatus::Open,
        lost_reason: "",
        move_reason: "",
        is_filled: &is_filled,
        // A new deal has no quote yet.
        meets_rule: false,
        is_contract_open: false,
    });
    let settled = settled.map_err(|breaks| Error::Invalid(describe_breaks(&breaks, new.locale)))?;
    let entry = Entry { stage, from: None, person: Some(new.person), reason: "" };
    if let Value::Object(fields) = &mut deal {
        fields.extend(entry.fields(settled, Vec::new(), None));
    }
    let id = data::create::<Deal>(&deal)?.target.document_id;
    let clock = entry.run_clock(&id, settled, None)?;
    if !clock.is_empty() {
        data::update::<Deal>(&id, &clock)?;
    }
    let fields = deal.as_object().cloned().unwrap_or_default();
    entry.publish(&id, new.pipeline, settled, None, &fields)?;
    Ok(id)
}

/// The title of a deal: who it is for. The date of the event is a field of its own, which people see in their notation.
fn find_title(lead: &Lead) -> &str {
    lead.company.as_deref().unwrap_or(&lead.name)
}

fn query_stages(pipeline: &str) -> Find<Stage> {
    data::find()
        .filter(json!({ "pipeline": { "documentId": pipeline } }))
        .populate(stage_relations())
        .sort("order:asc")
        .sort("documentId:asc")
}

/// Decides about a deal that somebody makes or changes.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_change(call: &Call, change: &Change) -> Result<Decision> {
    let is_update = change.action == Action::Update;
    let touches = |fields: &[&str]| fields.iter().any(|field| change.touches(field));
    let stays = is_update && !touches(&STANDING);
    update_quotes_of_deal(change)?;
    // Most changes are of something else: nothing has to be read for them.
    if stays && !touches(&KEPT) && !touches(&["amount", "title", "packageWish", "owner"]) {
        return Ok(Decision::Allow);
    }
    let Some(fields): Option<Map<String, Value>> = change.after()? else { return Ok(Decision::Allow) };
    let is_kept = |field: &&str| change.touches(field) && (is_update || is_filled_in(&fields, field));
    if let Some(kept) = KEPT.into_iter().find(is_kept) {
        return Ok(refuse(kept, "kept", &call.locale));
    }
    let text = |field: &str| fields.get(field).and_then(Value::as_str);
    if is_name_unreadable(change, "title", &fields) {
        return Ok(refuse("title", "invisible", &call.locale));
    }
    if let Some(refused) = check_package_wish(call, change, text("packageWish"))? {
        return Ok(refused);
    }
    if change.touches("owner") && !is_owner(text("owner").unwrap_or_default()) {
        return Ok(refuse("owner", "recipient", &call.locale));
    }
    if sets_amount(change)
        && let Some(code) = find_amount_problem(fields.get("amount"))
    {
        return Ok(refuse("amount", code, &call.locale));
    }
    let named = name_owner(change, "owner", text("owner"))?;
    if stays {
        return if named.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&named) };
    }
    let before: Option<DealChange> = change.before()?;
    let after: DealChange = change.after()?.unwrap_or_default();
    let had = before.as_ref().and_then(|deal| deal.stage.as_ref()).map(|stage| stage.document_id.as_str());
    let sent = after.stage.as_ref().map(|stage| stage.document_id.as_str());
    let chosen = after.pipeline.as_ref().map(|pipeline| pipeline.document_id.as_str());
    // The place of the deal is unknown if the change names neither a stage nor a pipeline.
    let Places { from, to: Some(to) } = find_places(had, sent, chosen)? else {
        return Ok(refuse("stage", "stage", &call.locale));
    };
    let to_facts = Stage::facts(&to);
    let pipeline = chosen.unwrap_or(to_facts.pipeline);
    let is_filled = |field: &str| is_filled_in(&fields, field);
    // A reason that was stored before was for another move.
    let move_reason = if change.touches("moveReason") { after.move_reason.as_str() } else { "" };
    let enters = had != Some(to.document_id.as_str());
    let wins = enters
        && to.kind.deal_status() == DealStatus::Won
        && before.as_ref().is_some_and(|deal| deal.status != DealStatus::Won);
    let decided = decide_move(&Move {
        // A stage that is gone is no place to have come from, but the deal is not new either.
        from: from.as_ref().map(Stage::facts),
        to: to_facts,
        pipeline,
        had: before.as_ref().map(|deal| deal.status),
        wanted: after.status,
        lost_reason: &after.lost_reason,
        move_reason,
        is_filled: &is_filled,
        meets_rule: !enters || meets_rule(&change.document_id, to.entry_rule)?,
        is_contract_open: wins && is_contract_open(&change.document_id)?,
    });
    let settled = match decided {
        Ok(settled) => settled,
        Err(breaks) => return Ok(Decision::Refuse(describe_breaks(&breaks, &call.locale))),
    };
    let status_changes = before.as_ref().is_none_or(|deal| deal.status != settled.status);
    let is_complete = sent.is_some() && chosen.is_some();
    if is_complete && !settled.entered && !status_changes && settled.status == after.status {
        return if named.is_empty() { Ok(Decision::Allow) } else { Decision::amend(&named) };
    }
    let person = Person::of(call);
    let entry = Entry { stage: &to, from: from.as_ref(), person: person.as_ref(), reason: move_reason };
    let mut patch = entry.fields(settled, after.stage_history, after.won_at.as_deref());
    patch.extend(entry.run_clock(&change.document_id, settled, after.sla_state)?);
    patch.extend(named);
    if after.pipeline.is_none() {
        patch.insert("pipeline".to_owned(), json!({ "set": [pipeline] }));
    }
    if sent.is_none() {
        patch.insert("stage".to_owned(), json!({ "set": [to.document_id] }));
    }
    let had_status = before.map(|deal| deal.status);
    entry.publish(&change.document_id, pipeline, settled, had_status, &fields)?;
    Decision::amend(&patch)
}

/// The stage a deal was in, and the one it is to be in.
struct Places {
    from: Option<Row<Stage>>,
    to: Option<Row<Stage>>,
}

/// The stages of a change: where none was sent, the first of the pipeline.
fn find_places(had: Option<&str>, sent: Option<&str>, pipeline: Option<&str>) -> Result<Places> {
    let Some(sent) = sent else {
        let to = pipeline.map(|pipeline| query_stages(pipeline).first()).transpose()?.flatten();
        let from = had.map(|had| find_stages(&[had])).transpose()?.and_then(|mut found| found.pop().flatten());
        return Ok(Places { from, to });
    };
    let ids: Vec<&str> = had.into_iter().chain([sent]).collect();
    let mut found = find_stages(&ids)?;
    let to = found.pop().flatten();
    Ok(Places { from: found.pop().flatten(), to })
}

/// Stages by their ids.
///
/// # Errors
/// What the host says.
pub(crate) fn find_stages(ids: &[&str]) -> Result<Vec<Option<Row<Stage>>>> {
    data::find::<Stage>().populate(stage_relations()).by_ids(ids)
}

/// True if a deal has a contract that is not signed: it is not won until it is.
///
/// # Errors
/// What the host says.
pub(crate) fn is_contract_open(deal: &str) -> Result<bool> {
    let open = json!({
        "deal": { "documentId": deal }, "status": QuoteStatus::Accepted,
        "contract": { "$notNull": true, "$ne": ContractState::Signed },
    });
    Ok(data::find::<Quote>().filter(open).count()? > 0)
}

/// True if a deal may enter a stage with that rule.
///
/// # Errors
/// What the host says.
pub(crate) fn meets_rule(deal: &str, rule: Option<EntryRule>) -> Result<bool> {
    let accepted = json!({ "deal": { "documentId": deal }, "status": QuoteStatus::Accepted });
    let quotes = data::find::<Quote>().filter(accepted);
    let quotes = match rule {
        None => return Ok(true),
        Some(EntryRule::AcceptedQuote) => quotes,
        Some(EntryRule::PaidDeposit) => {
            quotes.filter(json!({ "$or": [{ "depositPaidAt": { "$notNull": true } }, { "deposit": 0 }] }))
        }
    };
    Ok(quotes.count()? > 0)
}

/// A deal's entry into a stage.
pub(crate) struct Entry<'a> {
    pub(crate) stage: &'a Row<Stage>,
    pub(crate) from: Option<&'a Row<Stage>>,
    pub(crate) person: Option<&'a Person>,
    pub(crate) reason: &'a str,
}

impl Entry<'_> {
    /// The fields that follow from it.
    pub(crate) fn fields(
        &self,
        settled: MoveOutcome,
        mut history: Vec<Value>,
        won_at: Option<&str>,
    ) -> Map<String, Value> {
        let now = time::format(time::now());
        let mut fields = Map::new();
        fields.insert("status".to_owned(), json!(settled.status));
        fields.insert(
            "wonAt".to_owned(),
            match settled.status {
                DealStatus::Won => json!(won_at.unwrap_or(&now)),
                DealStatus::Open | DealStatus::Lost => Value::Null,
            },
        );
        if settled.status != DealStatus::Lost {
            fields.insert("lostReason".to_owned(), Value::Null);
        }
        if settled.entered {
            let by = self.person.map(|person| person.name.as_str());
            let reason = Some(self.reason.trim()).filter(|reason| !reason.is_empty());
            history.push(json!({
                "stage": self.stage.name, "from": self.from.map(|stage| stage.name.as_str()), "at": now, "by": by, "reason": reason,
            }));
            let too_many = history.len().saturating_sub(MAX_HISTORY);
            history.drain(..too_many);
            fields.insert("stageHistory".to_owned(), json!(history));
            fields.insert("stageEnteredAt".to_owned(), json!(now));
        }
        // The reason was for this move only, and is in the history now.
        fields.insert("moveReason".to_owned(), Value::Null);
        fields
    }

    /// Restarts or stops the clock of the stage, in the transaction of the change. Returns the fields that follow.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn run_clock(
        &self,
        deal: &str,
        settled: MoveOutcome,
        had: Option<SlaState>,
    ) -> Result<Map<String, Value>> {
        if settled.status == DealStatus::Lost {
            return stop_stage_clock(deal, had, SlaState::Cancelled);
        }
        if settled.entered { restart_stage_clock(deal, self.stage, had) } else { Ok(Map::new()) }
    }

    /// Tells the other plugins, in the transaction of the change. `fields`: those of the deal.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn publish(
        &self,
        deal: &str,
        pipeline: &str,
        settled: MoveOutcome,
        had: Option<DealStatus>,
        fields: &Map<String, Value>,
    ) -> Result<()> {
        let from = self.from.map(|stage| stage.document_id.as_str());
        let mut data = json!({
            "deal": deal, "pipeline": pipeline, "stage": self.stage.document_id, "from": from, "status": settled.status,
        });
        if had.is_none() {
            events::publish("crm.deal.created", deal, &data)?;
        } else if settled.entered {
            events::publish("crm.deal.stage-changed", deal, &data)?;
        }
        match settled.status {
            DealStatus::Won if had != Some(DealStatus::Won) => {
                describe_won(deal, fields, &mut data)?;
                events::publish("crm.deal.won", deal, &data)
            }
            DealStatus::Lost if had != Some(DealStatus::Lost) => events::publish("crm.deal.lost", deal, &data),
            _ => Ok(()),
        }
    }
}

/// Describes the broken rules for people.
pub(crate) fn describe_breaks(breaks: &[RuleBreak], locale: &str) -> Vec<FieldError> {
    let one = |broken: &RuleBreak| {
        let arguments = json!({ "field": translate(&format!("field.{}", broken.field), locale, None) });
        // The amount can only be entered in the menu of the board, which parses it as people write it: the message says where.
        let code =
            if (broken.code, broken.field.as_str()) == ("required", "amount") { "requiredAmount" } else { broken.code };
        let message = translate(&format!("refused.{code}"), locale, Some(&arguments));
        FieldError { path: broken.field.clone(), code: broken.code.to_owned(), message }
    };
    breaks.iter().map(one).collect()
}

fn refuse(field: &str, code: &'static str, locale: &str) -> Decision {
    Decision::Refuse(describe_breaks(&[RuleBreak { field: field.to_owned(), code }], locale))
}

fn is_filled_in(fields: &Map<String, Value>, field: &str) -> bool {
    fields.get(field).is_some_and(is_filled)
}

/// True if a value counts as filled in.
pub(crate) fn is_filled(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Array(list) => !list.is_empty(),
        _ => true,
    }
}

/// True if a change says what a deal's amount is. One that was stored before its rules is in the way of no other change.
fn sets_amount(change: &Change) -> bool {
    change.action != Action::Update || change.touches("amount")
}

/// Finds what is wrong with an amount that a program or a form wrote as a decimal: digits behind the cents, or more than quotes can have.
fn find_amount_problem(amount: Option<&Value>) -> Option<&'static str> {
    let text = match amount {
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::String(text)) => text.clone(),
        _ => return None,
    };
    let is_too_large = |value: f64| value * 100.0 > MAX_AMOUNT as f64;
    match text.split_once('.') {
        _ if text.parse().is_ok_and(is_too_large) => Some("amountLimit"),
        Some((_, digits)) if digits.trim_end_matches('0').len() > 2 => Some("cents"),
        _ => None,
    }
}

/// The stages of a pipeline, in their order.
///
/// # Errors
/// What the host says.
pub(crate) fn list_stages(pipeline: &str) -> Result<Vec<Row<Stage>>> {
    query_stages(pipeline).all(MAX_STAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_cents_and_nothing_smaller() {
        for good in [json!(null), json!(1250), json!(1250.5), json!("1250.50"), json!("1250.500"), json!(0.01)] {
            assert_eq!(find_amount_problem(Some(&good)), None, "{good}");
        }
        for bad in [json!(1250.505), json!("0.001")] {
            assert_eq!(find_amount_problem(Some(&bad)), Some("cents"), "{bad}");
        }
        for bad in [json!(1e18), json!("1000000000000000000"), json!(20_000_000.01)] {
            assert_eq!(find_amount_problem(Some(&bad)), Some("amountLimit"), "{bad}");
        }
    }

    #[test]
    fn amounts_are_checked_where_they_are_set() {
        let change = |action: Action, changed: &[&str]| Change {
            action,
            content_type: Deal::TYPE.to_owned(),
            document_id: "d".to_owned(),
            locale: None,
            before: None,
            after: None,
            changed: changed.iter().map(|&field| field.to_owned()).collect(),
            origin: "rest".to_owned(),
        };
        assert!(sets_amount(&change(Action::Create, &["title"])));
        assert!(sets_amount(&change(Action::Update, &["stage", "amount"])));
        assert!(!sets_amount(&change(Action::Update, &["stage", "lostReason"])));
    }

    #[test]
    fn empty_values_are_not_filled_in() {
        for empty in [json!(null), json!(""), json!("  "), json!([])] {
            assert!(!is_filled(&empty), "{empty}");
        }
        for filled in [json!(0), json!("x"), json!(false), json!({ "documentId": "c" })] {
            assert!(is_filled(&filled), "{filled}");
        }
    }
}
