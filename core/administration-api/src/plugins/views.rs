//! Views of plugins in the admin.

use cairn_app::Tenant;
use cairn_app::plugins::packages::{self, PackageMetadata};
use cairn_http::error::WireError;
use cairn_http::extract::admin::Admin;
use cairn_http::extract::body::Json as Body;
use cairn_http::extract::require::{AnyPerson, Require};
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::extract::url_params::Path;
use cairn_http::openapi::response_types::{Data, List};
use cairn_plugin_host::views::{ActionOutcome, FieldProblem, ViewContext, ViewError, ViewProblem, ViewedDocument};
use cairn_plugin_package::manifest::{AdminView, ViewKind, ViewSource};
use cairn_plugin_package::{Fields, Grants, Scope};
use cairn_store::plugins::PluginState;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// Where a view is shown.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum PluginViewKind {
    Page,
    Panel,
    Document,
    Widget,
    List,
    Field,
}

/// Something that a plugin shows in the admin.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct PluginView {
    plugin: String,
    /// Display name of the plugin.
    plugin_name: String,
    name: String,
    title: String,
    kind: PluginViewKind,
    icon: Option<String>,
    /// Of a page: its path below the plugin's part of the admin.
    path: Option<String>,
    /// The content types that it is shown with; empty: all that the plugin may read. Of a document view, at least one: it is the page for
    /// documents of these types, in place of their form.
    types: Vec<String>,
    /// The page that is shown in a frame, below `admin/` of the package; null: the admin draws it.
    frame: Option<String>,
    /// Content of others that the plugin may read: fields by content type, null for all that are not private.
    reads: BTreeMap<String, Option<BTreeSet<String>>>,
}

/// The views of the plugins that run, as far as who asks may see them.
#[utoipa::path(get, path = "/admin/api/plugin-views")]
pub(super) async fn views(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
) -> Result<List<PluginView>, WireError> {
    let language = admin.language(&tenant);
    let rows = tenant.content.store().read(|r| r.plugins().list())?;
    let mut data = Vec::new();
    for row in rows.iter().filter(|row| row.state == PluginState::Enabled) {
        if tenant.plugins.start_problem(&row.id).is_some() {
            continue;
        }
        let Ok(face) = tenant.plugins.package_metadata(&row.id, &row.current).await else { continue };
        let may = |permission: &Option<String>| {
            permission.as_ref().is_none_or(|permission| admin.permissions.allows_plugin_permission(&row.id, permission))
        };
        let grants = packages::effective_grants(&face.manifest, row).unwrap_or_default();
        let filter = package_views(&face, &grants, &language).into_iter().filter(|(_, permission)| may(permission));
        data.extend(filter.map(|(view, _)| view));
    }
    Ok(List { data })
}

/// The document that a view is shown beside, or that it is the page for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ViewDocument {
    /// Uid of its type.
    content_type: String,
    document_id: String,
    /// Its locale, where its type has any.
    #[serde(default)]
    locale: Option<String>,
}

/// Document and parameters that a view is drawn for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewAsked {
    #[serde(default)]
    document: Option<ViewDocument>,
    /// Values chosen in the view, by parameter.
    #[serde(default)]
    parameters: BTreeMap<String, String>,
}

/// Press of a button of a view.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ViewAction {
    #[serde(default)]
    document: Option<ViewDocument>,
    /// Values that were filled in, and those of the button itself.
    #[serde(default)]
    #[schema(value_type = Object)]
    values: Map<String, Json>,
}

/// Result of an action.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ViewActed {
    /// The view as it is now, where it changed.
    #[schema(value_type = Option<Object>)]
    view: Option<Json>,
    /// A word for the person.
    notice: Option<String>,
    /// Where to go: a path of this site.
    navigate: Option<String>,
}

/// Returns the content of a plugin's view: JSON of the vocabulary of the plugin's contract line (`view.schema.json`).
#[utoipa::path(
    post,
    path = "/admin/api/plugins/{id}/views/{view}",
    params(("id" = String, Path), ("view" = String, Path, description = "As its manifest names it")),
    request_body = ViewAsked,
)]
pub(super) async fn show(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path((id, view)): Path<(String, String)>,
    body: Body<ViewAsked>,
) -> Result<Data<DrawnView>, WireError> {
    let ViewAsked { document, parameters } = body.read(&tenant).await?;
    let look = view_request(&tenant, &admin, &id, view, document, parameters)?;
    let rendered = tenant.plugins.plugins().render_view(&id, look).await.map_err(|e| view_error(&id, e))?;
    Ok(Data { data: DrawnView(rendered) })
}

