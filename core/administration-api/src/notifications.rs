//! `/admin/api/notifications`: what the signed-in admin user was told, and how they want to be told; and the page that links
//! at the end of mails lead to, which needs no sign-in.

mod unsubscribe_page;

use axum::body::Body;
use axum::http::Response;
use axum::routing::get;
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{AnyPerson, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Data, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_notify::preferences::{self, PreferencesView};
use cairn_notify::{Kind, NotificationLevel, NotificationTarget, NotifyError, templates};
use cairn_store::StoreError;
use cairn_store::notify::NotificationRow;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{IntoParams, PartialSchema, ToSchema};

type UnsubscribeResult = Result<Response<Body>, WireError>;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list))
        .routes(routes!(unread))
        .routes(routes!(read_all))
        .routes(routes!(preferences_of, change_preferences))
        .routes(routes!(read))
        .routes(routes!(not_read))
        // Pages for people who follow a link in a mail.
        .page(
            "/admin/unsubscribe/{token}",
            get(unsubscribe_page::show_unsubscribe_page).post(unsubscribe_page::confirm_unsubscribe),
        )
}

/// Notifications are of admin users; a token has none.
fn require_user(admin: &Admin) -> Result<i64, WireError> {
    let none = || WireError::forbidden_because("Only admin users have notifications, not API tokens");
    admin.id.ok_or_else(none)
}

/// Filter of notifications.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListNotificationsParams {
    /// Those that are not read yet.
    unread: bool,
    #[param(inline, value_type = Option<Kind>)]
    kind: Option<String>,
}

/// Where the next page begins, and how many there are.
#[derive(Debug, Serialize, ToSchema)]
struct NotificationsMeta {
    /// Give it as `before`. Null: this is the last page.
    before: Option<i64>,
    /// How many are not read yet, on any page.
    unread: i64,
}

/// Lists the notifications of the signed-in user, newest first.
#[utoipa::path(get, path = "/admin/api/notifications", params(ListNotificationsParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Query(params): Query<ListNotificationsParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<Notification, NotificationsMeta>, WireError> {
    let user = require_user(&admin)?;
    let (rows, unread, locale) = tenant.content.store().read(|r| {
        let rows = r.notifications().list(user, params.unread, params.kind.as_deref(), page.before, page.limit())?;
        let locale = r.notification_preferences().get_recipient(user)?.and_then(|p| p.locale);
        Ok::<_, StoreError>((rows, r.notifications().count_unread(user)?, locale))
    })?;
    let locale = locale.unwrap_or_else(|| admin.language(&tenant));
    let before = page.next_before(&rows, |row| row.id);
    let data = rows.iter().map(|row| Notification::from_row(row, &locale)).collect();
    Ok(Page { data, meta: NotificationsMeta { before, unread } })
}

/// Notification in somebody's inbox.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Notification {
    id: i64,
    #[schema(value_type = Kind)]
    kind: String,
    /// In the language of the user; null for a kind that this version does not know.
    title: Option<String>,
    /// Values that the title is made of, and more.
    #[schema(value_type = Object)]
    params: serde_json::Map<String, Value>,
    #[schema(value_type = Option<NotificationLink>)]
    link: Option<Value>,
    at: Time,
    read_at: Option<Time>,
}

/// Subject of a notification, and the page of the admin that shows it.
#[derive(ToSchema)]
#[serde(tag = "type", rename_all = "kebab-case")]
#[expect(dead_code, reason = "it describes what is stored")]
enum NotificationLink {
    #[serde(rename_all = "camelCase")]
    Document {
        content_type: String,
        document_id: String,
        /// Where the type is localised.
        #[schema(nullable = false)]
        locale: Option<String>,
        path: String,
    },
    Release {
        id: i64,
        path: String,
    },
    Admin {
        path: String,
    },
}

impl Notification {
    fn from_row(row: &NotificationRow, locale: &str) -> Self {
        let n = &row.notification;
        let params = n.data.as_object().cloned().unwrap_or_default();
        let link = n.link.clone().map(|mut link| {
            let path = serde_json::from_value::<NotificationTarget>(link.clone()).map(|l| l.admin_path());
            if let (Ok(path), Some(link)) = (path, link.as_object_mut()) {
                link.insert("path".into(), path.into());
            }
            link
        });
        Self {
            id: row.id,
            kind: n.kind.clone(),
            title: Kind::parse(&n.kind).map(|kind| templates::notification_title(kind, locale, &params)),
            params,
            link,
            at: Time(row.at),
            read_at: row.read_at.map(Time),
        }
    }
}

/// How many notifications.
#[derive(Debug, Serialize, ToSchema)]
struct UnreadCount {
    /// Number of those that are not read yet.
    unread: i64,
}

