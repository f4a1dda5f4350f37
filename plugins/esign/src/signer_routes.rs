//! The signers' ways in: the page that a link leads to, pictures of the document, the document itself, and three answers. Reading changes
//! nothing: programs that look through mails follow links too.

use crate::account_links::{FoundLink, RedeemedLink, find_link, redeem_link};
use crate::answers::{decline_document, open_document, sign_document};
use crate::audit::clean_text;
use crate::document_opening::{AnswerResult, Origin};
use crate::endings::MAX_REASON;
use crate::envelope_state::SigningPageState;
use crate::form_fields::{FormFields, is_browser_form};
use crate::page_pictures::{MAX_PICTURE, find_picture};
use crate::replaced_links::{find_replaced_link, renew_link};
use crate::sealing::{name_file, name_sealed_file};
use crate::sent_content::require_as_sent;
use crate::settings::{Settings, pick_language};
use crate::signer::Signer;
use crate::signer_answer::{WrongField, read_answer, read_reason};
use crate::signer_links::require_signer;
use crate::signing_page::{SigningPage, describe_owner, describe_way_back, describe_wrong, render_replaced_page};
use cairn_plugin::prelude::*;
use cairn_plugin::{Conflict, FieldError, files, format_instant, site};
use cairn_plugin_pages::link_token::hash_token;
use cairn_plugin_pages::{NO_STORE, render_message_page};
use serde_json::{Value, json};

/// Largest document that is served, in bytes.
const MAX_PDF: usize = 32 << 20;

/// A signer who looks at their envelope.
struct Visit {
    signer: Signer,
    settings: Settings,
    hash: String,
    /// Path of the page. The token is one: it has no character that could be anything else.
    path: String,
}

/// Answers a request to one of the signers' routes.
///
/// # Errors
/// What programs are told; browsers get a page.
pub(crate) fn serve_signer(call: &Call, request: &Request) -> Result<Response> {
    let served = serve(call, request);
    let (status, key) = match &served {
        Err(Error::NotFound(_)) => (404, "page.unknown"),
        Err(Error::Conflict(conflict)) if conflict.kind == "changed" => (409, "page.changed"),
        _ => return served,
    };
    if !wants_page(request) {
        return served;
    }
    let settings = Settings::load()?;
    Ok(render_message(status, key, call, &settings))
}

/// A page that says one thing to somebody of whom nothing is known, and leads back to the site.
fn render_message(status: u16, key: &str, call: &Call, settings: &Settings) -> Response {
    let (language, company) = (language_of_visitor(call, settings), settings.company());
    let way_back = describe_way_back(&company, language);
    render_message_page(status, language, key, describe_owner(settings, &company), Some(&way_back))
}

/// The language of somebody of whom nothing is known.
fn language_of_visitor<'a>(call: &'a Call, settings: &'a Settings) -> &'a str {
    pick_language(&[Some(call.locale.get(..2).unwrap_or_default()), Some(&settings.language)])
}

fn serve(call: &Call, request: &Request) -> Result<Response> {
    let token = request.parameter("token");
    let hash = hash_token(token).ok_or_else(|| Error::NotFound(String::new()))?;
    let path = page_path(token);
    let signer = match require_signer(&hash, false) {
        Err(Error::NotFound(_)) => return serve_other_link(call, request, &hash, &path),
        found => found?,
    };
    let visit = Visit { signer, settings: Settings::load()?, hash, path };
    match request.route.as_str() {
        "signer-page" => visit.show(request),
        "signer-picture" => visit.show_picture(request),
        "signer-pdf" => visit.show_pdf(request),
        "signer-open" => visit.open(request),
        "signer-sign" => visit.sign(request),
        "signer-decline" => visit.decline(request),
        // The link in use is the newest: there is nothing to renew.
        "signer-renew" => visit.answer(request, AnswerResult::Taken),
        other => Err(Error::NotFound(other.to_owned())),
    }
}

/// Answers whoever follows a link that leads to no page: one that a newer one has replaced, or one that a signer was given on the site.
fn serve_other_link(call: &Call, request: &Request, hash: &str, path: &str) -> Result<Response> {
    if find_replaced_link(hash)?.is_some() {
        return serve_replaced(call, request, hash, path);
    }
    let settings = Settings::load()?;
    match find_link(hash, &settings)? {
        Some(FoundLink::Fresh(signer)) => GivenVisit { signer: *signer, settings, hash, path }.serve(call, request),
        Some(FoundLink::Ended) => serve_ended(call, request, &settings),
        None => Err(Error::NotFound(String::new())),
    }
}

