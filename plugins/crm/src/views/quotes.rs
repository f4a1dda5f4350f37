//! Quotes: the list by how they stand, and one of them with its lines, what can be done with it, and a form while it is a draft.

use super::build_condition;
use crate::contracts::send_contract;
use crate::local_date::{find_today, read_date};
use crate::model::{Delivery, Quote, QuoteStatus};
use crate::money::{Line, MAX_DESCRIPTION, MAX_LINES, MAX_QUANTITY, parse_amount, write_decimal};
use crate::payments::{BookingOutcome, Deposit};
use crate::person::Person;
use crate::quote_changes::is_editable;
use crate::quotes::{create_version, find_quote, name_quote, save_draft, send_quote};
use crate::settings::{ContractChoice, Settings};
use crate::subject::{QUOTES_PAGE, Subject};
use cairn_plugin::prelude::*;
use cairn_plugin::views::label_values;
use cairn_plugin::{ActionRequest, ActionResult, FieldError, format_money};
use serde::Deserialize;
use serde_json::{Value, json};

/// The statuses of a quote, and what each says.
const STATUS_TONES: [(&str, &str); 6] = [
    ("draft", "neutral"),
    ("sent", "info"),
    ("accepted", "success"),
    ("declined", "warning"),
    ("expired", "warning"),
    ("superseded", "neutral"),
];

/// The states of the mail with a quote, and what each says.
const DELIVERY_TONES: [(&str, &str); 3] = [("pending", "info"), ("sent", "success"), ("failed", "danger")];

/// The states of a quote's contract, and what each says.
const CONTRACT_TONES: [(&str, &str); 8] = [
    ("pending", "info"),
    ("requested", "info"),
    ("sent", "info"),
    ("signed", "success"),
    ("declined", "warning"),
    ("voided", "neutral"),
    ("expired", "warning"),
    ("failed", "danger"),
];

/// The page: the quote whose id was chosen, or the list.
pub(super) fn describe(call: &Call, chosen: &str) -> Result<Value> {
    if chosen.is_empty() {
        return Ok(describe_list());
    }
    let subject = Subject::Quote(chosen);
    subject.require_visible()?;
    let quote = find_quote(chosen)?.ok_or_else(|| Error::NotFound(chosen.to_owned()))?;
    describe_quote(call, &quote)
}

fn describe_list() -> Value {
    let with_status = |statuses: &[&str]| build_condition("status", "$in", json!(statuses));
    let drafts = [with_status(&["draft"])];
    let waiting = [with_status(&["sent"])];
    let unpaid = [
        with_status(&["accepted"]),
        build_condition("depositPaidAt", "$null", true),
        build_condition("deposit", "$gt", 0),
    ];
    let paid =
        json!({ "or": [build_condition("depositPaidAt", "$notNull", true), build_condition("deposit", "$eq", 0)] });
    let paid = [with_status(&["accepted"]), paid];
    let closed = [with_status(&["declined", "expired", "superseded"])];
    let unsigned = [
        with_status(&["accepted"]),
        build_condition("contract", "$notNull", true),
        build_condition("contract", "$ne", "signed"),
    ];
    let tab = |id: &str, filters: &[Value], sort: &str, actions: Vec<Value>| {
        let label = format!("t:tab.{id}");
        json!({ "id": id, "label": label, "show": [describe_table(&label, filters, sort, actions)] })
    };
    let open = || describe_action("open", "file");
    json!({ "kind": "stack", "show": [
        { "kind": "header", "title": "t:view.quotes", "subtitle": "t:view.quotes.hint" },
        { "kind": "tabs", "items": [
            tab("drafts", &drafts, "updatedAt:desc", vec![open(), describe_action("send", "mail")]),
            tab("waiting", &waiting, "validUntil:asc", vec![open(), describe_resend(), describe_action("version", "list")]),
            tab("unsigned", &unsigned, "contractAt:asc", vec![open(), describe_action("contract", "signature")]),
            tab("unpaid", &unpaid, "acceptedAt:asc", vec![open(), describe_deposit(None)]),
            tab("paid", &paid, "acceptedAt:desc", vec![open()]),
            tab("closed", &closed, "updatedAt:desc", vec![open()]),
        ] },
    ] })
}

/// The column of a quote's status.
pub(super) fn describe_status_column() -> Value {
    json!({ "field": "status", "label": "t:field.status", "values": label_values("quote.state", &STATUS_TONES) })
}

