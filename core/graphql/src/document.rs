//! A parsed document: its operation, its fragments and the values of its variables.

use crate::limits::check_text;
use crate::request::{ApiError, GraphqlRequest, GraphqlResponse};
use async_graphql::parser::types::{
    Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::parser::{Positioned, parse_query};
use async_graphql::{Name, Value};
use async_graphql_value::Value as WrittenValue;
use std::collections::HashMap;
use std::sync::Arc;

/// Values of variables, by their name; one without a value is missing.
pub(crate) type Variables = HashMap<String, Value>;

/// A document, of which one operation is executed.
pub(crate) struct Document {
    pub(crate) parsed: Arc<ExecutableDocument>,
    pub(crate) variables: Variables,
    pub(crate) operation_type: OperationType,
    /// `None`: the only operation, which has no name.
    operation_name: Option<Name>,
}

impl Document {
    /// Parses a request.
    ///
    /// # Errors
    /// The response to a document that is too large or nested too deeply, cannot be parsed, or lacks the operation.
    pub(crate) fn parse(request: &GraphqlRequest) -> Result<Self, GraphqlResponse> {
        check_text(&request.query).map_err(|error| GraphqlResponse::refused(error.message, "BAD_USER_INPUT"))?;
        let parsed = parse_query(&request.query)
            .map_err(|error| GraphqlResponse::refused(format!("Syntax Error: {error}"), "GRAPHQL_PARSE_FAILED"))?;
        Self::with_values(Arc::new(parsed), request)
    }

    /// Takes the operation and the values of the variables from a request whose document has been parsed.
    ///
    /// # Errors
    /// The response to a document without the operation, or to values that are none.
    pub(crate) fn with_values(
        parsed: Arc<ExecutableDocument>,
        request: &GraphqlRequest,
    ) -> Result<Self, GraphqlResponse> {
        let unresolved = |message: String| GraphqlResponse::refused(message, "OPERATION_RESOLUTION_FAILURE");
        let mut operations = parsed.operations.iter();
        let chosen = match &request.operation_name {
            Some(wanted) => operations
                .find(|(name, _)| name.is_some_and(|name| name.as_str() == wanted))
                .ok_or_else(|| unresolved(format!("Unknown operation named \"{wanted}\".")))?,
            None => match (operations.next(), operations.next()) {
                (Some(only), None) => only,
                (Some(_), Some(_)) => {
                    return Err(unresolved(
                        "Must provide operation name if query contains multiple operations.".into(),
                    ));
                }
                (None, _) => return Err(unresolved("The query has no operation.".into())),
            },
        };
        let (name, operation) = chosen;
        let (operation_name, operation_type) = (name.cloned(), operation.node.ty);
        let variables = read_variables(&operation.node, request)
            .map_err(|error| GraphqlResponse::refused(error.message, "BAD_USER_INPUT"))?;
        Ok(Self { operation_name, operation_type, variables, parsed })
    }

    /// True if the operation with that name is executed.
    pub(crate) fn is_executed(&self, name: Option<&Name>) -> bool {
        name == self.operation_name.as_ref()
    }

    /// The operation that is executed.
    pub(crate) fn operation(&self) -> Option<&OperationDefinition> {
        let mut operations = self.parsed.operations.iter();
        operations.find(|(name, _)| self.is_executed(*name)).map(|(_, operation)| &operation.node)
    }

    /// The selections of a set that are not skipped, and the type that the fragment around each of them is for, if any. Fragments are not
    /// expanded further than that.
    pub(crate) fn selections<'d>(&'d self, set: &'d SelectionSet) -> Vec<Chosen<'d>> {
        let mut chosen = Vec::with_capacity(set.items.len());
        for selection in &set.items {
            let (directives, item) = match &selection.node {
                Selection::Field(field) => (&field.node.directives, Some(Chosen::Field(&field.node))),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref().map(|on| on.node.on.node.as_str());
                    let set = &fragment.node.selection_set.node;
                    (&fragment.node.directives, Some(Chosen::Fragment { condition, set }))
                }
                Selection::FragmentSpread(spread) => {
                    let fragment = self.parsed.fragments.get(&spread.node.fragment_name.node);
                    let item = fragment.map(|fragment| Chosen::Fragment {
                        condition: Some(fragment.node.type_condition.node.on.node.as_str()),
                        set: &fragment.node.selection_set.node,
                    });
                    (&spread.node.directives, item)
                }
            };
            if !self.is_skipped(directives) {
                chosen.extend(item);
            }
        }
        chosen
    }

    fn is_skipped(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let condition = directive
                .node
                .arguments
                .iter()
                .find(|(name, _)| name.node.as_str() == "if")
                .map(|(_, value)| resolve_value(&value.node, &self.variables) == Some(Value::Boolean(true)));
            match (directive.node.name.node.as_str(), condition) {
                ("skip", Some(is_met)) => is_met,
                ("include", Some(is_met)) => !is_met,
                _ => false,
            }
        })
    }
}

/// A selection that is not skipped.
pub(crate) enum Chosen<'d> {
    Field(&'d Field),
    Fragment { condition: Option<&'d str>, set: &'d SelectionSet },
}

/// The arguments of a field, as written.
pub(crate) fn arguments(field: &Field) -> impl Iterator<Item = (&str, &WrittenValue)> {
    field.arguments.iter().map(|(name, value)| (name.node.as_str(), &value.node))
}

/// A value with those of its variables; `None` for a variable without one.
pub(crate) fn resolve_value(value: &WrittenValue, variables: &Variables) -> Option<Value> {
    Some(match value {
        WrittenValue::Variable(name) => variables.get(name.as_str())?.clone(),
        WrittenValue::Null => Value::Null,
        WrittenValue::Number(number) => Value::Number(number.clone()),
        WrittenValue::String(text) => Value::String(text.clone()),
        WrittenValue::Boolean(truth) => Value::Boolean(*truth),
        WrittenValue::Binary(bytes) => Value::Binary(bytes.clone()),
        WrittenValue::Enum(name) => Value::Enum(name.clone()),
        WrittenValue::List(items) => {
            Value::List(items.iter().map(|item| resolve_value(item, variables).unwrap_or(Value::Null)).collect())
        }
        WrittenValue::Object(members) => Value::Object(
            members
                .iter()
                .filter_map(|(name, member)| Some((name.clone(), resolve_value(member, variables)?)))
                .collect(),
        ),
    })
}

fn read_variables(operation: &OperationDefinition, request: &GraphqlRequest) -> Result<Variables, ApiError> {
    let mut variables = Variables::new();
    for definition in &operation.variable_definitions {
        let name = definition.node.name.node.as_str();
        let value = match request.variables.get(name) {
            Some(value) => Some(
                Value::from_json(value.clone())
                    .map_err(|_| ApiError::invalid(format!("Variable \"${name}\" got an invalid value")))?,
            ),
            None => definition.node.default_value.as_ref().map(|value| value.node.clone()),
        };
        if let Some(value) = value {
            variables.insert(name.to_owned(), value);
        }
    }
    Ok(variables)
}
