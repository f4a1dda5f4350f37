//! The responses of handlers: the envelope, its status, and the description of both.
//!
//! In answers a member that may be `null` is always there, and one that may be missing is never `null`: a field that is left out
//! (`skip_serializing_if`) says `#[schema(nullable = false)]`.

use crate::error::WireError;
use crate::extract::version;
use crate::responses;
use axum::body::Body;
use axum::http::{Response, StatusCode};
use axum::response::IntoResponse;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

pub use cairn_content::view::Time;

/// Where a response carries its schemas until [`super::finish`] moves them to the others.
pub(super) const SCHEMAS_EXTENSION: &str = "x-schemas";

type Schemas = Vec<(String, RefOr<Schema>)>;
type ResponseMap = BTreeMap<String, RefOr<utoipa::openapi::Response>>;

/// 200 `{"data": …}`.
#[derive(Debug, Serialize)]
pub struct Data<T> {
    /// Content of the response.
    pub data: T,
}

/// 200 `{"data": …}`, with the version token of the document in `Cairn-Version`.
#[derive(Debug)]
pub struct VersionedData<T> {
    /// Content of the response.
    pub data: T,
    /// Version token of the document.
    pub version: Option<i64>,
}

/// As [`VersionedData`], with `meta`.
#[derive(Debug)]
pub struct VersionedWithMeta<T, M> {
    /// Content of the response.
    pub data: T,
    /// Facts about the content, such as its page.
    pub meta: M,
    /// Version token of the document.
    pub version: Option<i64>,
}

/// 201 `{"data": …}`, with the version token of the new document in `Cairn-Version`.
#[derive(Debug)]
pub struct CreatedVersioned<T> {
    /// Content of the response.
    pub data: T,
    /// Version token of the document.
    pub version: i64,
}

/// As [`CreatedVersioned`], with `meta`.
#[derive(Debug)]
pub struct CreatedVersionedWithMeta<T, M> {
    /// Content of the response.
    pub data: T,
    /// Facts about the content.
    pub meta: M,
    /// Version token of the document.
    pub version: i64,
}

/// 200 `{"data": …, "meta": …}`.
#[derive(Debug, Serialize)]
pub struct WithMeta<T, M> {
    /// Content of the response.
    pub data: T,
    /// Facts about the content, such as its page.
    pub meta: M,
}

/// 201 `{"data": …}`.
#[derive(Debug, Serialize)]
pub struct CreatedData<T> {
    /// Content of the response.
    pub data: T,
}

/// 201 `{"data": …, "meta": …}`.
#[derive(Debug, Serialize)]
pub struct CreatedWithMeta<T, M> {
    /// Content of the response.
    pub data: T,
    /// Facts about the content, such as its page.
    pub meta: M,
}

/// 202 `{"data": …}`: the work is done after the response.
#[derive(Debug, Serialize)]
pub struct AcceptedData<T> {
    /// Content of the response.
    pub data: T,
}

/// 200 `{"data": […]}`: the whole list.
#[derive(Debug, Serialize)]
pub struct List<T> {
    /// The entries.
    pub data: Vec<T>,
}

/// 200 `{"data": […], "meta": …}`: a page, and how to get the next one.
#[derive(Debug, Serialize)]
pub struct Page<T, M = Before> {
    /// The entries.
    pub data: Vec<T>,
    /// Facts about the content, such as its page.
    pub meta: M,
}

/// 200 `{"data": […], "next": …}`: a page; `next` is sent as `before` to get the page after it, and is null on the last.
#[derive(Debug, Serialize)]
pub struct ListWithNext<T> {
    /// The entries.
    pub data: Vec<T>,
    /// Where the next page begins.
    pub next: Option<String>,
}

/// 200 `{"data": {}}`: done, with nothing to return.
#[derive(Debug)]
pub struct EmptyData;

/// 204 without a body.
#[derive(Debug)]
pub struct NoContent;

/// Where the next page begins.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Before {
    /// Give it as `before`. Null: this is the last page.
    pub before: Option<i64>,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct After {
    /// Give it as `after`. Null: this is the last page.
    pub after: Option<i64>,
}

