//! Reading of bodies, within limits on size and time.

use crate::error::WireError;
use axum::body::Body;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use bytes::{Bytes, BytesMut};
use cairn_app::Tenant;
use cairn_model::ErrorKind;
use http_body_util::BodyExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::time::Duration;

/// Longest pause while a body is being sent.
const MAX_SILENCE: Duration = Duration::from_secs(30);
/// Longest time that a body of the JSON limit may take.
const MAX_BODY_TIME: Duration = Duration::from_secs(120);

/// The whole body, at most `limit` bytes.
pub async fn read_bytes(mut body: Body, limit: usize) -> Result<Bytes, WireError> {
    let slow = |_| too_slow_error();
    let read = async {
        let mut all = BytesMut::new();
        while let Some(frame) = tokio::time::timeout(MAX_SILENCE, body.frame()).await.map_err(slow)? {
            let frame = frame.map_err(|_| WireError::validation("The body could not be read"))?;
            if let Ok(data) = frame.into_data() {
                if all.len() + data.len() > limit {
                    return Err(too_large_error(limit as u64));
                }
                all.extend_from_slice(&data);
            }
        }
        Ok(all.freeze())
    };
    tokio::time::timeout(MAX_BODY_TIME, read).await.map_err(slow)?
}

/// The 413 for a body over its limit.
pub fn too_large_error(limit: u64) -> WireError {
    WireError::too_large(format!("The body is larger than {limit} bytes"))
}

/// The 408 for a body that takes too long.
pub fn too_slow_error() -> WireError {
    WireError::new(ErrorKind::RequestTimeout, "The body was sent too slowly")
}

/// The JSON of a body, by its content type: JSON, or a form whose brackets make objects. `None` where there is no body
/// or another type.
pub async fn read_json(headers: &HeaderMap, body: Body, limit: usize) -> Result<Option<Value>, WireError> {
    let kind = headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("application/json");
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let bytes = read_bytes(body, limit).await?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if kind == "application/json" || kind.ends_with("+json") {
        return crate::extract::json::parse_json(&bytes).map(Some);
    }
    if kind == "application/x-www-form-urlencoded" {
        return cairn_query::parse_form(&bytes).map(Some).map_err(|e| WireError::validation(e.to_string()));
    }
    Ok(None)
}

/// The body of a request as the route describes it, not read yet: callers without permission are refused before it is read.
pub struct Json<T> {
    headers: HeaderMap,
    body: Body,
    data: PhantomData<fn() -> T>,
}

impl<T, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = WireError;

    async fn from_request(request: Request, _: &S) -> Result<Self, WireError> {
        let (head, body) = request.into_parts();
        Ok(Self { headers: head.headers, body, data: PhantomData })
    }
}

impl<T> Json<T> {
    /// Reads it as that type. Fails with 400 if it is something else.
    pub async fn read(self, tenant: &Tenant) -> Result<T, WireError>
    where
        T: DeserializeOwned,
    {
        let object = self.read_object(tenant).await?;
        serde_json::from_value(Value::Object(object))
            .map_err(|e| WireError::validation(format!("The request body is invalid: {e}")))
    }

    /// Reads it as any object, for callers that report errors more precisely than a type can. A missing body counts as empty. Fails with
    /// 400 if it is not an object.
    pub async fn read_object(self, tenant: &Tenant) -> Result<Map<String, Value>, WireError> {
        match read_json(&self.headers, self.body, tenant.config.server.max_body_bytes).await? {
            None => Ok(Map::new()),
            Some(Value::Object(object)) => Ok(object),
            Some(_) => Err(WireError::validation("The body must be a JSON object")),
        }
    }
}
