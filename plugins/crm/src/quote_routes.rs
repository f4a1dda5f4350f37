//! The customer's ways in: the quote that a link of a mail leads to, its PDF, and the two answers. Reading changes nothing.

use crate::form_fields::{FormFields, is_browser_form};
use crate::inquiry::{count_units, read_language};
use crate::local_date::find_today;
use crate::model::{Quote, name_quote};
use crate::quote_answers::{Answer, AnswerResult, QuotePageState, take_answer};
use crate::quote_delivery::file_name;
use crate::quote_document::find_language;
use crate::quote_page::{AnswerProblem, QuotePage};
use crate::quote_texts::QuoteDocument;
use crate::quotes::{find_quote_by_hash, is_over};
use crate::refusals::refuse_state;
use crate::settings::Settings;
use cairn_contact_details::invisible::{has_visible, is_break, overrides_direction};
use cairn_contact_details::person_name::clean_name;
use cairn_plugin::files;
use cairn_plugin::prelude::*;
use cairn_plugin_pages::link_token::hash_token;
use cairn_plugin_pages::{NO_STORE, PageOwner, render_message_page};
use serde_json::{Value, json};

/// Largest PDF that is served.
const MAX_PDF: usize = 16 << 20;
/// Longest name and reason, as content types count them.
const MAX_NAME: usize = 120;
const MAX_REASON: usize = 1_000;

/// A quote that a customer looks at.
struct Shown {
    quote: Row<Quote>,
    page_state: QuotePageState,
    settings: Settings,
}

impl Shown {
    fn language(&self) -> &str {
        find_language(&self.quote, &self.settings)
    }

    /// The page, with what is wrong with an answer.
    fn render(&self, status: u16, path: &str, problem: Option<AnswerProblem<'_>>) -> Result<Response> {
        let document = QuoteDocument::of_quote(&self.quote, &self.settings)?;
        let accepted_by = self.quote.accepted_name.as_deref().unwrap_or_default();
        let has_contract = self.quote.contract.is_some();
        let page =
            QuotePage { document: &document, page_state: self.page_state, path, has_contract, accepted_by, problem };
        Ok(page.render(status))
    }

    /// The quote for programs.
    fn describe(&self) -> Value {
        let quote = &self.quote;
        let mut data = json!({ "number": name_quote(quote), "status": self.page_state.name() });
        if self.page_state != QuotePageState::Superseded {
            data["lines"] = json!(quote.lines);
            data["currency"] = json!(quote.currency);
            data["validUntil"] = json!(quote.valid_until);
            for (name, amount) in
                [("net", quote.net), ("vat", quote.vat), ("gross", quote.gross), ("deposit", quote.deposit)]
            {
                data[name] = json!(amount);
            }
        }
        json!({ "data": data })
    }
}

/// Answers a request to one of the customer's routes.
///
/// # Errors
/// What programs are told; browsers get a page.
pub(crate) fn serve_quote(call: &Call, request: &Request) -> Result<Response> {
    let served = match request.route.as_str() {
        "quote" => show_quote(request),
        "quote-pdf" => show_pdf(request),
        _ => answer_quote(request),
    };
    match served {
        Err(Error::NotFound(_)) if wants_page(request) => {
            let language = read_language(&call.locale).unwrap_or("nl");
            let company = Settings::load()?.company();
            let owner = PageOwner { name: &company, ..PageOwner::default() };
            Ok(render_message_page(404, language, "page.quote.unknown", owner, None))
        }
        served => served,
    }
}

/// True if a browser asks, as people use it.
fn wants_page(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("text/html"))
}

fn find_shown(request: &Request) -> Result<Shown> {
    let unknown = || Error::NotFound(String::new());
    let hash = hash_token(request.parameter("token")).ok_or_else(unknown)?;
    let quote = find_quote_by_hash(&hash, false)?.ok_or_else(unknown)?;
    let settings = Settings::load()?;
    let today = find_today(time::now(), &settings.timezone)?;
    let page_state = QuotePageState::find(quote.status, is_over(&quote, today)).ok_or_else(unknown)?;
    Ok(Shown { quote, page_state, settings })
}

/// Path of the page. The token is one: it has no character that could be anything else.
fn page_path(request: &Request) -> String {
    format!("/api/crm/offer/{}", request.parameter("token"))
}

fn show_quote(request: &Request) -> Result<Response> {
    let shown = find_shown(request)?;
    let status = if shown.page_state == QuotePageState::Superseded { 410 } else { 200 };
    if wants_page(request) {
        return shown.render(status, &page_path(request), None);
    }
    Ok(Response::json(status, &shown.describe())?.header("cache-control", NO_STORE).header("x-robots-tag", "noindex"))
}

