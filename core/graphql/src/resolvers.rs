//! Resolvers: a root field runs its one request; every other field takes its value from the JSON that this has returned.

use crate::pages::{PageBounds, read_page_info};
use crate::plan::RequestPlans;
use crate::request::{ApiError, ContentRequest, ContentSource};
pub(crate) use crate::scalars::ScalarFormat;
use crate::shapes::{Root, RootAction};
use async_graphql::Value;
use async_graphql::dynamic::{Field, FieldFuture, FieldValue, ResolverContext, TypeRef};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// The data of a request that resolvers use.
pub(crate) struct Execution {
    pub(crate) plans: RequestPlans,
    pub(crate) source: Arc<dyn ContentSource>,
    /// True from when the first root field is read.
    pub(crate) has_begun: AtomicBool,
    /// Errors of root fields, as the response has them.
    pub(crate) errors: Mutex<Vec<Json>>,
    /// True from when a field that is never null has none of its own: nothing more is read.
    pub(crate) has_ended: AtomicBool,
    /// Answers to root fields that have been read already, by their name in the response.
    pub(crate) answers: Mutex<HashMap<String, RootAnswer>>,
}

/// Answer of the content API to a root field; `None` for an entry that does not exist.
pub(crate) type RootAnswer = Result<Option<Json>, ApiError>;

impl Execution {
    pub(crate) fn new(plans: RequestPlans, source: Arc<dyn ContentSource>) -> Self {
        Self {
            plans,
            source,
            has_begun: AtomicBool::new(false),
            errors: Mutex::default(),
            has_ended: AtomicBool::new(false),
            answers: Mutex::default(),
        }
    }

    fn take_answer(&self, key: &str) -> Option<RootAnswer> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner).remove(key)
    }
}

/// The data of a request that is validated and not executed: root fields do nothing.
#[derive(Default)]
pub(crate) struct Trial {
    /// True if a root field would be read.
    pub(crate) has_begun: AtomicBool,
}

/// Message of the errors of fields after the operation has ended; no response has it.
pub(crate) const ENDED: &str = "the operation has ended";

/// A page of entries with its numbers.
struct EntryConnection {
    nodes: Vec<Json>,
    page_info: Json,
}

fn member<'a>(ctx: &ResolverContext<'a>, name: &str) -> Option<&'a Json> {
    ctx.parent_value.downcast_ref::<Json>()?.get(name).filter(|value| !value.is_null())
}

fn items<'a>(ctx: &ResolverContext<'a>, name: &str) -> &'a [Json] {
    member(ctx, name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
}

fn borrowed(json: &Json) -> FieldValue<'_> {
    FieldValue::borrowed_any(json)
}

fn pagination(ctx: &ResolverContext<'_>) -> Option<Value> {
    ctx.args.get("pagination").map(|pagination| pagination.as_value().clone())
}

/// A plain value.
pub(crate) fn value_field(name: &str, type_ref: TypeRef, attribute: String, format: ScalarFormat) -> Field {
    Field::new(name, type_ref, move |ctx| {
        FieldFuture::from_value(member(&ctx, &attribute).and_then(|json| format.read(json)))
    })
}

/// One entry, file or component.
pub(crate) fn entry_field(name: &str, type_ref: TypeRef, attribute: String) -> Field {
    Field::new(name, type_ref, move |ctx| FieldFuture::Value(member(&ctx, &attribute).map(borrowed)))
}

/// The signed-in user in the answer to a sign-in.
pub(crate) fn user_field(name: &str, type_ref: TypeRef) -> Field {
    entry_field(name, type_ref, name.to_owned())
}

/// The part of a list that the field's arguments ask for.
pub(crate) fn entry_list_field(name: &str, type_ref: TypeRef, attribute: String, default_size: u64) -> Field {
    Field::new(name, type_ref, move |ctx| {
        let items = items(&ctx, &attribute);
        let window = PageBounds::read(pagination(&ctx).as_ref(), default_size).of_list(items.len());
        FieldFuture::Value(Some(FieldValue::list(items[window.from..window.to].iter().map(borrowed))))
    })
}

/// The same with the numbers of the whole list.
pub(crate) fn connection_field(name: &str, type_ref: TypeRef, attribute: String, default_size: u64) -> Field {
    Field::new(name, type_ref, move |ctx| {
        let items = items(&ctx, &attribute);
        let window = PageBounds::read(pagination(&ctx).as_ref(), default_size).of_list(items.len());
        let page_info = window.page_numbers(items.len());
        let connection = EntryConnection { nodes: items[window.from..window.to].to_vec(), page_info };
        FieldFuture::Value(Some(FieldValue::owned_any(connection)))
    })
}

