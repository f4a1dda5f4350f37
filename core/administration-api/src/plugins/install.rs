//! Packages that come: looked at, agreed to, installed.

use super::choices::{ChosenValues, PluginChoice, list_choices, to_choices};
use super::shapes::{self, GrantLine, PluginDetail};
use axum::body::Body;
use cairn_access::action_types::PluginsManage;
use cairn_app::Tenant;
use cairn_app::plugins::choices::{merge_choices, opened_sentence, opened_types};
use cairn_app::plugins::consent::{self, Consent, GrantChoice, Refusals, UpgradeKind};
use cairn_app::plugins::staged_packages::{self, StagingError};
use cairn_app::plugins::{install as path, packages};
use cairn_app::tenants::{InstallOrder, PluginsHandle};
use cairn_http::error::WireError;
use cairn_http::extract::body::{self, Json};
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::{CurrentTenant, ExclusiveTenant, Handle};
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{CreatedData, Data, NoContent};
use cairn_plugin_package::package::{Package, PackageLimits};
use cairn_plugin_package::{Choices, Grants, PluginReach, Severity};
use cairn_store::plugins::{PluginRow, PluginState};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A package that was sent and is not installed yet.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Staged)]
pub(super) struct StagedPackage {
    /// SHA-256 of its digest list: it is named by that.
    digest: String,
    id: String,
    name: String,
    description: Option<String>,
    version: String,
    license: Option<String>,
    /// The key that signed it.
    publisher: Option<String>,
    signed: bool,
    decision: StagedDecision,
    /// Why it is refused, and the way out.
    reason: Option<String>,
    /// The version that is there.
    installed: Option<String>,
    /// Words that have to be said when it is installed.
    needs: Vec<StagedNeed>,
    grants: Vec<StagedGrant>,
    /// Choices that it leaves to the administrator.
    choices: Vec<PluginChoice>,
    /// Effects that it has beside that, without being granted anything: hooks, routes, schedules and the like; and the content types that
    /// its read policy no longer decides about.
    does: Vec<StagedReach>,
    /// Content types that its read policy no longer decides about: an installation has to name them as `opened`.
    opened: Vec<String>,
    content_types: Vec<StagedType>,
    /// The server serves its content types after a start only.
    needs_restart: bool,
    warnings: Vec<StagedWarning>,
}

/// Effect of installing a package, or its refusal.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StagedDecision {
    Install,
    Upgrade,
    /// It is the one that is there.
    Same,
    /// Of a lower version.
    Older,
    Refused,
}

/// A word that has to be said.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum StagedNeed {
    Unsigned,
    Older,
}

/// A line of what a package asks for.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StagedGrant {
    #[serde(flatten)]
    line: GrantLine,
    /// More than was granted until now.
    is_new: bool,
}

/// Something that a package does, in the language of who looks at it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StagedReach {
    /// The section of its manifest: `hook`, `route`, `subscription`, `schedule`, `view`, `read-policy`, `lifecycle`, `privacy` or `limits`.
    kind: String,
    sentence: String,
    /// The version before did not, or did less of it.
    is_new: bool,
}

/// A content type that a package brings.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StagedType {
    uid: String,
    display_name: String,
    is_new: bool,
}

/// Something that is worth knowing.
#[derive(Debug, Serialize, ToSchema)]
struct StagedWarning {
    /// `plugin.toml:12`
    place: String,
    message: String,
}

/// Looks at a package and keeps it for an hour: what it asks for, and whether it may be installed here. Nothing is installed.
#[utoipa::path(
    post,
    path = "/admin/api/plugins/packages",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The package, at most 64 MiB"),
)]
pub(super) async fn stage(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    request_body: Body,
) -> Result<CreatedData<StagedPackage>, WireError> {
    let bytes = body::read_bytes(request_body, PackageLimits::default().packed).await?;
    let (config, name) = (tenant.config.clone(), tenant.name.clone());
    // Unpacking and checking the component takes a core for a while.
    let handle = tokio::task::spawn_blocking(move || staged_packages::stage_package(&config, &name, &bytes));
    let package = handle.await.map_err(WireError::internal)?.map_err(|e| match e {
        StagingError::Refused(refusals) => WireError::for_fields(&refusals),
        StagingError::Failed(cause) => WireError::internal(cause),
    })?;
    let language = admin.language(&tenant);
    let rows = tenant.content.store().read(|r| r.plugins().list())?;
    // The version that is there is read, to see what is new.
    let data =
        tokio::task::block_in_place(|| to_staged_package(&tenant, &package, &rows, &Choices::default(), &language));
    let data = data.map_err(|refusals| WireError::for_fields(&refusals))?;
    Ok(CreatedData { data })
}

