//! Plugins as the admin shows them.

use super::change::find_plugin;
use super::choices::{PluginChoice, list_choices};
use super::health::{PluginHealth, PluginUpgrade, plugin_health, upgrade_state};
use super::signing_keys::{PluginSigningKey, list_signing_keys};
use super::views::{PluginView, package_views};
use cairn_access::AdminAction;
use cairn_app::Tenant;
use cairn_app::plugins::choices::unfit_types;
use cairn_app::plugins::consent::{self, RequestedGrant};
use cairn_app::plugins::packages::{self, PackageMetadata, PluginTexts};
use cairn_events::admin::{ConsumerOverview, list_consumers};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::openapi::response_types::{Data, Time};
use cairn_plugin_host::secrets::{self, SecretState};
use cairn_plugin_package::manifest::{HookAction, SubscriptionTarget, Zone};
use cairn_plugin_package::{Manifest, UnfitReason};
use cairn_store::events::CronRow;
use cairn_store::plugins::{PluginRow, PluginState, name_prefix};
use serde::Serialize;
use utoipa::ToSchema;

/// A plugin, in a list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginSummary {
    id: String,
    name: String,
    description: Option<String>,
    version: String,
    state: PluginStateView,
    /// Why it is in this state.
    reason: Option<String>,
    /// The key that its packages are signed with.
    publisher: Option<String>,
    /// In this process.
    running: bool,
    /// Why it is not run although it is switched on.
    problem: Option<String>,
    /// Calls that failed and are kept.
    failures: i64,
    installed_at: Time,
    changed_at: Time,
    /// The version that one can go back to.
    previous: Option<String>,
    /// Chosen content types that do not fit the project any more: what rests on them is off. A sentence each.
    off: Vec<String>,
}

/// Where a plugin is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
#[schema(as = PluginState)]
enum PluginStateView {
    /// There, and never enabled yet.
    Installed,
    /// It runs: Cairn calls its exports.
    Enabled,
    /// Switched off by a person.
    Disabled,
    /// Switched off by Cairn for the stored reason.
    Quarantined,
    /// Its data are being moved to another version.
    Upgrading,
    /// It is gone; what it had may still be there.
    Removed,
}

impl From<PluginState> for PluginStateView {
    fn from(state: PluginState) -> Self {
        match state {
            PluginState::Installed => Self::Installed,
            PluginState::Enabled => Self::Enabled,
            PluginState::Disabled => Self::Disabled,
            PluginState::Quarantined => Self::Quarantined,
            PluginState::Upgrading => Self::Upgrading,
            PluginState::Removed => Self::Removed,
        }
    }
}

/// A plugin with all that there is to see of it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginDetail {
    #[serde(flatten)]
    summary: PluginSummary,
    license: Option<String>,
    homepage: Option<String>,
    /// The line of the contract that it was built for.
    api: String,
    digest: String,
    /// Grants that it asks for, each with whether it is given.
    grants: Vec<GrantLine>,
    /// Choices that it leaves to the administrator.
    choices: Vec<PluginChoice>,
    content_types: Vec<PluginType>,
    hooks: Vec<PluginHook>,
    subscriptions: Vec<PluginSubscription>,
    jobs: Vec<PluginJob>,
    schedules: Vec<PluginSchedule>,
    routes: Vec<PluginRoute>,
    views: Vec<PluginView>,
    permissions: Vec<PluginPermission>,
    has_settings: bool,
    secrets: Vec<PluginSecret>,
    signing_keys: Vec<PluginSigningKey>,
    health: PluginHealth,
    /// The upgrade that is under way.
    upgrade: Option<PluginUpgrade>,
}

/// A line of what a plugin asks for.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GrantLine {
    /// Its place in the list, from 0 on.
    index: usize,
    /// Capability of the grant: `data.read`.
    capability: String,
    sentence: String,
    /// Why, in the author's words.
    reason: Option<String>,
    /// It may be left out.
    optional: bool,
    /// At least a part of it is granted.
    granted: bool,
}

