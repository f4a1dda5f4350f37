//! `filters`: conditions on the entry, its relations and components. Also compiles the conditions of roles.
//!
//! Negations are read in one of two ways ([`Negation`]). As the contract has it, they are pushed down to the comparisons: below a relation
//! or component `$not` applies to the related row, so `not (there is a row where x)` occurs in complements alone.

mod negation;
mod operators;
#[cfg(test)]
mod tests;

use self::operators::{is_textual, parse_operator};
use crate::context::{AttributeHolder, PlanningContext, ResolvedName, RowView, join_path};
use crate::error::ParamError;
use crate::input::{FilterInput, InputValue, all_indexes, is_truthy};
use crate::negation::Negation;
use crate::plan::{Field, Filter, Operator, Scalar};
use cairn_model::ColumnType;
use cairn_model::fields::{Operand, parse_operand};

/// Compiles `filters` of one node of the query.
pub(crate) struct FilterPlanner<'c, 'a> {
    pub(crate) cx: &'c mut PlanningContext<'a>,
    /// The parameter in errors: `filters`, or `populate` for the filters inside it.
    pub(crate) param: &'static str,
    /// The reading of negations.
    pub(crate) negation: Negation,
}

impl<'a> FilterPlanner<'_, 'a> {
    /// Compiles the whole parameter.
    pub(crate) fn plan_root(&mut self, view: RowView<'a>, input: &FilterInput<'_>) -> Result<Filter, ParamError> {
        match input {
            FilterInput::Value(_) => Err(not_an_object()),
            FilterInput::List(_) | FilterInput::Map(_) => {
                self.plan_object(view, input, FilterPosition { path: "", depth: 1, direct: false, inverted: false })
            }
        }
    }

    /// Compiles a filter on the row in view: a map (all hold), or a list of them (all hold).
    fn plan_object(
        &mut self,
        view: RowView<'a>,
        input: &FilterInput<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        if at.depth > self.cx.limits.filter_depth {
            let levels = self.cx.limits.filter_depth;
            return Err(ParamError::too_complex(format_args!("filters have more than {levels} levels")));
        }
        match input {
            FilterInput::Value(input_value) if at.direct => self.compare_ids(view, Operator::Eq, &[input_value], at),
            FilterInput::Value(_) => Err(not_an_object()),
            FilterInput::List(items) => match all_values(items) {
                Some(values) if at.direct => self.compare_ids(view, Operator::In, &values, at),
                _ => items
                    .iter()
                    .map(|item| self.plan_object(view, item, at.nested()))
                    .collect::<Result<_, _>>()
                    .map(all_of),
            },
            FilterInput::Map(entries) => entries
                .iter()
                .map(|(key, value)| self.plan_entry(view, key, value, at))
                .collect::<Result<_, _>>()
                .map(all_of),
        }
    }

    fn plan_entry(
        &mut self,
        view: RowView<'a>,
        key: &str,
        value: &FilterInput<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        match key {
            "$and" => self.plan_operands(view, key, value, at).map(all_of),
            "$or" => self.plan_operands(view, key, value, at).map(any_of),
            "$not" => self.negate(at.nested(), |planner, at| planner.plan_object(view, value, at)),
            _ if key.starts_with('$') => match parse_operator(key) {
                Some(op) if at.direct => self.direct_operator(view, key, op, value, at),
                _ => Err(ParamError::unknown_key(key, at.path, self.param)),
            },
            _ => self.plan_attribute(view, key, value, at),
        }
    }

    /// Compiles the operands of `$and` and `$or`. In a condition a list may be an object with indexes.
    fn plan_operands(
        &mut self,
        view: RowView<'a>,
        key: &str,
        value: &FilterInput<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Vec<Filter>, ParamError> {
        let at = at.nested();
        match value {
            FilterInput::List(items) => items.iter().map(|item| self.plan_object(view, item, at)).collect(),
            FilterInput::Map(entries) if all_indexes(entries) => {
                entries.iter().map(|(_, item)| self.plan_object(view, item, at)).collect()
            }
            FilterInput::Map(_) => Ok(vec![self.plan_object(view, value, at)?]),
            FilterInput::Value(_) => Err(invalid_value(key, at.path, "an array of filters")),
        }
    }

    fn plan_attribute(
        &mut self,
        view: RowView<'a>,
        name: &str,
        value: &FilterInput<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        let path = join_path(at.path, name);
        let inner = FilterPosition { path: &path, depth: at.depth + 1, direct: true, inverted: at.inverted };
        match view.resolve_name(self.cx.registry, name) {
            ResolvedName::Unknown => Err(ParamError::unknown_key(name, at.path, self.param)),
            ResolvedName::Refused | ResolvedName::Usages | ResolvedName::Zone { .. } | ResolvedName::Morph { .. } => {
                Err(ParamError::refused_key(name, &path, self.param))
            }
            ResolvedName::Scalar(field, column) => {
                self.cx.locale_filtered |= view.root && field == Field::Locale;
                self.plan_scalar(ComparedField { field, column }, value, inner)
            }
            ResolvedName::Link { attribute, target, .. } => {
                if !view.trusted && !self.cx.can_read(target) {
                    return Err(ParamError::refused_key(name, &path, self.param));
                }
                self.cx.touched.insert(target);
                let related = self.cx.related_view(view, target);
                let guard = self.cx.related_condition(view, target).map(Box::new);
                let versions = self.cx.related_versions(view);
                self.plan_through(related, value, inner, &|filter| Filter::Related {
                    attribute,
                    target,
                    guard: guard.clone(),
                    versions,
                    filter: Box::new(filter),
                })
            }
            ResolvedName::Localizations => {
                let Some((content_type, guard)) = self.cx.localizations_target(view, at.path) else {
                    return Err(ParamError::refused_key(name, &path, self.param));
                };
                let other = self.cx.related_view(view, content_type);
                let guard = guard.map(Box::new);
                self.plan_through(other, value, inner, &|filter| Filter::Localizations {
                    content_type,
                    guard: guard.clone(),
                    filter: Box::new(filter),
                })
            }
            // A condition of somebody's rights must not come to hold for every row by being negated.
            ResolvedName::Unlinked { .. } if view.trusted => Err(ParamError::refused_key(name, &path, self.param)),
            ResolvedName::Unlinked { shown, .. } => self.plan_unlinked(value, shown, inner),
            ResolvedName::Component { attribute, component, .. } => {
                let instance = self.cx.component_view(view, component);
                self.plan_through(instance, value, inner, &|filter| Filter::Component {
                    attribute,
                    component,
                    filter: Box::new(filter),
                })
            }
        }
    }

    /// Compiles a filter on a relation that no entry has. If its target exists in Strapi, but not for the content API, its attributes are
    /// refused as they are there.
    fn plan_unlinked(
        &self,
        input: &FilterInput<'_>,
        visible: bool,
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        if visible
            && let FilterInput::Map(entries) = input
            && let Some((key, _)) = entries.iter().find(|(key, _)| !key.starts_with('$'))
        {
            return Err(ParamError::unknown_key(key, at.path, self.param));
        }
        Ok(Filter::Or(Vec::new()))
    }

    /// Compiles the conditions on one scalar: a value (equal), a list (one of), or operators (all hold).
    fn plan_scalar(
        &mut self,
        target: ComparedField,
        input: &FilterInput<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        if at.depth > self.cx.limits.filter_depth + 1 {
            let levels = self.cx.limits.filter_depth;
            return Err(ParamError::too_complex(format_args!("filters have more than {levels} levels")));
        }
        match input {
            FilterInput::Value(input_value) => self.compare_scalar(target, Operator::Eq, &[input_value], at),
            FilterInput::List(items) => match all_values(items) {
                Some(values) => self.compare_scalar(target, Operator::In, &values, at),
                None => items
                    .iter()
                    .map(|item| self.plan_scalar(target, item, at.nested()))
                    .collect::<Result<_, _>>()
                    .map(all_of),
            },
            // In JSON alone: without operators it would filter nothing.
            FilterInput::Map(entries) if entries.is_empty() => {
                Err(ParamError::validation(format!("Invalid value at {}. Expected a value or operators", at.path)))
            }
            FilterInput::Map(entries) => entries
                .iter()
                .map(|(key, value)| match parse_operator(key) {
                    _ if *key == "$not" => {
                        self.negate(at.nested(), |planner, at| planner.plan_scalar(target, value, at))
                    }
                    Some(op) => {
                        let (op, values) = self.read_operands(key, op, value, at)?;
                        self.compare_scalar(target, op, &values, at)
                    }
                    None => Err(ParamError::unknown_key(key, at.path, self.param)),
                })
                .collect::<Result<_, _>>()
                .map(all_of),
        }
    }

    /// Compiles an operator on a relation or component itself.
    fn direct_operator(
        &mut self,
        view: RowView<'a>,
        key: &str,
        op: Operator,
        value: &FilterInput<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        if is_textual(op) && !matches!(op, Operator::Eqi | Operator::Nei) {
            return Err(ParamError::unknown_key(key, at.path, self.param));
        }
        let (op, values) = self.read_operands(key, op, value, at)?;
        self.compare_ids(view, op, &values, at)
    }

    /// Compiles a comparison of a relation with ids (numbers are ids of rows, other texts ids of documents), or of a component
    /// with the ids of instances.
    fn compare_ids(
        &mut self,
        view: RowView<'a>,
        op: Operator,
        values: &[&InputValue<'_>],
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        use Operator::*;
        if let Some(op) = self.complemented(op, values) {
            return self.negate(at, |planner, at| planner.compare_ids(view, op, values, at));
        }
        let id = ComparedField { field: Field::Id, column: ColumnType::Integer };
        let equality = matches!(op, Eq | Ne | Eqi | Nei | In | NotIn);
        let null = matches!(values, [InputValue::Null]);
        if matches!(view.owner, AttributeHolder::Component(_)) || !equality || null {
            let op = match op {
                Eqi => Eq,
                Nei => Ne,
                op => op,
            };
            return self.compare_scalar(id, op, values, at);
        }
        let op = match op {
            Eqi => Eq,
            Nei => Ne,
            op => op,
        };
        let row = |input_value: &InputValue<'_>| match input_value {
            InputValue::Text(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse::<i64>().ok(),
            _ => None,
        };
        let (rows, documents): (Vec<&InputValue<'_>>, Vec<&InputValue<'_>>) =
            values.iter().partition(|input_value| row(input_value).is_some());
        let document = ComparedField { field: Field::DocumentId, column: ColumnType::Text };
        if rows.is_empty() {
            return self.compare_scalar(document, op, &documents, at);
        }
        self.count_leaf()?;
        self.check_list(values.len())?;
        let rows = Filter::RowId { op, values: rows.into_iter().filter_map(row).collect() };
        if documents.is_empty() {
            return Ok(rows);
        }
        // A mixed list; one value alone is never mixed.
        let documents = self.compare_scalar(document, op, &documents, at)?;
        Ok(if op == NotIn { Filter::And(vec![rows, documents]) } else { Filter::Or(vec![rows, documents]) })
    }

    /// The operands of an operator, uncast. An object has none, whatever its keys: it is never read as no condition.
    fn read_operands<'i, 't>(
        &self,
        key: &str,
        op: Operator,
        value: &'i FilterInput<'t>,
        at: FilterPosition<'_>,
    ) -> Result<(Operator, Vec<&'i InputValue<'t>>), ParamError> {
        use Operator::*;
        match (op, value) {
            (_, FilterInput::Map(entries)) => match entries.first() {
                Some((inner, _)) => Err(ParamError::unknown_key(inner, at.path, self.param)),
                None => Err(invalid_value(key, at.path, "a value")),
            },
            (Between, FilterInput::List(items)) => match all_values(items) {
                Some(values) if values.len() == 2 => Ok((Between, values)),
                _ => Err(invalid_value(key, at.path, "an array of two values")),
            },
            (Between, FilterInput::Value(_)) => Err(invalid_value(key, at.path, "an array of two values")),
            (_, FilterInput::Value(input_value)) => Ok((op, vec![input_value])),
            (In | NotIn | Eq | Ne, FilterInput::List(items)) => {
                let Some(values) = all_values(items) else {
                    return Err(invalid_value(key, at.path, "an array of values"));
                };
                let op = match op {
                    Eq => In,
                    Ne => NotIn,
                    op => op,
                };
                Ok((op, values))
            }
            (_, FilterInput::List(items)) => match items.as_slice() {
                [FilterInput::Value(given)] => Ok((op, vec![given])),
                _ => Err(invalid_value(key, at.path, "one value")),
            },
        }
    }

    /// Compiles one comparison.
    fn compare_scalar(
        &mut self,
        target: ComparedField,
        op: Operator,
        input_values: &[&InputValue<'_>],
        at: FilterPosition<'_>,
    ) -> Result<Filter, ParamError> {
        use Operator::*;
        if let Some(op) = self.complemented(op, input_values) {
            return self.negate(at, |planner, at| planner.compare_scalar(target, op, input_values, at));
        }
        self.count_leaf()?;
        let leaf = |op, values| Filter::Leaf { field: target.field, op, values };
        let unknown = self.unknown_comparison(target, at);
        match (op, input_values) {
            (Null | NotNull, [InputValue::Text(text)]) => {
                Ok(leaf(if is_truthy(text) == (op == Null) { Null } else { NotNull }, Vec::new()))
            }
            (Null | NotNull, _) => Ok(unknown),
            (Eq | Eqi, [InputValue::Null]) => Ok(leaf(Null, Vec::new())),
            (Ne | Nei, [InputValue::Null]) => Ok(leaf(NotNull, Vec::new())),
            (In | NotIn, _) => {
                self.check_list(input_values.len())?;
                let texts = input_values.iter().filter(|input_value| matches!(input_value, InputValue::Text(_)));
                let values =
                    texts
                        .map(|input_value| self.cast_operand(target, op, input_value, at))
                        .collect::<Result<Vec<_>, _>>()?;
                let complete = values.len() == input_values.len();
                // SQL cannot know that a value is outside a list with an unknown member.
                Ok(match op {
                    NotIn if !complete => Filter::And(vec![leaf(NotIn, values), unknown]),
                    In if !complete && at.inverted => unknown,
                    op => leaf(op, values),
                })
            }
            // Comparisons with an unknown value are unknown, so `store` meets null after `$eq` alone.
            _ if input_values.iter().any(|input_value| !matches!(input_value, InputValue::Text(_))) => Ok(unknown),
            _ => {
                let values = input_values
                    .iter()
                    .map(|input_value| self.cast_operand(target, op, input_value, at))
                    .collect::<Result<_, _>>()?;
                Ok(leaf(op, values))
            }
        }
    }

    fn cast_operand(
        &self,
        target: ComparedField,
        op: Operator,
        input_value: &InputValue<'_>,
        at: FilterPosition<'_>,
    ) -> Result<Scalar, ParamError> {
        let InputValue::Text(text) = input_value else { return Ok(Scalar::Null) };
        if is_textual(op) {
            // Textual operators compare the text of a value, whatever its type.
            return Ok(Scalar::Text(text.clone().into_owned()));
        }
        match parse_operand(target.column, text) {
            Ok(Operand::Int(value)) => Ok(Scalar::Int(value)),
            Ok(Operand::Float(value)) => Ok(Scalar::Float(value)),
            Ok(Operand::Bool(value)) => Ok(Scalar::Bool(value)),
            Ok(Operand::Text(value)) => Ok(Scalar::Text(value)),
            // A request is told in the contract's words; who writes a condition needs to know where.
            Err(error) if self.param == CONDITION_PARAM => {
                Err(ParamError::validation(format!("{} at {}", error.message, at.path)))
            }
            Err(error) => Err(ParamError::validation(error.message)),
        }
    }

    fn count_leaf(&mut self) -> Result<(), ParamError> {
        self.cx.leaves += 1;
        if self.cx.leaves > self.cx.limits.filter_leaves {
            let leaves = self.cx.limits.filter_leaves;
            return Err(ParamError::too_complex(format_args!("filters have more than {leaves} comparisons")));
        }
        Ok(())
    }

    fn check_list(&self, len: usize) -> Result<(), ParamError> {
        if len > self.cx.limits.in_values {
            let limit = self.cx.limits.in_values;
            return Err(ParamError::too_complex(format_args!("a list has more than {limit} values")));
        }
        Ok(())
    }
}

/// The `param` in errors about conditions.
pub(crate) const CONDITION_PARAM: &str = "condition";

/// The position in the filter.
#[derive(Clone, Copy)]
struct FilterPosition<'p> {
    /// Attributes on the way, joined by dots; logical operators do not count.
    path: &'p str,
    /// Number of levels, from 1; logical operators do count.
    depth: usize,
    /// True if operators and values may occur here: those of a relation or component itself.
    direct: bool,
    /// True below an odd number of complements.
    inverted: bool,
}

impl FilterPosition<'_> {
    fn nested(self) -> Self {
        Self { depth: self.depth + 1, ..self }
    }

    fn inverted(self) -> Self {
        Self { inverted: !self.inverted, ..self }
    }
}

