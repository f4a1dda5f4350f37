//! The model as the admin shows it: content types and components with their attributes as the schema files have them, and what who
//! asks may do with each.

use super::subject::Asking;
use super::{data, publishing};
use crate::answer;
use crate::error::WireError;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use crate::model_files::FileChange;
use crate::tenants::{ModelError, ModelHandle, Proposal};
use axum::Router;
use axum::body::Body;
use axum::extract::Extension;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use axum::routing::{get, post};
use cairn_model::change::{Answers, Class, Snapshot, Step, When};
use cairn_model::load::Problem;
use cairn_model::{Component, ContentType, Kind};
use cairn_query::{Access, Action};
use cairn_store::change::SchemaPlan;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new()
        .route("/admin/api/content-types", get(list))
        .route("/admin/api/content-types/plan", post(plan))
        .route(APPLY, post(apply))
}

/// Where the content types are changed: the one route that waits for all others.
pub(crate) const APPLY: &str = "/admin/api/content-types/apply";

/// The model, as far as the caller has to do with it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    content_types: Vec<TypeShown>,
    components: Vec<ComponentShown>,
    /// Of the whole model; another one means that something changed.
    hash: String,
    /// The content types cannot be changed here: the files come with a deployment, or belong to another tenant.
    locked: bool,
}

/// One content type.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TypeShown {
    uid: String,
    /// `collectionType` or `singleType`.
    kind: &'static str,
    info: Info,
    draft_and_publish: bool,
    localized: bool,
    /// The attribute that its documents are known by.
    title_field: Option<String>,
    /// Its name in the content API: `/api/<route>`.
    route: String,
    /// A front end shows its drafts.
    previewable: bool,
    /// As in the schema file, in its order.
    attributes: Map<String, Json>,
    can: Can,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Info {
    singular_name: String,
    plural_name: String,
    display_name: String,
    description: String,
}

/// What the caller may do with entries of a type, perhaps only with some of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Can {
    find: bool,
    create: bool,
    update: bool,
    delete: bool,
    publish: bool,
    fields: Fields,
}

/// Attributes by name; `null` for all.
#[derive(Debug, Serialize)]
struct Fields {
    read: Option<Vec<String>>,
    write: Option<Vec<String>>,
}

/// One component.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ComponentShown {
    uid: String,
    category: String,
    display_name: String,
    icon: Option<String>,
    attributes: Map<String, Json>,
}

/// `GET /admin/api/content-types`.
async fn list(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    models: Option<Extension<ModelHandle>>,
    head: Parts,
) -> Answered {
    let asking = Asking::of(&tenant, &admin);
    let (registry, access) = (asking.registry(), asking.access());
    let types = registry.types().iter().filter(|ct| ct.is_api() && reads(access, ct));
    let model = Model {
        content_types: types.map(|ct| type_shown(&asking, ct)).collect(),
        components: registry.components().iter().map(component_shown).collect(),
        hash: Snapshot::of(registry).hash(),
        locked: models.is_none_or(|Extension(models)| models.is_locked()),
    };
    let body = serde_json::to_vec(&json!({ "data": model })).map_err(WireError::internal)?;
    Ok(answer::read(body, head.headers.get(IF_NONE_MATCH)))
}

/// Content types and components as they shall be, with what was answered about it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Proposed {
    /// By uid, each as a schema file has it; `null`: it goes. What is not named stays.
    content_types: BTreeMap<String, Option<Map<String, Json>>>,
    /// Likewise.
    components: BTreeMap<String, Option<Map<String, Json>>>,
    answers: Answers,
    /// Of a plan: it is made and undone again, to see whether the content allows it. Writes wait meanwhile.
    r#try: bool,
}

impl Proposed {
    fn proposal(&self) -> Proposal {
        Proposal { content_types: self.content_types.clone(), components: self.components.clone() }
    }
}

