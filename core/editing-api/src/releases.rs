//! Releases: documents that are published or unpublished together.

use crate::publishing::{RefusalView, content_type, default_locale, optional_locale, parse_action, parse_number};
use crate::schedules::LocalTime;
use cairn_access::AdminAction;
use cairn_access::action_types::{ReleasesManage, ReleasesRead};
use cairn_app::Tenant;
use cairn_content::view::ActorView;
use cairn_content::{DraftState, PublishAction};
use cairn_editorial::releases::{ItemPreview, MAX_ITEMS, ReleaseItemInput, ReleaseTrial, Suggestion};
use cairn_editorial::schedules::TimedAction;
use cairn_http::content_caller::ContentCaller;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{After, Before, CreatedData, Data, NoContent, Page, Time, WithMeta};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_store::editorial::{ReleaseFilter, ReleaseItemRow, ReleaseRow, ReleaseState};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

/// The routes of releases.
pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list, create))
        .routes(routes!(one, change, delete))
        .routes(routes!(items, add_items))
        .routes(routes!(remove_item))
        .routes(routes!(validate))
        .routes(routes!(publish))
        .routes(routes!(schedule))
        .routes(routes!(unschedule))
        .routes(routes!(roll_back))
}

/// Filter of releases.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, rename_all = "camelCase")]
#[into_params(parameter_in = Query)]
struct ListReleasesParams {
    /// Where they are.
    #[param(inline, value_type = Option<ReleaseStateView>)]
    state: Option<String>,
    /// With a document of this type: `documentId`.
    content_type: Option<String>,
    /// With this document, of `contentType`.
    document_id: Option<String>,
    /// Due, or done, at or after.
    from: Option<DateTime<Utc>>,
    /// Due, or done, before.
    to: Option<DateTime<Utc>>,
}

/// Releases: newest first, with `from` or `to` as they are due.
#[utoipa::path(get, path = "/admin/api/releases", params(ListReleasesParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReleasesRead>,
    Query(params): Query<ListReleasesParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<Release>, WireError> {
    let state = |text: &str| {
        let expected = "state: expected open, scheduled, done, failed or rolled-back";
        ReleaseState::parse(text).ok_or_else(|| WireError::validation(expected))
    };
    let document = match (params.content_type, params.document_id) {
        (Some(uid), Some(document)) => Some((uid, document)),
        (None, None) => None,
        _ => return Err(WireError::validation("\"contentType\" and \"documentId\" must be given together")),
    };
    let filter = ReleaseFilter {
        state: params.state.as_deref().map(state).transpose()?,
        document,
        from: params.from.map(|t| t.timestamp_millis()),
        to: params.to.map(|t| t.timestamp_millis()),
        before: page.before,
    };
    let rows = tenant.content.store().read(|r| r.releases().list(&filter, page.limit()))?;
    let ranged = filter.from.is_some() || filter.to.is_some();
    let before = page.next_before(&rows, |row| row.id).filter(|_| !ranged);
    Ok(Page { data: rows.into_iter().map(Release::from).collect(), meta: Before { before } })
}

/// A release to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRelease {
    name: String,
    #[serde(default)]
    note: Option<String>,
}

/// Makes a release.
#[utoipa::path(post, path = "/admin/api/releases")]
async fn create(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesManage>,
    body: Json<NewRelease>,
) -> Result<CreatedData<Release>, WireError> {
    let NewRelease { name, note } = body.read(&tenant).await?;
    let row = tenant.releases.create(&name, note.as_deref(), admin.actor()).await?;
    Ok(CreatedData { data: Release::from(row) })
}

/// Summary of a release beside its own fields.
#[derive(Debug, Serialize, ToSchema)]
struct ReleaseMeta {
    /// Number of items in the release.
    items: i64,
}

/// Gets a release with the number of its items.
#[utoipa::path(get, path = "/admin/api/releases/{id}", params(("id" = i64, Path)))]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReleasesRead>,
    Path(id): Path<String>,
) -> Result<WithMeta<Release, ReleaseMeta>, WireError> {
    let id = parse_number(&id)?;
    let (row, items) = tenant.content.store().read(|r| {
        let row = r.releases().get(id)?.ok_or_else(WireError::not_found)?;
        Ok::<_, WireError>((row, r.releases().count_items(id)?))
    })?;
    Ok(WithMeta { data: Release::from(row), meta: ReleaseMeta { items } })
}

/// Changes of a release; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct ChangedRelease {
    #[schema(nullable = false)]
    name: Option<String>,
    /// Null takes it away.
    #[serde(deserialize_with = "given")]
    note: Option<Option<String>>,
}

