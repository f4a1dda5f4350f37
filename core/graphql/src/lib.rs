//! The content API as GraphQL: types, names and arguments are those of Strapi's plugin, and every root field is one query of the content API.
//!
//! [`build_schema`] makes the schema of a caller from the model and the permissions; [`ApiSchema::execute`] checks the limits of a request,
//! validates it, and asks a [`ContentSource`] for what each root field needs. This crate reads nothing itself and knows no HTTP.

mod bounded_map;
mod document;
mod document_cache;
mod execute;
mod fixed_mutations;
mod limits;
mod locales;
mod names;
mod pages;
mod plan;
mod projection;
mod queries;
mod request;
mod resolvers;
mod scalars;
mod schema;
mod selection;
mod shapes;
#[cfg(test)]
mod tests;
mod valid_documents;
mod zones;

pub use fixed_mutations::{FixedMutation, FixedRequest};
pub use limits::{GraphqlLimits, MAX_DOCUMENT_BYTES};
pub use locales::SelectedLocales;
pub use request::{ApiError, ContentRequest, ContentSource, GraphqlRequest, GraphqlResponse};
pub use schema::{ApiSchema, SchemaPermissions, build_schema};
