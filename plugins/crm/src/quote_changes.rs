//! Decisions about quotes, packages and payments that people or other programs write: a quote that was sent stays as it is, the totals are
//! those of the lines, and payments are booked with their quote.

use crate::local_date::read_date;
use crate::model::{Delivery, Link, Quote, QuoteStatus};
use crate::money::{
    Line, LineProblem, MAX_DESCRIPTION, MAX_LINES, MAX_QUANTITY, Totals, add_up, is_currency, write_decimal,
};
use crate::readable_names::is_name_unreadable;
use cairn_plugin::FieldError;
use cairn_plugin::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// Fields of a draft that people may change.
const EDITABLE: [&str; 6] = ["title", "lines", "validUntil", "depositPercent", "contact", "currency"];
/// Fields that people may choose when they create a quote.
const CHOSEN: [&str; 8] = ["title", "lines", "validUntil", "depositPercent", "contact", "deal", "package", "currency"];

/// Decides about a quote.
///
/// # Errors
/// What the host says.
pub(crate) fn decide_quote(call: &Call, change: &Change) -> Result<Decision> {
    match change.action {
        Action::Create => decide_new_quote(call, change),
        Action::Update => decide_changed_quote(call, change),
        Action::Delete => {
            let before: Option<Quote> = change.before()?;
            let Some(quote) = before.filter(|quote| !can_be_deleted(quote)) else { return Ok(Decision::Allow) };
            let key = if quote.status == QuoteStatus::Draft { "conflict.numbered" } else { "conflict.sentStays" };
            Ok(Decision::conflict("state", translate(key, &call.locale, None)))
        }
        _ => Ok(Decision::Allow),
    }
}

/// True if a quote may go: a number that was given stays, so that none is missing. A new version has the number of the one before.
fn can_be_deleted(quote: &Quote) -> bool {
    is_editable(quote) && (quote.number.is_none() || quote.revision > 1)
}

/// True if a quote may be changed: it has not been sent, and is not on its way.
pub(crate) fn is_editable(quote: &Quote) -> bool {
    quote.status == QuoteStatus::Draft && quote.delivery != Some(Delivery::Pending)
}

fn decide_new_quote(call: &Call, change: &Change) -> Result<Decision> {
    let fields: Map<String, Value> = change.after()?.unwrap_or_default();
    let is_default = |field: &str, value: &Value| match field {
        "status" => *value == json!("draft"),
        "revision" => *value == json!(1),
        _ => value.is_null() || *value == json!(0),
    };
    let kept = fields
        .iter()
        .find(|(field, value)| change.touches(field) && !is_default(field, value) && !CHOSEN.contains(&field.as_str()));
    if let Some((field, _)) = kept {
        return Ok(refuse(call, field, "kept"));
    }
    let deal = fields.get("deal").and_then(|deal| Link::deserialize(deal).ok());
    let Some(deal) = deal else { return Ok(refuse(call, "deal", "quoteDeal")) };
    if count_live_quotes(&deal.document_id)? > 0 {
        return Ok(Decision::conflict("state", translate("conflict.hasQuote", &call.locale, None)));
    }
    decide_amounts(call, &fields)
}

fn decide_changed_quote(call: &Call, change: &Change) -> Result<Decision> {
    if change.changed.is_empty() {
        return Ok(Decision::Allow);
    }
    let before: Option<Quote> = change.before()?;
    if before.is_some_and(|quote| !is_editable(&quote)) {
        return Ok(Decision::conflict("state", translate("conflict.sentStays", &call.locale, None)));
    }
    if let Some(kept) = change.changed.iter().find(|field| !EDITABLE.contains(&field.as_str())) {
        return Ok(refuse(call, kept, "kept"));
    }
    decide_amounts(call, &change.after()?.unwrap_or_default())
}

/// Checks the lines, and has the totals stored with them.
fn decide_amounts(call: &Call, fields: &Map<String, Value>) -> Result<Decision> {
    let lines = match read_lines(fields.get("lines"), &call.locale) {
        Ok(lines) => lines,
        Err(problems) => return Ok(Decision::Refuse(problems)),
    };
    if fields.get("currency").is_some_and(|code| !code.as_str().is_some_and(is_currency)) {
        return Ok(refuse(call, "currency", "currency"));
    }
    let percent = fields.get("depositPercent").and_then(Value::as_i64).unwrap_or_default();
    match add_up(&lines, percent) {
        Ok(totals) => Decision::amend(&total_fields(totals)),
        Err(problems) => Ok(Decision::Refuse(describe_problems(&problems, "lines", &call.locale))),
    }
}