/// Told apart from what is left out: null.
fn given<'de, D: Deserializer<'de>>(d: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(d).map(Some)
}

/// Changes a release.
#[utoipa::path(put, path = "/admin/api/releases/{id}", params(("id" = i64, Path)))]
async fn change(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesManage>,
    Path(id): Path<String>,
    body: Json<ChangedRelease>,
) -> Result<Data<Release>, WireError> {
    let id = parse_number(&id)?;
    let ChangedRelease { name, note } = body.read(&tenant).await?;
    let note = note.as_ref().map(Option::as_deref);
    Ok(Data { data: tenant.releases.rename(id, name.as_deref(), note, admin.actor()).await?.into() })
}

/// Deletes a release: what it has published stays published.
#[utoipa::path(delete, path = "/admin/api/releases/{id}", params(("id" = i64, Path)))]
async fn delete(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesManage>,
    Path(id): Path<String>,
) -> Result<NoContent, WireError> {
    tenant.releases.delete(parse_number(&id)?, admin.actor()).await?;
    Ok(NoContent)
}

/// Where a page of items begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListReleaseItemsParams {
    /// Items with greater numbers only.
    after: i64,
}

/// Lists the items of a release, as they were added.
#[utoipa::path(get, path = "/admin/api/releases/{id}/items", params(("id" = i64, Path), ListReleaseItemsParams, ("limit" = Option<i64>, Query, description = "Items at most: 1 to 100, 50 where it is left out")))]
async fn items(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<ReleasesRead>,
    Path(id): Path<String>,
    Query(after): Query<ListReleaseItemsParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<ReleaseItem, After>, WireError> {
    let id = parse_number(&id)?;
    let rows = tenant.content.store().read(|r| {
        r.releases().get(id)?.ok_or_else(WireError::not_found)?;
        Ok::<_, WireError>(r.releases().list_items(id, after.after, page.limit())?)
    })?;
    let after = page.next_before(&rows, |row| row.id);
    Ok(Page { data: rows.into_iter().map(ReleaseItem::from).collect(), meta: After { after } })
}

/// Document to add to a release, with the action on it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewReleaseItem {
    content_type: String,
    document_id: String,
    /// The default one where it is left out, `"*"` for each that there is.
    #[serde(default)]
    locale: Option<String>,
    #[schema(value_type = TimedAction)]
    action: String,
}

/// Items to add to a release: all or none.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReleaseItems {
    items: Vec<NewReleaseItem>,
}

/// How many were added: what was there already is not.
#[derive(Debug, Serialize, ToSchema)]
struct AddedItems {
    added: usize,
}

/// Adds documents to a release, all or none.
#[utoipa::path(post, path = "/admin/api/releases/{id}/items", params(("id" = i64, Path)))]
async fn add_items(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesManage>,
    Path(id): Path<String>,
    body: Json<NewReleaseItems>,
) -> Result<Data<AddedItems>, WireError> {
    let id = parse_number(&id)?;
    let NewReleaseItems { items } = body.read(&tenant).await?;
    let items = items.into_iter().map(|new| to_item(&tenant, new)).collect::<Result<Vec<_>, _>>()?;
    let asking = ContentCaller::for_admin(&tenant, &admin);
    for item in &items {
        asking.require_read(&tenant, tenant.content.registry().get(item.content_type), &item.document_id)?;
    }
    let added = tenant.releases.add_items(id, items, admin.actor()).await?;
    Ok(Data { data: AddedItems { added } })
}

fn to_item(tenant: &Tenant, new: NewReleaseItem) -> Result<ReleaseItemInput, WireError> {
    let ct = content_type(tenant, &new.content_type)?;
    Ok(ReleaseItemInput {
        content_type: ct.id,
        document_id: new.document_id,
        locale: new.locale.unwrap_or_else(|| default_locale(tenant, ct)),
        action: parse_action(&new.action)?,
    })
}

/// Takes a document out of a release.
#[utoipa::path(
    delete,
    path = "/admin/api/releases/{id}/items/{item}",
    params(("id" = i64, Path), ("item" = i64, Path, description = "The number of the item")),
)]
async fn remove_item(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesManage>,
    Path((id, item)): Path<(String, String)>,
) -> Result<NoContent, WireError> {
    tenant.releases.remove_item(parse_number(&id)?, parse_number(&item)?, admin.actor()).await?;
    Ok(NoContent)
}

/// Nothing to say.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = Nothing)]
struct EmptyInput {}

