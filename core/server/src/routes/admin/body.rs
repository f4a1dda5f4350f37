//! Bodies of the admin API, as types.

use crate::Tenant;
use crate::error::WireError;
pub(super) use crate::routes::users::object;
use axum::body::Body;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// The body as a `T`; no body is an empty object.
///
/// # Errors
/// 400 for what is no such thing. What was sent is no part of the answer: it may be a password.
pub(super) async fn typed<T: DeserializeOwned>(tenant: &Tenant, head: &Parts, body: Body) -> Result<T, WireError> {
    let object = object(tenant, head, body).await?;
    serde_json::from_value(Json::Object(object)).map_err(|e| WireError::validation(without_value(&e.to_string())))
}

/// serde's words without the value that was sent: `invalid type: string "secret", expected a boolean`.
fn without_value(message: &str) -> String {
    match (
        message.strip_prefix("invalid type: ").or(message.strip_prefix("invalid value: ")),
        message.rfind("expected "),
    ) {
        (Some(_), Some(at)) => message[at..].to_owned(),
        _ => message.to_owned(),
    }
}
