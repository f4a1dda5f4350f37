//! The ways in: the form of the website, what programs of the team decide and read, and what customers do with a quote.

use crate::Crm;
use crate::deal_moves::override_rule;
use crate::figures::serve_report;
use crate::form_fields::{FormError, FormFields, is_browser_form};
use crate::inquiry::{FieldProblem, InquiryRules, PACKAGE_FIELD, read_inquiry, read_language};
use crate::intake::{Intake, IntakeResult, count_address};
use crate::leads::{mark_as_spam, qualify_lead};
use crate::local_date::find_today;
use crate::origin::Origin;
use crate::packages::find_package_key;
use crate::pages::{render_problem_page, render_thank_you_page};
use crate::person::Person;
use crate::quote_routes::serve_quote;
use crate::settings::{AnswerDetail, Settings};
use crate::subject::Subject;
use crate::unsubscribes::serve_unsubscribe;
use crate::waiting_inquiries::{find_pipeline, store_inquiry};
use cairn_plugin::prelude::*;
use cairn_plugin::{FieldError, error, site};
use serde::Deserialize;
use serde_json::json;

impl Routes for Crm {
    fn handle(call: &Call, request: &Request) -> Result<Response> {
        match request.route.as_str() {
            "intake" => take_inquiry(call, request),
            "qualify" => {
                let person = require_person(call)?;
                Subject::Lead(request.parameter("id")).require_visible()?;
                let qualified = qualify_lead(request.parameter("id"), &person, &call.locale)?;
                let status = if qualified.already { 200 } else { 201 };
                Response::json(status, &json!({ "data": { "deal": qualified.deal, "already": qualified.already } }))
            }
            "spam" => {
                let person = require_person(call)?;
                Subject::Lead(request.parameter("id")).require_visible()?;
                mark_as_spam(request.parameter("id"), &person, &call.locale)?;
                Response::json(200, &json!({ "data": { "documentId": request.parameter("id"), "status": "spam" } }))
            }
            "override" => override_stage(call, request),
            "report" => serve_report(call, request),
            "unsubscribe-page" | "unsubscribe" => serve_unsubscribe(call, request),
            "quote" | "quote-pdf" | "quote-accept" | "quote-decline" => serve_quote(call, request),
            other => Err(Error::NotFound(other.to_owned())),
        }
    }
}

/// Request to move a deal on although the rule of the stage does not hold.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OverrideRequest {
    stage: String,
    reason: String,
}

fn override_stage(call: &Call, request: &Request) -> Result<Response> {
    let person = require_person(call)?;
    let deal = request.parameter("id");
    Subject::Deal(deal).require_visible()?;
    let OverrideRequest { stage, reason } = request.json()?;
    override_rule(deal, &stage, &reason, &person, &call.locale)?;
    Response::json(200, &json!({ "data": { "documentId": deal, "stage": stage } }))
}

/// The routes for admins let in admin tokens too, but what is decided about a lead or deal is a person's.
fn require_person(call: &Call) -> Result<Person> {
    Person::of(call).ok_or_else(|| Error::Denied("only people decide about leads and deals".to_owned()))
}

