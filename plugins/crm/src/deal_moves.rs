//! Moves of deals that the plugin makes: because a customer accepted, because money came in, or because somebody decided that a rule need
//! not hold. The plugin's own writes do not come by its hooks, so the rules are asked here.

use crate::deals::{Entry, describe_breaks, find_stages, is_contract_open, is_filled, list_stages, meets_rule};
use crate::model::{DealChange, Stage};
use crate::person::Person;
use crate::stage_rules::{DealStatus, EntryRule, Move, RuleBreak, StageKind, decide_move};
use cairn_plugin::FieldError;
use cairn_plugin::prelude::*;
use cairn_plugin::run_transaction;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A deal with all its fields.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct FullDeal {
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl Document for FullDeal {
    const TYPE: &'static str = DealChange::TYPE;
}

impl FullDeal {
    /// True if somebody said that it comes to nothing. Only people take that back: they know why it was said.
    fn is_lost(&self) -> bool {
        self.fields.get("status").is_some_and(|status| *status == json!(DealStatus::Lost))
    }
}

fn describe_lost(locale: &str) -> FieldError {
    let message = translate("refused.lostDeal", locale, None);
    FieldError { path: "status".to_owned(), code: "lostDeal".to_owned(), message }
}

/// Outcome for a deal that was to go on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Advance {
    /// It is in the stage for it, since now or since before, or no stage asks for it.
    Done,
    /// It stays where it is, because of these fields.
    Missing(Vec<FieldError>),
}

/// A deal that goes on because a rule is met now.
pub(crate) struct DealAdvance<'a> {
    pub(crate) deal: &'a str,
    /// The rule: the deal enters the next stage that has it.
    pub(crate) rule: EntryRule,
    /// Reason for the deal's history.
    pub(crate) reason: &'a str,
    /// The person behind it; none for a customer.
    pub(crate) person: Option<&'a Person>,
    /// The fields of the deal that say what it is worth from now on; empty where that stays.
    pub(crate) amount: Map<String, Value>,
    pub(crate) locale: &'a str,
}

impl DealAdvance<'_> {
    /// Moves the deal, in the open transaction.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn run(&self) -> Result<Advance> {
        let Some(mut deal) = find_full_deal(self.deal)? else { return Ok(Advance::Done) };
        if deal.is_lost() {
            return Ok(Advance::Missing(vec![describe_lost(self.locale)]));
        }
        let set = self.amount.clone();
        deal.fields.fields.extend(set.clone());
        let Some(stage) = find_next_stage(&deal, |stage| stage.entry_rule == Some(self.rule))? else {
            if !set.is_empty() {
                data::update::<FullDeal>(self.deal, &set)?;
            }
            return Ok(Advance::Done);
        };
        let is_contract_open = is_contract_open(self.deal)?;
        let step =
            Step { to: &stage, reason: self.reason, person: self.person, set, meets_rule: true, is_contract_open };
        match step.take(&deal)? {
            Ok(()) => Ok(Advance::Done),
            Err(breaks) => Ok(Advance::Missing(describe_breaks(&breaks, self.locale))),
        }
    }
}

/// A deal that is won because its contract is signed, if the rule of the stage that wins it is met as well.
pub(crate) struct DealWin<'a> {
    pub(crate) deal: &'a str,
    /// Reason for the deal's history.
    pub(crate) reason: &'a str,
    pub(crate) locale: &'a str,
}

impl DealWin<'_> {
    /// Moves the deal to the next stage of its pipeline that wins it, in the open transaction.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn run(&self) -> Result<Advance> {
        let Some(deal) = find_full_deal(self.deal)? else { return Ok(Advance::Done) };
        if deal.is_lost() {
            return Ok(Advance::Missing(vec![describe_lost(self.locale)]));
        }
        let Some(stage) = find_next_stage(&deal, |stage| stage.kind == StageKind::Won)? else {
            return Ok(Advance::Done);
        };
        let meets_rule = meets_rule(self.deal, stage.entry_rule)?;
        let set = Map::new();
        let step = Step { to: &stage, reason: self.reason, person: None, set, meets_rule, is_contract_open: false };
        match step.take(&deal)? {
            Ok(()) => Ok(Advance::Done),
            Err(breaks) => Ok(Advance::Missing(describe_breaks(&breaks, self.locale))),
        }
    }
}