/// Choices for a package that was sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageChoices {
    /// Values by the name of the choice; choices that are not named stay as they are.
    #[schema(value_type = Object)]
    choices: ChosenValues,
}

/// Looks at a package that was sent again, with what is chosen. Nothing is installed.
#[utoipa::path(
    post,
    path = "/admin/api/plugins/packages/{digest}/preview",
    params(("digest" = String, Path)),
    request_body = PackageChoices,
)]
pub(super) async fn preview(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<PluginsManage>,
    Path(digest): Path<String>,
    body: Json<PackageChoices>,
) -> Result<Data<StagedPackage>, WireError> {
    let PackageChoices { choices } = body.read(&tenant).await?;
    let staged = tokio::task::block_in_place(|| staged_packages::find_staged(&tenant.config, &tenant.name, &digest));
    let (package, _) = staged.map_err(WireError::internal)?.ok_or_else(WireError::not_found)?;
    let language = admin.language(&tenant);
    let rows = tenant.content.store().read(|r| r.plugins().list())?;
    let chosen = to_choices(choices);
    let data = tokio::task::block_in_place(|| to_staged_package(&tenant, &package, &rows, &chosen, &language));
    Ok(Data { data: data.map_err(|refusals| WireError::for_fields(&refusals))? })
}

fn to_staged_package(
    tenant: &Tenant,
    package: &Package,
    rows: &[PluginRow],
    chosen: &Choices,
    language: &str,
) -> Result<StagedPackage, Refusals> {
    let manifest = package.manifest();
    let row = rows.iter().find(|row| row.id == manifest.id());
    let choices = merge_choices(manifest, tenant.content.registry(), row, chosen)?;
    let installed = row.filter(|row| row.state != PluginState::Removed);
    let (standing, reason, needs) = consent::classify_package(package, row, rows);
    let texts = packages::PluginTexts::for_language(manifest, package.files(), Some(language));
    let granted = installed.and_then(|row| serde_json::from_value::<Grants>(row.grants.clone()).ok());
    let requested = Grants::from_manifest(&manifest.resolve(&choices));
    let lines = consent::requested_grants(manifest, &choices, granted.as_ref(), &texts, Some(language));
    let (reach, before) =
        (consent::package_reach(package, &choices, &requested), consent::reach_before(&tenant.config.project, row));
    let opened = opened_types(&tenant.config.project, row, manifest, &choices);
    let chosen_before = installed.map(packages::stored_choices).unwrap_or_default();
    let registry = tenant.content.registry();
    let publisher = consent::package_signer(package).map(|key| key.to_string());
    Ok(StagedPackage {
        digest: package.digest().to_string(),
        id: manifest.id().to_owned(),
        name: texts.resolve_text(&manifest.plugin.name.value),
        description: manifest.plugin.description.as_ref().map(|text| texts.resolve_text(&text.value)),
        version: manifest.plugin.version.to_string(),
        license: Some(manifest.plugin.license.clone()).filter(|license| !license.is_empty()),
        signed: publisher.is_some(),
        publisher,
        decision: match standing {
            UpgradeKind::Install => StagedDecision::Install,
            UpgradeKind::Upgrade => StagedDecision::Upgrade,
            UpgradeKind::Same => StagedDecision::Same,
            UpgradeKind::Older => StagedDecision::Older,
            UpgradeKind::Refused => StagedDecision::Refused,
        },
        reason,
        installed: installed.map(|row| row.current.version.clone()),
        needs: [(needs.unsigned, StagedNeed::Unsigned), (needs.older, StagedNeed::Older)]
            .into_iter()
            .filter_map(|(is, need)| is.then_some(need))
            .collect(),
        grants: lines.into_iter().map(|line| StagedGrant { is_new: line.is_new, line: line.into() }).collect(),
        choices: list_choices(tenant, manifest, (&choices, &chosen_before), &texts, language),
        does: reach
            .lines()
            .iter()
            .map(|line| StagedReach {
                kind: line.kind.to_owned(),
                sentence: if consent::is_dutch(Some(language)) { line.dutch.clone() } else { line.english.clone() },
                is_new: PluginReach::is_new(line, before.as_ref()),
            })
            .chain(opened.iter().map(|uid| {
                let (english, dutch) = opened_sentence(uid);
                let sentence = if consent::is_dutch(Some(language)) { dutch } else { english };
                StagedReach { kind: "read-policy".to_owned(), sentence, is_new: true }
            }))
            .collect(),
        opened,
        content_types: packages::package_content_types(manifest.id(), package.files(), &texts)
            .into_iter()
            .map(|owned| StagedType {
                is_new: registry.by_uid(&owned.uid).is_none(),
                uid: owned.uid,
                display_name: owned.display_name,
            })
            .collect(),
        needs_restart: false,
        warnings: path::to_refusals(&package.check(), Severity::Warning)
            .into_iter()
            .map(|(place, message)| StagedWarning { place, message })
            .collect(),
    })
}