fn take_inquiry(call: &Call, request: &Request) -> Result<Response> {
    let settings = Settings::load()?;
    let key = request.parameter("form");
    let form = settings.find_form(key).ok_or_else(|| Error::NotFound(key.to_owned()))?;
    if !form.allows_origin(request.header("origin"), find_own_origin(request).as_ref()) {
        return Err(Error::Denied("this site may not send this form".to_owned()));
    }
    let media_type = request.header("content-type").unwrap_or_default();
    // People see a page, programs an answer they can read.
    let browser =
        is_browser_form(media_type) && request.header("accept").is_some_and(|accept| accept.contains("text/html"));
    let fields = FormFields::parse(media_type, request.bytes());
    let locale = fields.as_ref().ok().and_then(|fields| fields.text("locale"));
    let language = locale.and_then(|locale| read_language(&locale)).unwrap_or(&settings.language);
    let wish = fields.as_ref().ok().and_then(|fields| fields.text(PACKAGE_FIELD));
    let package = wish.map(|wish| find_package_key(&wish)).transpose()?.flatten();
    let rules = InquiryRules {
        package: package.as_deref(),
        today: find_today(time::now(), &settings.timezone)?,
        allow_past: form.allow_past,
        country_code: &settings.country_code,
        language: &settings.language,
    };
    let read = match fields {
        Ok(fields) => read_inquiry(&fields, rules).map_err(|problems| tell_problems(&problems, language)),
        Err(error) => Err(tell_form_error(&error, language)),
    };
    let inquiry = match read {
        Ok(inquiry) => inquiry,
        Err(problems) if browser => return Ok(render_problem_page(&problems, language, &settings.company())),
        Err(problems) => return Err(Error::Invalid(problems)),
    };
    let Some(pipeline) = find_pipeline(&form.pipeline)? else {
        // The visitor can do nothing about it; who set up the form can.
        error!(pipeline = &form.pipeline; "a form names a pipeline that does not exist");
        return Err(Error::Unavailable(None));
    };
    let received = time::now();
    if !count_address(&settings, request.client_address.as_deref(), received)? {
        return refuse_too_many(request, browser, language);
    }
    // A form with the full answer waits until the lead is stored; all others wait only until the inquiry is.
    if form.answer == AnswerDetail::Full && !browser {
        return tell_result(&Intake::plan(&inquiry, form, &settings, &pipeline, received).store()?);
    }
    let language = inquiry.language.clone();
    store_inquiry(call, form, inquiry, received)?;
    match form.thank_you_url.as_str() {
        _ if !browser => Response::json(201, &json!({ "data": { "result": "received" } })),
        "" => Ok(render_thank_you_page(&language, &settings.company())),
        url => Ok(Response::empty(303).header("location", url)),
    }
}

/// The origin of this server's pages, as the browser that sends a form knows it.
fn find_own_origin(request: &Request) -> Option<Origin> {
    Origin::of_request(&site()?.url, request.header("host")?)
}

/// Refuses an inquiry from a network that sent too many.
fn refuse_too_many(request: &Request, browser: bool, language: &str) -> Result<Response> {
    // The host keeps an answer for its key: a program that tries again with the same key has to be able to succeed then.
    if request.header("idempotency-key").is_some() {
        return Err(Error::Unavailable(Some(60_000)));
    }
    if browser {
        // An empty body makes the host show its own page, which retains what the visitor typed.
        return Ok(Response::empty(429).header("retry-after", "60").header("content-language", language));
    }
    let message = translate("wrong.tooMany", language, None);
    let error = json!({ "status": 429, "name": "RateLimitError", "message": message, "details": {} });
    Ok(Response::json(429, &json!({ "data": null, "error": error }))?.header("retry-after", "60"))
}

fn tell_result(stored: &IntakeResult) -> Result<Response> {
    let (lead, result) = stored.tell();
    let status = if result == "merged" { 200 } else { 201 };
    Response::json(status, &json!({ "data": { "documentId": lead, "result": result } }))
}

fn tell_problems(problems: &[FieldProblem], language: &str) -> Vec<FieldError> {
    let one = |problem: &FieldProblem| {
        let arguments = json!({ "most": problem.most });
        let message = translate(&format!("wrong.{}", problem.code), language, Some(&arguments));
        FieldError { path: problem.field.clone(), code: problem.code.to_owned(), message }
    };
    problems.iter().map(one).collect()
}

fn tell_form_error(error: &FormError, language: &str) -> Vec<FieldError> {
    let one = |path: &str, code: &str| FieldError {
        path: path.chars().take(60).collect(),
        code: code.to_owned(),
        message: translate(&format!("wrong.{code}"), language, None),
    };
    match error {
        FormError::Body => vec![one("", "body")],
        FormError::TooMany => vec![one("", "tooMuch")],
        FormError::Nested(fields) => fields.iter().map(|field| one(field, "nested")).collect(),
    }
}
