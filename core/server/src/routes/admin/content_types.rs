//! The model as the admin shows it: content types and components with their attributes as the schema files have them, and what who
//! asks may do with each.

use super::subject::Asking;
use crate::answer;
use crate::error::WireError;
use crate::extract::admin::Admin;
use crate::extract::tenant::CurrentTenant;
use axum::Router;
use axum::body::Body;
use axum::http::Response;
use axum::http::header::IF_NONE_MATCH;
use axum::http::request::Parts;
use axum::routing::get;
use cairn_model::change::Snapshot;
use cairn_model::{Component, ContentType, Kind};
use cairn_query::{Access, Action};
use serde::Serialize;
use serde_json::{Map, Value as Json, json};
use std::sync::Arc;

type Answered = Result<Response<Body>, WireError>;

pub(super) fn routes() -> Router {
    Router::new().route("/admin/api/content-types", get(list))
}

/// The model, as far as the caller has to do with it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Model {
    content_types: Vec<TypeShown>,
    components: Vec<ComponentShown>,
    /// Of the whole model; another one means that something changed.
    hash: String,
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
async fn list(CurrentTenant(tenant): CurrentTenant, admin: Admin, head: Parts) -> Answered {
    let asking = Asking::of(&tenant, &admin);
    let (registry, access) = (asking.registry(), asking.access());
    let types = registry.types().iter().filter(|ct| ct.is_api() && reads(access, ct));
    let model = Model {
        content_types: types.map(|ct| type_shown(&asking, ct)).collect(),
        components: registry.components().iter().map(component_shown).collect(),
        hash: Snapshot::of(registry).hash(),
    };
    let body = serde_json::to_vec(&json!({ "data": model })).map_err(WireError::internal)?;
    Ok(answer::read(body, head.headers.get(IF_NONE_MATCH)))
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
