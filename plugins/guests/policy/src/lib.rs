//! A plugin that says who sees which documents, and describes admin views: the exports the other guests do not have.

use cairn_plugin::bindings::policies;
use cairn_plugin::{
    ActionRequest, ActionResult, Actor, Call, Error, Policies, Policy, Result, ViewRequest, Views, chosen, kv, time,
};
use serde_json::{Value, json};
use std::time::Duration;

struct Guard;

cairn_plugin::export!(Guard: policies, views);

const HOUR: Duration = Duration::from_secs(3_600);

impl Policies for Guard {
    /// `page`: everybody sees what is public, users also their own and that of their groups, the admin and tokens everything. The types `broken`, `short`
    /// and `trap` are answered as no plugin should. Types of others are for a manifest of a test to name: see [`foreign`].
    fn evaluate(call: &Call, content_types: &[String]) -> Result<Vec<Policy>> {
        let is = |name: &str| content_types.iter().any(|uid| uid == &format!("plugin::policy.{name}"));
        assert!(!is("trap"), "asked for a trap");
        if is("short") {
            return Ok(Vec::new());
        }
        if is("broken") {
            return Ok(content_types
                .iter()
                .map(|_| Policy { filters: Some("{".to_owned()), ..Policy::open(HOUR) })
                .collect());
        }
        let policy = |uid: &String| match uid.starts_with("plugin::policy.") {
            true => page(&call.actor),
            false => foreign(uid),
        };
        content_types.iter().map(policy).collect()
    }
}

fn page(actor: &Actor) -> Result<Policy> {
    let public = json!({ "audience": { "$eq": "public" } });
    Ok(match actor {
        Actor::Anonymous => Policy::only(&public, "anonymous", HOUR)?.depends_on("pages"),
        Actor::User(who) => {
            let owners: Vec<&String> = [&who.id].into_iter().chain(&who.groups).collect();
            let own = json!({ "owner": { "$in": owners } });
            let key = format!("user:{}", who.id);
            Policy::only(&json!({ "$or": [public, own] }), &key, HOUR)?.depends_on(&key).depends_on("pages")
        }
        Actor::Admin(_) | Actor::Token(_) | Actor::System => Policy::open(HOUR),
    })
}

/// Nobody sees what has `canary` in its name, and while the plugin is shut nobody sees anything. Where the plugin goes by the clock, everybody
/// sees what opens up to now instead.
fn foreign(uid: &str) -> Result<Policy> {
    if kv::get::<bool>("timed")?.unwrap_or_default() {
        let opened = json!({ "opensAt": { "$lte": time::format(time::now()) } });
        return Policy::only(&opened, "timed", Duration::ZERO);
    }
    let hidden = match kv::get::<bool>("shut")?.unwrap_or_default() {
        true => json!({ "documentId": { "$null": true } }),
        false => {
            let name = match uid {
                "plugin::users-permissions.user" => "username",
                "plugin::upload.file" => "name",
                _ => "title",
            };
            json!({ name: { "$notContains": "canary" } })
        }
    };
    Ok(Policy::only(&hidden, "everybody", HOUR)?.depends_on("shut"))
}

impl Views for Guard {
    fn view(_call: &Call, request: &ViewRequest) -> Result<Value> {
        match request.view.as_str() {
            "pages" => Ok(json!({ "kind": "table", "type": "plugin::policy.page", "columns": [{ "field": "title" }] })),
            "page" => {
                let document = request.document.as_ref().ok_or_else(|| Error::NotFound("document".to_owned()))?;
                let shown = json!({ "type": document.content_type, "documentId": document.document_id });
                let fields = json!(["title", { "field": "audience" }, { "field": "owner", "format": "user" }]);
                Ok(json!({ "kind": "stack", "live": ["plugin::policy.page"], "show": [
                    { "kind": "header", "title": "t:view.page" },
                    { "kind": "fields", "document": shown, "fields": fields, "edit": ["title", "audience"] },
                ] }))
            }
            other => Err(Error::NotFound(other.to_owned())),
        }
    }

    /// `forget` has the remembered answers of a user (`values.user`), or all of them, forgotten; `shut` and `open` say whether types of
    /// others show anything, `timed` that they go by the clock; `chosen` says which types a choice has, where the manifest of a test has one.
    fn act(_call: &Call, request: &ActionRequest) -> Result<ActionResult> {
        if request.action == "timed" {
            kv::put("timed", &true)?;
            policies::invalidate(&["shut".to_owned()])?;
            return Ok(ActionResult::notice("done"));
        }
        if let "shut" | "open" = request.action.as_str() {
            kv::put("shut", &(request.action == "shut"))?;
            policies::invalidate(&["shut".to_owned()])?;
            return Ok(ActionResult::notice("done"));
        }
        if request.action == "chosen" {
            return Ok(ActionResult::notice(chosen("texts").join(" ")));
        }
        if request.action != "forget" {
            return Err(Error::NotFound(request.action.clone()));
        }
        let values: Value = request.values()?;
        let key = values["user"].as_str().map_or_else(|| "pages".to_owned(), |user| format!("user:{user}"));
        policies::invalidate(&[key])?;
        Ok(ActionResult::notice("forgotten"))
    }
}