impl From<RequestedGrant> for GrantLine {
    fn from(line: RequestedGrant) -> Self {
        let RequestedGrant { index, capability, sentence, reason, optional, granted, is_new: _ } = line;
        Self { index, capability: capability.as_str().to_owned(), sentence, reason, optional, granted }
    }
}

/// A content type of a plugin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginType {
    uid: String,
    display_name: String,
    /// Rows that there are: a draft and what is published of it are one each.
    documents: i64,
    /// In the content API.
    path: String,
}

/// When a hook runs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum HookPhase {
    Prepare,
    Before,
}

/// A hook of a plugin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginHook {
    name: String,
    phase: HookPhase,
    /// `plugin::crm.deal:create`
    on: Vec<String>,
    /// `refuse` or `skip`.
    on_failure: String,
}

/// Subscription of a plugin to events.
#[derive(Debug, Serialize, ToSchema)]
struct PluginSubscription {
    name: String,
    to: Vec<String>,
    /// Events that it has not come to yet; null where it never ran.
    lag: Option<i64>,
    /// Events that were given up.
    dead: i64,
}

/// A job of a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct PluginJob {
    name: String,
}

/// When a job of a plugin is begun by itself.
#[derive(Debug, Serialize, ToSchema)]
struct PluginSchedule {
    job: String,
    cron: String,
    /// `Europe/Amsterdam`, or `settings:` and the setting that has it.
    zone: String,
    next: Option<Time>,
}

/// A route of a plugin.
#[derive(Debug, Serialize, ToSchema)]
struct PluginRoute {
    name: String,
    method: String,
    path: String,
    /// Callers that it admits: `none` (everybody), or one or more of `user`, `token` and `admin`.
    auth: Vec<String>,
    /// The plugin's permission that callers need.
    permission: Option<String>,
}

/// A permission that a plugin declares.
#[derive(Debug, Serialize, ToSchema)]
struct PluginPermission {
    name: String,
    title: String,
}

/// A secret of a plugin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct PluginSecret {
    name: String,
    set: bool,
    /// Its value is an address that requests are sent to.
    is_address: bool,
    /// Host of that address, for those who may manage plugins.
    host: Option<String>,
}

/// A plugin, in a list. `failures`: calls that are kept.
pub(super) async fn plugin_summary(tenant: &Tenant, row: &PluginRow, failures: i64, language: &str) -> PluginSummary {
    let face = tenant.plugins.package_metadata(&row.id, &row.current).await;
    let problem = match row.state {
        PluginState::Enabled => tenant.plugins.start_problem(&row.id),
        _ => None,
    };
    let off = match &face {
        Ok(face) => list_off(tenant, &face.manifest, row, language),
        Err(_) => Vec::new(),
    };
    // A plugin whose package is missing or changed is listed under its id.
    let (name, description) = match &face {
        Ok(face) => {
            let texts = face.texts_in(Some(language));
            let about = &face.manifest.plugin;
            (
                texts.resolve_text(&about.name.value),
                about.description.as_ref().map(|text| texts.resolve_text(&text.value)),
            )
        }
        Err(_) => (row.id.clone(), None),
    };
    PluginSummary {
        id: row.id.clone(),
        name,
        description,
        version: row.current.version.clone(),
        state: row.state.into(),
        reason: row.reason.clone(),
        publisher: row.publisher.clone(),
        running: row.state == PluginState::Enabled && problem.is_none(),
        problem: problem.or(face.err()),
        failures,
        installed_at: Time(row.installed_at),
        changed_at: Time(row.changed_at),
        previous: row.previous.as_ref().map(|previous| previous.version.version.clone()),
        off,
    }
}

fn list_off(tenant: &Tenant, manifest: &Manifest, row: &PluginRow, language: &str) -> Vec<String> {
    let unfit = unfit_types(tenant.content.registry(), manifest, &packages::stored_choices(row));
    let sentence =
        |reason: &UnfitReason| if consent::is_dutch(Some(language)) { reason.dutch() } else { reason.english() };
    unfit.iter().map(|unfit| format!("{} {}", unfit.uid, sentence(&unfit.reason))).collect()
}