/// Answers whoever follows a link of the site that was used or whose time is over. It tells nothing of the envelope.
fn serve_ended(call: &Call, request: &Request, settings: &Settings) -> Result<Response> {
    if wants_page(request) {
        return Ok(render_message(410, "page.ended", call, settings));
    }
    let data = json!({ "data": { "status": "ended" } });
    Ok(Response::json(410, &data)?.header("cache-control", NO_STORE).header("x-robots-tag", "noindex"))
}

/// A signer who follows a link that they were given on the site: it offers the document and shows nothing of it before it is opened, once.
struct GivenVisit<'a> {
    signer: Signer,
    settings: Settings,
    hash: &'a str,
    path: &'a str,
}

impl GivenVisit<'_> {
    fn serve(&self, call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "signer-page" => self.show(request),
            "signer-open" => self.open(call, request),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    /// State of the page for somebody who has not opened the document by this link.
    fn page_state(&self) -> SigningPageState {
        match self.signer.page_state() {
            SigningPageState::Open => SigningPageState::Invited,
            page_state => page_state,
        }
    }

    fn show(&self, request: &Request) -> Result<Response> {
        let page_state = self.page_state();
        if wants_page(request) {
            return self.render(page_state.page_status());
        }
        let data = json!({ "data": { "status": page_state.name() } });
        Ok(Response::json(page_state.page_status(), &data)?
            .header("cache-control", NO_STORE)
            .header("x-robots-tag", "noindex"))
    }

    fn render(&self, status: u16) -> Result<Response> {
        SigningPage {
            signer: &self.signer,
            page_state: self.page_state(),
            settings: &self.settings,
            language: self.signer.envelope.language_of(Some(&self.signer.recipient), &self.settings),
            path: self.path,
            form: &FormFields::default(),
            problems: &[],
            is_given: true,
        }
        .render(status)
    }

    fn open(&self, call: &Call, request: &Request) -> Result<Response> {
        match redeem_link(self.hash, &find_origin(request), &self.settings)? {
            RedeemedLink::Opened(token) if is_form(request) => {
                Ok(Response::empty(303).header("location", &page_path(&token)))
            }
            RedeemedLink::Opened(token) => {
                let base = site().map(|site| site.url).unwrap_or_default();
                let data = json!({ "status": "open", "url": format!("{base}{}", page_path(&token)) });
                Ok(Response::json(200, &json!({ "data": data }))?.header("cache-control", NO_STORE))
            }
            RedeemedLink::Ended => serve_ended(call, request, &self.settings),
            RedeemedLink::Refused(page_state) if is_form(request) => {
                let now = Self { signer: self.signer.reload()?, settings: self.settings.clone(), ..*self };
                now.render(refused_status(page_state))
            }
            RedeemedLink::Refused(page_state) => {
                let language = self.signer.envelope.language_of(Some(&self.signer.recipient), &self.settings);
                refuse_answer(page_state, language)
            }
        }
    }
}

/// Path of the page that a token leads to.
fn page_path(token: &str) -> String {
    format!("/api/esign/s/{token}")
}

/// Answers whoever follows a link that a newer one has replaced. It tells nothing of the envelope.
fn serve_replaced(call: &Call, request: &Request, hash: &str, path: &str) -> Result<Response> {
    let settings = Settings::load()?;
    let language = language_of_visitor(call, &settings);
    let is_renewed = request.route == "signer-renew";
    if is_renewed {
        renew_link(hash, &settings)?;
    }
    let (status, state) = if is_renewed { (200, "renewed") } else { (410, "replaced") };
    if wants_page(request) {
        return Ok(render_replaced_page(status, state, path, language, &settings));
    }
    let data = json!({ "data": { "status": state } });
    Ok(Response::json(status, &data)?.header("cache-control", NO_STORE).header("x-robots-tag", "noindex"))
}

/// True if a browser asks, as people use it.
fn wants_page(request: &Request) -> bool {
    request.header("accept").is_some_and(|accept| accept.contains("text/html"))
}

/// True if a page's form was sent.
fn is_form(request: &Request) -> bool {
    is_browser_form(request.header("content-type").unwrap_or_default()) && wants_page(request)
}

/// Where a request comes from, as the trail keeps it.
pub(crate) fn find_origin(request: &Request) -> Origin {
    Origin {
        ip_address: clean_text(request.client_address.as_deref().unwrap_or_default(), 45),
        user_agent: clean_text(request.header("user-agent").unwrap_or_default(), 300),
    }
}

fn read_form(request: &Request) -> Result<FormFields> {
    let media_type = request.header("content-type").unwrap_or_default();
    FormFields::parse(media_type, request.bytes())
        .ok_or_else(|| Error::field("", "body", "Send an object of texts as JSON, or a form."))
}

