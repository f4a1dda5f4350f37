//! `/admin/api/translations`: texts in another language, by the plugin that translates, if one runs. Nothing is stored here: whoever has
//! texts translated decides what becomes of them.

mod answer;

use answer::read_answer;
use cairn_app::Tenant;
use cairn_content::RefusalKind;
use cairn_http::content_caller::{self, ContentCaller};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::Data;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_model::ErrorKind;
use cairn_plugin_host::routes::{RouteError, RouteMatch, RouteRequest};
use cairn_plugin_package::manifest::ProvidedService;
use cairn_query::Action;
use cairn_settings::glossary::{Glossary, load_glossary};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;
use utoipa::ToSchema;

/// Most texts of a request.
const MAX_TEXTS: usize = 200;
/// Largest size of all texts of a request together, in bytes.
const MAX_TEXT_BYTES: usize = 48 * 1024;
/// Most terms of the glossary that go with them.
const MAX_TERMS: usize = 200;
/// Time to wait before another try, where the plugin does not say.
const RETRY_PAUSE: Duration = Duration::from_secs(60);

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(service, translate))
}

/// The plugin that translates.
#[derive(Debug, Serialize, ToSchema)]
struct TranslationService {
    /// Its id; null where none runs.
    plugin: Option<String>,
}

/// Texts of an entry to translate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TextsToTranslate {
    /// Uid of the type of the entry.
    r#type: String,
    /// Locale of the texts.
    source: String,
    /// Locale that they are translated into.
    target: String,
    /// Plain texts, each with all of its words; at most 200, and 48 KiB together.
    texts: Vec<String>,
}

/// Translations in the order of the texts.
#[derive(Debug, Serialize, ToSchema)]
struct TranslatedTexts {
    texts: Vec<String>,
}

/// The plugin that translates, if one runs.
#[utoipa::path(get, path = "/admin/api/translations")]
async fn service(CurrentTenant(tenant): CurrentTenant, _: Require<AnyAdmin>) -> Data<TranslationService> {
    Data { data: TranslationService { plugin: find_translator(&tenant).map(|found| found.plugin) } }
}

/// Has texts of an entry translated by the plugin that does that. Stores nothing.
#[utoipa::path(post, path = "/admin/api/translations")]
async fn translate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    body: Json<TextsToTranslate>,
) -> Result<Data<TranslatedTexts>, WireError> {
    let wanted = body.read(&tenant).await?;
    check_request(&tenant, &admin, &wanted)?;
    let translator = find_translator(&tenant).ok_or_else(switched_off)?;
    let glossary = tenant.access.store().read(load_glossary)?;
    let sent = json!({
        "source": wanted.source,
        "target": wanted.target,
        "texts": wanted.texts,
        "glossary": list_terms(&glossary, &wanted),
    });
    let plugin = translator.plugin.clone();
    let request = translation_request(&tenant, &admin, &translator, &sent);
    if u64::try_from(request.body.len()).unwrap_or(u64::MAX) > translator.route.body.max {
        return Err(too_long());
    }
    let response = tenant.plugins.plugins().handle_request(translator, request).await;
    let response = response.map_err(|error| service_error(&plugin, error))?;
    let texts = match response.status {
        200 => read_answer(&wanted.texts, &response.body),
        status => Err(format!("has the status {status}")),
    };
    match texts {
        Ok(texts) => Ok(Data { data: TranslatedTexts { texts } }),
        Err(problem) => {
            tracing::warn!(plugin, problem, "a translation was refused: the plugin's response is not usable");
            let message = format!("The plugin {plugin:?} returned a translation that cannot be used: it {problem}");
            Err(WireError::new(ErrorKind::Plugin, message).with_details(json!({ "reason": "answer" })))
        }
    }
}

fn find_translator(tenant: &Tenant) -> Option<RouteMatch> {
    tenant.plugins.plugins().find_provider(ProvidedService::Translation)
}