/// How to undo a release.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
struct RollBack {
    /// Also what was published or unpublished since.
    overwrite: bool,
}

/// Tells what would become of a release now.
#[utoipa::path(post, path = "/admin/api/releases/{id}/actions/validate", params(("id" = i64, Path)))]
async fn validate(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
    body: Json<EmptyInput>,
) -> Result<Data<ReleasePreview>, WireError> {
    let id = parse_number(&id)?;
    let EmptyInput {} = body.read(&tenant).await?;
    Ok(Data { data: tenant.releases.preview(id, admin.actor()).await?.into() })
}

/// Publishes a release now: publishes or unpublishes all its items, or none.
#[utoipa::path(post, path = "/admin/api/releases/{id}/actions/publish", params(("id" = i64, Path)))]
async fn publish(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
    body: Json<EmptyInput>,
) -> Result<Data<Release>, WireError> {
    let id = parse_number(&id)?;
    let EmptyInput {} = body.read(&tenant).await?;
    require_publish_permission(&tenant, &admin, id).await?;
    Ok(Data { data: tenant.releases.publish(id, admin.actor()).await?.into() })
}

/// Requires permission to publish releases, and everything that is in this one.
async fn require_publish_permission(tenant: &Tenant, admin: &Admin, id: i64) -> Result<(), WireError> {
    admin.require(tenant, AdminAction::ReleasesPublish)?;
    let asking = ContentCaller::for_admin(tenant, admin);
    let items = tenant.content.store().read(|r| r.releases().list_items(id, 0, MAX_ITEMS))?;
    for ReleaseItemRow { item, .. } in items {
        if let (Some(ct), Some(action)) =
            (tenant.content.registry().by_uid(&item.content_type), PublishAction::parse(&item.action))
        {
            asking.require_publish_at(tenant, ct, action, &item.document_id, &item.locale).await?;
        }
    }
    Ok(())
}

/// Has it done at a time.
#[utoipa::path(post, path = "/admin/api/releases/{id}/actions/schedule", params(("id" = i64, Path)))]
async fn schedule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
    body: Json<LocalTime>,
) -> Result<Data<Release>, WireError> {
    let id = parse_number(&id)?;
    let when = body.read(&tenant).await?;
    require_publish_permission(&tenant, &admin, id).await?;
    Ok(Data { data: tenant.releases.schedule(id, when.into(), admin.actor()).await?.into() })
}

/// Has it done at no time any more.
#[utoipa::path(post, path = "/admin/api/releases/{id}/actions/unschedule", params(("id" = i64, Path)))]
async fn unschedule(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
    body: Json<EmptyInput>,
) -> Result<Data<Release>, WireError> {
    let id = parse_number(&id)?;
    let EmptyInput {} = body.read(&tenant).await?;
    require_publish_permission(&tenant, &admin, id).await?;
    Ok(Data { data: tenant.releases.unschedule(id, admin.actor()).await?.into() })
}

/// Rolls back a published release.
#[utoipa::path(post, path = "/admin/api/releases/{id}/actions/rollback", params(("id" = i64, Path)))]
async fn roll_back(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<ReleasesRead>,
    Path(id): Path<String>,
    body: Json<RollBack>,
) -> Result<Data<Release>, WireError> {
    let id = parse_number(&id)?;
    let RollBack { overwrite } = body.read(&tenant).await?;
    require_publish_permission(&tenant, &admin, id).await?;
    Ok(Data { data: tenant.releases.roll_back(id, overwrite, admin.actor()).await?.into() })
}

/// Documents that are published or unpublished together.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Release {
    id: i64,
    name: String,
    note: Option<String>,
    state: ReleaseStateView,
    /// When it is to be done, or was to be, as it was asked for.
    local_time: Option<String>,
    zone: Option<String>,
    /// The moment that `localTime` and `zone` mean; null: not scheduled.
    due: Option<Time>,
    /// Why it failed.
    #[schema(value_type = Option<RefusalView>)]
    problem: Option<Value>,
    created_at: Time,
    created_by: ActorView,
    ended_at: Option<Time>,
    ended_by: Option<ActorView>,
    rolled_back_at: Option<Time>,
}

impl From<ReleaseRow> for Release {
    fn from(row: ReleaseRow) -> Self {
        let due = row.when.as_ref().map(|when| Time(when.due));
        let (local_time, zone) = row.when.map(|when| (when.local_time, when.zone)).unzip();
        Self {
            id: row.id,
            name: row.name,
            note: row.note,
            state: row.state.into(),
            local_time,
            zone,
            due,
            problem: row.problem,
            created_at: Time(row.created_at),
            created_by: row.actor.into(),
            ended_at: row.ended_at.map(Time),
            ended_by: row.ended_by.map(ActorView::from),
            rolled_back_at: row.rolled_back_at.map(Time),
        }
    }
}

