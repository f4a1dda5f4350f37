//! The responses of handlers: the envelope, its status, and the description of both.
//!
//! In answers a member that may be `null` is always there, and one that may be missing is never `null`: a field that is left out
//! (`skip_serializing_if`) says `#[schema(nullable = false)]`.

use crate::answer;
use crate::error::WireError;
use crate::extract::version;
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
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};
use utoipa::{IntoResponses, PartialSchema, ToSchema};

/// Where a response carries its schemas until [`super::finish`] moves them to the others.
pub(super) const SCHEMAS: &str = "x-schemas";

type Schemas = Vec<(String, RefOr<Schema>)>;
type Described = BTreeMap<String, RefOr<utoipa::openapi::Response>>;

/// 200 `{"data": …}`.
#[derive(Debug, Serialize)]
pub(crate) struct Data<T> {
    pub(crate) data: T,
}

/// 200 `{"data": …}`, with the version token of the document in `Cairn-Version`.
#[derive(Debug)]
pub(crate) struct Versioned<T> {
    pub(crate) data: T,
    pub(crate) version: Option<i64>,
}

/// As [`Versioned`], with `meta`.
#[derive(Debug)]
pub(crate) struct VersionedWithMeta<T, M> {
    pub(crate) data: T,
    pub(crate) meta: M,
    pub(crate) version: Option<i64>,
}

/// 201 `{"data": …}`, with the version token of the new document in `Cairn-Version`.
#[derive(Debug)]
pub(crate) struct CreatedVersioned<T> {
    pub(crate) data: T,
    pub(crate) version: i64,
}

/// 200 `{"data": …, "meta": …}`.
#[derive(Debug, Serialize)]
pub(crate) struct WithMeta<T, M> {
    pub(crate) data: T,
    pub(crate) meta: M,
}

/// 201 `{"data": …}`.
#[derive(Debug, Serialize)]
pub(crate) struct Created<T> {
    pub(crate) data: T,
}

/// 201 `{"data": …, "meta": …}`.
#[derive(Debug, Serialize)]
pub(crate) struct CreatedWithMeta<T, M> {
    pub(crate) data: T,
    pub(crate) meta: M,
}

/// 202 `{"data": …}`: the work is done after the response.
#[derive(Debug, Serialize)]
pub(crate) struct Accepted<T> {
    pub(crate) data: T,
}

/// 200 `{"data": […]}`: the whole list.
#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    pub(crate) data: Vec<T>,
}

/// 200 `{"data": […], "meta": …}`: a page, and how to get the next one.
#[derive(Debug, Serialize)]
pub(crate) struct Page<T, M = Before> {
    pub(crate) data: Vec<T>,
    pub(crate) meta: M,
}

/// 200 `{"data": […], "next": …}`: a page; `next` is sent as `before` to get the page after it, and is null on the last.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<T> {
    pub(crate) data: Vec<T>,
    pub(crate) next: Option<String>,
}

/// 200 `{"data": {}}`: done, with nothing to return.
#[derive(Debug)]
pub(crate) struct Done;

/// 204 without a body.
#[derive(Debug)]
pub(crate) struct NoContent;

/// Where the next page begins.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct Before {
    /// Give it as `before`. Null: this is the last page.
    pub(crate) before: Option<i64>,
}

/// Where the next page begins.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct After {
    /// Give it as `after`. Null: this is the last page.
    pub(crate) after: Option<i64>,
}

/// What another crate has written, which is as `T` describes it: the tests compare every answer.
#[derive(Debug, Clone)]
pub(crate) struct As<T>(Value, PhantomData<fn() -> T>);

impl<T> From<Value> for As<T> {
    fn from(written: Value) -> Self {
        Self(written, PhantomData)
    }
}

/// Each of a list.
pub(crate) fn each<T>(written: Vec<Value>) -> Vec<As<T>> {
    written.into_iter().map(As::from).collect()
}

impl<T> Serialize for As<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: ToSchema> PartialSchema for As<T> {
    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T: ToSchema> ToSchema for As<T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }
    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

/// As [`As`], in the very bytes: numbers keep all their digits.
#[derive(Debug)]
pub(crate) struct Raw<T>(Box<RawValue>, PhantomData<fn() -> T>);

impl<T> From<Box<RawValue>> for Raw<T> {
    fn from(written: Box<RawValue>) -> Self {
        Self(written, PhantomData)
    }
}

impl<T> Serialize for Raw<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T: ToSchema> PartialSchema for Raw<T> {
    fn schema() -> RefOr<Schema> {
        T::schema()
    }
}

impl<T: ToSchema> ToSchema for Raw<T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }
    fn schemas(schemas: &mut Schemas) {
        T::schemas(schemas);
    }
}

/// A point in time: `2026-01-02T03:04:05.678Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Time(
    /// Milliseconds since 1970.
    pub(crate) i64,
);

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::routes::admin::time(self.0).serialize(serializer)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .into()
    }
}

impl ToSchema for Time {}

fn written(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(body) {
        Ok(bytes) => answer::json(status, bytes),
        Err(e) => WireError::internal(e).response(),
    }
}

