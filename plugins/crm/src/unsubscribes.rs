//! Links by which the addressee of a mail with a brochure says that they want no more of them. Whoever has the link may say so, and nothing else:
//! what is stored is its hash, in the plugin's own storage, with the contact and the lead that the mail was about.

use crate::inquiry::read_language;
use crate::locked_documents::find_lead_locked;
use crate::model::{Activity, Addressable, Contact};
use crate::settings::Settings;
use cairn_plugin::prelude::*;
use cairn_plugin::{run_transaction, site};
use cairn_plugin_pages::link_token::{create_token, hash_token};
use cairn_plugin_pages::{Page, PageOwner, escape_html, render_message_page};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long a link works: mails are kept for long, and what comes after it is asked for anew.
const LIFETIME: Duration = Duration::from_secs(2 * 366 * 86_400);
const STYLE: &str = "button{font:inherit;font-weight:600;padding:.7rem 1.3rem;border-radius:.4rem;border:1px solid var(--edge);cursor:pointer;\
background:var(--field);color:inherit}";

/// A link that was made for one mail.
pub(crate) struct UnsubscribeLink {
    pub(crate) url: String,
    /// The part of it that only its addressee may know.
    pub(crate) token: String,
}

/// Whom a link is of. The contact may be gone when it is used, joined with another one: then the lead has the contact that counts.
#[derive(Debug, Serialize, Deserialize)]
struct Addressee {
    contact: String,
    lead: String,
}

fn name_key(hash: &str) -> String {
    format!("unsubscribe/{hash}")
}

/// Makes a link for a contact that gets a mail about a lead, in the open transaction; none where nobody has said how browsers reach the site.
///
/// # Errors
/// What the host says.
pub(crate) fn create_unsubscribe_link(contact: &str, lead: &str) -> Result<Option<UnsubscribeLink>> {
    let Some(site) = site() else { return Ok(None) };
    let token = create_token();
    let hash = hash_token(&token).unwrap_or_default();
    let addressee = Addressee { contact: contact.to_owned(), lead: lead.to_owned() };
    kv::put_for(&name_key(&hash), &addressee, LIFETIME)?;
    Ok(Some(UnsubscribeLink { url: format!("{}/api/crm/unsubscribe/{token}", site.url), token }))
}

/// Answers a request with such a link: the page asks, because programs that scan mails open links; what is sent by it counts.
///
/// # Errors
/// What the host says.
pub(crate) fn serve_unsubscribe(call: &Call, request: &Request) -> Result<Response> {
    let settings = Settings::load()?;
    let language = read_language(&call.locale).unwrap_or(&settings.language);
    let token = request.parameter("token");
    let addressee: Option<Addressee> = match hash_token(token) {
        Some(hash) => kv::get(&name_key(&hash))?,
        None => None,
    };
    let company = settings.company();
    let owner = PageOwner { name: &company, ..PageOwner::default() };
    let unknown = || Ok(render_message_page(404, language, "page.unsubscribe.unknown", owner, None));
    let Some(addressee) = addressee else { return unknown() };
    if request.route == "unsubscribe-page" {
        return Ok(render_question(token, language, owner));
    }
    if !run_transaction(|| stop_contacting(&addressee, &settings))? {
        return unknown();
    }
    Ok(render_message_page(200, language, "page.unsubscribe.done", owner, None))
}

fn render_question(token: &str, language: &str, owner: PageOwner<'_>) -> Response {
    let text = |key: &str| escape_html(&translate(key, language, None));
    let title = translate("page.unsubscribe.title", language, None);
    // The token is one: it has no character that could be anything else.
    let body = format!(
        "<main><h1>{}</h1><p>{}</p><form method=\"post\" action=\"/api/crm/unsubscribe/{token}\"><button>{}</button></form></main>",
        escape_html(&title),
        text("page.unsubscribe"),
        text("page.unsubscribe.button"),
    );
    Page { language, title: &title, owner, style: STYLE, body: &body, script: "", pictures: false }.render(200)
}

/// Notes with a contact that it wants no news; one that was asked before stays as it is. False where neither the contact is left nor one that
/// it was joined with.
fn stop_contacting(addressee: &Addressee, settings: &Settings) -> Result<bool> {
    let Some(contact) = find_contact_locked(addressee)? else { return Ok(false) };
    if contact.do_not_contact == Some(true) {
        return Ok(true);
    }
    let id = contact.document_id.as_str();
    data::update::<Contact>(id, &json!({ "doNotContact": true }))?;
    let subject = translate("activity.unsubscribed", &settings.language, None);
    data::create::<Activity>(&json!({
        "kind": "system", "subject": subject, "at": time::format(time::now()), "automatic": true, "contact": id,
    }))?;
    Ok(true)
}

/// The contact of a link, held until the transaction ends: the one that got the mail, or that of the lead where the first is gone.
fn find_contact_locked(addressee: &Addressee) -> Result<Option<Row<Addressable>>> {
    let find = |contact: &str| Ok(data::find::<Addressable>().lock().by_ids(&[contact])?.pop().flatten());
    if let Some(contact) = find(&addressee.contact)? {
        return Ok(Some(contact));
    }
    let lead = find_lead_locked(&addressee.lead)?;
    match lead.as_ref().and_then(|lead| lead.contact.as_ref()) {
        Some(contact) => find(&contact.document_id),
        None => Ok(None),
    }
}