/// Does what a button of a view says.
#[utoipa::path(
    post,
    path = "/admin/api/plugins/{id}/views/{view}/actions/{action}",
    params(
        ("id" = String, Path),
        ("view" = String, Path, description = "As its manifest names it"),
        ("action" = String, Path, description = "What the button calls"),
    ),
    request_body = ViewAction,
)]
pub(super) async fn act(
    CurrentTenant(tenant): CurrentTenant,
    admin: Require<AnyPerson>,
    Path((id, view, action)): Path<(String, String, String)>,
    body: Body<ViewAction>,
) -> Result<Data<ViewActed>, WireError> {
    let ViewAction { document, values } = body.read(&tenant).await?;
    let look = view_request(&tenant, &admin, &id, view, document, BTreeMap::new())?;
    let result = tenant.plugins.plugins().run_action(&id, look, &action, &Json::Object(values)).await;
    let ActionOutcome { view, notice, navigate } = result.map_err(|e| view_error(&id, e))?;
    Ok(Data { data: ViewActed { view, notice, navigate } })
}

/// A view: a block of the vocabulary, with what its kind has.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object)]
pub(super) struct DrawnView(Json);

fn view_request(
    tenant: &Tenant,
    admin: &Admin,
    id: &str,
    view: String,
    document: Option<ViewDocument>,
    parameters: BTreeMap<String, String>,
) -> Result<ViewContext, WireError> {
    let locale = admin.language(tenant);
    let active_view = tenant.plugins.plugins().find_view(id, &view, &locale).ok_or_else(WireError::not_found)?;
    if active_view.permission.is_some_and(|permission| !admin.permissions.allows_plugin_permission(id, &permission)) {
        return Err(WireError::forbidden());
    }
    let document = document.map(|ViewDocument { content_type, document_id, locale }| ViewedDocument {
        content_type,
        document_id,
        locale,
    });
    Ok(ViewContext {
        view,
        document,
        parameters: parameters.into_iter().collect(),
        actor: admin.actor().clone(),
        access: admin.permissions.access().clone(),
        locale,
    })
}

fn view_error(id: &str, error: ViewError) -> WireError {
    match error {
        ViewError::NotFound => WireError::not_found(),
        ViewError::Paused(pause) => WireError::plugin_paused(pause),
        ViewError::Busy(pause) => WireError::plugin_busy(id, pause),
        ViewError::Failed => WireError::plugin_failed(id),
        ViewError::Broken(problems) => {
            let one = |p: &ViewProblem| json!({ "path": [p.path], "message": p.message, "name": "ValidationError" });
            let errors: Vec<Json> = problems.iter().map(one).collect();
            WireError::plugin_failed(id).with_details(json!({ "plugin": id, "errors": errors }))
        }
        ViewError::Refused { status, message, fields } => {
            let refused = WireError::for_plugin(status, message);
            if fields.is_empty() {
                return refused;
            }
            let one = |f: &FieldProblem| {
                let path: Vec<&str> = f.path.split(['.', '[', ']']).filter(|step| !step.is_empty()).collect();
                json!({ "path": path, "message": f.message, "name": "ValidationError" })
            };
            let errors: Vec<Json> = fields.iter().map(one).collect();
            refused.with_details(json!({ "errors": errors }))
        }
    }
}

/// The views of a plugin, each with the plugin's permission that it asks for.
pub(super) fn package_views(
    face: &PackageMetadata,
    grants: &Grants,
    language: &str,
) -> Vec<(PluginView, Option<String>)> {
    let texts = face.texts_in(Some(language));
    let reads = readable_fields(grants);
    let plugin_name = texts.resolve_text(&face.manifest.plugin.name.value);
    let one = |view: &AdminView| {
        let plugin_view = PluginView {
            plugin: face.manifest.id().to_owned(),
            plugin_name: plugin_name.clone(),
            name: view.name.clone(),
            title: view.title.as_ref().map_or_else(|| view.name.clone(), |title| texts.resolve_text(&title.value)),
            kind: match view.kind {
                ViewKind::Page => PluginViewKind::Page,
                ViewKind::Panel => PluginViewKind::Panel,
                ViewKind::Document => PluginViewKind::Document,
                ViewKind::Widget => PluginViewKind::Widget,
                ViewKind::List => PluginViewKind::List,
                ViewKind::Field => PluginViewKind::Field,
            },
            icon: view.icon.clone(),
            path: view.path.clone(),
            types: view.types.clone(),
            frame: match &view.source {
                ViewSource::Frame(path) => Some(path.strip_prefix("admin/").unwrap_or(path).to_owned()),
                ViewSource::Declarative => None,
            },
            reads: reads.clone(),
        };
        (plugin_view, view.permission.clone())
    };
    face.manifest.views.iter().map(one).collect()
}

fn readable_fields(grants: &Grants) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let mut reads: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
    for granted in grants.list() {
        let Scope::DataRead { types, fields } = &granted.scope else { continue };
        for uid in types {
            let sum = match (reads.remove(uid), fields) {
                (Some(None), _) | (_, Fields::All) => None,
                (Some(Some(mut known)), Fields::Only(granted_fields)) => {
                    known.extend(granted_fields.iter().cloned());
                    Some(known)
                }
                (None, Fields::Only(granted_fields)) => Some(granted_fields.clone()),
            };
            reads.insert(uid.clone(), sum);
        }
    }
    reads
}
