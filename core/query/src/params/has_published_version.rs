//! `hasPublishedVersion`: drafts by whether they are published.

use crate::brackets::QueryTree;
use crate::error::ParamError;

pub(crate) fn parse(tree: Option<&QueryTree>) -> Result<Option<bool>, ParamError> {
    match tree {
        None => Ok(None),
        Some(QueryTree::Text(text)) if text == "true" => Ok(Some(true)),
        Some(QueryTree::Text(text)) if text == "false" => Ok(Some(false)),
        Some(_) => Err(ParamError::validation(
            "Invalid value for 'hasPublishedVersion'. Expected boolean or 'true'/'false' string.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_true_and_false_are_accepted() {
        let parse = |text: &str| parse(Some(&QueryTree::Text(text.to_owned())));
        assert_eq!(parse("true"), Ok(Some(true)));
        assert_eq!(parse("false"), Ok(Some(false)));
        assert!(parse("").is_err());
        assert!(parse("1").is_err());
    }
}