/// Where the next page begins; null: this is the last.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AfterText {
    #[expect(missing_docs, reason = "the document of the API would repeat it")]
    pub after: Option<String>,
}

/// JSON in the very bytes that another crate has written: numbers keep all their digits. It is as `T` describes it: the tests
/// compare every answer.
#[derive(Debug)]
pub struct RawDescribedAs<T>(Box<RawValue>, PhantomData<fn() -> T>);

impl<T> From<Box<RawValue>> for RawDescribedAs<T> {
    fn from(json: Box<RawValue>) -> Self {
        Self(json, PhantomData)
    }
}

impl<T> Serialize for RawDescribedAs<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: ToSchema> PartialSchema for RawDescribedAs<T> {
    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T: ToSchema> ToSchema for RawDescribedAs<T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }
    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

fn to_json_response(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(body) {
        Ok(bytes) => responses::json_response(status, bytes),
        Err(e) => WireError::internal(e).into_http_response(),
    }
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::OK, &self)
    }
}

impl<T: Serialize> IntoResponse for VersionedData<T> {
    fn into_response(self) -> Response<Body> {
        version::with_version_header(Data { data: self.data }.into_response(), self.version)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for WithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::OK, &self)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for VersionedWithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        version::with_version_header(WithMeta { data: self.data, meta: self.meta }.into_response(), self.version)
    }
}

impl<T: Serialize> IntoResponse for CreatedVersioned<T> {
    fn into_response(self) -> Response<Body> {
        version::with_version_header(CreatedData { data: self.data }.into_response(), Some(self.version))
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for CreatedVersionedWithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        let body = CreatedWithMeta { data: self.data, meta: self.meta };
        version::with_version_header(body.into_response(), Some(self.version))
    }
}

impl<T: Serialize> IntoResponse for CreatedData<T> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::CREATED, &self)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for CreatedWithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::CREATED, &self)
    }
}

impl<T: Serialize> IntoResponse for AcceptedData<T> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::ACCEPTED, &self)
    }
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::OK, &self)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for Page<T, M> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::OK, &self)
    }
}

impl<T: Serialize> IntoResponse for ListWithNext<T> {
    fn into_response(self) -> Response<Body> {
        to_json_response(StatusCode::OK, &self)
    }
}

impl IntoResponse for EmptyData {
    fn into_response(self) -> Response<Body> {
        responses::json_response(StatusCode::OK, r#"{"data":{}}"#)
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response<Body> {
        responses::empty_response(StatusCode::NO_CONTENT)
    }
}

/// A type by its name; its schema, and those it needs, are put with the others.
fn schema_ref<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
    Ref::from_schema_name(T::name()).into()
}

fn list_schema<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    ArrayBuilder::new().items(schema_ref::<T>(schemas)).into()
}

/// The one answer of a status: an object of these members.
fn object_response<const N: usize>(status: &str, members: [(&str, RefOr<Schema>); N], schemas: Schemas) -> ResponseMap {
    let envelope = members
        .into_iter()
        .fold(ObjectBuilder::new(), |object, (name, schema)| object.property(name, schema).required(name));
    let content = ContentBuilder::new().schema(Some(Schema::from(envelope))).build();
    let schemas = schemas.into_iter().map(|(name, schema)| json!([name, schema])).collect::<Value>();
    let carried = Extensions::from_iter([(SCHEMAS_EXTENSION, schemas)]);
    let response = ResponseBuilder::new().content("application/json", content).extensions(Some(carried)).build();
    BTreeMap::from([(status.to_owned(), response.into())])
}

impl<T: ToSchema> IntoResponses for Data<T> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response("200", [("data", schema_ref::<T>(&mut schemas))], schemas)
    }
}

/// The same answers with the version of the document in a header.
fn with_version(mut described: ResponseMap) -> ResponseMap {
    let token = HeaderBuilder::new()
        .schema(Some(i64::schema()))
        .description(Some("The version of the document, for `If-Match`"))
        .build();
    for response in described.values_mut() {
        if let RefOr::T(response) = response {
            response.headers.insert("Cairn-Version".to_owned(), token.clone().into());
        }
    }
    described
}

