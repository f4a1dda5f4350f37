//! Resolvers: a root field runs its one request; every other field takes its value from the JSON that this has returned.

use crate::plan::{RequestPlans, Window, list_window};
use crate::request::{ApiError, ContentRequest, ContentSource};
use crate::shapes::{Root, RootAction};
use async_graphql::dynamic::{Field, FieldFuture, FieldValue, ResolverContext, TypeRef};
use async_graphql::{Name, Value};
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Largest whole number that a number of JavaScript has all digits of.
const MAX_SAFE_INTEGER: u64 = (1 << 53) - 1;

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
}

/// Message of the errors of fields after the operation has ended; no response has it.
pub(crate) const ENDED: &str = "the operation has ended";

/// How a plain value is read from JSON.
#[derive(Clone)]
pub(crate) enum ScalarFormat {
    Plain,
    /// As a text.
    Id,
    Long,
    /// By the name of the value; one that the enumeration does not have any more is null.
    Enumeration(Arc<HashMap<String, String>>),
}

impl ScalarFormat {
    fn read(&self, json: &Json) -> Option<Value> {
        match (self, json) {
            (_, Json::Null) => None,
            (Self::Plain, json) => Value::from_json(json.clone()).ok(),
            (Self::Id, Json::String(text)) => Some(Value::String(text.clone())),
            (Self::Id, other) => Some(Value::String(other.to_string())),
            (Self::Long, Json::String(text)) => Some(match text.parse::<i64>() {
                Ok(number) if number.unsigned_abs() <= MAX_SAFE_INTEGER => Value::from(number),
                _ => Value::String(text.clone()),
            }),
            (Self::Long, json) => Value::from_json(json.clone()).ok(),
            (Self::Enumeration(names), json) => {
                json.as_str().and_then(|value| names.get(value)).map(|name| Value::Enum(Name::new(name)))
            }
        }
    }
}

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
        let Window { from, to, .. } = list_window(pagination(&ctx).as_ref(), items.len(), default_size);
        FieldFuture::Value(Some(FieldValue::list(items[from..to].iter().map(borrowed))))
    })
}

/// The same with the numbers of the whole list.
pub(crate) fn connection_field(name: &str, type_ref: TypeRef, attribute: String, default_size: u64) -> Field {
    Field::new(name, type_ref, move |ctx| {
        let items = items(&ctx, &attribute);
        let Window { from, to, size } = list_window(pagination(&ctx).as_ref(), items.len(), default_size);
        let page_info = page_numbers(from, size, items.len());
        let connection = EntryConnection { nodes: items[from..to].to_vec(), page_info };
        FieldFuture::Value(Some(FieldValue::owned_any(connection)))
    })
}

fn page_numbers(start: usize, size: usize, total: usize) -> Json {
    let size = size.clamp(1, total.max(1));
    json!({ "total": total, "page": start / size + 1, "pageSize": size, "pageCount": total.div_ceil(size) })
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
    let request = execution.plans.planner().plan_root(root, &ctx.item.node)?;
    let deleted = match &request {
        ContentRequest::Delete { document_id, .. } => Some(document_id.clone()),
        _ => None,
    };
    let response = execution.source.run(request).await?;
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

/// The numbers of a page, in the form of pages whether the request was for a page or for a part.
fn read_page_info(pagination: &Json) -> Json {
    let number = |name: &str| pagination[name].as_u64();
    match (number("start"), number("limit")) {
        (Some(start), Some(limit)) => {
            let (limit, total) = (limit.max(1), number("total").unwrap_or_default());
            json!({ "total": total, "page": start / limit + 1, "pageSize": limit, "pageCount": total.div_ceil(limit) })
        }
        _ => pagination.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_keep_their_digits() {
        for (json, expected) in [
            (json!("12"), json!(12)),
            (json!("-9007199254740991"), json!(-9_007_199_254_740_991_i64)),
            (json!("9007199254740993"), json!("9007199254740993")),
            (json!(7), json!(7)),
        ] {
            assert_eq!(ScalarFormat::Long.read(&json).unwrap().into_json().unwrap(), expected);
        }
        assert_eq!(ScalarFormat::Id.read(&json!(7)), Some(Value::String("7".into())));
        assert_eq!(ScalarFormat::Plain.read(&json!(null)), None);
    }

    #[test]
    fn numbers_of_pages_are_those_of_the_whole_list() {
        assert_eq!(page_numbers(10, 5, 23), json!({"total": 23, "page": 3, "pageSize": 5, "pageCount": 5}));
        assert_eq!(page_numbers(0, usize::MAX, 23), json!({"total": 23, "page": 1, "pageSize": 23, "pageCount": 1}));
        assert_eq!(page_numbers(0, 10, 0), json!({"total": 0, "page": 1, "pageSize": 1, "pageCount": 0}));
        let part = json!({"start": 4, "limit": 2, "total": 7});
        assert_eq!(read_page_info(&part), json!({"total": 7, "page": 3, "pageSize": 2, "pageCount": 4}));
    }
}