/// A plugin with all that there is to see of it. Returns an error if the database fails.
pub(super) async fn plugin_detail(tenant: &Tenant, admin: &Admin, row: &PluginRow) -> Result<PluginDetail, WireError> {
    let language = admin.language(tenant);
    let id = row.id.as_str();
    let (failures, overviews, recurring) = tenant.content.store().read(|r| {
        let failures = r.plugin_calls().count_by_plugin()?.get(id).copied().unwrap_or(0);
        Ok::<_, WireError>((failures, list_consumers(r)?, r.recurring_jobs().list()?))
    })?;
    let summary = plugin_summary(tenant, row, failures, &language).await;
    let Ok(face) = tenant.plugins.package_metadata(id, &row.current).await else {
        return Ok(without_package(summary, row));
    };
    let (manifest, texts) = (&face.manifest, face.texts_in(Some(&language)));
    let granted = packages::effective_grants(manifest, row).unwrap_or_default();
    let choices = packages::stored_choices(row);
    let lines = consent::requested_grants(manifest, &choices, Some(&granted), &texts, Some(&language));
    // Choices that are still open appear by their name.
    let resolved = manifest.resolve_for_display(&choices);
    let title =
        |name: &str, title: Option<&str>| title.map_or_else(|| name.to_owned(), |title| texts.resolve_text(title));
    Ok(PluginDetail {
        license: Some(manifest.plugin.license.clone()).filter(|license| !license.is_empty()),
        homepage: manifest.plugin.homepage.clone(),
        api: manifest.plugin.api.clone(),
        grants: lines.into_iter().map(GrantLine::from).collect(),
        choices: list_choices(tenant, manifest, (&choices, &choices), &texts, &language),
        content_types: list_types(tenant, id, &face, &texts),
        hooks: list_hooks(&resolved),
        subscriptions: list_subscriptions(&resolved, &overviews),
        jobs: manifest.jobs.iter().map(|job| PluginJob { name: job.name.clone() }).collect(),
        schedules: list_schedules(manifest, &recurring),
        routes: list_routes(manifest),
        views: package_views(&face, &granted, &language).into_iter().map(|(view, _)| view).collect(),
        permissions: manifest
            .permissions
            .iter()
            .map(|p| PluginPermission {
                title: title(&p.name, p.title.as_ref().map(|text| text.value.as_str())),
                name: p.name.clone(),
            })
            .collect(),
        has_settings: manifest.settings.as_ref().is_some_and(|settings| settings.schema.is_some()),
        secrets: list_secrets(tenant, admin, manifest)?,
        signing_keys: list_signing_keys(tenant, manifest, &texts)?,
        health: plugin_health(tenant, id),
        upgrade: upgrade_state(row),
        ..without_package(summary, row)
    })
}

/// Builds the view of a plugin whose package is not there, from its row.
fn without_package(summary: PluginSummary, row: &PluginRow) -> PluginDetail {
    PluginDetail {
        summary,
        license: None,
        homepage: None,
        api: String::new(),
        digest: row.current.digest.clone(),
        grants: Vec::new(),
        choices: Vec::new(),
        content_types: Vec::new(),
        hooks: Vec::new(),
        subscriptions: Vec::new(),
        jobs: Vec::new(),
        schedules: Vec::new(),
        routes: Vec::new(),
        views: Vec::new(),
        permissions: Vec::new(),
        has_settings: false,
        secrets: Vec::new(),
        signing_keys: Vec::new(),
        health: PluginHealth::default(),
        upgrade: None,
    }
}

fn list_types(tenant: &Tenant, id: &str, face: &PackageMetadata, texts: &PluginTexts) -> Vec<PluginType> {
    let store = tenant.content.store();
    let to_plugin_type = |owned: packages::PackageContentType| PluginType {
        documents: store.registry().by_uid(&owned.uid).map_or(0, |ct| store.counters().row_count(ct.id)),
        path: format!("/api/{id}/{}", owned.plural),
        uid: owned.uid,
        display_name: owned.display_name,
    };
    packages::package_content_types(id, &face.files, texts).into_iter().map(to_plugin_type).collect()
}

