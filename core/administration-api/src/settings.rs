//! `/admin/api/settings`: registration and sessions of the content API, the sender of mails, the look. What is stored is shown; a change is
//! a part of a settings file, and what it leaves out stays.

use cairn_access::action_types::{SettingsAuth, SettingsCalendars, SettingsMail, SettingsTheme};
use cairn_app::Tenant;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{PersonOr, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::or_null::OrNull;
use cairn_http::openapi::response_types::Data;
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_settings::calendars::{Calendar, CalendarPreview, DaySource, PreviewDay};
use cairn_settings::{AuthChanges, ContentSessions, MailChanges, ThemeChanges};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default()
        .routes(routes!(auth, change_auth))
        .routes(routes!(mail, change_mail))
        .routes(routes!(theme, change_theme))
        .routes(routes!(calendars, change_calendars))
        .routes(routes!(preview_calendar))
}

/// Settings of the content API's users: who may register, and how long they stay signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct AuthSettings {
    registration: Registration,
    /// Sign-in is limited for who guesses.
    sign_in_rate_limit: bool,
    /// Smallest number of characters of new passwords.
    password_min_length: u32,
    sessions: ContentSessions,
    /// The page where somebody with a code chooses a new password.
    reset_password_url: Option<String>,
    /// The page that somebody who confirmed their address goes on to.
    confirmed_url: Option<String>,
    /// The page where somebody who was invited chooses their first password.
    invitation_url: Option<String>,
    /// Days for which an invitation is valid.
    invitation_days: u32,
}

/// Terms of registration in the content API.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Registration {
    open: bool,
    /// New users confirm their address before they may sign in.
    confirm_by_mail: bool,
    /// The role of new users.
    default_role: String,
}

/// Sender of mails; null: as the server is configured.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct MailSettings {
    from_name: Option<String>,
    from: Option<String>,
    reply_to: Option<String>,
    /// Mails are kept and not sent, but for those that somebody asked for and waits for.
    held: bool,
}

/// How the admin, mails and pages of Cairn's own look, and the time zone of the site.
#[derive(Debug, Serialize, ToSchema)]
struct ThemeSettings {
    /// A colour such as `#0b57a4`.
    accent: Option<String>,
    /// A picture: `/uploads/…` or `https://…`.
    logo: Option<String>,
    favicon: Option<String>,
    /// Time zone of the site: `Europe/Amsterdam`.
    zone: Option<String>,
}

/// Opening hours by the week, and holidays, of a place. Plugins count working time by it.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct WorkingCalendar {
    /// Name of the calendar, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    title: Option<String>,
    /// Time zone of its hours: `Europe/Amsterdam`.
    zone: String,
    /// By day (`monday` to `sunday`), in order: `09:00-12:30`. A day that is left out is closed. The last span of a day may end on the next:
    /// `22:00-06:00`.
    hours: BTreeMap<String, Vec<String>>,
    /// Official holidays of a country, after those of the calendar: `nl`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    preset: Option<String>,
    #[serde(default)]
    holidays: Vec<CalendarHoliday>,
}

/// Calendars by name.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
struct WorkingCalendars(BTreeMap<String, WorkingCalendar>);

/// Calendars by name: those that are named are replaced as a whole, null removes.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read as the object that it is: null is told from what is left out")]
struct WorkingCalendarChanges(BTreeMap<String, CalendarOrNull>);

type CalendarOrNull = OrNull<WorkingCalendar>;

/// A day with hours of its own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct CalendarHoliday {
    /// `2026-12-25`; or for every year `12-25`, `easter`, `easter+39` or `easter-2` (days from Easter Sunday), `first monday of 09` (also
    /// `second`, `third`, `fourth` and `last`).
    date: String,
    /// Name of the holiday, for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// When it is open all the same; closed where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    hours: Option<Vec<String>>,
    /// By day of the week: days by which it is later (or earlier, if negative) if its date is on that day, -7 to 7. Only without a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    moved: Option<BTreeMap<String, i8>>,
    /// The years that have it; every year if left out. Only for a date without a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    every: Option<HolidayYears>,
}

/// The years of a holiday that recurs.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct HolidayYears {
    /// 5: every fifth year, counted from `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    years: Option<u8>,
    /// The first year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    from: Option<i32>,
    /// The last year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<i32>,
}

/// A calendar to preview, and for which days.
#[derive(ToSchema)]
#[expect(dead_code, reason = "read as the object that it is, so that every problem has its path")]
struct CalendarPreviewInput {
    /// It need not be stored.
    calendar: WorkingCalendar,
    /// The first day: `2026-01-01`.
    from: String,
    /// Number of days, 1 to 800.
    days: u32,
}

/// A calendar in some days.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct CalendarPreviewView {
    /// Holidays among them, also those of the preset; other days are left out.
    days: Vec<CalendarPreviewDay>,
    /// All working time in them, in minutes.
    working_minutes: u64,
}

/// A holiday with its date.
#[derive(Debug, Serialize, ToSchema)]
struct CalendarPreviewDay {
    /// `2026-04-27`.
    date: String,
    /// Name of the holiday, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    source: CalendarDaySource,
    /// Opening hours that begin on that day; none: closed.
    hours: Vec<String>,
}

/// Origin of the opening hours of a day: the day of the week, a holiday of the calendar, or its preset.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum CalendarDaySource {
    Week,
    Holiday,
    Preset,
}

impl From<DaySource> for CalendarDaySource {
    fn from(source: DaySource) -> Self {
        match source {
            DaySource::Week => Self::Week,
            DaySource::Holiday => Self::Holiday,
            DaySource::Preset => Self::Preset,
        }
    }
}