impl Visit {
    fn language(&self) -> &str {
        self.signer.envelope.language_of(Some(&self.signer.recipient), &self.settings)
    }

    fn render(&self, status: u16, form: &FormFields, problems: &[WrongField]) -> Result<Response> {
        let language = self.language().to_owned();
        SigningPage {
            signer: &self.signer,
            page_state: self.signer.page_state(),
            settings: &self.settings,
            language: &language,
            path: &self.path,
            form,
            problems,
            is_given: false,
        }
        .render(status)
    }

    fn show(&self, request: &Request) -> Result<Response> {
        let page_state = self.signer.page_state();
        if wants_page(request) {
            return self.render(page_state.page_status(), &FormFields::default(), &[]);
        }
        let data = json!({ "data": self.describe(page_state) });
        Ok(Response::json(page_state.page_status(), &data)?
            .header("cache-control", NO_STORE)
            .header("x-robots-tag", "noindex"))
    }

    /// The envelope for programs: nothing of the document before it is opened, and nothing at all before it is their turn.
    fn describe(&self, page_state: SigningPageState) -> Value {
        let Signer { envelope, recipient, .. } = &self.signer;
        if !self.signer.is_let_in() {
            return json!({ "status": page_state.name() });
        }
        let mut data = json!({ "title": envelope.title, "status": page_state.name(), "name": recipient.name });
        if page_state == SigningPageState::Open {
            let field = |row: &&Row<crate::model::Field>| json!({ "id": row.document_id, "type": row.kind.name(), "label": row.label, "required": row.is_required(), "page": row.page });
            data["fields"] = envelope.fields_of(&recipient.document_id).iter().map(field).collect();
            data["pages"] = json!(envelope.page_count);
            data["expiresAt"] = json!(envelope.expires_at);
        }
        data
    }

    fn show_picture(&self, request: &Request) -> Result<Response> {
        let unknown = || Error::NotFound(String::new());
        let number: u32 = request.parameter("page").parse().map_err(|_| unknown())?;
        let envelope = &self.signer.envelope;
        let has_page = envelope.page_count.is_some_and(|pages| (1..=pages).contains(&i64::from(number)));
        // The sealed document has more pages and other content: it is there as a PDF.
        if self.signer.page_state() != SigningPageState::Open || !has_page {
            return Err(unknown());
        }
        require_as_sent(envelope, self.language())?;
        let sha256 = envelope.sha256_original.as_deref().ok_or_else(unknown)?;
        let picture = files::read_all(&find_picture(envelope, sha256, number)?, MAX_PICTURE)?;
        Ok(Response::bytes(200, "image/png", picture).header("cache-control", "private, max-age=3600"))
    }

    fn show_pdf(&self, request: &Request) -> Result<Response> {
        let page_state = self.signer.page_state();
        if !page_state.shows_document() {
            if wants_page(request) {
                return self.render(page_state.page_status(), &FormFields::default(), &[]);
            }
            return Err(Error::NotFound(String::new()));
        }
        let envelope = &self.signer.envelope;
        let file = if page_state == SigningPageState::Completed { &envelope.sealed } else { &envelope.document };
        let file = file.as_ref().ok_or_else(|| Error::NotFound(String::new()))?;
        if page_state != SigningPageState::Completed {
            require_as_sent(envelope, self.language())?;
        }
        let bytes = files::read_all(&file.document_id, MAX_PDF)?;
        let name = match page_state {
            SigningPageState::Completed => name_sealed_file(&envelope.title, self.language()),
            _ => name_file(&envelope.title),
        };
        let name: String = name.chars().filter(char::is_ascii).collect();
        let name = if name.is_empty() { "document".to_owned() } else { name };
        Ok(Response::bytes(200, "application/pdf", bytes)
            .header("content-disposition", &format!("inline; filename=\"{name}.pdf\""))
            .header("cache-control", NO_STORE)
            .header("x-robots-tag", "noindex"))
    }

    fn open(&self, request: &Request) -> Result<Response> {
        self.answer(request, open_document(&self.hash, &find_origin(request), &self.settings)?)
    }