impl<T: ToSchema> IntoResponses for VersionedData<T> {
    fn responses() -> ResponseMap {
        with_version(Data::<T>::responses())
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for VersionedWithMeta<T, M> {
    fn responses() -> ResponseMap {
        with_version(WithMeta::<T, M>::responses())
    }
}

impl<T: ToSchema> IntoResponses for CreatedVersioned<T> {
    fn responses() -> ResponseMap {
        with_version(CreatedData::<T>::responses())
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for CreatedVersionedWithMeta<T, M> {
    fn responses() -> ResponseMap {
        with_version(CreatedWithMeta::<T, M>::responses())
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for WithMeta<T, M> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response(
            "200",
            [("data", schema_ref::<T>(&mut schemas)), ("meta", schema_ref::<M>(&mut schemas))],
            schemas,
        )
    }
}

impl<T: ToSchema> IntoResponses for CreatedData<T> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response("201", [("data", schema_ref::<T>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for CreatedWithMeta<T, M> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response(
            "201",
            [("data", schema_ref::<T>(&mut schemas)), ("meta", schema_ref::<M>(&mut schemas))],
            schemas,
        )
    }
}

impl<T: ToSchema> IntoResponses for AcceptedData<T> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response("202", [("data", schema_ref::<T>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema> IntoResponses for List<T> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response("200", [("data", list_schema::<T>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for Page<T, M> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response(
            "200",
            [("data", list_schema::<T>(&mut schemas)), ("meta", schema_ref::<M>(&mut schemas))],
            schemas,
        )
    }
}

impl<T: ToSchema> IntoResponses for ListWithNext<T> {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        object_response(
            "200",
            [("data", list_schema::<T>(&mut schemas)), ("next", Option::<String>::schema())],
            schemas,
        )
    }
}

impl IntoResponses for EmptyData {
    fn responses() -> ResponseMap {
        object_response("200", [("data", ObjectBuilder::new().into())], Schemas::new())
    }
}

impl IntoResponses for NoContent {
    fn responses() -> ResponseMap {
        BTreeMap::from([("204".to_owned(), ResponseBuilder::new().build().into())])
    }
}

/// Whatever goes wrong is told in one shape.
impl IntoResponses for WireError {
    fn responses() -> ResponseMap {
        let mut schemas = Schemas::new();
        let problem = schema_ref::<Problem>(&mut schemas);
        let mut described = object_response("default", [], schemas);
        for response in described.values_mut() {
            if let RefOr::T(response) = response {
                response.description = "What is wrong with the request, or with the server".to_owned();
                let content = ContentBuilder::new().schema(Some(problem.clone())).build();
                response.content.insert("application/json".to_owned(), content.into());
            }
        }
        described
    }
}

fn null() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Null)
}

/// Body of an error response, in Strapi's shape.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
pub struct Problem {
    /// Null, so that an error is never taken for an answer.
    #[schema(schema_with = null)]
    data: (),
    error: ProblemError,
}

/// Member `error` of an error response: what is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
struct ProblemError {
    /// The status of the answer.
    status: u16,
    /// Its kind, such as `ValidationError`.
    name: String,
    /// Sentence that says what is wrong, for people.
    message: String,
    /// More of it; missing where the server failed.
    #[schema(nullable = false)]
    details: Option<ProblemDetails>,
}

/// More of what is wrong; other members depend on the error.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
struct ProblemDetails {
    /// Each fault of what was sent.
    #[schema(nullable = false)]
    errors: Option<Vec<Fault>>,
    /// Other members, which depend on the error.
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

/// A fault of what was sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
struct Fault {
    /// Where: names of attributes and places in lists.
    path: Vec<FaultPlace>,
    /// Sentence that says what is wrong, for people.
    message: String,
    /// Kind of the fault, such as `ValidationError`.
    name: String,
    /// Where many documents are meant: whose fault it is, and `details` of it.
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

/// The name of an attribute, or a place in a list.
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
enum FaultPlace {
    Attribute(String),
    Place(u32),
}
