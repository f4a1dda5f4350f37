//! A plugin that tells people things: its route `ask` does what the body says, `{"do": …}`, and answers what the host said. With
//! `"undone": true` it does so in a transaction that it then drops. With `"file"` alone it answers with that file, with `"status"` alone with
//! that status.

mod paper;

use cairn_plugin::bindings::{audit, calendar, data, i18n, mail, people, settings, templates, zones};
use cairn_plugin::{
    Call, DocumentRef, Jobs, Outcome, Request, Response, Result, Routes, Task, files, groups, http, kv, public_files,
    search, signing, users,
};
use serde_json::{Value, json};

struct Teller;

cairn_plugin::export!(Teller: routes, jobs);

impl Routes for Teller {
    fn handle(_call: &Call, request: &Request) -> Result<Response> {
        if request.route == "receive" {
            return Response::json(200, &receive(request));
        }
        let asked: Value = request.json()?;
        if asked["do"].is_null()
            && let Some(id) = asked["file"].as_str()
        {
            return Ok(Response::file(200, id).header("content-type", "text/html"));
        }
        if let (true, Some(status)) = (asked["do"].is_null(), asked["status"].as_u64()) {
            return Ok(Response::empty(u16::try_from(status).unwrap_or(500)));
        }
        if asked["undone"] == true {
            let open = data::Transaction::begin()?;
            let said = tell(&asked)?;
            drop(open);
            return Response::json(200, &said);
        }
        Response::json(200, &tell(&asked)?)
    }
}

/// Reports what is known of the body, with its first bytes and its last; of one that is kept also the new id, and what the old one is good for.
fn receive(request: &Request) -> Value {
    let Some(id) = request.file() else { return json!({ "file": null, "bytes": request.bytes().len() }) };
    let part = |offset: u64| match files::read(id, offset, 8) {
        Ok(bytes) => json!(String::from_utf8_lossy(&bytes)),
        Err(error) => json!({ "error": error.describe() }),
    };
    let Ok(Some(info)) = files::stat(id) else { return json!({ "file": id, "info": null }) };
    let mut report = json!({
        "file": id, "bytes": info.size, "type": info.media_type, "sha256": info.sha256.len(),
        "first": part(0), "last": part(info.size.saturating_sub(8)), "beyond": part(info.size),
    });
    if let Some(other) = request.query("peek") {
        report["peek"] = json!(files::read(other, 0, 8).err().map(|error| error.describe()));
    }
    if let Some(name) = request.query("keep") {
        report["kept"] = match files::keep(id, name, "text/plain") {
            Ok(kept) => json!(kept),
            Err(error) => json!({ "error": error.describe() }),
        };
        report["afterwards"] = part(0);
    }
    report
}

impl Jobs for Teller {
    fn run(_call: &Call, task: &Task) -> Result<Outcome> {
        let payload: Value = task.payload()?;
        let said = match tell(&payload["ask"]) {
            Ok(said) => json!({ "ok": said }),
            Err(error) => json!({ "error": error.describe() }),
        };
        kv::put(&text(&payload, "key"), &said)?;
        Ok(Outcome::DONE)
    }
}

fn text(asked: &Value, name: &str) -> String {
    asked[name].as_str().unwrap_or_default().to_owned()
}

