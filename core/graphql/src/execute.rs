//! A request from its document to the response.

use crate::document::Document;
use crate::limits::{GraphqlLimits, check_document};
use crate::plan::RequestPlans;
use crate::queries::answer_query;
use crate::request::{ApiError, ContentSource, GraphqlRequest, GraphqlResponse};
use crate::resolvers::{ENDED, Execution, Trial};
use crate::schema::ApiSchema;
use crate::selection::select_roots;
use crate::valid_documents::ValidDocument;
use crate::zones::fill_empty_items;
use async_graphql::parser::Positioned;
use async_graphql::parser::types::{OperationType, VariableDefinition};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};
use async_graphql::{Name, Request, ServerError, Value, Variables};
use serde_json::{Value as Json, json};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

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
        let known = self.valid_documents.find(&request.query);
        let document = match self.read_document(&request, known.as_deref(), &limits, only_queries) {
            Ok(document) => document,
            Err(refused) => return refused,
        };
        let is_valid = known.is_some_and(|known| known.accepts(&document.variables, self.schema.registry()));
        let plans = RequestPlans { document, shapes: self.shapes.clone(), limits };
        let execution = Arc::new(Execution::new(plans, source));
        let RequestPlans { document, shapes, .. } = &execution.plans;
        let response = match select_roots(document, shapes, limits.default_page_size) {
            Some(roots) if is_valid => answer_query(&execution, &roots).await,
            Some(roots) => match self.validate(&request, document).await {
                Validity::Valid => {
                    self.valid_documents.keep(&request.query, document, limits, self.schema.registry());
                    answer_query(&execution, &roots).await
                }
                Validity::Invalid(refused) => return refused,
                Validity::Unclear => None,
            },
            None => None,
        };
        let response = match response {
            Some(response) => response,
            None => self.execute_with_library(&request, &execution).await,
        };
        if let (200, Some(hash)) = (response.status, &request.document_hash) {
            self.documents.keep(hash, &request.query);
        }
        response
    }

    /// Reads the document of a request, and checks its limits.
    pub(crate) fn read_document(
        &self,
        request: &GraphqlRequest,
        known: Option<&ValidDocument>,
        limits: &GraphqlLimits,
        only_queries: bool,
    ) -> Result<Document, GraphqlResponse> {
        let document = match known {
            Some(known) => Document::with_values(known.parsed.clone(), request)?,
            None => Document::parse(request)?,
        };
        if document.operation_type == OperationType::Subscription {
            return Err(GraphqlResponse::refused("Subscriptions are not supported", "GRAPHQL_VALIDATION_FAILED"));
        }
        if only_queries && document.operation_type != OperationType::Query {
            let refused = ApiError::invalid("GET requests only support query operations: send mutations with POST");
            return Err(GraphqlResponse { status: 405, body: refused.to_body(Some("BAD_REQUEST")) });
        }
        let refuse = |refused: ApiError| GraphqlResponse::refused(refused.message, "GRAPHQL_VALIDATION_FAILED");
        if !known.is_some_and(|known| known.is_within(limits)) {
            check_document(&document, &self.shapes, limits).map_err(refuse)?;
        }
        if known.is_none() {
            check_variable_types(&document, self.schema.registry()).map_err(refuse)?;
        }
        Ok(document)
    }

    /// Validates a document, and reads nothing.
    async fn validate(&self, request: &GraphqlRequest, document: &Document) -> Validity {
        let trial = Arc::new(Trial::default());
        let response = self.schema.execute(library_request(request, document).data(trial.clone())).await;
        let errors = describe_errors(&response.errors, false);
        match (errors.is_empty(), trial.has_begun.load(Ordering::Relaxed)) {
            (true, _) => Validity::Valid,
            (false, false) => Validity::Invalid(refuse_with(errors)),
            (false, true) => Validity::Unclear,
        }
    }

    /// Executes a request with the executor of `async-graphql`.
    pub(crate) async fn execute_with_library(
        &self,
        request: &GraphqlRequest,
        execution: &Arc<Execution>,
    ) -> GraphqlResponse {
        let RequestPlans { document, shapes, .. } = &execution.plans;
        let executed = library_request(request, document).data(execution.clone());
        let response = self.schema.execute(executed).await;
        let has_begun = execution.has_begun.load(Ordering::Relaxed);
        let mut errors = std::mem::take(&mut *execution.errors.lock().unwrap_or_else(PoisonError::into_inner));
        errors.extend(describe_errors(&response.errors, has_begun));
        if !errors.is_empty() && !has_begun {
            return refuse_with(errors);
        }
        let mut body = b"{\"data\":".to_vec();
        let mut data = if execution.has_ended.load(Ordering::Relaxed) { Value::Null } else { response.data };
        fill_empty_items(document, shapes, &mut data);
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

/// Result of the validation of a document.
enum Validity {
    Valid,
    Invalid(GraphqlResponse),
    /// A root field has a fault, and another one would be read: only its execution tells.
    Unclear,
}

/// A request to `async-graphql`. The default values of variables are part of it: its directives would not see them otherwise.
fn library_request(request: &GraphqlRequest, document: &Document) -> Request {
    let mut variables = Variables::default();
    for (name, value) in &document.variables {
        variables.insert(Name::new(name), value.clone());
    }
    let mut executed = Request::new(String::new()).variables(variables);
    executed.operation_name.clone_from(&request.operation_name);
    executed.set_parsed_query((*document.parsed).clone());
    executed
}

/// The errors that `async-graphql` found, as responses have them. `has_begun`: a root field has been read.
fn describe_errors(errors: &[ServerError], has_begun: bool) -> Vec<Json> {
    let describe = |error: &ServerError| {
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
        described
    };
    errors.iter().filter(|error| error.message != ENDED).map(describe).collect()
}

fn refuse_with(errors: Vec<Json>) -> GraphqlResponse {
    GraphqlResponse { status: 400, body: json!({ "errors": errors }).to_string().into_bytes() }
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
