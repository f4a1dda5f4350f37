//! The public form, and the replies of those who are signed in.

use crate::agents::answers_all;
use crate::attachments::attach;
use crate::authors::Author;
use crate::intake::{Form, clean_text};
use crate::intake_page::{FieldMessage, Look, Page};
use crate::messages::{MAX_TEXT, NewMessage};
use crate::model::{Direction, Ticket};
use crate::references::{create_reference, create_request_key, is_reference};
use crate::subjects::{self, Subject};
use crate::{Desk, tickets};
use cairn_plugin::prelude::*;
use cairn_plugin::{Actor, Authority, FieldError, info, look, public_files, site};
use serde::Deserialize;
use serde_json::json;

/// Origin of scripts in pages of the plugin itself: browsers give them none.
const NO_ORIGIN: &str = "null";
/// Limit of a stored origin, in characters.
const MAX_ORIGIN: usize = 200;

impl Routes for Desk {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "form" => show_form(call, request),
            "submit" => submit(call, request),
            "reply" => reply(call, request),
            "attach" => attach(call, request),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// Language of the form: the one that it names, else the browser's, else the site's.
fn choose_language(named: Option<&str>, accepted: Option<&str>, site: &str) -> &'static str {
    let known = |text: &str| match text.split(['-', '_', ';']).next().unwrap_or_default().trim() {
        "nl" => Some("nl"),
        "en" => Some("en"),
        _ => None,
    };
    let accepted = accepted.and_then(|list| list.split(',').find_map(known));
    named.and_then(known).or(accepted).or_else(|| known(site)).unwrap_or("en")
}

