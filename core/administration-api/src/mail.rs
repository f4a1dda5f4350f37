//! `/admin/api/mails`, `/admin/api/mail/…`: what was mailed and what became of it, addresses that get none, templates. For super
//! admins, but for the report of bounces, which a mail provider signs.

mod templates;

use axum::body::Body;
use axum::http::HeaderMap;
use cairn_access::action_types::SettingsMail;
use cairn_http::error::WireError;
use cairn_http::extract;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{OpenToAll, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::{Path, Query};
use cairn_http::openapi::response_types::{Before, Data, Page, Time};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::page_params::PageParams;
use cairn_http::routes;
use cairn_notify::templates::is_about_an_account;
use cairn_notify::{MailMode, ReportSignature};
use cairn_store::notify::{MailFilter, MailRow, MailState, Suppression, SuppressionReason};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::{IntoParams, ToSchema};

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(list))
        .routes(routes!(one))
        .routes(routes!(send_again))
        .routes(routes!(status))
        .routes(routes!(test))
        .routes(routes!(report_bounces))
        .routes(routes!(suppressions, suppress))
        .routes(routes!(clear_suppression))
        .merge(templates::routes())
}

/// A text of a body, if it is there.
fn optional_text(body: &Map<String, Value>, key: &str) -> Result<Option<String>, WireError> {
    match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(WireError::validation(format!("{key} must be a string"))),
    }
}

/// Filter of mails.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct ListMailsParams {
    #[param(inline, value_type = Option<MailStateView>)]
    state: Option<String>,
    /// To this address.
    to: Option<String>,
    template: Option<String>,
}

/// Mails, newest first.
#[utoipa::path(get, path = "/admin/api/mails", params(ListMailsParams, PageParams))]
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsMail>,
    Query(params): Query<ListMailsParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<Mail>, WireError> {
    let state = match params.state.as_deref() {
        None => None,
        Some(name) => Some(MailState::parse(name).ok_or_else(|| {
            let known: Vec<&str> = MailState::ALL.iter().map(|s| s.as_str()).collect();
            WireError::validation(format!("state: expected one of {}", known.join(", ")))
        })?),
    };
    let filter = MailFilter { state, to: params.to, template: params.template, before: page.before };
    let rows = tenant.content.store().read(|r| r.mails().list(&filter, page.limit()))?;
    let before = page.next_before(&rows, |row| row.id);
    Ok(Page { data: rows.iter().map(Mail::from).collect(), meta: Before { before } })
}

/// A mail without its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Mail {
    id: i64,
    template: String,
    locale: Option<String>,
    to: String,
    to_name: Option<String>,
    /// Where it went out.
    subject: Option<String>,
    state: MailStateView,
    attempts: i64,
    /// Most recent error; null: there was none.
    error: Option<String>,
    message_id: Option<String>,
    at: Time,
    ended_at: Option<Time>,
}

impl From<&MailRow> for Mail {
    fn from(row: &MailRow) -> Self {
        Self {
            id: row.id,
            template: row.mail.template.clone(),
            locale: Some(row.mail.locale.clone()).filter(|locale| !locale.is_empty()),
            to: row.mail.to_address.clone(),
            to_name: row.mail.to_name.clone(),
            subject: row.subject.clone(),
            state: row.state.into(),
            attempts: row.attempts,
            error: row.error.clone(),
            message_id: row.message_id.clone(),
            at: Time(row.created_at),
            ended_at: row.ended_at.map(Time),
        }
    }
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = MailState)]
enum MailStateView {
    /// In the queue, to be sent.
    Waiting,
    /// The mail server took it.
    Sent,
    /// Stored but not sent: mail is in test mode.
    Test,
    /// It cannot be delivered to that address.
    Bounced,
    /// Not sent: the address is suppressed.
    Suppressed,
    /// It could not be sent.
    Failed,
}

impl From<MailState> for MailStateView {
    fn from(state: MailState) -> Self {
        match state {
            MailState::Waiting => Self::Waiting,
            MailState::Sent => Self::Sent,
            MailState::Test => Self::Test,
            MailState::Bounced => Self::Bounced,
            MailState::Suppressed => Self::Suppressed,
            MailState::Failed => Self::Failed,
        }
    }
}