    fn sign(&self, request: &Request) -> Result<Response> {
        // A second click, or a page that is no longer how things stand: nothing that was sent matters.
        match self.signer.page_state() {
            SigningPageState::Open => {}
            SigningPageState::Signed | SigningPageState::Completed => return self.answer(request, AnswerResult::Taken),
            page_state => return self.answer(request, AnswerResult::Refused(page_state)),
        }
        let form = read_form(request)?;
        let today = format_instant(time::now(), "nl", &self.settings.timezone, "short")?;
        let today = today.split(',').next().unwrap_or_default();
        let Signer { envelope, recipient, .. } = &self.signer;
        let fields = envelope.fields_of(&recipient.document_id);
        match read_answer(&form, &fields, &recipient.name, today) {
            Ok(answer) => {
                let origin = find_origin(request);
                self.answer(
                    request,
                    sign_document(&self.hash, &recipient.document_id, &answer, &origin, &self.settings)?,
                )
            }
            Err(problems) => self.refuse(request, &form, &problems),
        }
    }

    fn decline(&self, request: &Request) -> Result<Response> {
        let form = read_form(request)?;
        match read_reason(&form, MAX_REASON) {
            Ok(reason) => {
                let origin = find_origin(request);
                self.answer(request, decline_document(&self.hash, &reason, &origin, &self.settings)?)
            }
            Err(problem) => self.refuse(request, &form, &[problem]),
        }
    }

    fn refuse(&self, request: &Request, form: &FormFields, problems: &[WrongField]) -> Result<Response> {
        if is_form(request) {
            return self.render(400, form, problems);
        }
        let language = self.language();
        let tell = |problem: &WrongField| FieldError {
            path: problem.path.clone(),
            code: problem.code.to_owned(),
            message: describe_wrong(problem, language),
        };
        Err(Error::Invalid(problems.iter().map(tell).collect()))
    }

    /// Responds with the outcome of an answer: browsers are led back to the page, which says so.
    fn answer(&self, request: &Request, result: AnswerResult) -> Result<Response> {
        match result {
            AnswerResult::Taken if is_form(request) => Ok(Response::empty(303).header("location", &self.path)),
            AnswerResult::Taken => {
                let signer = require_signer(&self.hash, false)?;
                Response::json(200, &json!({ "data": { "status": signer.page_state().name() } }))
            }
            AnswerResult::Refused(page_state) if is_form(request) => {
                let now = Self {
                    signer: require_signer(&self.hash, false)?,
                    settings: self.settings.clone(),
                    hash: self.hash.clone(),
                    path: self.path.clone(),
                };
                now.render(refused_status(page_state), &FormFields::default(), &[])
            }
            AnswerResult::Refused(page_state) => refuse_answer(page_state, self.language()),
        }
    }
}

/// Status of the page that says why an answer was not taken.
const fn refused_status(page_state: SigningPageState) -> u16 {
    if matches!(page_state, SigningPageState::Expired) { 410 } else { 409 }
}

/// Tells a program why an answer was not taken.
fn refuse_answer(page_state: SigningPageState, language: &str) -> Result<Response> {
    if page_state == SigningPageState::Expired {
        let message = translate("conflict.signer.expired", language, None);
        let error = json!({ "status": 410, "name": "GoneError", "message": message, "details": {} });
        return Response::json(410, &json!({ "data": null, "error": error }));
    }
    let message = translate(&format!("conflict.signer.{}", page_state.name()), language, None);
    let kind = if page_state == SigningPageState::NotYet { "not-your-turn" } else { "state" };
    Err(Error::Conflict(Conflict { kind: kind.to_owned(), existing: None, message }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Envelope;

    /// A visit of the signer of group 2 while the first signer stands like that.
    fn visit(first_status: &str) -> Visit {
        let settings = json!({
            "companyName": "Donkervoort", "replyTo": "", "language": "en", "timezone": "UTC", "level": "b-b", "expiryDays": 14, "remindDays": 3,
            "announce": true,
        });
        let envelope: Row<Envelope> = serde_json::from_value(json!({
            "documentId": "e", "title": "Sales contract", "status": "inProgress", "recipients": [
                { "documentId": "a", "name": "Ann", "email": "a@example.com", "group": 1, "status": first_status },
                { "documentId": "b", "name": "Bart", "email": "b@example.com", "group": 2, "status": "waiting" },
            ],
        }))
        .unwrap();
        let recipient = envelope.recipients[1].clone();
        let settings: Settings = serde_json::from_value(settings).unwrap();
        Visit { signer: Signer { envelope, recipient, way: None }, settings, hash: String::new(), path: String::new() }
    }

    #[test]
    fn before_their_turn_signers_see_nothing_of_the_contract() {
        let early = visit("viewed");
        assert!(!early.signer.is_let_in());
        for state in [SigningPageState::NotYet, SigningPageState::Voided, SigningPageState::Expired] {
            assert_eq!(early.describe(state), json!({ "status": state.name() }));
        }
        let due = visit("signed");
        assert!(due.signer.is_let_in());
        assert_eq!(due.describe(SigningPageState::Invited)["title"], "Sales contract");
    }
}
