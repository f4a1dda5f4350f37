//! The operators by their names.

use crate::plan::Operator;

/// Finds an operator by name; `$and`, `$or` and `$not` do not count as operators.
pub(super) fn parse_operator(key: &str) -> Option<Operator> {
    use Operator::*;
    Some(match key {
        "$eq" => Eq,
        "$ne" => Ne,
        "$eqi" => Eqi,
        "$nei" => Nei,
        "$lt" => Lt,
        "$lte" => Lte,
        "$gt" => Gt,
        "$gte" => Gte,
        "$in" => In,
        "$notIn" => NotIn,
        "$contains" => Contains,
        "$notContains" => NotContains,
        "$containsi" => Containsi,
        "$notContainsi" => NotContainsi,
        "$startsWith" => StartsWith,
        "$endsWith" => EndsWith,
        "$startsWithi" => StartsWithi,
        "$endsWithi" => EndsWithi,
        "$null" => Null,
        "$notNull" => NotNull,
        "$between" => Between,
        _ => return None,
    })
}

/// True if an operator compares the text of a value.
pub(super) fn is_textual(op: Operator) -> bool {
    use Operator::*;
    match op {
        Eqi | Nei | Contains | NotContains | Containsi | NotContainsi | StartsWith | EndsWith | StartsWithi
        | EndsWithi => true,
        Eq | Ne | Lt | Lte | Gt | Gte | In | NotIn | Null | NotNull | Between => false,
    }
}
