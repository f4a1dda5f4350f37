//! Queries without the executor of `async-graphql`, which makes a future and a value of each field: root fields are read, and the response is
//! written from the text of what the content API returns.

use crate::projection::DataWriter;
use crate::request::{ApiError, GraphqlResponse};
use crate::resolvers::Execution;
use crate::selection::{RootSource, RootValue, SelectedRoot};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, join_all};
use serde_json::json;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// Bytes of a response besides the bodies that it is made of, roughly.
const ROOM_FOR_NAMES: usize = 256;

/// The body that answers a root field, or its error; `None` for one that is not read.
type RootBody = Option<Result<Option<Bytes>, ApiError>>;

/// Answers a valid query. `None` if there is an error in the response: the execution has what has been read, for `async-graphql` to go on from.
pub(crate) async fn answer_query(execution: &Execution, roots: &[SelectedRoot<'_>]) -> Option<GraphqlResponse> {
    let mut reads: Vec<BoxFuture<'_, RootBody>> = Vec::with_capacity(roots.len());
    for root in roots {
        reads.push(read_root(execution, root).boxed());
    }
    let bodies = join_all(reads).await;
    let response = write_response(roots, &bodies);
    if response.is_none() {
        keep_answers(execution, roots, bodies);
    }
    response
}

async fn read_root(execution: &Execution, selected: &SelectedRoot<'_>) -> RootBody {
    let RootSource::Read { root, field, value } = &selected.source else { return None };
    if execution.has_ended.load(Ordering::Relaxed) {
        return None;
    }
    let body = match execution.plans.planner().plan_root(root, field) {
        Ok(request) => execution.source.read(request).await,
        Err(error) => Err(error),
    };
    if body.is_err() && matches!(value, RootValue::List(_)) {
        execution.has_ended.store(true, Ordering::Relaxed);
    }
    Some(body)
}

fn write_response(roots: &[SelectedRoot<'_>], bodies: &[RootBody]) -> Option<GraphqlResponse> {
    // A response is seldom larger than what it is made of.
    let read: usize = bodies.iter().filter_map(|body| body.as_ref()?.as_ref().ok()?.as_ref()).map(Bytes::len).sum();
    let mut writer = DataWriter::with_room(read + ROOM_FOR_NAMES);
    writer.push("{\"data\":");
    // `async-graphql` makes null of nothing.
    writer.push(if roots.is_empty() { "null" } else { "{" });
    for (index, (SelectedRoot { key, source }, body)) in roots.iter().zip(bodies).enumerate() {
        writer.write_key(key, index == 0);
        match (source, body) {
            (RootSource::TypeName, _) => writer.write_type_name("Query"),
            (RootSource::Read { value, .. }, Some(Ok(body))) => writer.write_root(value, body.as_deref()).ok()?,
            (RootSource::Read { .. }, _) => return None,
        }
    }
    writer.push(if roots.is_empty() { "}" } else { "}}" });
    Some(GraphqlResponse { status: 200, body: writer.into_bytes() })
}

fn keep_answers(execution: &Execution, roots: &[SelectedRoot<'_>], bodies: Vec<RootBody>) {
    let unreadable = |error: serde_json::Error| ApiError {
        name: "InternalServerError".into(),
        message: error.to_string(),
        details: json!({}),
    };
    let mut answers = execution.answers.lock().unwrap_or_else(PoisonError::into_inner);
    for (root, body) in roots.iter().zip(bodies) {
        let Some(body) = body else { continue };
        let answer =
            body.and_then(|body| body.map(|body| serde_json::from_slice(&body)).transpose().map_err(unreadable));
        answers.insert(root.key.to_owned(), answer);
    }
    // The fields say themselves whether the operation has ended.
    execution.has_ended.store(false, Ordering::Relaxed);
}
