//! Publishing: one document or many at once.

use axum::http::HeaderMap;
use cairn_app::Tenant;
use cairn_content::{LocaleChange, LocaleSelection, PublishAction, Refusal};
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::extract::version;
use cairn_http::openapi::response_types::{Page, VersionedData};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_model::ContentType;
use cairn_model::ErrorKind;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// The routes of publishing.
pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(publish)).routes(routes!(publish_many))
}

/// The code of a locale, `"*"` for each that there is, or a list of codes.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
enum Locales {
    Word(String),
    List(Vec<String>),
}

/// Locales of a document to publish or unpublish.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, rename_all = "camelCase", deny_unknown_fields)]
struct PublishDocument {
    /// The default locale, where it is left out.
    locales: Option<Locales>,
}

/// Documents to publish or unpublish, and their locales.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PublishDocuments {
    document_ids: Vec<String>,
    /// The default locale, where it is left out.
    #[serde(default)]
    locales: Option<Locales>,
    /// True if nothing is published if one of them cannot be.
    #[serde(default)]
    atomic: bool,
}

/// Outcome for one locale.
#[derive(Debug, Serialize, ToSchema)]
struct PublishedLocale {
    /// Null where the type is not localised.
    locale: Option<String>,
    /// False: it was so already, and nothing was written.
    changed: bool,
    /// The draft's version now, for `If-Match`.
    version: i64,
}

impl From<&LocaleChange> for PublishedLocale {
    fn from(change: &LocaleChange) -> Self {
        Self { locale: optional_locale(&change.locale), changed: change.changed, version: change.version }
    }
}

/// Outcome for one document.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishedDocument {
    document_id: String,
    locales: Vec<PublishedLocale>,
}

/// Outcome for one document of many.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PublishOutcome {
    document_id: String,
    done: bool,
    /// Where it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    locales: Option<Vec<PublishedLocale>>,
    /// Why it is not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    error: Option<RefusalView>,
}

/// Number of documents by outcome.
#[derive(Debug, Serialize, ToSchema)]
struct PublishMeta {
    done: usize,
    failed: usize,
}

/// Why something was not done, or would not be.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Refused)]
pub(super) struct RefusalView {
    /// Sentence that says why, for people.
    pub(super) message: String,
    /// As `details` of an error.
    #[schema(value_type = Object)]
    pub(super) details: Value,
}

impl From<&Refusal> for RefusalView {
    fn from(refusal: &Refusal) -> Self {
        Self { message: refusal.message.clone(), details: refusal.details.clone() }
    }
}

/// Publishes a document, takes it off, or throws its draft away.
///
/// `If-Match` names the draft that was seen, by its version; it is needed (428). A version is of one locale: of several `*` is said.
#[utoipa::path(
    post,
    path = "/admin/api/content/{uid}/{documentId}/actions/{action}",
    params(
        ("action" = inline(PublishAction), Path),
        ("If-Match" = Option<String>, Header, description = "The version that was seen, as `Cairn-Version` had it; `*`: whatever is there"),
    ),
)]
async fn publish(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, document_id, action)): Path<(String, String, String)>,
    headers: HeaderMap,
    body: Json<PublishDocument>,
) -> Result<VersionedData<PublishedDocument>, WireError> {
    let (ct, action) = (content_type(&tenant, &uid)?, parse_path_action(&action)?);
    let PublishDocument { locales } = body.read(&tenant).await?;
    let locales = in_locales(&tenant, ct, locales);
    let asking = ContentCaller::for_admin(&tenant, &admin);
    asking.require_publish(&tenant, ct, action, std::slice::from_ref(&document_id), &locales).await?;
    let expected = version::required_version(&headers)?;
    let changes = tenant.content.publish(action, ct.id, &document_id, locales, admin.actor(), expected).await?;
    let version = if let [one] = changes.as_slice() { Some(one.version) } else { None };
    let locales = changes.iter().map(PublishedLocale::from).collect();
    Ok(VersionedData { data: PublishedDocument { document_id, locales }, version })
}

/// The same with many documents.
///
/// Each by itself, with what became of it; with `atomic` all or none.
#[utoipa::path(
    post,
    path = "/admin/api/content/{uid}/actions/{action}",
    params(("action" = inline(PublishAction), Path)),
)]
async fn publish_many(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path((uid, action)): Path<(String, String)>,
    body: Json<PublishDocuments>,
) -> Result<Page<PublishOutcome, PublishMeta>, WireError> {
    let (ct, action) = (content_type(&tenant, &uid)?, parse_path_action(&action)?);
    let PublishDocuments { document_ids, locales, atomic } = body.read(&tenant).await?;
    let admin = admin.into_admin().with_batch(document_ids.len());
    let locales = in_locales(&tenant, ct, locales);
    ContentCaller::for_admin(&tenant, &admin).require_publish(&tenant, ct, action, &document_ids, &locales).await?;
    let outcomes = match atomic {
        true => tenant.content.publish_together(action, ct.id, &document_ids, &locales, admin.actor()).await?,
        false => tenant.content.publish_each(action, ct.id, &document_ids, &locales, admin.actor()).await?,
    };
    let failed = outcomes.iter().filter(|o| o.result.is_err()).count();
    let meta = PublishMeta { done: outcomes.len() - failed, failed };
    let outcomes = outcomes.into_iter().map(|outcome| {
        let (locales, error) = match outcome.result {
            Ok(changes) => (Some(changes.iter().map(PublishedLocale::from).collect()), None),
            Err(refusal) => (None, Some(RefusalView::from(&refusal))),
        };
        PublishOutcome { document_id: outcome.document_id, done: error.is_none(), locales, error }
    });
    Ok(Page { data: outcomes.collect(), meta })
}

/// Parses the id in a path.
pub(super) fn parse_number(text: &str) -> Result<i64, WireError> {
    text.parse().map_err(|_| WireError::not_found())
}

pub(super) fn content_type<'t>(tenant: &'t Tenant, uid: &str) -> Result<&'t ContentType, WireError> {
    tenant.content.registry().by_uid(uid).ok_or_else(|| {
        let uid: String = uid.chars().take(100).collect();
        WireError::new(ErrorKind::NotFound, format!("Content type {uid:?} not found"))
    })
}

/// Parses the action in a body; 400 where it is neither `publish` nor `unpublish`.
pub(super) fn parse_action(text: &str) -> Result<PublishAction, WireError> {
    PublishAction::parse(text).ok_or_else(|| WireError::validation("action: expected \"publish\" or \"unpublish\""))
}

fn parse_path_action(text: &str) -> Result<PublishAction, WireError> {
    PublishAction::parse(text).ok_or_else(WireError::not_found)
}

/// The locale that is used where none is named; empty for a type that is not localised.
pub(super) fn default_locale(tenant: &Tenant, ct: &ContentType) -> String {
    if ct.localized { tenant.access.locales().default.clone() } else { String::new() }
}

fn in_locales(tenant: &Tenant, ct: &ContentType, locales: Option<Locales>) -> LocaleSelection {
    match locales {
        Some(Locales::Word(word)) if word == "*" => LocaleSelection::All,
        Some(Locales::Word(word)) => LocaleSelection::These(vec![word]),
        Some(Locales::List(list)) => LocaleSelection::These(list),
        None if ct.localized => LocaleSelection::These(vec![default_locale(tenant, ct)]),
        None => LocaleSelection::All,
    }
}

/// The locale for a view; `None` for the empty one.
pub(super) fn optional_locale(locale: &str) -> Option<String> {
    (!locale.is_empty()).then(|| locale.to_owned())
}