fn show_pdf(request: &Request) -> Result<Response> {
    let shown = find_shown(request)?;
    if shown.page_state == QuotePageState::Superseded {
        if wants_page(request) {
            return shown.render(410, &page_path(request), None);
        }
        return Err(Error::NotFound(String::new()));
    }
    let Some(file) = &shown.quote.pdf else { return Err(Error::NotFound(String::new())) };
    let bytes = files::read_all(&file.document_id, MAX_PDF)?;
    let name = file_name(&shown.quote, shown.language());
    Ok(Response::bytes(200, "application/pdf", bytes)
        .header("content-disposition", &format!("inline; filename=\"{name}.pdf\""))
        .header("cache-control", NO_STORE)
        .header("x-robots-tag", "noindex"))
}

fn answer_quote(request: &Request) -> Result<Response> {
    let shown = find_shown(request)?;
    let language = shown.language().to_owned();
    let media_type = request.header("content-type").unwrap_or_default();
    let is_page = is_browser_form(media_type) && wants_page(request);
    let fields = FormFields::parse(media_type, request.bytes())
        .map_err(|_| Error::field("", "body", translate("wrong.body", &language, None)))?;
    let answer = match read_answer(&request.route, &fields) {
        Ok(answer) => answer,
        Err(problem) => {
            let message = problem.message(&language);
            if !is_page {
                return Err(Error::field(problem.field, problem.code, message));
            }
            let value = fields.text(problem.field).unwrap_or_default();
            let problem = AnswerProblem { field: problem.field, message: &message, value: &value };
            return shown.render(400, &page_path(request), Some(problem));
        }
    };
    let hash = hash_token(request.parameter("token")).unwrap_or_default();
    match take_answer(&hash, &answer, &shown.settings)? {
        AnswerResult::Taken if is_page => Ok(Response::empty(303).header("location", &page_path(request))),
        AnswerResult::Taken => {
            let status =
                if matches!(answer, Answer::Accept(_)) { QuotePageState::Accepted } else { QuotePageState::Declined };
            Response::json(200, &json!({ "data": { "number": name_quote(&shown.quote), "status": status.name() } }))
        }
        AnswerResult::Refused(page_state) if is_page => {
            Shown { page_state, ..find_shown(request)? }.render(409, &page_path(request), None)
        }
        AnswerResult::Refused(page_state) => {
            Err(refuse_state(&format!("conflict.quote.{}", page_state.name()), &language))
        }
    }
}

/// A field of an answer that is wrong, and a key of the texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct WrongField {
    field: &'static str,
    code: &'static str,
    most: usize,
}

impl WrongField {
    fn message(self, language: &str) -> String {
        translate(&format!("wrong.{}", self.code), language, Some(&json!({ "most": self.most })))
    }
}

fn read_answer(route: &str, fields: &FormFields) -> Result<Answer, WrongField> {
    let accepts = route == "quote-accept";
    let (field, most) = if accepts { ("name", MAX_NAME) } else { ("reason", MAX_REASON) };
    let text = fields.text(field).unwrap_or_default();
    let wrong = |code| Err(WrongField { field, code, most });
    if count_units(&text) > most {
        return wrong("long");
    }
    // A reason may have several lines.
    let is_odd = |c: char| is_break(c) && (accepts || !matches!(c, '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}'));
    match accepts {
        _ if text.contains(is_odd) => wrong("line"),
        true if text.contains(overrides_direction) => wrong("direction"),
        true if !has_visible(&text) => wrong("signature"),
        true => Ok(Answer::Accept(clean_name(&text))),
        false => Ok(Answer::Decline(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(route: &str, body: Value) -> Result<Answer, &'static str> {
        let fields = FormFields::parse("application/json", body.to_string().as_bytes()).unwrap();
        read_answer(route, &fields).map_err(|wrong| wrong.code)
    }

    #[test]
    fn who_accepts_signs_and_who_declines_need_not_say_why() {
        assert_eq!(read("quote-accept", json!({ "name": "Zoë 🎧" })), Ok(Answer::Accept("Zoë 🎧".into())));
        assert_eq!(read("quote-accept", json!({ "name": "  " })), Err("signature"));
        assert_eq!(
            read("quote-accept", json!({ "name": "\u{feff}J.P.de\u{200b} Vries" })),
            Ok(Answer::Accept("J.P.de Vries".into()))
        );
        for (name, code) in
            [("\u{200b}\u{feff}", "signature"), ("\u{202e}gnp", "direction"), ("a\u{2028}b", "line"), ("a\nb", "line")]
        {
            assert_eq!(read("quote-accept", json!({ "name": name })), Err(code), "{name:?}");
        }
        assert_eq!(read("quote-accept", json!({ "name": "x".repeat(121) })), Err("long"));
        assert_eq!(read("quote-decline", json!({})), Ok(Answer::Decline(String::new())));
        assert_eq!(read("quote-decline", json!({ "reason": "a\nb" })), Ok(Answer::Decline("a\nb".into())));
        assert_eq!(read("quote-decline", json!({ "reason": "a\u{0}" })), Err("line"));
        assert_eq!(read("quote-decline", json!({ "reason": "🎧".repeat(501) })), Err("long"));
    }
}