/// The fields of a quote that follow from its lines.
pub(crate) fn total_fields(totals: Totals) -> Map<String, Value> {
    let Totals { net, vat, gross, deposit } = totals;
    // Lists and the deal show whole units.
    let amount: Value = serde_json::from_str(&write_decimal(gross)).unwrap_or_default();
    let fields = [
        ("net", json!(net)),
        ("vat", json!(vat)),
        ("gross", json!(gross)),
        ("deposit", json!(deposit)),
        ("amount", amount),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Reads lines as they are stored, or says what is no line.
fn read_lines(value: Option<&Value>, locale: &str) -> Result<Vec<Line>, Vec<FieldError>> {
    let value = value.filter(|value| !value.is_null());
    let Some(value) = value else { return Ok(Vec::new()) };
    let wrong = |path: String| {
        vec![FieldError { path, code: "line".to_owned(), message: translate("refused.line", locale, None) }]
    };
    let Value::Array(lines) = value else { return Err(wrong("lines".to_owned())) };
    // A list would be read as the fields in their order.
    let read = |(n, line): (usize, &Value)| {
        Some(line)
            .filter(|line| line.is_object())
            .and_then(|line| Line::deserialize(line).ok())
            .ok_or_else(|| wrong(format!("lines[{n}]")))
    };
    lines.iter().take(MAX_LINES + 1).enumerate().map(read).collect()
}

/// Describes the problems of lines for people. `path`: the field that has them.
pub(crate) fn describe_problems(problems: &[LineProblem], path: &str, locale: &str) -> Vec<FieldError> {
    let limits = json!({ "lines": MAX_LINES, "most": MAX_DESCRIPTION, "quantity": MAX_QUANTITY });
    let one = |problem: &LineProblem| FieldError {
        path: match problem.line {
            Some(n) => format!("{path}[{n}].{}", problem.field),
            None => path.to_owned(),
        },
        code: problem.code.to_owned(),
        message: translate(&format!("refused.line.{}", problem.code), locale, Some(&limits)),
    };
    problems.iter().map(one).collect()
}

/// Quotes of a deal that are still worth something.
///
/// # Errors
/// What the host says.
pub(crate) fn count_live_quotes(deal: &str) -> Result<u64> {
    let live = json!({ "deal": { "documentId": deal }, "status": { "$in": ["draft", "sent", "accepted"] } });
    data::find::<Quote>().filter(live).count()
}

/// Decides about a package: its name can be read, its lines have to add up, and its last day is not before its first.
///
/// # Errors
/// Never: what is wrong is refused.
pub(crate) fn decide_package(call: &Call, change: &Change) -> Result<Decision> {
    let fields: Map<String, Value> = change.after()?.unwrap_or_default();
    if is_name_unreadable(change, "name", &fields) {
        return Ok(refuse(call, "name", "invisible"));
    }
    let day = |field: &str| fields.get(field).and_then(Value::as_str).and_then(read_date);
    if let (Some(from), Some(to)) = (day("validFrom"), day("validTo"))
        && to < from
    {
        return Ok(refuse(call, "validTo", "validTo"));
    }
    let decision = decide_amounts(call, &fields)?;
    // A package keeps no totals.
    Ok(if matches!(decision, Decision::Amend(_)) { Decision::Allow } else { decision })
}

/// Decides about a payment: people book it with its quote, and nobody changes or deletes it.
///
/// # Errors
/// Never.
pub(crate) fn decide_payment(call: &Call, _change: &Change) -> Result<Decision> {
    Ok(Decision::conflict("state", translate("conflict.payment", &call.locale, None)))
}

fn refuse(call: &Call, field: &str, code: &str) -> Decision {
    Decision::refuse_field(field, code, translate(&format!("refused.{code}"), &call.locale, None))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(json: Value) -> Quote {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn only_drafts_that_are_not_on_their_way_can_be_changed() {
        assert!(is_editable(&quote(json!({ "status": "draft" }))));
        assert!(is_editable(&quote(json!({ "status": "draft", "delivery": "failed" }))));
        assert!(!is_editable(&quote(json!({ "status": "draft", "delivery": "pending" }))));
        for status in ["sent", "accepted", "declined", "expired", "superseded"] {
            assert!(!is_editable(&quote(json!({ "status": status, "delivery": "sent" }))), "{status}");
        }
    }

    #[test]
    fn a_number_that_was_given_stays() {
        assert!(can_be_deleted(&quote(json!({ "status": "draft" }))));
        assert!(!can_be_deleted(&quote(json!({ "status": "draft", "number": "2027-0001", "delivery": "failed" }))));
        assert!(can_be_deleted(&quote(json!({ "status": "draft", "number": "2027-0001", "revision": 2 }))));
        assert!(!can_be_deleted(&quote(json!({ "status": "sent", "number": "2027-0001", "revision": 2 }))));
    }

    #[test]
    fn totals_are_fields_with_the_amount_as_a_decimal() {
        let totals = Totals { net: 125_000, vat: 26_250, gross: 151_250, deposit: 37_813 };
        let fields = json!({ "net": 125_000, "vat": 26_250, "gross": 151_250, "deposit": 37_813, "amount": 1512.5 });
        assert_eq!(Value::from(total_fields(totals)), fields);
    }
}
