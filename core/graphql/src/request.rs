//! Requests, responses and errors, as clients of Strapi's GraphQL know them.

use crate::fixed_mutations::FixedRequest;
use bytes::Bytes;
use cairn_model::TypeId;
use cairn_query::Query;
use futures_util::future::BoxFuture;
use serde_json::{Map, Value as Json, json};

/// A request, parsed as far as JSON goes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GraphqlRequest {
    /// The document: operations and fragments. Empty where it is named by its hash alone.
    pub query: String,
    /// SHA-256 of the document in hexadecimal digits, where the client names it so.
    pub document_hash: Option<String>,
    /// Name of the operation to execute, where the document has several.
    pub operation_name: Option<String>,
    /// Values of the operation's variables.
    pub variables: Map<String, Json>,
}

impl GraphqlRequest {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// It is a batch, or not an object with a text `query`.
    pub fn from_json(body: Json) -> Result<Self, ApiError> {
        let mut body = match body {
            Json::Object(body) => body,
            Json::Array(_) => return Err(ApiError::invalid("Operation batching disabled.")),
            _ => return Err(ApiError::invalid("The body must be a JSON object with a query")),
        };
        let document_hash = read_hash(body.get("extensions"))?;
        let query = match body.remove("query") {
            Some(Json::String(query)) if !query.trim().is_empty() => query,
            None | Some(Json::Null) if document_hash.is_some() => String::new(),
            _ => {
                return Err(ApiError::invalid(
                    "GraphQL operations must contain a non-empty `query` or a `persistedQuery` extension.",
                ));
            }
        };
        let operation_name = match body.remove("operationName") {
            None | Some(Json::Null) => None,
            Some(Json::String(name)) => Some(name).filter(|name| !name.is_empty()),
            Some(_) => return Err(ApiError::invalid("`operationName` must be a string")),
        };
        let variables = match body.remove("variables") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(variables)) => variables,
            Some(_) => return Err(ApiError::invalid("`variables` must be an object")),
        };
        Ok(Self { query, document_hash, operation_name, variables })
    }
}

/// The hash of a persisted query, in the form of Apollo's clients.
fn read_hash(extensions: Option<&Json>) -> Result<Option<String>, ApiError> {
    let Some(named) = extensions.and_then(|extensions| extensions.get("persistedQuery")) else { return Ok(None) };
    match (named.get("version").and_then(Json::as_u64), named.get("sha256Hash").and_then(Json::as_str)) {
        (Some(1), Some(hash)) => Ok(Some(hash.to_owned())),
        _ => Err(ApiError::invalid("Unsupported persisted query version")),
    }
}

/// A request of a root field to the content API.
#[derive(Debug, Clone)]
pub enum ContentRequest {
    /// A page of entries.
    List {
        /// Their type.
        content_type: TypeId,
        /// Parameters of the query.
        query: Query,
    },
    /// One entry; of a single type without an id.
    One {
        /// Its type.
        content_type: TypeId,
        /// Its document, unless the type is a single type.
        document_id: Option<String>,
        /// Parameters of the query.
        query: Query,
    },
    /// A new entry.
    Create {
        /// Its type.
        content_type: TypeId,
        /// Parameters of the query.
        query: Query,
        /// Its values.
        data: Json,
    },
    /// A change of an entry; of a single type without an id.
    Update {
        /// Its type.
        content_type: TypeId,
        /// Its document, unless the type is a single type.
        document_id: Option<String>,
        /// Parameters of the query.
        query: Query,
        /// Its changed values.
        data: Json,
    },
    /// The deletion of an entry.
    Delete {
        /// Its type.
        content_type: TypeId,
        /// Its document.
        document_id: String,
        /// Parameters of the query.
        query: Query,
    },
    /// The signed-in user.
    Me {
        /// True if their role is selected, too.
        with_role: bool,
    },
    /// A sign-in.
    SignIn {
        /// User name or address.
        identifier: String,
        /// Password.
        password: String,
    },
    /// A mutation that belongs to no content type.
    Fixed(FixedRequest),
    /// A page of the locales, which are no content type.
    Locales {
        /// Parameters of the query.
        query: Query,
    },
    /// One locale.
    Locale {
        /// Its document id.
        document_id: String,
    },
}

