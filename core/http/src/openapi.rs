//! The admin API as an OpenAPI document, made of the handlers themselves: what a handler takes and answers are types, and the
//! document is written from those types, so it cannot say something else than the code does.
//!
//! To describe a route: `#[utoipa::path(get, path = "/admin/api/…")]` on its handler, the doc comment says what it does; parameters
//! are `Path<…>` and `Query<T: IntoParams>`, the body is [`Json<T>`](crate::extract::body::Json), the answer is one of [`response_types`].

pub mod finish;
pub mod or_null;
pub mod response_types;
pub mod router;
