//! Preview links.

use cairn_access::action_types::PreviewSeeAs;
use cairn_access::{AdminAction, SeeAs};
use cairn_content::{IssuedPreviewLink, NewPreview, PreviewLinkView, RequestContext};
use cairn_http::content_caller;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyAdmin, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, EmptyData, List, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_query::{QueryBuilder, QueryTree};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(withdraw))
        .routes(routes!(see_as))
        .routes(routes!(people))
}

/// Life of a link where none is asked for, in seconds.
const DEFAULT_LINK_SECONDS: i64 = 86_400;

/// The document whose preview links are listed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct PreviewLinkParams {
    /// The uid of its type.
    #[param(required)]
    r#type: String,
    #[param(required)]
    document_id: String,
}

/// A link to be made.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct NewPreviewLink {
    /// The uid of the document's type.
    r#type: String,
    document_id: String,
    /// The default one, where it is left out.
    locale: Option<String>,
    /// Its life in seconds; a day where it is left out.
    ttl: Option<i64>,
}

/// Makes a link that shows a draft to whoever has it, past the read policies of plugins.
#[utoipa::path(post, path = "/admin/api/preview")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    body: Json<NewPreviewLink>,
) -> Result<Data<IssuedPreviewLink>, WireError> {
    let body: Value = body.read_object(&tenant).await?.into();
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &body["type"])?,
    );
    let seconds = match &body["ttl"] {
        Value::Null => DEFAULT_LINK_SECONDS,
        ttl => ttl.as_i64().ok_or_else(|| WireError::validation("ttl: expected a whole number of seconds"))?,
    };
    let new = NewPreview {
        document_id: content_caller::required_text(&body, "documentId")?.to_owned(),
        locale: content_caller::optional_locale(&body)?,
        seconds,
        past_read_policy: tenant.plugins.plugins().has_policy_for(ct.id),
    };
    Ok(Data { data: tenant.content.create_preview(&caller.editorial_caller(), ct, new).await? })
}

/// The links to a document that can be used.
#[utoipa::path(get, path = "/admin/api/preview", params(PreviewLinkParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Query(params): Query<PreviewLinkParams>,
) -> Result<List<PreviewLinkView>, WireError> {
    let (caller, ct) = (
        content_caller::ContentCaller::for_admin(&tenant, &admin),
        content_caller::content_type(&tenant, &params.r#type.into())?,
    );
    Ok(List { data: tenant.content.list_previews(&caller.editorial_caller(), ct, &params.document_id)? })
}

/// Withdraws a link.
#[utoipa::path(delete, path = "/admin/api/preview/{id}")]
async fn withdraw(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyAdmin>,
    Path(id): Path<String>,
) -> Result<EmptyData, WireError> {
    tenant
        .content
        .withdraw_preview(&content_caller::ContentCaller::for_admin(&tenant, &admin).editorial_caller(), &id)
        .await?;
    Ok(EmptyData)
}

/// Person and time that a see-as preview shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct NewSeeAs {
    /// Document id of a user of the content API; the public, where it is left out.
    #[serde(default)]
    person: Option<String>,
    /// The time that is shown, at most ten years ahead; the present, where it is left out.
    #[serde(default)]
    at: Option<DateTime<Utc>>,
    /// The number of a release that is shown as published, as far as its items can be; none, where it is left out.
    #[serde(default)]
    release: Option<i64>,
    /// The document whose page is to be shown, with its type: without it there is no `url`.
    #[serde(default)]
    subject: Option<SeeAsSubject>,
}

/// The document whose page a preview shows.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schema(as = SeeAsSubject)]
struct SeeAsSubject {
    /// The uid of its type.
    r#type: String,
    document_id: String,
    /// The default one, where it is left out.
    #[serde(default)]
    locale: Option<String>,
}

/// A see-as preview that has begun.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = SeeAsPreview)]
struct SeeAsView {
    /// Sent with reads of the content API, as that of a preview link; told this once.
    token: String,
    /// The token is not valid afterwards.
    expires_at: Time,
    /// The page of the site that shows the document; null without one, or where its type names none.
    url: Option<String>,
}

/// Begins a preview as a user of the content API, or as the public, now or at a time to come.
#[utoipa::path(post, path = "/admin/api/preview/see-as")]
async fn see_as(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PreviewSeeAs>,
    body: Json<NewSeeAs>,
) -> Result<Data<SeeAsView>, WireError> {
    let NewSeeAs { person, at, release, subject } = body.read(&tenant).await?;
    if release.is_some() {
        admin.require(&tenant, AdminAction::ReleasesRead)?;
    }
    let see_as = SeeAs { admin: admin.require_person()?, person, at: at.map(|at| at.timestamp_millis()), release };
    let caller = content_caller::ContentCaller::for_admin(&tenant, &admin);
    let subject = match subject {
        Some(SeeAsSubject { r#type, document_id, locale }) => {
            Some((content_caller::content_type(&tenant, &r#type.into())?, document_id, locale))
        }
        None => None,
    };
    let page = |token: &str| match subject {
        Some((ct, document_id, locale)) => {
            tenant.content.preview_url(&caller.editorial_caller(), ct, &document_id, locale, token)
        }
        None => Ok(None),
    };
    let (token, expires_at, url) = tenant.begin_see_as(&see_as, admin.session(), admin.actor(), page).await?;
    Ok(Data { data: SeeAsView { token, expires_at: Time(expires_at.timestamp_millis()), url } })
}

/// Largest number of people in one response.
const MAX_PEOPLE: &str = "20";

/// A part of the names that are looked for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct PeopleParams {
    /// Of the name or the address; everybody, where it is left out.
    q: String,
}

/// A user of the content API whom a preview can show.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SeeAsPerson {
    document_id: String,
    /// The name to sign in with.
    username: String,
}

/// The first users of the content API that match, by their names.
#[utoipa::path(get, path = "/admin/api/preview/people", params(PeopleParams))]
async fn people(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PreviewSeeAs>,
    Query(params): Query<PeopleParams>,
) -> Result<List<SeeAsPerson>, WireError> {
    #[derive(Deserialize)]
    struct UsersPage {
        data: Vec<SeeAsPerson>,
    }
    let (query, access, locales) = (people_query(&params.q), tenant.access.admin_access(), tenant.access.locales());
    let context = RequestContext {
        access: &access,
        content_type: tenant.content.registry().user_type().id,
        query: &query,
        default_locale: &locales.default,
        actor: admin.actor(),
    };
    let page = tenant.content.find(context).await?;
    let UsersPage { data } = serde_json::from_slice(&page.body).map_err(WireError::internal)?;
    Ok(List { data })
}

/// The first users whose name or address has the text.
fn people_query(text: &str) -> cairn_query::Query {
    let mut query = QueryBuilder::new()
        .with("fields", "username")
        .with("sort", "username")
        .with("pagination", [("pageSize", MAX_PEOPLE), ("withCount", "false")]);
    if !text.is_empty() {
        let contains = |name| QueryTree::from([(name, QueryTree::from([("$containsi", text)]))]);
        query.set("filters", [("$or", vec![contains("username"), contains("email")])]);
    }
    query.build()
}
