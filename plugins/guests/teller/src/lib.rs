//! A plugin that tells people things: its one route does what the body says, `{"do": …}`, and answers what the host said. With
//! `"undone": true` it does so in a transaction that it then drops.

use cairn_plugin::bindings::{audit, calendar, data, i18n, mail, settings, templates};
use cairn_plugin::{Call, DocumentRef, Error, Request, Response, Result, Routes};
use serde_json::{Value, json};

struct Teller;

cairn_plugin::export!(Teller: routes);

impl Routes for Teller {
    fn handle(_call: &Call, request: &Request) -> Result<Response> {
        let asked: Value = request.json()?;
        if asked["undone"] == true {
            let open = data::Transaction::begin()?;
            let said = tell(&asked)?;
            drop(open);
            return Response::json(200, &said);
        }
        Response::json(200, &tell(&asked)?)
    }
}

fn text(asked: &Value, name: &str) -> String {
    asked[name].as_str().unwrap_or_default().to_owned()
}

fn list(asked: &Value, name: &str) -> Vec<String> {
    let all = asked[name].as_array().into_iter().flatten();
    all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn number(asked: &Value, name: &str) -> i64 {
    asked[name].as_i64().unwrap_or_default()
}

fn template(asked: &Value) -> templates::Template {
    match asked["inline"].as_str() {
        Some(source) => templates::Template::Inline(source.to_owned()),
        None => templates::Template::Named(text(asked, "template")),
    }
}

fn subject(asked: &Value) -> DocumentRef {
    DocumentRef { content_type: text(asked, "type"), document_id: text(asked, "document"), locale: None }
}

fn tell(asked: &Value) -> Result<Value> {
    Ok(match asked["do"].as_str().unwrap_or_default() {
        "render" => {
            let filled = templates::render(&template(asked), &asked["model"].to_string(), &text(asked, "locale"))?;
            json!({ "subject": filled.subject, "text": filled.text, "html": filled.html })
        }
        "send" => {
            let pairs = asked["headers"].as_array().into_iter().flatten();
            let one = |pair: &Value| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()));
            let message = mail::Message {
                key: text(asked, "key"),
                to: list(asked, "to"),
                cc: list(asked, "cc"),
                bcc: list(asked, "bcc"),
                reply_to: asked["replyTo"].as_str().map(str::to_owned),
                template: template(asked),
                model: asked["model"].to_string(),
                locale: text(asked, "locale"),
                attachments: list(asked, "attachments"),
                headers: pairs.filter_map(one).collect(),
            };
            json!(mail::send(&[message])?)
        }
        "notify" => {
            let notice = mail::Notice {
                key: text(asked, "key"),
                to: list(asked, "to"),
                title: text(asked, "title"),
                text: text(asked, "text"),
                link: asked["link"].as_str().map(str::to_owned),
            };
            mail::notify(&[notice])?;
            Value::Null
        }
        "translate" => {
            let arguments = asked.get("arguments").map(Value::to_string);
            json!(i18n::translate(&text(asked, "key"), &text(asked, "locale"), arguments.as_deref()))
        }
        "instant" => {
            let (locale, zone, style) = (text(asked, "locale"), text(asked, "zone"), text(asked, "style"));
            json!(i18n::format_instant(number(asked, "at"), &locale, &zone, &style)?)
        }
        "money" => json!(i18n::format_money(&text(asked, "amount"), &text(asked, "currency"), &text(asked, "locale"))?),
        "site" => settings::site().map_or(Value::Null, |site| json!([site.name, site.url])),
        "locales" => i18n::locales().into_iter().map(|l| json!([l.code, l.is_default])).collect(),
        "add" => {
            let amount = u64::try_from(number(asked, "amount")).unwrap_or_default();
            json!(calendar::add_working_time(&text(asked, "calendar"), number(asked, "at"), amount)?)
        }
        "between" => {
            let (from, to) = (number(asked, "at"), number(asked, "to"));
            json!(calendar::working_time_between(&text(asked, "calendar"), from, to)?)
        }
        "open" => json!(calendar::is_open(&text(asked, "calendar"), number(asked, "at"))?),
        "append" => {
            audit::append(&subject(asked), &text(asked, "action"), &asked["detail"].to_string())?;
            Value::Null
        }
        "trail" => {
            let entries = audit::trail(&subject(asked), number(asked, "after").unsigned_abs(), 100)?;
            let one = |e: audit::Entry| {
                let detail: Value = serde_json::from_str(&e.detail)?;
                Ok(
                    json!({ "n": e.sequence, "actor": e.actor, "action": e.action, "detail": detail, "chain": e.chain.len() }),
                )
            };
            entries.into_iter().map(one).collect::<Result<_>>()?
        }
        other => return Err(Error::NotFound(other.to_owned())),
    })
}