/// Requires the permission to write what is translated, and a request that a plugin can take.
fn check_request(tenant: &Tenant, admin: &Admin, wanted: &TextsToTranslate) -> Result<(), WireError> {
    let ct = content_caller::content_type(tenant, &wanted.r#type.as_str().into())?;
    ContentCaller::for_admin(tenant, admin).require(ct, Action::Update)?;
    let locales = tenant.access.locales();
    for (key, code) in [("source", &wanted.source), ("target", &wanted.target)] {
        if !locales.available.iter().any(|locale| locale.code == *code) {
            return Err(WireError::validation(format!("{key}: the locale {code:?} does not exist")));
        }
    }
    if wanted.source == wanted.target {
        return Err(WireError::validation("target: must be another locale than the source"));
    }
    if wanted.texts.is_empty() || wanted.texts.iter().any(|text| text.trim().is_empty()) {
        return Err(WireError::validation("texts: expected texts that are not empty"));
    }
    if wanted.texts.len() > MAX_TEXTS || wanted.texts.iter().map(String::len).sum::<usize>() > MAX_TEXT_BYTES {
        return Err(too_long());
    }
    Ok(())
}

/// The terms of the glossary that may be in the texts. Plugins decide whether and how a service follows them.
fn list_terms(glossary: &Glossary, wanted: &TextsToTranslate) -> Vec<Value> {
    let all = wanted.texts.join("\n").to_lowercase();
    let terms = glossary.values().filter_map(|term| {
        let (source, target) = (term.word(&wanted.source)?, term.word(&wanted.target)?);
        all.contains(&source.to_lowercase()).then(|| json!({ "source": source, "target": target }))
    });
    terms.take(MAX_TERMS).collect()
}

/// The request for the plugin's route, from the person who has texts translated.
fn translation_request(tenant: &Tenant, admin: &Admin, translator: &RouteMatch, sent: &Value) -> RouteRequest {
    RouteRequest {
        method: translator.route.method.as_str().to_owned(),
        path: format!("/api/{}{}", translator.plugin, translator.route.path),
        query: Vec::new(),
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: sent.to_string().into_bytes(),
        file: None,
        client: None,
        actor: admin.actor().clone(),
        access: admin.permissions.access().clone().into(),
        locale: admin.language(tenant),
    }
}

fn too_long() -> WireError {
    let message = format!("texts: must be at most {MAX_TEXTS} texts of {MAX_TEXT_BYTES} bytes together");
    WireError::validation(message).with_details(json!({ "reason": "tooLong" }))
}

fn switched_off() -> WireError {
    let message = "No plugin that translates is switched on";
    WireError::new(ErrorKind::Unavailable, message).with_details(json!({ "reason": "off" }))
}

/// The error of a plugin that did not answer. What it refuses itself, such as a language, is passed on in its words.
fn service_error(plugin: &str, error: RouteError) -> WireError {
    let unavailable = |reason: &str, pause: Duration| {
        let message = "The translation service cannot be reached";
        WireError::new(ErrorKind::Unavailable, message)
            .with_details(json!({ "reason": reason }))
            .with_retry_after(pause)
    };
    match error {
        RouteError::Refused(refusal) if refusal.kind == RefusalKind::Validation => refusal.into(),
        RouteError::Refused(_) => unavailable("unreachable", RETRY_PAUSE),
        RouteError::Busy(pause) | RouteError::Paused(pause) => unavailable("unreachable", pause),
        RouteError::TooMany(pause) => WireError::new(ErrorKind::TooMany, "Too many translations")
            .with_details(json!({ "reason": "tooMany" }))
            .with_retry_after(pause),
        RouteError::Gone => switched_off(),
        RouteError::Failed => WireError::plugin_failed(plugin).with_details(json!({ "reason": "failed" })),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cairn_settings::glossary::GlossaryTerm;

    #[test]
    fn only_terms_in_the_texts_go_with_them() {
        let term = |en: &str, nl: Option<&str>, translate| {
            let words = [Some(("en", en)), nl.map(|nl| ("nl", nl))];
            let words = words.into_iter().flatten().map(|(code, word)| (code.to_owned(), word.to_owned())).collect();
            GlossaryTerm { words, note: None, translate }
        };
        let glossary = Glossary::from([
            ("a".to_owned(), term("Delivery", Some("aflevering"), true)),
            ("b".to_owned(), term("Cairn", None, false)),
            ("c".to_owned(), term("gate", None, true)),
            ("d".to_owned(), term("paint", Some("lak"), true)),
        ]);
        let wanted = TextsToTranslate {
            r#type: "api::a.a".to_owned(),
            source: "en".to_owned(),
            target: "nl".to_owned(),
            texts: vec!["The delivery".to_owned(), "at the gate of CAIRN".to_owned()],
        };
        let expected =
            [json!({ "source": "Delivery", "target": "aflevering" }), json!({ "source": "Cairn", "target": "Cairn" })];
        assert_eq!(list_terms(&glossary, &wanted), expected);
    }

    #[test]
    fn reasons_are_given_for_every_error_of_a_plugin() {
        let second = Duration::from_secs(1);
        for (error, status, reason) in [
            (RouteError::Gone, 503, "off"),
            (RouteError::Failed, 502, "failed"),
            (RouteError::Busy(second), 503, "unreachable"),
            (RouteError::Paused(second), 503, "unreachable"),
            (RouteError::TooMany(second), 429, "tooMany"),
        ] {
            let (found, _, message, details) = service_error("translate", error).into_description();
            assert_eq!((found.as_u16(), details["reason"].as_str()), (status, Some(reason)), "{message}");
        }
    }
}
