//! `_q`: a word in any text of the entry.

use crate::brackets::QueryTree;
use crate::context::RowView;
use crate::error::ParamError;
use crate::plan::{Field, Filter, Operator, Scalar};
use cairn_model::FieldKind;

/// Fewest digits that are looked for as part of a number.
const MIN_DIGITS: usize = 4;

/// Parses the parameter; `None` if it is empty. An entry without texts that the caller may see never matches. `by_digits`: a word that is a
/// number is also found where it is written otherwise, such as `06 12 34` in `+31612345678`.
pub(crate) fn parse(
    view: RowView<'_>,
    tree: Option<&QueryTree>,
    by_digits: bool,
) -> Result<Option<Filter>, ParamError> {
    let word = match tree {
        None => return Ok(None),
        Some(QueryTree::Text(word)) if word.is_empty() => return Ok(None),
        Some(QueryTree::Text(word)) => word,
        Some(_) => return Err(ParamError::validation("Invalid parameter at '_q'. Expected a string")),
    };
    // Passwords are hidden from every view of a caller.
    let texts = view.visible_attributes().filter(|(_, attribute)| {
        matches!(
            attribute.kind,
            FieldKind::String
                | FieldKind::Text
                | FieldKind::RichText
                | FieldKind::Email
                | FieldKind::Uid { .. }
                | FieldKind::Enumeration { .. }
        )
    });
    let contains = |id, word: &str| Filter::Leaf {
        field: Field::Attribute(id),
        op: Operator::Containsi,
        values: vec![Scalar::Text(word.to_owned())],
    };
    let digits = if by_digits { significant_digits(word).filter(|digits| digits != word) } else { None };
    let mut leaves = Vec::new();
    for (id, attribute) in texts {
        leaves.push(contains(id, word));
        if let (Some(digits), FieldKind::String) = (&digits, &attribute.kind) {
            leaves.push(contains(id, digits));
        }
    }
    Ok(Some(Filter::Or(leaves)))
}

/// The digits of a word that is a number, or part of one, as people type it: without the zeros in front, which stand for the country or the
/// trunk and are not in a number in its international form. `None` for other words.
fn significant_digits(word: &str) -> Option<String> {
    let is_number = word.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    let digits: String = word.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0');
    (is_number && significant.len() >= MIN_DIGITS).then(|| significant.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{plan_articles, refusal_message, sample_registry};

    #[test]
    fn search_covers_every_visible_text_attribute() {
        let Some(Filter::Or(leaves)) = plan_articles("_q=sand").expect("a plan").plan.filter else {
            panic!("no search")
        };
        let attributes = &sample_registry().by_route("articles").expect("articles").attributes;
        let names: Vec<&str> = leaves
            .iter()
            .map(|leaf| match leaf {
                Filter::Leaf { field: Field::Attribute(id), op: Operator::Containsi, .. } => {
                    attributes[*id].name.as_str()
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(names, ["title", "slug", "body", "level"]);
    }

    #[test]
    fn numbers_are_found_by_their_digits() {
        for (word, digits) in
            [("06 12-34", "61234"), ("(0612) 34", "61234"), ("+31612", "31612"), ("0031 6.1234", "3161234")]
        {
            assert_eq!(significant_digits(word).as_deref(), Some(digits), "{word}");
        }
        for word in ["06 12", "000000", "nr. 12345", "12345a", ""] {
            assert_eq!(significant_digits(word), None, "{word}");
        }
    }

    #[test]
    fn empty_search_is_ignored_and_objects_are_rejected() {
        assert_eq!(plan_articles("_q=").expect("a plan").plan.filter, None);
        assert_eq!(refusal_message("_q[a]=b"), "Invalid parameter at '_q'. Expected a string");
    }
}