/// Where a release is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = ReleaseState)]
enum ReleaseStateView {
    /// Being put together.
    Open,
    /// To be done at its time.
    Scheduled,
    /// Published: all its items were published or unpublished.
    Done,
    /// It could not be done at its time; nothing of it was. It can be changed and done again.
    Failed,
    /// Done, and undone.
    RolledBack,
}

impl From<ReleaseState> for ReleaseStateView {
    fn from(state: ReleaseState) -> Self {
        match state {
            ReleaseState::Open => Self::Open,
            ReleaseState::Scheduled => Self::Scheduled,
            ReleaseState::Done => Self::Done,
            ReleaseState::Failed => Self::Failed,
            ReleaseState::RolledBack => Self::RolledBack,
        }
    }
}

/// Item of a release: a document and the action on it. What was published before is not for people: it holds hashes of passwords.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReleaseItem {
    id: i64,
    content_type: String,
    document_id: String,
    /// `*` for each that there is; null where the type is not localised.
    locale: Option<String>,
    #[schema(value_type = TimedAction)]
    action: String,
    /// Outcome for the document; null: none yet.
    #[schema(value_type = Option<ItemOutcome>)]
    outcome: Option<String>,
    /// Why the release failed at it.
    #[schema(value_type = Option<RefusalView>)]
    problem: Option<Value>,
}

/// Outcome of a release for one document.
#[derive(ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(dead_code, reason = "it describes a text")]
enum ItemOutcome {
    Published,
    Unpublished,
    Unchanged,
    /// By a roll-back.
    Restored,
}

impl From<ReleaseItemRow> for ReleaseItem {
    fn from(row: ReleaseItemRow) -> Self {
        Self {
            id: row.id,
            content_type: row.item.content_type,
            document_id: row.item.document_id,
            locale: optional_locale(&row.item.locale),
            action: row.item.action,
            outcome: row.outcome,
            problem: row.problem,
        }
    }
}

/// Trial of a release: what would happen if it were published now.
#[derive(Debug, Serialize, ToSchema)]
struct ReleasePreview {
    release: Release,
    /// Nothing stands against it.
    fit: bool,
    items: Vec<CheckedItem>,
    /// Documents that should perhaps be in it as well: an item links to them, and they are not published as they are.
    suggestions: Vec<SuggestedItem>,
}

impl From<ReleaseTrial> for ReleasePreview {
    fn from(preview: ReleaseTrial) -> Self {
        Self {
            fit: preview.is_fit(),
            release: preview.release.into(),
            items: preview.items.into_iter().map(CheckedItem::from).collect(),
            suggestions: preview.suggestions.into_iter().map(SuggestedItem::from).collect(),
        }
    }
}

/// Outcome that one document would have.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CheckedItem {
    #[serde(flatten)]
    item: ReleaseItem,
    /// Why it cannot be done.
    problems: Vec<RefusalView>,
    /// It is so already.
    unchanged: bool,
    /// Other releases that are not over with the same document.
    also_in: Vec<OtherRelease>,
}

impl From<ItemPreview> for CheckedItem {
    fn from(p: ItemPreview) -> Self {
        Self {
            item: p.item.into(),
            problems: p.problems.iter().map(RefusalView::from).collect(),
            unchanged: p.unchanged,
            also_in: p.also_in.into_iter().map(|(id, name)| OtherRelease { id, name }).collect(),
        }
    }
}

/// Another release with the same document.
#[derive(Debug, Serialize, ToSchema)]
struct OtherRelease {
    id: i64,
    name: String,
}

/// A document that should perhaps be in a release as well.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct SuggestedItem {
    content_type: String,
    document_id: String,
    /// Null where the type is not localised.
    locale: Option<String>,
    state: DraftState,
    linked_by: LinkedBy,
}

/// Item that links to a suggested document.
#[derive(Debug, Serialize, ToSchema)]
struct LinkedBy {
    /// The number of the item.
    item: i64,
    /// By this attribute.
    attribute: String,
}

impl From<Suggestion> for SuggestedItem {
    fn from(s: Suggestion) -> Self {
        Self {
            content_type: s.content_type,
            document_id: s.document_id,
            locale: optional_locale(&s.locale),
            state: s.state,
            linked_by: LinkedBy { item: s.item, attribute: s.attribute },
        }
    }
}