/// A table of quotes.
pub(super) fn describe_table(label: &str, filters: &[Value], sort: &str, actions: Vec<Value>) -> Value {
    json!({
        "kind": "table", "type": Quote::TYPE, "label": label, "sort": [sort], "filters": { "and": filters },
        "columns": [
            { "field": "title", "label": "t:field.deal" },
            { "field": "number", "label": "t:field.number" },
            { "field": "revision", "label": "t:field.version" },
            { "field": "amount", "label": "t:column.gross", "format": "money" },
            { "field": "validUntil", "label": "t:field.validUntil" },
            describe_status_column(),
            { "field": "delivery", "label": "t:column.delivery", "values": label_values("delivery", &DELIVERY_TONES) },
            { "field": "contract", "label": "t:field.contract", "values": label_values("contract", &CONTRACT_TONES) },
        ],
        "actions": actions,
    })
}

/// A button that needs nothing but its name.
pub(super) fn describe_action(name: &str, icon: &str) -> Value {
    json!({ "id": name, "call": name, "label": format!("t:action.quote.{name}"), "icon": icon })
}

fn describe_resend() -> Value {
    json!({
        "id": "resend", "call": "send", "label": "t:action.quote.resend", "icon": "mail", "confirm": "t:action.quote.resend.sure",
    })
}

/// The button for a deposit; `amount`: what is still to come, where that is known.
fn describe_deposit(amount: Option<String>) -> Value {
    let mut schema = json!({ "type": "object", "required": ["amount"], "order": ["amount", "received"], "properties": {
        "amount": { "type": "string", "title": "t:field.paidAmount", "description": "t:field.paidAmount.hint", "maxLength": 20 },
        "received": { "type": "string", "format": "date", "title": "t:field.receivedAt", "description": "t:field.receivedAt.hint" },
    } });
    if let Some(amount) = amount {
        schema["properties"]["amount"]["default"] = json!(amount);
    }
    json!({ "id": "deposit", "call": "deposit", "label": "t:action.quote.deposit", "icon": "coin", "tone": "success", "schema": schema })
}

fn describe_quote(call: &Call, quote: &Row<Quote>) -> Result<Value> {
    let money = |amount: i64| format_money(&write_decimal(amount), &quote.currency, &call.locale);
    let number = name_quote(quote);
    let title = match number.as_str() {
        "" => translate("quote.draft", &call.locale, Some(&json!({ "title": quote.title }))),
        number => format!("{number} · {}", quote.title),
    };
    let (state, tone) = describe_state(quote);
    let mut show = vec![json!({
        "kind": "header", "title": title, "badge": { "label": format!("t:quote.state.{state}"), "tone": tone },
        "actions": describe_actions(quote, Settings::load()?.contract),
    })];
    if quote.delivery == Some(Delivery::Failed) {
        let why = quote.delivery_error.as_deref().unwrap_or_default();
        let text = translate("quote.undelivered", &call.locale, Some(&json!({ "why": why })));
        show.push(json!({ "kind": "text", "text": text, "tone": "danger" }));
    }
    let mut items = Vec::new();
    let mut add = |label: &str, value: Option<&str>, format: &str| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            items.push(json!({ "label": format!("t:field.{label}"), "value": value, "format": format }));
        }
    };
    add("customer", quote.contact.as_ref().map(|contact| contact.name.as_str()), "text");
    add("sentTo", quote.sent_to.as_deref(), "text");
    add("sentAt", quote.sent_at.as_deref(), "datetime");
    add("validUntil", quote.valid_until.as_deref(), "date");
    add("acceptedName", quote.accepted_name.as_deref(), "text");
    add("acceptedAt", quote.accepted_at.as_deref(), "datetime");
    let contract = quote.contract.map(|state| translate(&format!("contract.{}", state.name()), &call.locale, None));
    add("contract", contract.as_deref(), "text");
    add("contractReason", quote.contract_reason.as_deref(), "text");
    add("contractAt", quote.contract_at.as_deref(), "datetime");
    add("declinedReason", quote.declined_reason.as_deref(), "text");
    let amounts = [("net", quote.net), ("vat", quote.vat), ("gross", quote.gross), ("deposit", quote.deposit)];
    for (name, amount) in
        amounts.into_iter().chain((quote.deposit_paid > 0).then_some(("depositPaid", quote.deposit_paid)))
    {
        add(name, Some(&money(amount)?), "text");
    }
    show.push(json!({ "kind": "fields", "items": items }));
    if let Some(deal) = &quote.deal {
        let document = json!({ "type": crate::model::Deal::TYPE, "documentId": deal.document_id });
        show.push(json!({ "kind": "document-link", "document": document, "label": deal.title }));
    }
    if is_editable(quote) {
        show.push(describe_form(quote));
    } else if !quote.lines.is_empty() {
        let line = |line: &Line| {
            let label = format!("{} × {}", line.quantity, line.description);
            let value = format!("{} · {}%", money(line.net())?, line.vat_percent);
            Ok(json!({ "label": label, "value": value }))
        };
        let lines = quote.lines.iter().map(line).collect::<Result<Vec<Value>>>()?;
        show.push(json!({ "kind": "fields", "label": "t:field.lines", "items": lines }));
    }
    if let Some(file) = &quote.contract_pdf {
        show.push(json!({ "kind": "file", "file": file.document_id, "label": "t:quote.contractPdf" }));
    }
    if let Some(file) = &quote.pdf {
        show.push(json!({ "kind": "file", "file": file.document_id, "label": "t:quote.pdf" }));
    }
    Ok(json!({ "kind": "stack", "show": show }))
}