/// The entries of a connection.
pub(crate) fn nodes_field(type_ref: TypeRef) -> Field {
    Field::new("nodes", type_ref, |ctx| {
        let nodes = ctx.parent_value.downcast_ref::<EntryConnection>().map_or(&[][..], |connection| &connection.nodes);
        FieldFuture::Value(Some(FieldValue::list(nodes.iter().map(borrowed))))
    })
}

/// The numbers of a connection.
pub(crate) fn page_info_field(type_ref: TypeRef) -> Field {
    Field::new("pageInfo", type_ref, |ctx| {
        let connection = ctx.parent_value.downcast_ref::<EntryConnection>();
        FieldFuture::Value(connection.map(|connection| borrowed(&connection.page_info)))
    })
}

/// The items of a dynamic zone. An item whose component the zone does not list any more is left out.
pub(crate) fn zone_field(
    name: &str,
    type_ref: TypeRef,
    attribute: String,
    members: Arc<Vec<(String, String)>>,
) -> Field {
    Field::new(name, type_ref, move |ctx| {
        let typed = items(&ctx, &attribute).iter().filter_map(|item| {
            let uid = item.get("__component")?.as_str()?;
            let (_, type_name) = members.iter().find(|(known, _)| known == uid)?;
            Some(borrowed(item).with_type(type_name.clone()))
        });
        FieldFuture::Value(Some(FieldValue::list(typed.collect::<Vec<_>>())))
    })
}

/// A root field. Where it fails it is null, and the others are answered, unless it is of those that are never null.
pub(crate) fn root_field(name: &str, type_ref: TypeRef, root: Arc<Root>) -> Field {
    let is_nullable = !matches!(type_ref, TypeRef::NonNull(_));
    Field::new(name, type_ref, move |ctx| {
        let root = root.clone();
        FieldFuture::new(async move {
            if let Some(trial) = ctx.data_opt::<Arc<Trial>>() {
                trial.has_begun.store(true, Ordering::Relaxed);
                return Err(async_graphql::Error::new(ENDED));
            }
            let execution = ctx.data::<Arc<Execution>>()?;
            if execution.has_ended.load(Ordering::Relaxed) {
                return Err(async_graphql::Error::new(ENDED));
            }
            let error = match run_root(&ctx, execution, &root).await {
                Ok(value) => return Ok(value),
                Err(error) => error,
            };
            let field = &ctx.item.node;
            let key = field.response_key().node.as_str();
            let described = json!({
                "message": error.message,
                "path": [key],
                "extensions": error.to_extensions(),
            });
            execution.errors.lock().unwrap_or_else(PoisonError::into_inner).push(described);
            if is_nullable {
                return Ok(None);
            }
            execution.has_ended.store(true, Ordering::Relaxed);
            Err(async_graphql::Error::new(ENDED))
        })
    })
}

async fn run_root<'a>(
    ctx: &ResolverContext<'a>,
    execution: &Execution,
    root: &Root,
) -> Result<Option<FieldValue<'a>>, ApiError> {
    execution.has_begun.store(true, Ordering::Relaxed);
    let known = execution.take_answer(ctx.item.node.response_key().node.as_str());
    let mut deleted = None;
    let response = match known {
        Some(answer) => answer?,
        None => {
            let request = execution.plans.planner().plan_root(root, &ctx.item.node)?;
            if let ContentRequest::Delete { document_id, .. } = &request {
                deleted = Some(document_id.clone());
            }
            execution.source.run(request).await?
        }
    };
    if let Some(document_id) = deleted {
        return Ok(Some(FieldValue::owned_any(json!({ "documentId": document_id }))));
    }
    let Some(mut body) = response else { return Ok(None) };
    Ok(match root.action {
        RootAction::Me | RootAction::SignIn | RootAction::Fixed(_) => Some(FieldValue::owned_any(body)),
        RootAction::List => {
            let Json::Array(nodes) = body["data"].take() else { return Ok(None) };
            match &root.connection {
                Some(_) => {
                    let page_info = read_page_info(&body["meta"]["pagination"]);
                    Some(FieldValue::owned_any(EntryConnection { nodes, page_info }))
                }
                None => Some(FieldValue::list(nodes.into_iter().map(FieldValue::owned_any))),
            }
        }
        RootAction::One | RootAction::Create | RootAction::Update | RootAction::Delete => {
            let entry = body["data"].take();
            (!entry.is_null()).then(|| FieldValue::owned_any(entry))
        }
    })
}
