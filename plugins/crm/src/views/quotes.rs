//! Quotes: the list by how they stand, and one of them with its lines, what can be done with it, and a form while it is a draft.

use super::amounts;
use super::deposits::{self, PendingDeposit};
use super::filters::build_condition;
use crate::addressee::Addressee;
use crate::amount::write_input;
use crate::contracts::send_contract;
use crate::local_date::read_date;
use crate::model::{Delivery, Quote, QuoteStatus, name_quote};
use crate::money::{Line, MAX_DESCRIPTION, MAX_LINES, MAX_QUANTITY, add_up, write_decimal};
use crate::person::Person;
use crate::quote_changes::is_editable;
use crate::quote_texts::Company;
use crate::quoted_deals::find_obstacle;
use crate::quotes::{create_version, find_quote, save_draft, send_quote};
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

/// The page: the quote whose id was chosen, or the list. `pending`: a deposit that somebody typed for it.
pub(super) fn describe(call: &Call, chosen: &str, pending: Option<PendingDeposit>) -> Result<Value> {
    if chosen.is_empty() {
        return Ok(describe_list());
    }
    let subject = Subject::Quote(chosen);
    subject.require_visible()?;
    let quote = find_quote(chosen)?.ok_or_else(|| Error::NotFound(chosen.to_owned()))?;
    describe_quote(call, &quote, pending)
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
            tab("drafts", &drafts, "updatedAt:desc", vec![open(), describe_check()]),
            tab("waiting", &waiting, "validUntil:asc", vec![open(), describe_action("version", "list")]),
            tab("unsigned", &unsigned, "contractAt:asc", vec![open(), describe_action("contract", "signature")]),
            tab("unpaid", &unpaid, "acceptedAt:asc", vec![open(), deposits::describe_button(None)]),
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
            { "field": "amount", "label": "t:column.gross", "format": "money", "currencyField": "currency" },
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

/// The button of a list that leads to the quote: whom it goes to is told there.
fn describe_check() -> Value {
    json!({ "id": "check", "call": "open", "label": "t:action.quote.check", "icon": "mail" })
}

/// The button that sends a quote, or sends it again. Its dialog says to whom, what the address is of, and from whom.
fn describe_send(quote: &Row<Quote>, settings: &Settings, locale: &str) -> Result<Value> {
    let is_first = quote.status == QuoteStatus::Draft;
    let (id, icon) = (if is_first { "send" } else { "resend" }, "mail");
    let label = format!("t:action.quote.{id}");
    let addressee = Addressee::of_quote(quote);
    let obstacle = find_obstacle(quote).or(addressee.email.is_none().then_some("conflict.noEmail"));
    let (None, Some(email)) = (obstacle, addressee.email) else {
        let why = format!("t:{}", obstacle.unwrap_or("conflict.noEmail"));
        return Ok(json!({ "id": id, "call": "send", "label": label, "icon": icon, "disabled": why }));
    };
    let source = translate(&format!("address.{}", addressee.source.name()), locale, None);
    let replies = match settings.reply_to.as_str() {
        "" => translate("address.sender", locale, None),
        address => address.to_owned(),
    };
    let gross = format_money(&write_decimal(quote.gross), &quote.currency, locale)?;
    let arguments = json!({
        "name": addressee.name, "to": email, "source": source, "gross": gross, "replies": replies,
        "sender": Company::of_settings(settings).name,
    });
    let confirm = translate(&format!("action.quote.{id}.sure"), locale, Some(&arguments));
    let values = json!({ "to": email });
    Ok(json!({ "id": id, "call": "send", "label": label, "icon": icon, "confirm": confirm, "values": values }))
}

fn describe_quote(call: &Call, quote: &Row<Quote>, pending: Option<PendingDeposit>) -> Result<Value> {
    let money = |amount: i64| format_money(&write_decimal(amount), &quote.currency, &call.locale);
    let number = name_quote(quote);
    let title = match number.as_str() {
        "" => translate("quote.draft", &call.locale, Some(&json!({ "title": quote.title }))),
        number => format!("{number} · {}", quote.title),
    };
    let (state, tone) = describe_state(quote);
    let mut show = vec![json!({
        "kind": "header", "title": title, "badge": { "label": format!("t:quote.state.{state}"), "tone": tone },
        "actions": describe_actions(quote, &Settings::load()?, &call.locale)?,
    })];
    if let Some(pending) = pending.filter(|_| is_deposit_open(quote)) {
        show.extend(pending.describe(quote, &call.locale)?);
    }
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
    let addressee = Addressee::of_quote(quote);
    add("customer", Some(addressee.name), "text");
    if matches!(quote.status, QuoteStatus::Draft | QuoteStatus::Sent) {
        add("goesTo", addressee.email, "email");
    }
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
    link_contract(quote, &mut items);
    show.push(json!({ "kind": "fields", "items": items }));
    if let Some(deal) = &quote.deal {
        let document = json!({ "type": crate::model::Deal::TYPE, "documentId": deal.document_id });
        show.push(json!({ "kind": "document-link", "document": document, "label": deal.title }));
    }
    if is_editable(quote) {
        show.push(describe_form(quote, &call.locale));
    } else if !quote.lines.is_empty() {
        let line = |line: &Line| {
            let label = format!("{} × {}", line.quantity, line.description);
            let value = format!("{} · {}%", money(line.net())?, line.vat_percent);
            Ok(json!({ "label": label, "value": value }))
        };
        let lines = quote.lines.iter().map(line).collect::<Result<Vec<Value>>>()?;
        show.push(json!({ "kind": "fields", "label": "t:field.lines", "items": lines }));
    }
    if quote.status == QuoteStatus::Accepted {
        show.extend(deposits::describe_bookings(quote, &call.locale)?);
    }
    if let Some(file) = &quote.contract_pdf {
        show.push(json!({ "kind": "file", "file": file.document_id, "label": "t:quote.contractPdf" }));
    }
    if let Some(file) = &quote.pdf {
        show.push(json!({ "kind": "file", "file": file.document_id, "label": "t:quote.pdf" }));
    }
    Ok(json!({ "kind": "stack", "show": show }))
}

/// Makes the state of a contract lead to its envelope, where it has one.
fn link_contract(quote: &Quote, items: &mut [Value]) {
    let Some(envelope) = &quote.contract_envelope else { return };
    if let Some(item) = items.iter_mut().find(|item| item["label"] == "t:field.contract") {
        item["document"] = json!({ "type": "plugin::esign.envelope", "documentId": envelope });
    }
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
fn describe_actions(quote: &Row<Quote>, settings: &Settings, locale: &str) -> Result<Vec<Value>> {
    let about = |mut action: Value| {
        action["values"]["quote"] = json!(quote.document_id);
        action
    };
    let mut actions = Vec::new();
    let can_have_contract = quote.status == QuoteStatus::Accepted && settings.contract != ContractChoice::None;
    if can_have_contract && quote.contract.is_none_or(|state| state.has_ended()) {
        actions.push(describe_action("contract", "signature"));
    }
    match quote.status {
        QuoteStatus::Draft => actions.push(describe_send(quote, settings, locale)?),
        QuoteStatus::Sent => {
            actions.extend([describe_send(quote, settings, locale)?, describe_action("version", "list")]);
        }
        QuoteStatus::Accepted if is_deposit_open(quote) => {
            let open = quote.deposit.saturating_sub(quote.deposit_paid);
            actions.push(deposits::describe_button(Some(write_input(open, locale))));
        }
        QuoteStatus::Declined | QuoteStatus::Expired => actions.push(describe_action("version", "list")),
        QuoteStatus::Accepted | QuoteStatus::Superseded => {}
    }
    actions.push(describe_action("list", "list"));
    Ok(actions.into_iter().map(about).collect())
}

/// True if a deposit is still to come.
fn is_deposit_open(quote: &Quote) -> bool {
    quote.status == QuoteStatus::Accepted && quote.deposit > 0 && quote.deposit_paid_at.is_none()
}

fn describe_form(quote: &Row<Quote>, locale: &str) -> Value {
    let line = json!({ "type": "object", "title": "t:field.line", "required": ["description", "quantity", "unitPrice"],
    "order": ["description", "quantity", "unitPrice", "vatPercent"], "properties": {
        "description": { "type": "string", "title": "t:field.description", "maxLength": MAX_DESCRIPTION },
        "quantity": { "type": "integer", "title": "t:field.quantity", "default": 1, "minimum": 1, "maximum": MAX_QUANTITY },
        "unitPrice": amounts::describe_field("t:field.unitPrice"),
        "vatPercent": { "type": "integer", "title": "t:field.vatPercent", "default": 21, "minimum": 0, "maximum": 100 },
    } });
    let schema = json!({ "type": "object", "order": ["lines", "depositPercent", "validUntil"], "properties": {
        "lines": { "type": "array", "title": "t:field.lines", "items": line, "maxItems": MAX_LINES },
        "depositPercent": { "type": "integer", "title": "t:field.depositPercent", "minimum": 0, "maximum": 100 },
        "validUntil": { "type": "string", "format": "date", "title": "t:field.validUntil", "description": "t:field.validUntil.hint" },
    } });
    let to_form = |line: &Line| {
        json!({
            "description": line.description, "quantity": line.quantity, "unitPrice": write_input(line.unit_price, locale),
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

/// The address that the dialog for sending showed.
#[derive(Deserialize)]
struct SendForm {
    to: Option<String>,
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
            let form: SendForm = request.values()?;
            send_quote(id, form.to.as_deref(), &call.locale)?;
            show_anew(call, request, id, "t:notice.quoteSending")
        }
        "version" => {
            let version = create_version(id, &call.locale)?;
            Ok(go_to(Subject::Quote(&version).admin_path(), Some("t:notice.version")))
        }
        "save" => {
            let notice = save(call, request, id)?;
            show_anew(call, request, id, &notice)
        }
        "contract" => {
            send_contract(id, &call.locale)?;
            show_anew(call, request, id, "t:notice.contractSending")
        }
        "review-deposit" => deposits::review(call, request, id),
        "deposit" => deposits::book(call, request, id, person),
        "reverse" => deposits::reverse(call, request, id, person),
        other => Err(Error::NotFound(other.to_owned())),
    }
}

/// Leads to a page of the admin.
pub(super) fn go_to(path: String, notice: Option<&str>) -> ActionResult {
    ActionResult { view: None, notice: notice.map(str::to_owned), navigate: Some(path) }
}

/// The notice; and the quote as it is now, where its own page is open.
///
/// # Errors
/// What the host says.
pub(super) fn show_anew(call: &Call, request: &ActionRequest, id: &str, notice: &str) -> Result<ActionResult> {
    let result = ActionResult::notice(notice);
    // Buttons of a list come with a document, those of the page that the list leads to with its id.
    let is_page = request.view == "quote" || request.view == "quotes" && request.document.is_none();
    if !is_page {
        return Ok(result);
    }
    result.with_view(&describe(call, id, None)?)
}

/// Stores a draft. Returns the notice, which says what its prices come to.
fn save(call: &Call, request: &ActionRequest, id: &str) -> Result<String> {
    let form: DraftForm = request.values()?;
    let currency = find_quote(id)?.ok_or_else(|| Error::NotFound(id.to_owned()))?.fields.currency;
    let wrong = |path: String, code: &str| FieldError {
        path,
        code: code.to_owned(),
        message: translate(&format!("refused.{code}"), &call.locale, None),
    };
    let mut problems = Vec::new();
    let mut lines = Vec::new();
    for (n, line) in form.lines.into_iter().enumerate() {
        let text = line.unit_price.unwrap_or_default();
        let path = format!("lines[{n}].unitPrice");
        let price = match amounts::read_field(&text, &path, &currency, &call.locale)? {
            Ok(price) => price,
            Err(problem) => {
                problems.push(problem);
                0
            }
        };
        lines.push(Line {
            description: line.description.unwrap_or_default().trim().to_owned(),
            quantity: line.quantity.unwrap_or_default(),
            unit_price: price,
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
    save_draft(id, &lines, percent, valid_until, &call.locale)?;
    let gross = add_up(&lines, percent).map(|totals| totals.gross).unwrap_or_default();
    let gross = format_money(&write_decimal(gross), &currency, &call.locale)?;
    Ok(translate("notice.saved", &call.locale, Some(&json!({ "gross": gross }))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_state_of_a_contract_leads_to_its_envelope() {
        let linked = |quote: Value| {
            let quote: Quote = serde_json::from_value(quote).unwrap();
            let mut items = vec![json!({ "label": "t:field.customer" }), json!({ "label": "t:field.contract" })];
            link_contract(&quote, &mut items);
            items.iter().map(|item| item["document"]["documentId"].clone()).collect::<Vec<_>>()
        };
        assert_eq!(linked(json!({ "contract": "sent", "contractEnvelope": "e1" })), [Value::Null, json!("e1")]);
        assert_eq!(linked(json!({ "contract": "requested" })), [Value::Null, Value::Null]);
    }
}