/// A mail with what it says. Links with one-time codes are blotted out, unless mail is in test mode.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct WholeMail {
    #[serde(flatten)]
    mail: Mail,
    /// Of mails with one key one is sent.
    once_key: String,
    reply_to: Option<String>,
    /// In order: names and values.
    #[schema(value_type = Option<Vec<Vec<String>>>)]
    headers: Option<Value>,
    text: Option<String>,
    html: Option<String>,
}

/// Gets a mail with its text.
///
/// Where mails are kept in place of being sent, those with a link to an account show what they say to super admins alone.
#[utoipa::path(get, path = "/admin/api/mails/{id}")]
async fn one(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    Path(id): Path<i64>,
) -> Result<Data<WholeMail>, WireError> {
    let row = tenant.content.store().read(|r| r.mails().get(id))?.ok_or_else(WireError::not_found)?;
    let mut mail = Mail::from(&row);
    let is_waiting = row.state == MailState::Waiting;
    let rendered = if is_waiting { tenant.notifier.preview_mail(id)? } else { row.rendered.clone() };
    if let Some(r) = &rendered {
        mail.subject = Some(r.subject.clone());
    }
    // A test mail about an account contains a link that gives access to it: permission to manage mail is not enough.
    let for_supers = row.state == MailState::Test && is_about_an_account(&row.mail.template);
    let (text, html) = rendered.filter(|_| !for_supers || admin.is_super()).map(|r| (r.text, r.html)).unzip();
    let (once_key, reply_to) = (row.mail.once_key, row.mail.reply_to);
    Ok(Data { data: WholeMail { mail, once_key, reply_to, headers: row.headers, text, html } })
}

/// A mail that waits.
#[derive(Debug, Serialize, ToSchema)]
struct WaitingMail {
    id: i64,
    state: MailStateView,
}

/// Sends a mail once more.
#[utoipa::path(post, path = "/admin/api/mails/{id}/send-again")]
async fn send_again(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    Path(id): Path<i64>,
) -> Result<Data<WaitingMail>, WireError> {
    tenant.notifier.resend_mail(id, (**admin.actor()).clone()).await?;
    Ok(Data { data: WaitingMail { id, state: MailStateView::Waiting } })
}

/// How mail is sent.
#[derive(Debug, Serialize, ToSchema)]
struct MailStatus {
    mode: MailMode,
    /// Mails are kept and not sent, but for those that somebody asked for and waits for.
    held: bool,
    from: Sender,
    /// How many are where, by state.
    counts: BTreeMap<String, i64>,
    bounces: BounceReports,
}

/// From whom mails are.
#[derive(Debug, Serialize, ToSchema)]
struct Sender {
    name: Option<String>,
    address: String,
}

/// Address and secret with which a mail provider reports bounces.
#[derive(Debug, Serialize, ToSchema)]
struct BounceReports {
    url: String,
    secret: String,
}

/// Returns whether mails are sent, how many are in each state, and what a provider needs to report bounces.
#[utoipa::path(get, path = "/admin/api/mail")]
async fn status(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsMail>) -> Result<Data<MailStatus>, WireError> {
    let counts = tenant.content.store().read(|r| r.mails().count_by_state())?.into_iter().collect();
    let (name, address) = tenant.notifier.sender();
    let bounces = BounceReports {
        url: format!("{}/admin/api/mail/bounces", tenant.notifier.site().url),
        secret: tenant.notifier.bounce_secret(),
    };
    let from = Sender { name, address: address.to_string() };
    let (mode, held) = (tenant.notifier.mode(), cairn_settings::mail_identity(&tenant.access).held);
    Ok(Data { data: MailStatus { mode, held, from, counts, bounces } })
}

/// Where a test goes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct TestMail {
    /// E-mail address of the recipient.
    to: String,
}

/// A mail that was made.
#[derive(Debug, Serialize, ToSchema)]
struct SentMail {
    id: i64,
}

/// Sends a test mail.
#[utoipa::path(post, path = "/admin/api/mail/test")]
async fn test(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    body: Json<TestMail>,
) -> Result<Data<SentMail>, WireError> {
    let body = body.read_object(&tenant).await?;
    let to = optional_text(&body, "to")?.unwrap_or_default();
    let id = tenant.notifier.send_test(&to, (**admin.actor()).clone()).await?;
    Ok(Data { data: SentMail { id } })
}

/// Result of a provider's report.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reported)]
struct ReportedBounces {
    /// How many addresses get no more mail.
    suppressed: u64,
}