/// Forgets a package that was sent.
#[utoipa::path(delete, path = "/admin/api/plugins/packages/{digest}", params(("digest" = String, Path)))]
pub(super) async fn forget(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<PluginsManage>,
    Path(digest): Path<String>,
) -> Result<NoContent, WireError> {
    let discarded =
        tokio::task::block_in_place(|| staged_packages::discard_staged(&tenant.config, &tenant.name, &digest));
    match discarded.map_err(WireError::internal)? {
        true => Ok(NoContent),
        false => Err(WireError::not_found()),
    }
}

/// A package that was sent, and what is agreed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(as = Installing)]
pub(super) struct InstallPackage {
    digest: String,
    /// Indexes of the requested grants that are given.
    grants: Vec<usize>,
    /// Values by the name of the choice; choices that are not named stay as they are.
    #[serde(default)]
    #[schema(value_type = Object)]
    choices: ChosenValues,
    /// Consent: the content types that its read policy no longer decides about, as the package that was sent lists them.
    #[serde(default)]
    opened: BTreeSet<String>,
    /// A package that nobody signed is meant.
    #[serde(default)]
    unsigned: bool,
    /// A lower version is meant.
    #[serde(default)]
    older: bool,
}

/// Installs a package that was sent, or upgrades to it, and switches it on.
#[utoipa::path(post, path = "/admin/api/plugins", request_body = InstallPackage)]
pub(super) async fn install(
    ExclusiveTenant(tenant): ExclusiveTenant,
    admin: Require<RecentSignIn<PluginsManage>>,
    handle: Option<Handle<PluginsHandle>>,
    body: Json<InstallPackage>,
) -> Result<CreatedData<PluginDetail>, WireError> {
    let InstallPackage { digest, grants, choices, opened, unsigned, older } = body.read(&tenant).await?;
    let staged = tokio::task::block_in_place(|| staged_packages::find_staged(&tenant.config, &tenant.name, &digest));
    let Some((package, bytes)) = staged.map_err(WireError::internal)? else {
        let message = "Package not found: it has expired, upload it again".to_owned();
        return Err(WireError::for_fields(&[("digest".to_owned(), message)]));
    };
    let chosen = GrantChoice::Places(grants.into_iter().collect::<BTreeSet<_>>());
    let consent = Consent { unsigned, older, chosen, choices: to_choices(choices), opened: Some(opened) };
    let by = (**admin.actor()).clone();
    let id = package.manifest().id().to_owned();
    let tenant = match handle {
        Some(Handle(handle)) => handle.install(InstallOrder { package, bytes, consent, by }).await?,
        None => {
            // The package folder is shared by all tenants: only a package that is in it can be enabled here.
            let version = package.manifest().plugin.version.to_string();
            let existing = packages::read_package(&packages::package_path(&tenant.config.project, &id, &version));
            if !existing.is_ok_and(|existing| existing.digest() == package.digest()) {
                return Err(WireError::conflict(format!(
                    "Packages are shared by all tenants of this server: install {id} {version} at the main site first"
                )));
            }
            let rows = tenant.content.store().read(|r| r.plugins().list())?;
            let registry = tenant.content.registry();
            let decide = || path::plan_installation(&tenant.config.project, &package, &rows, registry, &consent, &by);
            let decided = tokio::task::block_in_place(decide);
            let record = decided.map_err(|refusals| WireError::for_fields(&refusals))?;
            let now = tenant.access.now().timestamp_millis();
            tenant.content.store().write(move |tx| record.write_row(tx, now)).await?;
            tenant.follow_plugins().await?;
            tenant
        }
    };
    let forgotten =
        tokio::task::block_in_place(|| staged_packages::discard_staged(&tenant.config, &tenant.name, &digest));
    if let Err(error) = forgotten {
        tracing::warn!(error, "an installed package is retained until it expires");
    }
    let row = super::change::find_plugin(&tenant, &id)?;
    Ok(CreatedData { data: shapes::plugin_detail(&tenant, &admin, &row).await? })
}