/// The content API, which root fields are read from.
pub trait ContentSource: Send + Sync {
    /// Does what the field asks for. Returns the body of the REST route that does the same; `None` where there is no such entry.
    fn run(&self, request: ContentRequest) -> BoxFuture<'_, Result<Option<Json>, ApiError>>;

    /// Does the same, and returns the body as it is sent: for lists and entries, which are not parsed then.
    fn read(&self, request: ContentRequest) -> BoxFuture<'_, Result<Option<Bytes>, ApiError>> {
        Box::pin(async move { Ok(self.run(request).await?.map(|body| body.to_string().into())) })
    }
}

/// An error of the content API, by Strapi's name.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiError {
    /// `ValidationError`, `ForbiddenError` …
    pub name: String,
    /// Message for people.
    pub message: String,
    /// Details for programs.
    pub details: Json,
}

impl ApiError {
    /// An error in the request.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { name: "ValidationError".into(), message: message.into(), details: json!({}) }
    }

    /// `extensions.code`, which Apollo's clients compare.
    fn code(&self) -> String {
        match self.name.as_str() {
            "ForbiddenError" | "UnauthorizedError" => "FORBIDDEN".into(),
            "ValidationError" => "BAD_USER_INPUT".into(),
            "InternalServerError" => "INTERNAL_SERVER_ERROR".into(),
            name => {
                let mut code = "STRAPI".to_owned();
                for letter in name.chars() {
                    if letter.is_ascii_uppercase() {
                        code.push('_');
                    }
                    code.push(letter.to_ascii_uppercase());
                }
                code
            }
        }
    }

    /// `extensions` of the error.
    pub(crate) fn to_extensions(&self) -> Json {
        self.to_extensions_with(&self.code())
    }

    fn to_extensions_with(&self, code: &str) -> Json {
        let error = json!({ "name": self.name, "message": self.message, "details": self.details });
        json!({ "error": error, "code": code })
    }

    /// The body of a response that is this error alone. `code`: instead of the one by its name.
    pub fn to_body(&self, code: Option<&str>) -> Vec<u8> {
        let extensions = code.map_or_else(|| self.to_extensions(), |code| self.to_extensions_with(code));
        json!({ "errors": [{ "message": self.message, "extensions": extensions }] }).to_string().into_bytes()
    }
}

/// A response: its status and its JSON text.
#[derive(Debug, Clone)]
pub struct GraphqlResponse {
    /// Status of HTTP: 200 where the operation was executed, whatever came of it.
    pub status: u16,
    /// JSON text.
    pub body: Vec<u8>,
}

impl GraphqlResponse {
    /// A response to a request that was not executed.
    pub(crate) fn refused(message: impl Into<String>, code: &str) -> Self {
        Self { status: 400, body: ApiError::invalid(message).to_body(Some(code)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_are_objects_with_a_query() {
        let request = GraphqlRequest::from_json(
            json!({"query": "{a}", "variables": null, "operationName": "", "extensions": {}}),
        );
        assert_eq!(request, Ok(GraphqlRequest { query: "{a}".into(), ..GraphqlRequest::default() }));
        let named = json!({"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}});
        let expected = GraphqlRequest { document_hash: Some("x".into()), ..GraphqlRequest::default() };
        assert_eq!(GraphqlRequest::from_json(named), Ok(expected));
        for body in [
            json!([{"query": "{a}"}]),
            json!(null),
            json!("{a}"),
            json!({}),
            json!({"query": 1}),
            json!({"query": " "}),
            json!({"query": "{a}", "variables": []}),
            json!({"query": "{a}", "operationName": 1}),
            json!({"query": "", "extensions": {"persistedQuery": {"version": 1, "sha256Hash": "x"}}}),
            json!({"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "x"}}}),
            json!({"extensions": {"persistedQuery": {"version": 1}}}),
        ] {
            assert!(GraphqlRequest::from_json(body.clone()).is_err(), "{body}");
        }
    }

    #[test]
    fn errors_have_the_codes_of_strapi() {
        let code = |name: &str| ApiError { name: name.into(), message: String::new(), details: json!({}) }.code();
        assert_eq!(code("ForbiddenError"), "FORBIDDEN");
        assert_eq!(code("ValidationError"), "BAD_USER_INPUT");
        assert_eq!(code("NotFoundError"), "STRAPI_NOT_FOUND_ERROR");
        assert_eq!(code("PaginationError"), "STRAPI_PAGINATION_ERROR");
    }
}
