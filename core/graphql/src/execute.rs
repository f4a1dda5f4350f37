//! A request from its document to the response.

use crate::document::Document;
use crate::limits::{GraphqlLimits, check_document};
use crate::plan::RequestPlans;
use crate::request::{ApiError, ContentSource, GraphqlRequest, GraphqlResponse};
use crate::resolvers::{ENDED, Execution};
use crate::schema::ApiSchema;
use crate::zones::fill_empty_items;
use async_graphql::parser::Positioned;
use async_graphql::parser::types::{OperationType, VariableDefinition};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{Request, Value, Variables};
use serde_json::{Value as Json, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

impl ApiSchema {
    /// Executes a request. Its limits are checked first, then whether it is valid; nothing is read before that. `only_queries`: a mutation is
    /// refused with 405.
    pub async fn execute(
        &self,
        mut request: GraphqlRequest,
        limits: GraphqlLimits,
        only_queries: bool,
        source: Arc<dyn ContentSource>,
    ) -> GraphqlResponse {
        if let Err(refused) = self.documents.complete(&mut request) {
            return refused;
        }
        let document = match Document::parse(&request) {
            Ok(document) => document,
            Err(refused) => return refused,
        };
        if document.operation_type == OperationType::Subscription {
            return GraphqlResponse::refused("Subscriptions are not supported", "GRAPHQL_VALIDATION_FAILED");
        }
        if only_queries && document.operation_type != OperationType::Query {
            let refused = ApiError::invalid("GET requests only support query operations: send mutations with POST");
            return GraphqlResponse { status: 405, body: refused.to_body(Some("BAD_REQUEST")) };
        }
        if let Err(refused) = check_document(&document, &self.shapes, &limits) {
            return GraphqlResponse::refused(refused.message, "GRAPHQL_VALIDATION_FAILED");
        }
        if let Err(refused) = check_variable_types(&document, self.schema.registry()) {
            return GraphqlResponse::refused(refused.message, "GRAPHQL_VALIDATION_FAILED");
        }
        let mut executed = Request::new(String::new()).variables(Variables::from_json(Json::Object(request.variables)));
        executed.operation_name = request.operation_name;
        executed.set_parsed_query(document.parsed.clone());
        let plans = RequestPlans { document, shapes: self.shapes.clone(), limits };
        let (has_begun, has_ended, errors) = (AtomicBool::new(false), AtomicBool::new(false), Mutex::default());
        let execution = Arc::new(Execution { plans, source, has_begun, errors, has_ended });
        let response = self.schema.execute(executed.data(execution.clone())).await;
        let has_begun = execution.has_begun.load(Ordering::Relaxed);
        let mut errors = std::mem::take(&mut *execution.errors.lock().unwrap_or_else(PoisonError::into_inner));
        for error in response.errors.iter().filter(|error| error.message != ENDED) {
            let mut described = serde_json::to_value(error).unwrap_or_default();
            let message = word_as_strapi(&error.message);
            described["message"] = message.as_str().into();
            // What the validation has found: the content API has not been asked for anything.
            if described.get("extensions").is_none() {
                let code = if has_begun { "INTERNAL_SERVER_ERROR" } else { "GRAPHQL_VALIDATION_FAILED" };
                let name = if has_begun { "ApplicationError" } else { "ValidationError" };
                let error = json!({ "name": name, "message": message, "details": {} });
                described["extensions"] = json!({ "error": error, "code": code });
            }
            errors.push(described);
        }
        if !errors.is_empty() && !has_begun {
            return GraphqlResponse { status: 400, body: json!({ "errors": errors }).to_string().into_bytes() };
        }
        if let Some(hash) = &request.document_hash {
            self.documents.keep(hash, &request.query);
        }
        let mut body = b"{\"data\":".to_vec();
        let mut data = if execution.has_ended.load(Ordering::Relaxed) { Value::Null } else { response.data };
        fill_empty_items(&execution.plans.document, &execution.plans.shapes, &mut data);
        if serde_json::to_writer(&mut body, &data).is_err() {
            return GraphqlResponse { status: 500, body: internal_error() };
        }
        if !errors.is_empty() {
            body.extend_from_slice(b",\"errors\":");
            body.extend_from_slice(Json::Array(errors).to_string().as_bytes());
        }
        body.push(b'}');
        GraphqlResponse { status: 200, body }
    }

    /// The schema in the schema definition language.
    pub fn to_sdl(&self) -> String {
        self.schema.sdl()
    }
}

/// A message of the validation in the words of the library that Strapi has, for unknown fields and arguments.
fn word_as_strapi(message: &str) -> String {
    let quoted =
        |text: &str| message.strip_prefix(text).map(|rest| rest.split('"').map(str::to_owned).collect::<Vec<_>>());
    if let Some(rest) = message.strip_prefix("Unknown field ") {
        return format!("Cannot query field {rest}");
    }
    match quoted("Unknown argument ").as_deref() {
        Some([_, argument, _, field, _, owner, _]) => {
            format!("Unknown argument \"{argument}\" on field \"{owner}.{field}\".")
        }
        _ => message.to_owned(),
    }
}

/// Refuses variables whose type does not exist or is no input: the validation of `async-graphql` 7.2 panics on a list of an unknown type.
fn check_variable_types(document: &Document, registry: &Registry) -> Result<(), ApiError> {
    let operations = document.parsed.operations.iter();
    for definition in operations.flat_map(|(_, operation)| &operation.node.variable_definitions) {
        let Positioned { node: VariableDefinition { name, var_type, .. }, .. } = definition;
        let written = var_type.node.to_string();
        let is_input = registry.types.get(MetaTypeName::concrete_typename(&written)).is_some_and(MetaType::is_input);
        if !is_input {
            return Err(ApiError::invalid(format!(
                "Variable \"${}\" has the unknown input type \"{written}\"",
                name.node
            )));
        }
    }
    Ok(())
}

fn internal_error() -> Vec<u8> {
    let message = "Internal Server Error".to_owned();
    ApiError { name: "InternalServerError".into(), message, details: json!({}) }.to_body(None)
}
