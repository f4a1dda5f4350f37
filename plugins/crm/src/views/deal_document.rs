//! The page of a deal: what it is worth, where it stands, and what happened with it.

use super::board::describe_amount_action;
use super::document_parts::{Shown, describe_columns, describe_package_wish, describe_person, describe_tasks};
use super::feeds;
use super::quotes::describe_status_column;
use super::tones::{CLOCK_TONES, DEAL_TONES, find_tone};
use crate::model::{Activity, Deal, Quote};
use crate::settings::Settings;
use cairn_plugin::format_instant;
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use serde_json::{Value, json};

/// Moves that are shown, the latest first.
const MAX_MOVES: usize = 20;

/// Describes the page.
///
/// # Errors
/// What the host says.
pub(super) fn describe(call: &Call, deal: &str) -> Result<Value> {
    let named = json!({ "fields": ["name"] });
    let shown = Shown::find::<Deal>(deal, json!({ "stage": named, "pipeline": named }))?;
    let status = if shown.has("status") { shown.text("status") } else { "open" };
    let badge = json!({ "label": format!("t:dealStatus.{status}"), "tone": find_tone(&DEAL_TONES, status) });
    let mut header = json!({ "kind": "header", "title": shown.text("title"), "badge": badge });
    let place: Vec<&str> =
        ["pipeline", "stage"].into_iter().filter_map(|relation| shown.value(relation)["name"].as_str()).collect();
    if !place.is_empty() {
        header["subtitle"] = json!(place.join(" · "));
    }
    header["actions"] = json!([describe_amount_action()]);
    let clock = json!({ "field": "slaState", "values": label_values("sla", &CLOCK_TONES) });
    let amount = json!({ "field": "amount", "format": "money", "currencyField": "currency" });
    let worth = vec![amount, json!("closeDate"), json!("package"), describe_package_wish()?];
    let event = ["eventDate", "eventVenue", "guests"];
    let mut sale = vec![json!("contact"), json!("lead"), describe_person("owner"), json!("stageEnteredAt"), clock];
    sale.extend([json!("slaDueAt"), json!("wonAt"), json!("lostReason")]);
    let mut left = vec![
        shown.describe_group("t:page.deal.worth", worth, &["closeDate", "package"]),
        shown.describe_group("t:page.event", event.map(|field| json!(field)).to_vec(), &event),
        shown.describe_group("t:page.deal.sale", sale, &["contact", "owner"]),
        describe_quotes(&shown),
    ];
    left.extend(describe_moves(&shown, &call.locale)?);
    let of_deal = shown.build_link("deal");
    let right = vec![describe_tasks(&of_deal), feeds::describe(&of_deal)];
    Ok(json!({
        "kind": "stack", "live": [Deal::TYPE, Quote::TYPE, Activity::TYPE],
        "show": [header, describe_columns(left, right)],
    }))
}

fn describe_quotes(deal: &Shown) -> Value {
    json!({
        "kind": "table", "type": Quote::TYPE, "label": "t:view.quotes", "sort": ["revision:desc"],
        "filters": { "and": [deal.build_link("deal")] },
        "columns": [
            { "field": "number", "label": "t:field.number" },
            describe_status_column(),
            { "field": "amount", "label": "t:column.gross", "format": "money", "currencyField": "currency" },
            { "field": "validUntil", "label": "t:field.validUntil" },
        ],
    })
}

/// The moves of a deal over the stages, in words.
fn describe_moves(deal: &Shown, locale: &str) -> Result<Option<Value>> {
    let Value::Array(moves) = deal.value("stageHistory") else { return Ok(None) };
    let zone = Settings::load()?.timezone;
    let describe = |entry: &Value| {
        let text = |name: &str| entry[name].as_str().filter(|text| !text.is_empty());
        let at = text("at").and_then(|at| time::parse(at).ok());
        let at = at.and_then(|at| format_instant(at, locale, &zone, "short").ok());
        let parts = [at.as_deref(), text("by"), text("reason")];
        let value: Vec<&str> = parts.into_iter().flatten().collect();
        Some(json!({ "label": text("stage")?, "value": value.join(" · ") }))
    };
    let items: Vec<Value> = moves.iter().rev().filter_map(describe).take(MAX_MOVES).collect();
    Ok((!items.is_empty()).then(|| json!({ "kind": "fields", "label": "t:field.stageHistory", "items": items })))
}