fn list(asked: &Value, name: &str) -> Vec<String> {
    let all = asked[name].as_array().into_iter().flatten();
    all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn numbers(asked: &Value, name: &str) -> Vec<i64> {
    asked[name].as_array().into_iter().flatten().filter_map(Value::as_i64).collect()
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

fn invitation(asked: &Value) -> mail::Invitation {
    mail::Invitation {
        uid: text(asked, "uid"),
        sequence: u32::try_from(number(asked, "sequence")).unwrap_or_default(),
        method: match asked["method"].as_str() {
            Some("cancel") => mail::InvitationMethod::Cancel,
            _ => mail::InvitationMethod::Request,
        },
        time: match asked["firstDay"].as_str() {
            Some(first_day) => {
                let (first_day, last_day) = (first_day.to_owned(), text(asked, "lastDay"));
                mail::EventTime::AllDay(mail::DaySpan { first_day, last_day })
            }
            None => {
                mail::EventTime::Timed(mail::TimeSpan { start: number(asked, "start"), end: asked["end"].as_i64() })
            }
        },
        summary: text(asked, "summary"),
        description: asked["description"].as_str().map(str::to_owned),
        location: asked["location"].as_str().map(str::to_owned),
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
        "send" | "invite" => {
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
            match list(asked, "secrets") {
                secrets if asked["do"] == "invite" => {
                    let invitation = invitation(&asked["invitation"]);
                    json!(mail::send_invitations(&[mail::InvitationMail { message, invitation, secrets }])?)
                }
                none if none.is_empty() => json!(mail::send(&[message])?),
                secrets => json!(mail::send_confidential(&[mail::Confidential { message, secrets }])?),
            }
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
        "local" => json!(zones::to_local(&text(asked, "zone"), &numbers(asked, "at"))?),
        "instants" => json!(zones::to_instants(&text(asked, "zone"), &list(asked, "local"))?),
        "plus" => json!(zones::plus(&text(asked, "zone"), number(asked, "at"), &list(asked, "durations"))?),
        "site" => settings::site().map_or(Value::Null, |site| json!([site.name, site.url])),
        "look" => {
            let look = settings::look();
            json!([look.accent, look.on_accent, look.logo, look.zone, look.locale])
        }
        "public-url" => json!(public_files::url(&text(asked, "path"))?),
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
        "put" => {
            let entries = asked["entries"].as_array().into_iter().flatten();
            let one = |entry: &Value| {
                let made = search::entry(text(entry, "id"), &entry["document"])?.only_for(list(entry, "audience"));
                Ok(match entry["locale"].as_str() {
                    Some(locale) => made.locale(locale),
                    None => made,
                })
            };
            search::put(&text(asked, "index"), entries.map(one).collect::<Result<Vec<_>>>()?)?;
            Value::Null
        }
        "remove" => {
            search::remove(&text(asked, "index"), list(asked, "ids"))?;
            Value::Null
        }
        "set-groups" => {
            groups::set(&text(asked, "user"), list(asked, "groups"))?;
            Value::Null
        }
        "list-groups" => json!(groups::list(&text(asked, "user"))?),
        "members" => {
            let limit = u32::try_from(number(asked, "limit")).unwrap_or_default();
            let found = groups::members(&text(asked, "group"), asked["after"].as_str(), limit)?;
            json!({ "users": found.users, "next": found.next })
        }
        "people" => {
            let entries = list(asked, "entries");
            let by = match asked["by"].as_str() {
                Some("ids") => people::Filter::Ids(entries),
                Some("roles") => people::Filter::Roles(entries),
                _ => people::Filter::Names(entries),
            };
            let limit = u32::try_from(number(asked, "limit")).unwrap_or_default();
            let found = people::find(&by, asked["after"].as_str(), limit)?;
            let one = |p: &people::Person| json!({ "id": p.id, "name": p.name, "roles": p.roles, "active": p.active });
            json!({ "people": found.people.iter().map(one).collect::<Vec<_>>(), "next": found.next })
        }
        "invite-user" => {
            let mut made = users::invitation(text(asked, "email"));
            if let Some(name) = asked["name"].as_str() {
                made = made.name(name);
            }
            if let Some(role) = asked["role"].as_str() {
                made = made.role(role);
            }
            if let Some(language) = asked["language"].as_str() {
                made = made.language(language);
            }
            let invited = made.send()?;
            let outcome = match invited.outcome {
                users::InvitationOutcome::Created => "created",
                users::InvitationOutcome::SentAgain => "sent-again",
                users::InvitationOutcome::AlreadySent => "already-sent",
                users::InvitationOutcome::HasPassword => "has-password",
                users::InvitationOutcome::Blocked => "blocked",
            };
            json!({ "user": invited.user, "outcome": outcome })
        }
        // A chat whose address is a secret, by its name, or by whatever the test makes of it.
        "chat" => {
            let address = asked["secret"].as_str().map_or_else(|| text(asked, "url"), http::secret_address);
            let mut message = http::post_json(address, &asked["body"])?.follow(5);
            if let Some(secret) = asked["header"].as_str() {
                message = message.secret_header("authorization", "Bearer ", secret);
            }
            let answer = message.send()?;
            json!({ "status": answer.status, "headers": answer.headers, "body": String::from_utf8_lossy(answer.bytes()) })
        }
        "sign" => {
            let data = text(asked, "data").repeat(usize::try_from(number(asked, "times")).unwrap_or_default().max(1));
            let signature = signing::sign(&text(asked, "key"), data.as_bytes())?;
            let algorithm = match signature.algorithm {
                signing::Algorithm::Es256 => "es256",
                signing::Algorithm::Rs256 => "rs256",
            };
            json!({ "algorithm": algorithm, "kid": signature.kid, "bytes": signing::encode_base64url(&signature.bytes) })
        }
        "jwk" => signing::public_jwk(&text(asked, "key"))?,
        "jwk-set" => signing::public_jwk_set(&text(asked, "key"))?,
        "jwt" => json!(signing::sign_jwt(&text(asked, "key"), &asked["claims"])?),
        "begin" => json!(search::begin_rebuild(&text(asked, "index"))?),
        "finish" => {
            search::finish_rebuild(&text(asked, "index"))?;
            Value::Null
        }
        "synonyms" => {
            let groups: Vec<Vec<String>> = serde_json::from_value(asked["groups"].clone())?;
            search::set_synonyms(&text(asked, "index"), &text(asked, "locale"), &groups)?;
            Value::Null
        }
        "search" => {
            let mut made = search::search(text(asked, "index"), text(asked, "text")).audience(list(asked, "audience"));
            if let Some(locale) = asked["locale"].as_str() {
                made = made.locale(locale);
            }
            if asked["filter"].is_object() {
                made = made.filter(&asked["filter"]);
            }
            if let Some(field) = asked["facet"].as_str() {
                made = made.facet(field, 10, true);
            }
            if let Some(field) = asked["highlight"].as_str() {
                made = made.highlight(field).unfinished();
            }
            made = list(asked, "sort").into_iter().fold(made, search::Search::sort);
            let found = made
                .page(0, asked["limit"].as_u64().map_or(100, |n| u32::try_from(n).unwrap_or(u32::MAX)))
                .run::<Value>()?;
            let ids: Vec<&str> = found.hits.iter().map(|hit| hit.id.as_str()).collect();
            let marked: Vec<&(String, String)> = found.hits.iter().flat_map(|hit| &hit.highlights).collect();
            json!({ "ids": ids, "total": found.total, "facets": found.facets, "suggestion": found.suggestion, "marked": marked })
        }
        other => return paper::tell(other, asked),
    })
}