fn hook_target(uid: &str, action: Option<HookAction>) -> String {
    format!("{uid}:{}", action.map_or("*", HookAction::as_str))
}

fn list_hooks(manifest: &Manifest) -> Vec<PluginHook> {
    let one = |hook: &cairn_plugin_package::manifest::ManifestHook| PluginHook {
        name: hook.name.clone(),
        phase: match hook.phase {
            cairn_plugin_package::manifest::Phase::Prepare => HookPhase::Prepare,
            cairn_plugin_package::manifest::Phase::Before => HookPhase::Before,
        },
        on: hook.on.iter().map(|on| hook_target(&on.uid, on.action)).collect(),
        on_failure: hook.on_failure.as_str().to_owned(),
    };
    manifest.hooks.iter().map(one).collect()
}

fn list_subscriptions(manifest: &Manifest, overviews: &[ConsumerOverview]) -> Vec<PluginSubscription> {
    let one = |subscription: &cairn_plugin_package::manifest::Subscription| {
        let consumer = format!("{}{}", name_prefix(manifest.id()), subscription.name);
        let overview = overviews.iter().find(|overview| overview.row.name == consumer);
        let to = subscription.to.iter().map(|(to, _)| match to {
            SubscriptionTarget::Documents { uid, action } => hook_target(uid, *action),
            SubscriptionTarget::Event(name) => name.to_string(),
        });
        PluginSubscription {
            name: subscription.name.clone(),
            to: to.collect(),
            lag: overview.map(|overview| overview.lag),
            dead: overview.map_or(0, |overview| overview.dead),
        }
    };
    manifest.subscriptions.iter().map(one).collect()
}

fn list_schedules(manifest: &Manifest, recurring: &[CronRow]) -> Vec<PluginSchedule> {
    let one = |schedule: &cairn_plugin_package::manifest::ManifestSchedule| {
        let name = format!("{}{}", name_prefix(manifest.id()), schedule.name);
        PluginSchedule {
            job: schedule.job.clone(),
            cron: schedule.cron.clone(),
            zone: match &schedule.zone {
                Zone::Named(zone) => zone.to_string(),
                Zone::Setting(key) => format!("settings:{key}"),
            },
            next: recurring.iter().find(|row| row.name == name).and_then(|row| row.next).map(Time),
        }
    };
    manifest.schedules.iter().map(one).collect()
}

fn list_routes(manifest: &Manifest) -> Vec<PluginRoute> {
    let one = |route: &cairn_plugin_package::manifest::ManifestRoute| PluginRoute {
        name: route.name.clone(),
        method: route.method.as_str().to_owned(),
        path: format!("/api/{}{}", manifest.id(), route.path),
        auth: route.auth.iter().map(|caller| caller.as_str().to_owned()).collect(),
        permission: route.permission.clone(),
    };
    manifest.routes.iter().map(one).collect()
}

fn list_secrets(tenant: &Tenant, admin: &Admin, manifest: &Manifest) -> Result<Vec<PluginSecret>, WireError> {
    let manages = admin.require(tenant, AdminAction::PluginsManage).is_ok();
    let declared = secrets::list_secrets(&tenant.access, manifest)?.into_iter().filter(|secret| secret.declared);
    let one = |secret: SecretState| PluginSecret {
        name: secret.name,
        set: secret.set_at.is_some(),
        is_address: secret.is_address,
        host: secret.host.filter(|_| manages),
    };
    Ok(declared.map(one).collect())
}

pub(super) async fn detail_response(tenant: &Tenant, admin: &Admin, id: &str) -> Result<Data<PluginDetail>, WireError> {
    Ok(Data { data: plugin_detail(tenant, admin, &find_plugin(tenant, id)?).await? })
}
