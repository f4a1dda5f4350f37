//! Conditions on the row of nulls that stands for a relation or component without rows.

use cairn_query::{Field, Filter, Operator};

/// True if a filter holds for a row of nulls and for no row of a table, each of which has ids.
pub(super) fn is_absence(filter: &Filter, negate: bool) -> bool {
    match filter {
        Filter::Leaf { field: Field::Id | Field::DocumentId, op, .. } => {
            *op == if negate { Operator::NotNull } else { Operator::Null }
        }
        Filter::Not(inner) => is_absence(inner, !negate),
        Filter::And(parts) | Filter::Or(parts) => matches!(parts.as_slice(), [one] if is_absence(one, negate)),
        _ => false,
    }
}

/// The truth of a condition on a row of nulls (`None`: unknown).
pub(super) fn null_truth(filter: &Filter, negate: bool) -> Option<bool> {
    let all = |parts: &[Filter]| {
        let mut unknown = false;
        for p in parts {
            match null_truth(p, false) {
                Some(false) => return Some(false),
                None => unknown = true,
                Some(true) => {}
            }
        }
        if unknown { None } else { Some(true) }
    };
    let any = |parts: &[Filter]| {
        let mut unknown = false;
        for p in parts {
            match null_truth(p, false) {
                Some(true) => return Some(true),
                None => unknown = true,
                Some(false) => {}
            }
        }
        if unknown { None } else { Some(false) }
    };
    let truth = match filter {
        Filter::And(parts) => all(parts),
        Filter::Or(parts) => any(parts),
        Filter::Not(inner) => null_truth(inner, true),
        Filter::Complement(inner) => Some(null_truth(inner, false) != Some(true)),
        Filter::Leaf { op: Operator::Null, .. } => Some(true),
        Filter::Leaf { op: Operator::NotNull, .. } => Some(false),
        Filter::Leaf { .. } | Filter::RowId { .. } | Filter::Editorial(_) => None,
        // Negation goes down into a relation, here as in `Sql::filter`.
        Filter::Related { filter, .. } | Filter::Localizations { filter, .. } | Filter::Component { filter, .. } => {
            return null_truth(filter, negate);
        }
    };
    if negate { truth.map(|t| !t) } else { truth }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(op: Operator) -> Filter {
        Filter::Leaf { field: Field::Id, op, values: vec![] }
    }

    #[test]
    fn absence_is_told_from_other_conditions() {
        let title = Filter::Leaf { field: Field::Attribute(0), op: Operator::Null, values: vec![] };
        let document = Filter::Leaf { field: Field::DocumentId, op: Operator::Null, values: vec![] };
        assert!(is_absence(&leaf(Operator::Null), false) && is_absence(&document, false));
        assert!(is_absence(&leaf(Operator::NotNull), true));
        assert!(is_absence(&Filter::Not(Box::new(leaf(Operator::NotNull))), false));
        assert!(is_absence(&Filter::Or(vec![Filter::And(vec![document.clone()])]), false));
        assert!(!is_absence(&leaf(Operator::Null), true) && !is_absence(&leaf(Operator::NotNull), false));
        assert!(!is_absence(&title, false) && !is_absence(&Filter::Not(Box::new(document.clone())), false));
        assert!(!is_absence(&Filter::Or(vec![document, title]), false) && !is_absence(&Filter::And(vec![]), false));
    }

    #[test]
    fn null_comparisons_are_three_valued() {
        assert_eq!(null_truth(&leaf(Operator::Null), false), Some(true));
        assert_eq!(null_truth(&leaf(Operator::Eq), true), None);
        assert_eq!(null_truth(&Filter::And(vec![leaf(Operator::Null), leaf(Operator::Eq)]), false), None);
        assert_eq!(null_truth(&Filter::Or(vec![leaf(Operator::Null), leaf(Operator::Eq)]), false), Some(true));
        assert_eq!(null_truth(&Filter::And(vec![leaf(Operator::NotNull), leaf(Operator::Eq)]), true), Some(true));
        assert_eq!(null_truth(&Filter::And(vec![]), false), Some(true));
        let complement = |filter| Filter::Complement(Box::new(filter));
        assert_eq!(null_truth(&complement(leaf(Operator::Eq)), false), Some(true));
        assert_eq!(null_truth(&complement(leaf(Operator::Null)), false), Some(false));
        assert_eq!(null_truth(&complement(leaf(Operator::Eq)), true), Some(false));
    }
}