/// Moves a deal although the rule of the stage does not hold. The reason is in its history.
///
/// # Errors
/// `NotFound`, `Invalid` with what else is wrong.
pub(crate) fn override_rule(deal: &str, stage: &str, reason: &str, person: &Person, locale: &str) -> Result<()> {
    if reason.trim().is_empty() {
        return Err(Error::field("reason", "required", translate("refused.overrideReason", locale, None)));
    }
    if reason.encode_utf16().count() > MAX_REASON {
        return Err(Error::field(
            "reason",
            "long",
            translate("wrong.long", locale, Some(&json!({ "most": MAX_REASON }))),
        ));
    }
    run_transaction(|| {
        let found = find_full_deal(deal)?.ok_or_else(|| Error::NotFound(deal.to_owned()))?;
        let Some(to) = find_stages(&[stage])?.pop().flatten() else {
            return Err(Error::field("stage", "stage", translate("refused.noStage", locale, None)));
        };
        let set = Map::new();
        let step = Step { to: &to, reason, person: Some(person), set, meets_rule: true, is_contract_open: false };
        step.take(&found)?.map_err(|breaks| Error::Invalid(describe_breaks(&breaks, locale)))
    })
}

/// Longest reason, in units of UTF-16.
const MAX_REASON: usize = 500;

fn find_full_deal(id: &str) -> Result<Option<Row<FullDeal>>> {
    let related = json!({ "fields": ["createdAt"] });
    let populate =
        json!({ "stage": related, "pipeline": related, "contact": related, "lead": related, "package": related });
    Ok(data::find::<FullDeal>().populate(populate).lock().by_ids(&[id])?.pop().flatten())
}

/// The next stage of the deal's pipeline that is wanted.
fn find_next_stage(deal: &Row<FullDeal>, is_wanted: impl Fn(&Stage) -> bool) -> Result<Option<Row<Stage>>> {
    let facts: DealChange = serde_json::from_value(Value::Object(deal.fields.fields.clone()))?;
    let (Some(pipeline), Some(now)) = (&facts.pipeline, &facts.stage) else { return Ok(None) };
    let stages = list_stages(&pipeline.document_id)?;
    let order = stages.iter().find(|stage| stage.document_id == now.document_id).map(|stage| stage.order);
    let is_next = |stage: &Row<Stage>| is_wanted(stage) && order.is_some_and(|order| stage.order > order);
    Ok(stages.into_iter().find(is_next))
}

/// A deal's step into a stage.
struct Step<'a> {
    to: &'a Row<Stage>,
    reason: &'a str,
    person: Option<&'a Person>,
    /// Other fields that change with it.
    set: Map<String, Value>,
    /// True if the rule of the stage is met, or somebody decided that it need not be.
    meets_rule: bool,
    /// True if a contract that is not signed is in the way.
    is_contract_open: bool,
}

impl Step<'_> {
    fn take(&self, deal: &Row<FullDeal>) -> Result<Result<(), Vec<RuleBreak>>> {
        let fields = &deal.fields.fields;
        let facts: DealChange = serde_json::from_value(Value::Object(fields.clone()))?;
        let had_stage = facts.stage.as_ref().map(|stage| stage.document_id.as_str());
        let from = had_stage.map(|id| find_stages(&[id])).transpose()?.and_then(|mut found| found.pop().flatten());
        let to = Stage::facts(self.to);
        let pipeline = facts.pipeline.as_ref().map_or(to.pipeline, |pipeline| pipeline.document_id.as_str());
        let settled = decide_move(&Move {
            from: from.as_ref().map(Stage::facts),
            to,
            pipeline,
            had: Some(facts.status),
            // A deal that was lost is not, once it goes on.
            wanted: if facts.status == DealStatus::Lost { DealStatus::Open } else { facts.status },
            lost_reason: "",
            move_reason: self.reason,
            is_filled: &|field| fields.get(field).is_some_and(is_filled),
            meets_rule: self.meets_rule,
            is_contract_open: self.is_contract_open,
        });
        let settled = match settled {
            Ok(settled) => settled,
            Err(breaks) => return Ok(Err(breaks)),
        };
        let entry = Entry { stage: self.to, from: from.as_ref(), person: self.person, reason: self.reason };
        let mut patch = self.set.clone();
        patch.extend(entry.fields(settled, facts.stage_history, facts.won_at.as_deref()));
        patch.extend(entry.run_clock(&deal.document_id, settled, facts.sla_state)?);
        patch.insert("stage".to_owned(), json!({ "set": [self.to.document_id] }));
        data::update::<FullDeal>(&deal.document_id, &patch)?;
        entry.publish(&deal.document_id, pipeline, settled, Some(facts.status), fields)?;
        Ok(Ok(()))
    }
}