/// `POST /admin/api/content-types/plan`: what a change would mean for files and content. Changes nothing.
async fn plan(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    models: Option<Extension<ModelHandle>>,
    head: Parts,
    body: Body,
) -> Answered {
    admin.require_super()?;
    let proposed: Proposed = publishing::read(&tenant, &head, body).await?;
    let Extension(models) = models.ok_or_else(locked)?;
    let planned = models.plan(proposed.proposal(), proposed.answers.clone(), proposed.r#try).await.map_err(refused)?;
    let store = tenant.content.store();
    let registry = tenant.content.registry();
    let now = Snapshot::of(registry);
    let rows_of = |uid: &str| registry.by_uid(uid).map_or(0, |ct| store.counters().rows(ct.id).max(0));
    let rows = |owner: &str| match registry.component_by_uid(owner) {
        Some(_) => now.used_in(owner).iter().map(|uid| rows_of(uid)).sum(),
        None => rows_of(owner),
    };
    let step = |step: &Step| {
        json!({
            "id": step.id, "class": step.class, "sentence": step.sentence, "owner": step.change.owner(),
            "rows": if step.class == Class::Add { 0 } else { rows(step.change.owner()) },
            "needsConsent": step.when() == When::Consent, "change": step.change,
        })
    };
    let SchemaPlan { plan, refused, .. } = &planned.found;
    let ready = plan.ready(&proposed.answers).err().map(|e| e.to_string());
    Ok(data(json!({
        "hash": plan.hash(), "before": plan.before, "steps": plan.steps.iter().map(step).collect::<Vec<_>>(),
        "questions": plan.questions, "problems": plan.problems, "warnings": plan.warnings,
        "refused": refused, "needsConsent": plan.when() == When::Consent, "notReady": ready,
        "files": files(&planned.files),
        "fileWarnings": planned.warnings.iter().map(problem).collect::<Vec<_>>(),
        "tenants": planned.others.iter().map(|(name, found)| json!({
            "name": name, "steps": found.plan.steps.iter().map(|s| &s.sentence).collect::<Vec<_>>(),
            "problems": found.plan.problems, "refused": found.refused,
        })).collect::<Vec<_>>(),
    })))
}

/// `POST /admin/api/content-types/apply`: makes a change, in the content and in the files, while the server goes on. What drops
/// content needs `answers.consent`: the hash of the plan.
async fn apply(
    CurrentTenant(tenant): CurrentTenant,
    admin: Admin,
    models: Option<Extension<ModelHandle>>,
    head: Parts,
    body: Body,
) -> Answered {
    admin.require_super()?;
    let proposed: Proposed = publishing::read(&tenant, &head, body).await?;
    let Extension(models) = models.ok_or_else(locked)?;
    // A tenant that a request has would not be closed.
    drop(tenant);
    let actor = admin.actor().clone();
    let changed = models.apply(proposed.proposal(), proposed.answers, actor).await.map_err(refused)?;
    Ok(data(json!({
        "hash": changed.plan.after,
        "steps": changed.plan.steps.iter().map(|step| &step.sentence).collect::<Vec<_>>(),
        "notes": changed.notes, "trashed": changed.trashed, "files": files(&changed.files),
    })))
}

fn files(list: &[FileChange]) -> Vec<Json> {
    list.iter().map(|file| json!({ "path": file.path, "before": file.before, "after": file.after })).collect()
}

fn problem(problem: &Problem) -> Json {
    json!({ "file": problem.file, "path": problem.path, "message": problem.message })
}

fn locked() -> WireError {
    let message = "The content types cannot be changed here: they come with the project's files";
    WireError::new(StatusCode::FORBIDDEN, "ForbiddenError", message)
}

fn refused(e: ModelError) -> WireError {
    match e {
        ModelError::Locked => locked(),
        ModelError::Problems(list) => {
            let message = format!("The content types have {} problem(s)", list.len());
            WireError::validation(message)
                .with_details(json!({ "problems": list.iter().map(problem).collect::<Vec<_>>() }))
        }
        ModelError::Refused(message) => WireError::new(StatusCode::CONFLICT, "ConflictError", message),
        ModelError::Busy => WireError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "ServiceUnavailableError",
            "Requests are still running, a large upload perhaps: nothing was changed, try again in a moment",
        ),
        ModelError::Failed(cause) => WireError::internal(cause),
    }
}

fn reads(access: &Access, ct: &ContentType) -> bool {
    access.may(ct.id, Action::Find) || access.may(ct.id, Action::FindOne)
}

fn type_shown(asking: &Asking, ct: &ContentType) -> TypeShown {
    let access = asking.access();
    let named = |action: Action| -> Option<Vec<String>> {
        let may = |id| access.may_attribute(ct, id, action);
        let all = ct.attributes.iter().all(|(id, a)| may(id) || access.hides(a));
        (!all).then(|| ct.attributes.iter().filter(|(id, _)| may(*id)).map(|(_, a)| a.name.clone()).collect())
    };
    TypeShown {
        uid: ct.uid.clone(),
        kind: match ct.kind {
            Kind::Collection => "collectionType",
            Kind::Single => "singleType",
        },
        info: Info {
            singular_name: ct.singular.clone(),
            plural_name: ct.plural.clone(),
            display_name: ct.display_name.clone(),
            description: ct.description.clone(),
        },
        draft_and_publish: ct.draft_publish,
        localized: ct.localized,
        title_field: ct.title().map(|id| ct.attributes[id].name.clone()),
        route: ct.route().to_owned(),
        previewable: ct.preview_url.is_some(),
        attributes: attributes(&ct.source.schema),
        can: Can {
            find: reads(access, ct),
            create: access.may(ct.id, Action::Create),
            update: access.may(ct.id, Action::Update),
            delete: access.may(ct.id, Action::Delete),
            publish: asking.may_publish(ct),
            fields: Fields {
                read: named(if access.may(ct.id, Action::FindOne) { Action::FindOne } else { Action::Find }),
                write: named(Action::Update),
            },
        },
    }
}

fn component_shown(component: &Component) -> ComponentShown {
    let schema = &component.source.schema;
    ComponentShown {
        uid: component.uid.clone(),
        category: component.uid.split('.').next().unwrap_or_default().to_owned(),
        display_name: component.display_name.clone(),
        icon: schema.get("info").and_then(|info| info["icon"].as_str()).map(str::to_owned),
        attributes: attributes(schema),
    }
}

fn attributes(schema: &Arc<Map<String, Json>>) -> Map<String, Json> {
    schema.get("attributes").and_then(Json::as_object).cloned().unwrap_or_default()
}
