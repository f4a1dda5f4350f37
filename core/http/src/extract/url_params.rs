//! Typed parameters of a request's address; what cannot be read is refused in the words and the form of every other error.

use crate::error::WireError;
use axum::extract::{FromRequestParts, Path as AxumPath, Query as AxumQuery};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

/// The parameters of the query.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = WireError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, WireError> {
        match AxumQuery::from_request_parts(head, state).await {
            Ok(AxumQuery(query)) => Ok(Self(query)),
            Err(e) => Err(WireError::validation(e.body_text())),
        }
    }
}

/// The variable parts of the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = WireError;

    async fn from_request_parts(head: &mut Parts, state: &S) -> Result<Self, WireError> {
        match AxumPath::from_request_parts(head, state).await {
            Ok(AxumPath(path)) => Ok(Self(path)),
            Err(e) => Err(WireError::validation(e.body_text())),
        }
    }
}