impl From<CalendarPreview> for CalendarPreviewView {
    fn from(preview: CalendarPreview) -> Self {
        let day = |PreviewDay { date, name, source, hours }| CalendarPreviewDay {
            date: date.to_string(),
            name,
            source: source.into(),
            hours,
        };
        Self { days: preview.days.into_iter().map(day).collect(), working_minutes: preview.working_minutes }
    }
}

fn load_auth(tenant: &Tenant) -> AuthSettings {
    let auth = tenant.access.auth_settings();
    AuthSettings {
        registration: Registration {
            open: auth.registration_open,
            confirm_by_mail: auth.confirm_by_mail,
            default_role: auth.default_role.clone(),
        },
        sign_in_rate_limit: auth.sign_in_rate_limit,
        password_min_length: auth.password_min_length,
        sessions: auth.sessions.into(),
        reset_password_url: auth.reset_password_url.clone(),
        confirmed_url: auth.confirmed_url.clone(),
        invitation_url: auth.invitation_url.clone(),
        invitation_days: auth.invitation_days,
    }
}

fn load_mail(tenant: &Tenant) -> MailSettings {
    let mail = cairn_settings::mail_identity(&tenant.access);
    MailSettings {
        from_name: mail.from_name.clone(),
        from: mail.from.clone(),
        reply_to: mail.reply_to.clone(),
        held: mail.held,
    }
}

fn load_theme(tenant: &Tenant) -> ThemeSettings {
    let theme = cairn_settings::theme(&tenant.access);
    let (accent, logo) = (theme.accent.clone(), theme.logo.clone());
    ThemeSettings { accent, logo, favicon: theme.favicon.clone(), zone: theme.zone.clone() }
}

/// Returns the settings for registration in the content API, and for its sessions.
#[utoipa::path(get, path = "/admin/api/settings/auth")]
async fn auth(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsAuth>) -> Result<Data<AuthSettings>, WireError> {
    Ok(Data { data: load_auth(&tenant) })
}

/// Changes it; null is the default again.
#[utoipa::path(put, path = "/admin/api/settings/auth")]
async fn change_auth(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsAuth>,
    body: Json<AuthChanges>,
) -> Result<Data<AuthSettings>, WireError> {
    let changes = body.read_object(&tenant).await?;
    cairn_settings::change_settings(&tenant.access, &json!({ "auth": changes }), 1, admin.actor()).await?;
    Ok(Data { data: load_auth(&tenant) })
}

/// Returns the sender of mails.
#[utoipa::path(get, path = "/admin/api/settings/mail")]
async fn mail(CurrentTenant(tenant): CurrentTenant, _: Require<SettingsMail>) -> Result<Data<MailSettings>, WireError> {
    Ok(Data { data: load_mail(&tenant) })
}

/// Changes it; null is the default again.
#[utoipa::path(put, path = "/admin/api/settings/mail")]
async fn change_mail(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsMail>,
    body: Json<MailChanges>,
) -> Result<Data<MailSettings>, WireError> {
    let changes = body.read_object(&tenant).await?;
    cairn_settings::change_settings(&tenant.access, &json!({ "mail": changes }), 1, admin.actor()).await?;
    Ok(Data { data: load_mail(&tenant) })
}

/// Gets the appearance of the tenant's admin.
#[utoipa::path(get, path = "/admin/api/settings/theme")]
async fn theme(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SettingsTheme>,
) -> Result<Data<ThemeSettings>, WireError> {
    Ok(Data { data: load_theme(&tenant) })
}

/// Changes it; null is the default again.
#[utoipa::path(put, path = "/admin/api/settings/theme")]
async fn change_theme(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsTheme>,
    body: Json<ThemeChanges>,
) -> Result<Data<ThemeSettings>, WireError> {
    let changes = body.read_object(&tenant).await?;
    cairn_settings::change_settings(&tenant.access, &json!({ "theme": changes }), 1, admin.actor()).await?;
    Ok(Data { data: load_theme(&tenant) })
}

/// The calendars of working time, by name.
#[utoipa::path(get, path = "/admin/api/settings/calendars")]
async fn calendars(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PersonOr<SettingsCalendars>>,
) -> Result<Data<WorkingCalendars>, WireError> {
    Ok(Data { data: load_calendars(&tenant) })
}

/// Changes those that are named, as a whole; null removes.
#[utoipa::path(put, path = "/admin/api/settings/calendars")]
async fn change_calendars(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<SettingsCalendars>,
    body: Json<WorkingCalendarChanges>,
) -> Result<Data<WorkingCalendars>, WireError> {
    let changes = body.read_object(&tenant).await?;
    cairn_settings::change_settings(&tenant.access, &json!({ "calendars": changes }), 1, admin.actor()).await?;
    Ok(Data { data: load_calendars(&tenant) })
}

/// Holidays and working time by a calendar that need not be stored.
#[utoipa::path(post, path = "/admin/api/settings/calendars/preview")]
async fn preview_calendar(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PersonOr<SettingsCalendars>>,
    body: Json<CalendarPreviewInput>,
) -> Result<Data<CalendarPreviewView>, WireError> {
    let input = body.read_object(&tenant).await?;
    Ok(Data { data: cairn_settings::calendars::preview_calendar(&input.into())?.into() })
}

fn load_calendars(tenant: &Tenant) -> WorkingCalendars {
    let calendars = cairn_settings::calendars::current_calendars(&tenant.access);
    // Calendars are written in this form, so none is lost here.
    let one = |(name, c): (&String, &Arc<Calendar>)| Some((name.clone(), serde_json::from_value(c.to_json()).ok()?));
    WorkingCalendars(calendars.iter().filter_map(one).collect())
}