/// The left side of a comparison.
#[derive(Clone, Copy)]
struct ComparedField {
    field: Field,
    column: ColumnType,
}

/// All items, if all are values.
fn all_values<'i, 't>(items: &'i [FilterInput<'t>]) -> Option<Vec<&'i InputValue<'t>>> {
    items
        .iter()
        .map(|item| match item {
            FilterInput::Value(value) => Some(value),
            FilterInput::List(_) | FilterInput::Map(_) => None,
        })
        .collect()
}

/// A filter that holds if all of these hold.
pub(crate) fn all_of(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last_filter) => {
            filters.push(last_filter);
            Filter::And(filters)
        }
        None => Filter::And(filters),
    }
}

fn any_of(mut filters: Vec<Filter>) -> Filter {
    match filters.pop() {
        Some(only) if filters.is_empty() => only,
        Some(last_filter) => {
            filters.push(last_filter);
            Filter::Or(filters)
        }
        None => Filter::Or(filters),
    }
}

fn not_an_object() -> ParamError {
    ParamError::validation("The filters parameter must be an object or an array")
}

fn invalid_value(key: &str, path: &str, expected: &str) -> ParamError {
    let at = if path.is_empty() { String::new() } else { format!(" at {path}") };
    ParamError::validation(format!("Invalid value of {key}{at}. Expected {expected}"))
}
