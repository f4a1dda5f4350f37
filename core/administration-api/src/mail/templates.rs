//! `/admin/api/mail/templates`: the words of mails.

use super::optional_text;
use cairn_access::action_types::SettingsMail;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, List, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_notify::{EffectiveTemplate, PartChanges, templates};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(templates))
        .routes(routes!(template, set_template, reset_template))
        .routes(routes!(preview_template))
}

/// A template in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TemplateSummary {
    name: String,
    /// The languages it is there in.
    built_in: Vec<&'static str>,
    /// The locales in which there is one of one's own.
    own: Vec<String>,
    /// Names of the variables that it may use.
    variables: Vec<&'static str>,
}

/// Every template, what it may name, and in which locales there is one of one's own.
#[utoipa::path(get, path = "/admin/api/mail/templates")]
async fn templates(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsMail>,
) -> Result<List<TemplateSummary>, WireError> {
    let own = tenant.content.store().read(|r| r.mail_templates().list())?;
    let all = templates::template_names().map(|name| TemplateSummary {
        name: name.to_string(),
        built_in: templates::LANGUAGES.to_vec(),
        own: own.iter().filter(|t| t.name == name).map(|t| t.locale.clone()).collect(),
        variables: templates::template_variables(name).to_vec(),
    });
    Ok(List { data: all.collect() })
}

/// The words of a mail, in a locale.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Template {
    name: String,
    locale: String,
    subject: String,
    text: String,
    html: String,
    /// It is one of one's own; else the built-in one.
    own: bool,
    updated_at: Option<Time>,
    updated_by: Option<String>,
    /// Names of the variables that it may use.
    variables: Vec<&'static str>,
}

impl From<EffectiveTemplate> for Template {
    fn from(t: EffectiveTemplate) -> Self {
        Self {
            variables: templates::template_variables(t.name).to_vec(),
            name: t.name.to_string(),
            locale: t.locale.to_string(),
            own: t.own.is_some(),
            updated_at: t.own.as_ref().map(|own| Time(own.updated_at)),
            updated_by: t.own.map(|own| own.updated_by),
            subject: t.parts.subject,
            text: t.parts.text,
            html: t.parts.html,
        }
    }
}

/// A template in a locale.
#[utoipa::path(get, path = "/admin/api/mail/templates/{name}/{locale}")]
async fn template(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsMail>,
    Path((name, locale)): Path<(String, String)>,
) -> Result<Data<Template>, WireError> {
    Ok(Data { data: tenant.notifier.effective_template(&name, &locale)?.into() })
}

/// Parts of a template: those that are given.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct TemplateParts {
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
}

/// Parts to try, and values in place of made-up ones.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct TriedTemplate {
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
    #[schema(value_type = Option<Object>)]
    data: Option<Value>,
}

/// Rendered mail of a template.
#[derive(Debug, Serialize, ToSchema)]
struct RenderedTemplate {
    subject: String,
    text: String,
    html: String,
}

fn parse_parts(body: &Map<String, Value>, extra_keys: &[&str]) -> Result<PartChanges, WireError> {
    let known = ["subject", "text", "html"];
    if let Some(key) = body.keys().find(|k| !known.contains(&k.as_str()) && !extra_keys.contains(&k.as_str())) {
        return Err(WireError::validation(format!("{key} is an unknown key; use subject, text or html")));
    }
    Ok(PartChanges {
        subject: optional_text(body, "subject")?,
        text: optional_text(body, "text")?,
        html: optional_text(body, "html")?,
    })
}

/// Says a mail in other words.
#[utoipa::path(put, path = "/admin/api/mail/templates/{name}/{locale}")]
async fn set_template(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    Path((name, locale)): Path<(String, String)>,
    body: Json<TemplateParts>,
) -> Result<Data<Template>, WireError> {
    let changes = parse_parts(&body.read_object(&tenant).await?, &[])?;
    Ok(Data { data: tenant.notifier.set_template(&name, &locale, changes, (**admin.actor()).clone()).await?.into() })
}

/// The built-in words hold again.
#[utoipa::path(delete, path = "/admin/api/mail/templates/{name}/{locale}")]
async fn reset_template(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    Path((name, locale)): Path<(String, String)>,
) -> Result<Data<Template>, WireError> {
    tenant.notifier.reset_template(&name, &locale, (**admin.actor()).clone()).await?;
    Ok(Data { data: tenant.notifier.effective_template(&name, &locale)?.into() })
}

/// Renders a mail without sending it.
#[utoipa::path(post, path = "/admin/api/mail/templates/{name}/{locale}/preview")]
async fn preview_template(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsMail>,
    Path((name, locale)): Path<(String, String)>,
    body: Json<TriedTemplate>,
) -> Result<Data<RenderedTemplate>, WireError> {
    let body = body.read_object(&tenant).await?;
    let values = match body.get("data") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(values)) => values.clone(),
        Some(_) => return Err(WireError::validation("data must be an object")),
    };
    let mail = tenant.notifier.preview_template(&name, &locale, parse_parts(&body, &["data"])?, &values)?;
    Ok(Data { data: RenderedTemplate { subject: mail.subject, text: mail.text, html: mail.html } })
}