impl<T: Serialize> IntoResponse for Data<T> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::OK, &self)
    }
}

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response<Body> {
        version::with(Data { data: self.data }.into_response(), self.version)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for WithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::OK, &self)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for VersionedWithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        version::with(WithMeta { data: self.data, meta: self.meta }.into_response(), self.version)
    }
}

impl<T: Serialize> IntoResponse for CreatedVersioned<T> {
    fn into_response(self) -> Response<Body> {
        version::with(Created { data: self.data }.into_response(), Some(self.version))
    }
}

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::CREATED, &self)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for CreatedWithMeta<T, M> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::CREATED, &self)
    }
}

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::ACCEPTED, &self)
    }
}

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::OK, &self)
    }
}

impl<T: Serialize, M: Serialize> IntoResponse for Page<T, M> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::OK, &self)
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response<Body> {
        written(StatusCode::OK, &self)
    }
}

impl IntoResponse for Done {
    fn into_response(self) -> Response<Body> {
        answer::json(StatusCode::OK, r#"{"data":{}}"#)
    }
}

impl IntoResponse for NoContent {
    fn into_response(self) -> Response<Body> {
        answer::empty(StatusCode::NO_CONTENT)
    }
}

/// A type by its name; its schema, and those it needs, are put with the others.
fn named<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    schemas.push((T::name().into_owned(), T::schema()));
    T::schemas(schemas);
    Ref::from_schema_name(T::name()).into()
}

fn list<T: ToSchema>(schemas: &mut Schemas) -> RefOr<Schema> {
    ArrayBuilder::new().items(named::<T>(schemas)).into()
}

/// The one answer of a status: an object of these members.
fn one<const N: usize>(status: &str, members: [(&str, RefOr<Schema>); N], schemas: Schemas) -> Described {
    let envelope = members
        .into_iter()
        .fold(ObjectBuilder::new(), |object, (name, schema)| object.property(name, schema).required(name));
    let content = ContentBuilder::new().schema(Some(Schema::from(envelope))).build();
    let schemas = schemas.into_iter().map(|(name, schema)| json!([name, schema])).collect::<Value>();
    let carried = Extensions::from_iter([(SCHEMAS, schemas)]);
    let response = ResponseBuilder::new().content("application/json", content).extensions(Some(carried)).build();
    BTreeMap::from([(status.to_owned(), response.into())])
}

impl<T: ToSchema> IntoResponses for Data<T> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("200", [("data", named::<T>(&mut schemas))], schemas)
    }
}

/// The same answers with the version of the document in a header.
fn versioned(mut described: Described) -> Described {
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

impl<T: ToSchema> IntoResponses for Versioned<T> {
    fn responses() -> Described {
        versioned(Data::<T>::responses())
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for VersionedWithMeta<T, M> {
    fn responses() -> Described {
        versioned(WithMeta::<T, M>::responses())
    }
}

impl<T: ToSchema> IntoResponses for CreatedVersioned<T> {
    fn responses() -> Described {
        versioned(Created::<T>::responses())
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for WithMeta<T, M> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("200", [("data", named::<T>(&mut schemas)), ("meta", named::<M>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema> IntoResponses for Created<T> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("201", [("data", named::<T>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for CreatedWithMeta<T, M> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("201", [("data", named::<T>(&mut schemas)), ("meta", named::<M>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema> IntoResponses for Accepted<T> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("202", [("data", named::<T>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema> IntoResponses for List<T> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("200", [("data", list::<T>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema, M: ToSchema> IntoResponses for Page<T, M> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("200", [("data", list::<T>(&mut schemas)), ("meta", named::<M>(&mut schemas))], schemas)
    }
}

impl<T: ToSchema> IntoResponses for Listed<T> {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        one("200", [("data", list::<T>(&mut schemas)), ("next", Option::<String>::schema())], schemas)
    }
}

impl IntoResponses for Done {
    fn responses() -> Described {
        one("200", [("data", ObjectBuilder::new().into())], Schemas::new())
    }
}

impl IntoResponses for NoContent {
    fn responses() -> Described {
        BTreeMap::from([("204".to_owned(), ResponseBuilder::new().build().into())])
    }
}

/// Whatever goes wrong is told in one shape.
impl IntoResponses for WireError {
    fn responses() -> Described {
        let mut schemas = Schemas::new();
        let problem = named::<Problem>(&mut schemas);
        let mut described = one("default", [], schemas);
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

/// What is wrong, in Strapi's shape.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
pub(super) struct Problem {
    /// Null, so that an error is never taken for an answer.
    #[schema(schema_with = null)]
    data: (),
    error: ProblemError,
}

/// What is wrong.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
struct ProblemError {
    /// The status of the answer.
    status: u16,
    /// Its kind, such as `ValidationError`.
    name: String,
    /// For people.
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
    /// Others.
    #[serde(flatten)]
    others: serde_json::Map<String, Value>,
}

/// A fault of what was sent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "`WireError` writes it; this describes it")]
struct Fault {
    /// Where: names of attributes and places in lists.
    path: Vec<FaultPlace>,
    /// For people.
    message: String,
    /// Its kind.
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