/// How a quote stands, as a key of the texts, and its tone.
fn describe_state(quote: &Quote) -> (&'static str, &'static str) {
    match (quote.status, quote.delivery) {
        (QuoteStatus::Draft | QuoteStatus::Sent, Some(Delivery::Pending)) => ("sending", "info"),
        (QuoteStatus::Draft | QuoteStatus::Sent, Some(Delivery::Failed)) => ("failed", "danger"),
        (QuoteStatus::Draft, _) => ("draft", "neutral"),
        (QuoteStatus::Sent, _) => ("sent", "info"),
        (QuoteStatus::Accepted, _) if quote.deposit > 0 && quote.deposit_paid_at.is_none() => ("accepted", "success"),
        (QuoteStatus::Accepted, _) => ("paid", "success"),
        (QuoteStatus::Declined, _) => ("declined", "warning"),
        (QuoteStatus::Expired, _) => ("expired", "warning"),
        (QuoteStatus::Superseded, _) => ("superseded", "neutral"),
    }
}

/// Describes the actions that the state of a quote permits.
fn describe_actions(quote: &Row<Quote>, contract: ContractChoice) -> Vec<Value> {
    let about = |mut action: Value| {
        action["values"] = json!({ "quote": quote.document_id });
        action
    };
    let mut actions = Vec::new();
    let can_have_contract = quote.status == QuoteStatus::Accepted && contract != ContractChoice::None;
    if can_have_contract && quote.contract.is_none_or(|state| state.has_ended()) {
        actions.push(describe_action("contract", "signature"));
    }
    match quote.status {
        QuoteStatus::Draft => actions.push(describe_action("send", "mail")),
        QuoteStatus::Sent => actions.extend([describe_resend(), describe_action("version", "list")]),
        QuoteStatus::Accepted if quote.deposit > 0 && quote.deposit_paid_at.is_none() => {
            let open = quote.deposit.saturating_sub(quote.deposit_paid);
            actions.push(describe_deposit(Some(write_decimal(open))));
        }
        QuoteStatus::Declined | QuoteStatus::Expired => actions.push(describe_action("version", "list")),
        QuoteStatus::Accepted | QuoteStatus::Superseded => {}
    }
    actions.push(describe_action("list", "list"));
    actions.into_iter().map(about).collect()
}

fn describe_form(quote: &Row<Quote>) -> Value {
    let line = json!({ "type": "object", "title": "t:field.line", "required": ["description", "quantity", "unitPrice"],
    "order": ["description", "quantity", "unitPrice", "vatPercent"], "properties": {
        "description": { "type": "string", "title": "t:field.description", "maxLength": MAX_DESCRIPTION },
        "quantity": { "type": "integer", "title": "t:field.quantity", "default": 1, "minimum": 1, "maximum": MAX_QUANTITY },
        "unitPrice": { "type": "string", "title": "t:field.unitPrice", "description": "t:field.unitPrice.hint", "maxLength": 20 },
        "vatPercent": { "type": "integer", "title": "t:field.vatPercent", "default": 21, "minimum": 0, "maximum": 100 },
    } });
    let schema = json!({ "type": "object", "order": ["lines", "depositPercent", "validUntil"], "properties": {
        "lines": { "type": "array", "title": "t:field.lines", "items": line, "maxItems": MAX_LINES },
        "depositPercent": { "type": "integer", "title": "t:field.depositPercent", "minimum": 0, "maximum": 100 },
        "validUntil": { "type": "string", "format": "date", "title": "t:field.validUntil", "description": "t:field.validUntil.hint" },
    } });
    let to_form = |line: &Line| {
        json!({
            "description": line.description, "quantity": line.quantity, "unitPrice": write_decimal(line.unit_price),
            "vatPercent": line.vat_percent,
        })
    };
    let mut values = json!({
        "quote": quote.document_id, "lines": quote.lines.iter().map(to_form).collect::<Vec<_>>(),
        "depositPercent": quote.deposit_percent,
    });
    if let Some(day) = &quote.valid_until {
        values["validUntil"] = json!(day);
    }
    json!({
        "kind": "form", "label": "t:quote.form", "schema": schema, "values": values, "call": "save", "submit": "t:action.quote.save",
    })
}

/// Form of a draft, as somebody filled it in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DraftForm {
    #[serde(default)]
    lines: Vec<LineForm>,
    deposit_percent: Option<i64>,
    valid_until: Option<String>,
}