/// Reports bounces and complaints: for mail providers, signed as Standard Webhooks are.
#[utoipa::path(
    post,
    path = "/admin/api/mail/bounces",
    security(()),
    request_body(content = serde_json::Value, description = "As the provider has it"),
    params(
        ("webhook-id" = String, Header),
        ("webhook-timestamp" = String, Header),
        ("webhook-signature" = String, Header),
    ),
)]
async fn report_bounces(
    CurrentTenant(tenant): CurrentTenant,
    _: OpenToAll,
    headers: HeaderMap,
    body: Body,
) -> Result<Data<ReportedBounces>, WireError> {
    let header = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let signature = ReportSignature {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
    };
    let bytes = extract::body::read_bytes(body, tenant.config.server.max_body_bytes).await?;
    let news = tenant.notifier.record_bounces(signature, &bytes).await?;
    Ok(Data { data: ReportedBounces { suppressed: news as u64 } })
}

/// Where a page begins.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
struct SuppressionPageParams {
    /// The last address of the page before.
    after: String,
}

/// Where the next page begins.
#[derive(Debug, Serialize, ToSchema)]
struct SuppressionsMeta {
    /// Give it as `after`. Null: this is the last page.
    after: Option<String>,
}

/// An address that gets no mail.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suppression)]
struct SuppressedAddress {
    address: String,
    reason: SuppressionReasonView,
    detail: Option<String>,
    /// The mail that told so.
    mail: Option<i64>,
    at: Time,
}

impl From<&Suppression> for SuppressedAddress {
    fn from(s: &Suppression) -> Self {
        Self {
            address: s.address.clone(),
            reason: s.reason.into(),
            detail: s.detail.clone(),
            mail: s.mail,
            at: Time(s.at),
        }
    }
}

/// Why an address gets no mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = SuppressionReason)]
enum SuppressionReasonView {
    /// It does not take mail.
    Bounce,
    /// Its owner said that ours is unwanted.
    Complaint,
    /// An admin said so.
    Manual,
}

impl From<SuppressionReason> for SuppressionReasonView {
    fn from(reason: SuppressionReason) -> Self {
        match reason {
            SuppressionReason::Bounce => Self::Bounce,
            SuppressionReason::Complaint => Self::Complaint,
            SuppressionReason::Manual => Self::Manual,
        }
    }
}

/// Addresses that get no mail, in their order.
#[utoipa::path(
    get,
    path = "/admin/api/mail/suppressions",
    params(
        SuppressionPageParams,
        ("limit" = Option<i64>, Query, description = "Addresses at most: 1 to 100, 50 where it is left out"),
    ),
)]
async fn suppressions(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsMail>,
    Query(params): Query<SuppressionPageParams>,
    Query(page): Query<PageParams>,
) -> Result<Page<SuppressedAddress, SuppressionsMeta>, WireError> {
    let rows = tenant.content.store().read(|r| r.mail_suppressions().list(&params.after, page.limit()))?;
    let after = (rows.len() as i64 == page.limit()).then(|| rows.last().map(|row| row.address.clone())).flatten();
    Ok(Page { data: rows.iter().map(SuppressedAddress::from).collect(), meta: SuppressionsMeta { after } })
}

/// An address that is to get no mail.
#[derive(ToSchema)]
#[expect(dead_code, reason = "what is wrong with a member is told by its name")]
struct NewSuppression {
    address: String,
    /// Why, for people.
    detail: Option<String>,
}

/// An address that mail is sent to no more, or again.
#[derive(Debug, Serialize, ToSchema)]
struct MailAddress {
    address: String,
}

/// Sends no more mail to an address.
#[utoipa::path(post, path = "/admin/api/mail/suppressions")]
async fn suppress(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    body: Json<NewSuppression>,
) -> Result<Data<MailAddress>, WireError> {
    let body = body.read_object(&tenant).await?;
    let address = optional_text(&body, "address")?.unwrap_or_default();
    tenant.notifier.suppress_address(&address, optional_text(&body, "detail")?, (**admin.actor()).clone()).await?;
    Ok(Data { data: MailAddress { address } })
}

/// Sends mail to an address again.
#[utoipa::path(delete, path = "/admin/api/mail/suppressions/{address}")]
async fn clear_suppression(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    Path(address): Path<String>,
) -> Result<Data<MailAddress>, WireError> {
    tenant.notifier.clear_suppression(&address, (**admin.actor()).clone()).await?;
    Ok(Data { data: MailAddress { address } })
}
