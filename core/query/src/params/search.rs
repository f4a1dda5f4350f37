//! `_q`: a word in any text of the entry.

use crate::brackets::QueryTree;
use crate::context::RowView;
use crate::error::ParamError;
use crate::plan::{Field, Filter, Operator, Scalar};
use cairn_model::FieldKind;

/// Parses the parameter; `None` if it is empty. An entry without texts that the caller may see never matches.
pub(crate) fn parse(view: RowView<'_>, tree: Option<&QueryTree>) -> Result<Option<Filter>, ParamError> {
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
    let leaves: Vec<Filter> = texts
        .map(|(id, _)| Filter::Leaf {
            field: Field::Attribute(id),
            op: Operator::Containsi,
            values: vec![Scalar::Text(word.clone())],
        })
        .collect();
    Ok(Some(Filter::Or(leaves)))
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
    fn empty_search_is_ignored_and_objects_are_rejected() {
        assert_eq!(plan_articles("_q=").expect("a plan").plan.filter, None);
        assert_eq!(refusal_message("_q[a]=b"), "Invalid parameter at '_q'. Expected a string");
    }
}
