//! Compiles negations, in the two ways they are read: as the contract has it, and as the complement.

use super::{ComparedField, FilterPlanner, FilterPosition, all_of};
use crate::context::RowView;
use crate::error::ParamError;
use crate::input::{FilterInput, InputValue};
use crate::negation::Negation;
use crate::plan::{Filter, Operator};

impl<'a> FilterPlanner<'_, 'a> {
    /// Compiles the opposite of what `plan` compiles.
    pub(super) fn negate<'p>(
        &mut self,
        at: FilterPosition<'p>,
        plan: impl FnOnce(&mut Self, FilterPosition<'p>) -> Result<Filter, ParamError>,
    ) -> Result<Filter, ParamError> {
        match self.negation {
            Negation::Contract => plan(self, at).map(push_negation_down),
            Negation::Complement => plan(self, at.inverted()).map(complement_filter),
        }
    }

    /// The operator whose complement `op` is with these operands, where negations are complements. A comparison with null is about the
    /// presence of a value, and has its own opposite.
    pub(super) fn complemented(&self, op: Operator, values: &[&InputValue<'_>]) -> Option<Operator> {
        if self.negation == Negation::Contract || matches!(values, [InputValue::Null]) {
            return None;
        }
        Some(match op {
            Operator::Ne => Operator::Eq,
            Operator::Nei => Operator::Eqi,
            Operator::NotIn => Operator::In,
            Operator::NotContains => Operator::Contains,
            Operator::NotContainsi => Operator::Containsi,
            _ => return None,
        })
    }

    /// A comparison with a value that is not known: it never holds, and neither does its complement. As the contract has it, SQL's null says
    /// both; in a complement it is taken to hold, so that around it nothing comes to hold because somebody has no such value.
    pub(super) fn unknown_comparison(&self, target: ComparedField, at: FilterPosition<'_>) -> Filter {
        if at.inverted {
            return Filter::And(Vec::new());
        }
        Filter::Leaf { field: target.field, op: Operator::Eq, values: vec![crate::plan::Scalar::Null] }
    }

    /// Compiles the conditions on a relation or component, of which `wrap` makes one on the row that has it. Where negations are complements,
    /// those that stand at the relation itself are about all of its rows: `{"tags": {"$ne": "x"}}` means no tag is `x`.
    pub(super) fn plan_through(
        &mut self,
        view: RowView<'a>,
        value: &FilterInput<'_>,
        at: FilterPosition<'_>,
        wrap: &dyn Fn(Filter) -> Filter,
    ) -> Result<Filter, ParamError> {
        let FilterInput::Map(entries) = value else { return self.plan_object(view, value, at).map(wrap) };
        let is_about_all = |key: &str, value: &FilterInput<'_>| {
            self.negation == Negation::Complement
                && match key {
                    "$not" => true,
                    "$ne" | "$nei" | "$notIn" => !matches!(value, FilterInput::Value(InputValue::Null)),
                    _ => false,
                }
        };
        if !entries.iter().any(|(key, value)| is_about_all(key, value)) {
            return self.plan_object(view, value, at).map(wrap);
        }
        let (negated, others): (Vec<_>, Vec<_>) =
            entries.iter().cloned().partition(|(key, value)| is_about_all(key, value));
        let mut all = Vec::new();
        if !others.is_empty() {
            all.push(self.plan_object(view, &FilterInput::Map(others), at).map(wrap)?);
        }
        for (key, value) in &negated {
            let opposite = match *key {
                "$not" => self.plan_through(view, value, at.nested().inverted(), wrap)?,
                // The complement of a complement: what the operator negates.
                operator => wrap(complement_filter(self.plan_entry(view, operator, value, at)?)),
            };
            all.push(complement_filter(opposite));
        }
        Ok(all_of(all))
    }
}

/// Negates a filter as the contract has it: below a relation or component the negation applies to the related row.
fn push_negation_down(filter: Filter) -> Filter {
    match filter {
        Filter::And(filters) => Filter::Or(filters.into_iter().map(push_negation_down).collect()),
        Filter::Or(filters) => Filter::And(filters.into_iter().map(push_negation_down).collect()),
        Filter::Not(filter) => *filter,
        Filter::Related { attribute, target, guard, versions, filter } => {
            Filter::Related { attribute, target, guard, versions, filter: Box::new(push_negation_down(*filter)) }
        }
        Filter::Localizations { content_type, guard, filter } => {
            Filter::Localizations { content_type, guard, filter: Box::new(push_negation_down(*filter)) }
        }
        Filter::Component { attribute, component, filter } => {
            Filter::Component { attribute, component, filter: Box::new(push_negation_down(*filter)) }
        }
        Filter::Leaf { .. } | Filter::RowId { .. } | Filter::Complement(_) | Filter::Editorial(_) => {
            Filter::Not(Box::new(filter))
        }
    }
}

/// The filter that holds exactly where `filter` does not.
fn complement_filter(filter: Filter) -> Filter {
    match filter {
        Filter::And(filters) => Filter::Or(filters.into_iter().map(complement_filter).collect()),
        Filter::Or(filters) => Filter::And(filters.into_iter().map(complement_filter).collect()),
        Filter::Complement(filter) => *filter,
        Filter::Leaf { field, op: Operator::Null, values } => Filter::Leaf { field, op: Operator::NotNull, values },
        Filter::Leaf { field, op: Operator::NotNull, values } => Filter::Leaf { field, op: Operator::Null, values },
        filter => Filter::Complement(Box::new(filter)),
    }
}