/// How many are not read yet.
#[utoipa::path(get, path = "/admin/api/notifications/unread")]
async fn unread(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
) -> Result<Data<UnreadCount>, WireError> {
    let user = require_user(&admin)?;
    let unread = tenant.content.store().read(|r| r.notifications().count_unread(user))?;
    Ok(Data { data: UnreadCount { unread } })
}

/// A notification that was marked.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Marked)]
struct MarkedNotification {
    id: i64,
    read_at: Option<Time>,
    /// How many are not read yet.
    unread: i64,
}

/// Marks one as read.
#[utoipa::path(post, path = "/admin/api/notifications/{id}/read")]
async fn read(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<i64>,
) -> Result<Data<MarkedNotification>, WireError> {
    let now = tenant.notifier.now();
    mark_notification(&tenant, require_user(&admin)?, id, Some(now)).await
}

/// Marks one as not read.
#[utoipa::path(post, path = "/admin/api/notifications/{id}/unread", operation_id = "mark_unread")]
async fn not_read(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path(id): Path<i64>,
) -> Result<Data<MarkedNotification>, WireError> {
    mark_notification(&tenant, require_user(&admin)?, id, None).await
}

async fn mark_notification(
    tenant: &cairn_app::Tenant,
    user: i64,
    id: i64,
    at: Option<i64>,
) -> Result<Data<MarkedNotification>, WireError> {
    let (exists, unread) = tenant
        .content
        .store()
        .write(move |tx| {
            Ok::<_, StoreError>((
                tx.notifications().mark_read(user, id, at)?,
                tx.reader().notifications().count_unread(user)?,
            ))
        })
        .await?;
    if !exists {
        return Err(WireError::not_found());
    }
    Ok(Data { data: MarkedNotification { id, read_at: at.map(Time), unread } })
}

/// Notifications to mark as read.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct ReadUpTo {
    /// Those up to this one, so that what came meanwhile stays unread; all, where it is left out.
    up_to: Option<i64>,
}

/// Outcome of marking notifications as read.
#[derive(Debug, Serialize, ToSchema)]
struct ReadCount {
    /// Number of notifications that were marked as read.
    read: i64,
}

/// Marks all as read.
#[utoipa::path(post, path = "/admin/api/notifications/read-all")]
async fn read_all(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<ReadUpTo>,
) -> Result<Data<ReadCount>, WireError> {
    let user = require_user(&admin)?;
    let up_to = match body.read_object(&tenant).await?.get("upTo") {
        None | Some(Value::Null) => None,
        Some(n) => Some(n.as_i64().ok_or_else(|| WireError::validation("upTo must be the id of a notification"))?),
    };
    let now = tenant.notifier.now();
    let read = tenant.content.store().write(move |tx| tx.notifications().mark_all_read(user, up_to, now)).await?;
    Ok(Data { data: ReadCount { read: read as i64 } })
}

/// How the signed-in user wants to be told of what.
#[utoipa::path(get, path = "/admin/api/notifications/preferences", operation_id = "preferences")]
async fn preferences_of(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
) -> Result<Data<PreferencesView>, WireError> {
    let user = require_user(&admin)?;
    let view = tenant.content.store().read(|r| preferences::load_preferences(r, user))?;
    Ok(Data { data: view.ok_or_else(WireError::not_found)? })
}

/// Changes of one's preferences for notifications.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct ChangedPreferences {
    /// `Europe/Amsterdam`; null: the default.
    zone: Option<String>,
    /// `nl`, `nl-BE`; null: the default.
    locale: Option<String>,
    /// By kind and channel; null: the default.
    #[schema(nullable = false)]
    kinds: Option<BTreeMap<String, BTreeMap<String, LevelOrDefault>>>,
}

/// A level, or null.
struct LevelOrDefault;

impl PartialSchema for LevelOrDefault {
    fn schema() -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(Ref::from_schema_name(NotificationLevel::name())).item(null).into()
    }
}

impl ToSchema for LevelOrDefault {}

/// Changes that: what is named changes.
#[utoipa::path(put, path = "/admin/api/notifications/preferences")]
async fn change_preferences(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    body: Json<ChangedPreferences>,
) -> Result<Data<PreferencesView>, WireError> {
    let user = require_user(&admin)?;
    let body = body.read_object(&tenant).await?.into();
    let changes = preferences::parse_changes(&body).map_err(NotifyError::Invalid)?;
    let now = tenant.notifier.now();
    let view = tenant
        .content
        .store()
        .write(move |tx| {
            preferences::apply_changes(tx, user, &changes, now)?;
            Ok::<_, NotifyError>(preferences::load_preferences(&tx.reader(), user)?)
        })
        .await?;
    Ok(Data { data: view.ok_or_else(WireError::not_found)? })
}
