//! `publicationFilter`: documents by how their draft and their published version relate.

use crate::brackets::QueryTree;
use crate::error::ParamError;
use crate::plan::PublicationFilter;
use serde_json::json;

/// All values, in the order in which the error names them.
const VALUE_NAMES: [(&str, PublicationFilter); 8] = [
    ("never-published", PublicationFilter::NeverPublished),
    ("has-published-version", PublicationFilter::HasPublishedVersion),
    ("modified", PublicationFilter::Modified),
    ("unmodified", PublicationFilter::Unmodified),
    ("never-published-document", PublicationFilter::NeverPublishedDocument),
    ("has-published-version-document", PublicationFilter::HasPublishedVersionDocument),
    ("published-without-draft", PublicationFilter::PublishedWithoutDraft),
    ("published-with-draft", PublicationFilter::PublishedWithDraft),
];

pub(crate) fn parse(tree: Option<&QueryTree>) -> Result<Option<PublicationFilter>, ParamError> {
    let Some(tree) = tree else { return Ok(None) };
    let known = |text: &str| VALUE_NAMES.iter().find(|(name, _)| *name == text).map(|(_, filter)| *filter);
    match tree.as_text().and_then(known) {
        Some(filter) => Ok(Some(filter)),
        None => {
            let names = VALUE_NAMES.map(|(name, _)| name).join(", ");
            let message = format!("Invalid value for 'publicationFilter'. Expected one of: {names}.");
            let details = json!({ "source": "query", "param": "publicationFilter" });
            Err(ParamError { details, ..ParamError::validation(message) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_known_filter_values_are_accepted() {
        let parse = |text: &str| parse(Some(&QueryTree::Text(text.to_owned())));
        for (name, filter) in VALUE_NAMES {
            assert_eq!(parse(name), Ok(Some(filter)));
        }
        for bad in ["", "published", "Modified", "modified "] {
            let error = parse(bad).unwrap_err();
            assert!(
                error
                    .message
                    .starts_with("Invalid value for 'publicationFilter'. Expected one of: never-published, has-")
            );
            assert!(error.message.ends_with(", published-without-draft, published-with-draft."), "{error}");
            assert_eq!(error.details["param"], "publicationFilter");
        }
        assert!(super::parse(Some(&QueryTree::List(Vec::new()))).is_err());
    }
}
