//! The choices that plugins leave to administrators: the project's own content types, origins, addresses.

use super::change::{apply_change, find_plugin};
use super::shapes::{PluginDetail, detail_response};
use cairn_access::action_types::PluginsManage;
use cairn_app::Tenant;
use cairn_app::plugins::choices::{candidate_types, plan_choices, unfit_types};
use cairn_app::plugins::consent::is_dutch;
use cairn_app::plugins::folder::PluginFolderLock;
use cairn_app::plugins::packages::PluginTexts;
use cairn_http::error::WireError;
use cairn_http::extract::body::Json;
use cairn_http::extract::require::{RecentSignIn, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::Data;
use cairn_plugin_package::manifest::{ChoiceKind, ManifestChoice, NeededAttribute};
use cairn_plugin_package::{Choices, Manifest, UnfitReason};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// A choice that a plugin leaves to the administrator.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PluginChoice {
    /// As the manifest calls it.
    name: String,
    title: String,
    /// `content-types`, `origins` or `addresses`.
    kind: String,
    /// The attributes that a chosen content type must have.
    needs: Vec<ChoiceNeed>,
    chosen: Vec<ChosenValue>,
    /// The content types of the project; empty for other kinds.
    candidates: Vec<ChoiceCandidate>,
}

/// An attribute that a chosen content type must have.
#[derive(Debug, Serialize, ToSchema)]
struct ChoiceNeed {
    name: String,
    /// Its type; null for any.
    kind: Option<String>,
}

/// Something that is chosen.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChosenValue {
    value: String,
    /// Why what rests on it is off at present; null where nothing is.
    problem: Option<String>,
    /// It was not chosen until now.
    is_new: bool,
}

/// A content type of the project.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ChoiceCandidate {
    uid: String,
    display_name: String,
    /// Why it cannot be chosen; null where it can.
    problem: Option<String>,
}

fn say(reason: &UnfitReason, language: &str) -> String {
    if is_dutch(Some(language)) { reason.dutch() } else { reason.english() }
}

/// The choices of a manifest, with what is chosen now and what was chosen before.
pub(super) fn list_choices(
    tenant: &Tenant,
    manifest: &Manifest,
    (choices, before): (&Choices, &Choices),
    texts: &PluginTexts,
    language: &str,
) -> Vec<PluginChoice> {
    let registry = tenant.content.registry();
    let unfit = unfit_types(registry, manifest, choices);
    let one = |choice: &ManifestChoice| PluginChoice {
        title: choice.title.as_ref().map_or_else(|| choice.name.clone(), |title| texts.resolve_text(&title.value)),
        kind: choice.kind.as_str().to_owned(),
        needs: choice
            .needs
            .iter()
            .map(|NeededAttribute { name, kind }| ChoiceNeed { name: name.clone(), kind: kind.clone() })
            .collect(),
        chosen: choices
            .values(&choice.name)
            .map(|value| ChosenValue {
                value: value.to_owned(),
                problem: unfit
                    .iter()
                    .find(|unfit| unfit.choice == choice.name && unfit.uid == value)
                    .map(|unfit| say(&unfit.reason, language)),
                is_new: !before.has(&choice.name, value),
            })
            .collect(),
        candidates: match choice.kind {
            ChoiceKind::ContentTypes => candidate_types(registry, choice)
                .into_iter()
                .map(|candidate| ChoiceCandidate {
                    problem: candidate.unfit.as_ref().map(|reason| say(reason, language)),
                    uid: candidate.uid,
                    display_name: candidate.display_name,
                })
                .collect(),
            ChoiceKind::Addresses | ChoiceKind::Origins => Vec::new(),
        },
        name: choice.name.clone(),
    };
    manifest.choices.iter().map(one).collect()
}

/// Values by the name of the choice, as requests have them.
pub(super) type ChosenValues = BTreeMap<String, Vec<String>>;

/// The choices that a request names.
pub(super) fn to_choices(values: ChosenValues) -> Choices {
    let mut choices = Choices::default();
    values.into_iter().for_each(|(name, values)| choices.set(&name, values));
    choices
}

/// New values for the choices of a plugin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeChoices {
    /// Values by the name of the choice; choices that are not named stay as they are.
    #[schema(value_type = Object)]
    choices: ChosenValues,
    /// Consent: the sentences and the content types in the details of the 409 that this request gets without them.
    #[serde(default)]
    agreed: BTreeSet<String>,
}

/// Chooses the values of a plugin's choices; its next call has them. Where there is something to agree to it is 409, with `details.widened`,
/// a sentence for all that the plugin may do in addition, and `details.opened`, the content types that its read policy no longer decides
/// about.
#[utoipa::path(put, path = "/admin/api/plugins/{id}/choices", params(("id" = String, Path)), request_body = ChangeChoices)]
pub(super) async fn change_choices(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<RecentSignIn<PluginsManage>>,
    Path(id): Path<String>,
    body: Json<ChangeChoices>,
) -> Result<Data<PluginDetail>, WireError> {
    let ChangeChoices { choices, agreed } = body.read(&tenant).await?;
    // An installation that has begun would replace what is chosen now.
    let _lock = tokio::task::block_in_place(|| PluginFolderLock::share(&tenant.config))?;
    let row = find_plugin(&tenant, &id)?;
    let chosen = to_choices(choices);
    let plan = || plan_choices(&tenant.config.project, tenant.content.registry(), &row, &chosen);
    let change = tokio::task::block_in_place(plan).map_err(|refusals| WireError::for_fields(&refusals))?;
    let dutch = is_dutch(Some(&admin.language(&tenant)));
    let widened: Vec<&String> = change.widened.iter().map(|(en, nl)| if dutch { nl } else { en }).collect();
    // Consent covers only the lines that the administrator was shown: new ones since then need consent too.
    if !widened.iter().copied().chain(&change.opened).all(|one| agreed.contains(one)) {
        let message = "These choices change what the plugin may do or who sees what: agree to that first";
        let details = json!({ "widened": widened, "opened": change.opened });
        return Err(WireError::conflict(message).with_details(details));
    }
    apply_change(&tenant, &admin, &id, move |tx, _, by, now| change.write(tx, by, now)).await?;
    detail_response(&tenant, &admin, &id).await
}