/// Calls `work` with the frame of pages in a language.
fn with_page<T>(language: &str, work: impl FnOnce(&Page<'_>) -> T) -> Result<T> {
    let (style, script) = (public_files::url("intake.css")?, public_files::url("intake.js")?);
    let text = |key: &str| translate(key, language, None);
    let (look, name) = (look(), site().map(|site| site.name).unwrap_or_default());
    let look = Look { accent: &look.accent, on_accent: &look.on_accent, logo: look.logo.as_deref(), name: &name };
    let nonce = create_request_key();
    Ok(work(&Page { language, style: &style, script: &script, look, nonce: &nonce, text: &text }))
}

fn show_form(call: &Call, request: &Request) -> Result<Response> {
    let language = choose_language(request.query("locale"), request.header("accept-language"), &call.locale);
    let about = request.query("about").unwrap_or_default().to_owned();
    let form = Form { about, request_id: create_request_key(), ..Form::default() }.clean();
    let title = find_title(&form)?;
    with_page(language, |page| page.render_form(200, &form, title.as_deref(), &[]))
}

/// The title of what a form is about, if its visitor may read it.
fn find_title(form: &Form) -> Result<Option<String>> {
    Ok(subjects::find(&form.about, Authority::Caller)?.map(|subject| subject.title))
}

fn submit(call: &Call, request: &Request) -> Result<Response> {
    let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let form = if is_json { request.json::<Form>()? } else { Form::from_urlencoded(request.bytes()) }.clean();
    let language = choose_language(Some(&form.locale), request.header("accept-language"), &call.locale);
    let (reference, is_new) = match store(&form, language, &name_origin(request.header("origin"))) {
        Ok(stored) => stored,
        Err(Error::Invalid(problems)) if !is_json => {
            let to_message = |problem: FieldError| FieldMessage { field: problem.path, message: problem.message };
            let problems: Vec<FieldMessage> = problems.into_iter().map(to_message).collect();
            let title = find_title(&form)?;
            let request_id = if form.request_id.is_empty() { create_request_key() } else { form.request_id.clone() };
            let form = Form { request_id, ..form };
            return with_page(language, |page| page.render_form(400, &form, title.as_deref(), &problems));
        }
        Err(error) => return Err(error),
    };
    let status = if is_new { 201 } else { 200 };
    if is_json {
        let texts = ["title", "text", "reference"].map(|part| translate(&format!("thanks.{part}"), language, None));
        let [title, text, label] = texts;
        return Response::json(
            status,
            &json!({ "data": { "reference": reference, "title": title, "text": text, "label": label } }),
        );
    }
    with_page(language, |page| page.render_thanks(status, &reference))
}

fn store(form: &Form, language: &str, origin: &str) -> Result<(String, bool)> {
    if form.is_from_robot() {
        // A robot gets the same response as a person, and nothing is stored.
        info!("a form was left out: a program filled it in");
        return Ok((create_reference(), true));
    }
    let problems = form.find_problems();
    if !problems.is_empty() {
        let to_error = |problem: &crate::intake::Problem| FieldError {
            path: problem.field.to_owned(),
            code: problem.code.to_owned(),
            message: translate(&format!("problem.{}.{}", problem.field, problem.code), language, None),
        };
        return Err(Error::Invalid(problems.iter().map(to_error).collect()));
    }
    // A subject that cannot be found is left out: the question counts.
    let about: Option<Subject> = subjects::find(&form.about, Authority::Plugin)?;
    tickets::create(form, language, origin, about.as_ref())
}

/// Where a form was sent from: the origin of a website, or `page` for the plugin's own.
fn name_origin(origin: Option<&str>) -> String {
    match origin {
        None | Some(NO_ORIGIN) => "page".to_owned(),
        Some(origin) => origin.chars().filter(|c| !c.is_control()).take(MAX_ORIGIN).collect(),
    }
}

fn reply(call: &Call, request: &Request) -> Result<Response> {
    #[derive(Deserialize)]
    struct Body {
        text: String,
        #[serde(default)]
        note: bool,
    }
    let body: Body = request.json()?;
    let ticket = find_theirs(call, request)?;
    let text = check_text(call, &body.text)?;
    let direction = match (answers_all(&call.actor), body.note) {
        (true, true) => Direction::Note,
        (true, false) => Direction::Out,
        (false, _) => Direction::In,
    };
    let author = Author::of_message(&call.actor, direction, &ticket);
    NewMessage { ticket: &ticket.document_id, direction, author, text: &text, file: None, as_caller: false }.store()?;
    Response::json(201, &json!({ "data": { "direction": direction } }))
}

/// The text of a message without what no text has.
///
/// # Errors
/// `Invalid` for one that is empty or too long.
pub(crate) fn check_text(call: &Call, text: &str) -> Result<String> {
    let text = clean_text(text);
    let code = match text.chars().count() {
        0 => "missing",
        length if length > MAX_TEXT => "long",
        _ => return Ok(text),
    };
    Err(Error::field("text", code, translate(&format!("problem.text.{code}"), &call.locale, None)))
}

/// The ticket that the path names, if the caller may write in it.
///
/// # Errors
/// `NotFound` for any other; what the host says.
pub(crate) fn find_theirs(call: &Call, request: &Request) -> Result<Row<Ticket>> {
    let reference = request.parameter("reference");
    let ticket = find_ticket(reference)?.filter(|ticket| is_theirs(&call.actor, ticket));
    ticket.ok_or_else(|| Error::NotFound(reference.to_owned()))
}

fn find_ticket(reference: &str) -> Result<Option<Row<Ticket>>> {
    if !is_reference(reference) {
        return Ok(None);
    }
    let with_account = json!({ "requester": { "fields": ["username"] } });
    data::find().filter(json!({ "reference": { "$eq": reference } })).populate(with_account).first()
}

/// True if the caller may write in a ticket: as the read policy says who sees it.
fn is_theirs(actor: &Actor, ticket: &Ticket) -> bool {
    let owner = ticket.requester.as_ref().map(|requester| requester.document_id.as_str());
    answers_all(actor) || matches!(actor, Actor::User(who) if Some(who.id.as_str()) == owner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_in_a_language_that_there_is() {
        for (named, accepted, site, language) in [
            (Some("nl"), Some("en-GB"), "en", "nl"),
            (Some("nl-BE"), None, "en", "nl"),
            (Some("fr"), Some("fr, nl;q=0.8, en;q=0.5"), "en", "nl"),
            (None, Some("en-GB,en;q=0.9"), "nl", "en"),
            (None, None, "nl", "nl"),
            (Some("\"><script>"), None, "de", "en"),
        ] {
            assert_eq!(choose_language(named, accepted, site), language, "{named:?} {accepted:?} {site}");
        }
    }

    #[test]
    fn pages_of_the_plugin_have_no_origin() {
        assert_eq!(name_origin(None), "page");
        assert_eq!(name_origin(Some("null")), "page");
        assert_eq!(name_origin(Some("https://shop.example\u{0}")), "https://shop.example");
        assert_eq!(name_origin(Some(&"é".repeat(300))).chars().count(), MAX_ORIGIN);
    }

    #[test]
    fn nobody_writes_in_the_ticket_of_another() {
        let user = |id: &str, groups: &[&str]| {
            let groups = groups.iter().map(|&group| group.to_owned()).collect();
            Actor::User(cairn_plugin::Principal { id: id.into(), name: None, roles: Vec::new(), groups })
        };
        let requester = Some(cairn_plugin::data::Link { document_id: "u1".into() });
        let ticket = Ticket { requester, ..Ticket::default() };
        assert!(is_theirs(&user("u1", &[]), &ticket));
        assert!(!is_theirs(&user("u2", &[]), &ticket));
        assert!(is_theirs(&user("u2", &["desk:agents"]), &ticket));
        let Actor::User(program) = user("7", &[]) else { panic!("a principal") };
        assert!(is_theirs(&Actor::Token(program), &ticket), "a program answers any");
        assert!(!is_theirs(&Actor::Anonymous, &ticket) && !is_theirs(&user("u1", &[]), &Ticket::default()));
    }
}