/// A line as people fill it in: the price is a text, in whole units and cents.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LineForm {
    description: Option<String>,
    quantity: Option<i64>,
    unit_price: Option<String>,
    vat_percent: Option<i64>,
}

/// Form of a deposit, as somebody filled it in.
#[derive(Deserialize)]
struct DepositForm {
    #[serde(default)]
    amount: String,
    received: Option<String>,
}

/// Does what a button of a quote asks.
///
/// # Errors
/// What the person is told.
pub(super) fn act(call: &Call, request: &ActionRequest, id: &str, person: &Person) -> Result<ActionResult> {
    let quote = Subject::Quote(id);
    if request.action == "list" {
        return Ok(go_to(QUOTES_PAGE.to_owned(), None));
    }
    quote.require_visible()?;
    match request.action.as_str() {
        "open" => Ok(go_to(quote.admin_path(), None)),
        "send" => {
            send_quote(id, &call.locale)?;
            show_anew(call, request, id, "t:notice.quoteSending")
        }
        "version" => {
            let version = create_version(id, &call.locale)?;
            Ok(go_to(Subject::Quote(&version).admin_path(), Some("t:notice.version")))
        }
        "save" => {
            save(call, request, id)?;
            show_anew(call, request, id, "t:notice.saved")
        }
        "contract" => {
            send_contract(id, &call.locale)?;
            show_anew(call, request, id, "t:notice.contractSending")
        }
        "deposit" => {
            let notice = book_deposit(call, request, id, person)?;
            show_anew(call, request, id, &notice)
        }
        other => Err(Error::NotFound(other.to_owned())),
    }
}

fn go_to(path: String, notice: Option<&str>) -> ActionResult {
    ActionResult { view: None, notice: notice.map(str::to_owned), navigate: Some(path) }
}

/// The notice; and the quote as it is now, where its own page is open.
fn show_anew(call: &Call, request: &ActionRequest, id: &str, notice: &str) -> Result<ActionResult> {
    let result = ActionResult::notice(notice);
    // Buttons of a list come with a document, those of the page with its id.
    if request.view != "quotes" || request.document.is_some() {
        return Ok(result);
    }
    result.with_view(&describe(call, id)?)
}

fn save(call: &Call, request: &ActionRequest, id: &str) -> Result<()> {
    let form: DraftForm = request.values()?;
    let wrong = |path: String, code: &str| FieldError {
        path,
        code: code.to_owned(),
        message: translate(&format!("refused.{code}"), &call.locale, None),
    };
    let mut problems = Vec::new();
    let mut lines = Vec::new();
    for (n, line) in form.lines.into_iter().enumerate() {
        let price = parse_amount(line.unit_price.as_deref().unwrap_or_default());
        if price.is_none() {
            problems.push(wrong(format!("lines[{n}].unitPrice"), "line.price"));
        }
        lines.push(Line {
            description: line.description.unwrap_or_default().trim().to_owned(),
            quantity: line.quantity.unwrap_or_default(),
            unit_price: price.unwrap_or_default(),
            vat_percent: line.vat_percent.unwrap_or_default(),
        });
    }
    let day = form.valid_until.as_deref().filter(|text| !text.is_empty());
    let valid_until = day.and_then(read_date);
    if day.is_some() && valid_until.is_none() {
        problems.push(FieldError {
            path: "validUntil".to_owned(),
            code: "date".to_owned(),
            message: translate("wrong.date", &call.locale, None),
        });
    }
    let percent = form.deposit_percent.unwrap_or_default();
    if !(0..=100).contains(&percent) {
        problems.push(wrong("depositPercent".to_owned(), "percent"));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    save_draft(id, &lines, percent, valid_until, &call.locale)
}

fn book_deposit(call: &Call, request: &ActionRequest, id: &str, person: &Person) -> Result<String> {
    let form: DepositForm = request.values()?;
    let refuse =
        |field: &str, code: &str| Error::field(field, code, translate(&format!("refused.{code}"), &call.locale, None));
    let amount =
        parse_amount(&form.amount).filter(|amount| *amount > 0).ok_or_else(|| refuse("amount", "paidAmount"))?;
    let today = find_today(time::now(), &Settings::load()?.timezone)?;
    let received = match form.received.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => read_date(text).filter(|day| *day <= today).ok_or_else(|| refuse("received", "received"))?,
        None => today,
    };
    let booked = Deposit { quote: id, amount, received, person, locale: &call.locale }.book()?;
    Ok(match booked {
        BookingOutcome::Paid => "t:notice.deposit".to_owned(),
        BookingOutcome::Partly(open) => translate("notice.depositPartly", &call.locale, Some(&json!({ "open": open }))),
        BookingOutcome::Stays(why) => translate("notice.depositStays", &call.locale, Some(&json!({ "why": why }))),
    })
}
