//! `status`: which version of documents with draft & publish.

use super::print_value;
use crate::brackets::QueryTree;
use crate::error::ParamError;
use crate::plan::PublicationState;

/// Value of `status` in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusParam {
    /// It is missing (or not a status: see `deferred`).
    Absent,
    /// `status=`, which reads drafts.
    Empty,
    /// `status=draft`.
    Draft,
    /// `status=published`.
    Published,
}

impl StatusParam {
    /// The version that it selects.
    pub fn status(self) -> PublicationState {
        match self {
            StatusParam::Empty | StatusParam::Draft => PublicationState::Draft,
            StatusParam::Absent | StatusParam::Published => PublicationState::Published,
        }
    }
}

pub(crate) fn parse(tree: Option<&QueryTree>) -> (StatusParam, Option<ParamError>) {
    let param = match tree {
        None => StatusParam::Absent,
        Some(QueryTree::Text(text)) if text.is_empty() => StatusParam::Empty,
        Some(QueryTree::Text(text)) if text == "draft" => StatusParam::Draft,
        Some(QueryTree::Text(text)) if text == "published" => StatusParam::Published,
        Some(other) => {
            let message = format!(
                "Invalid parameter at 'status'. Expected 'published' or 'draft', received: {}",
                print_value(other)
            );
            return (StatusParam::Absent, Some(ParamError::validation(message)));
        }
    };
    (param, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_parameter_accepts_draft_and_published() {
        let text = |text: &str| QueryTree::Text(text.to_owned());
        assert_eq!(parse(None), (StatusParam::Absent, None));
        assert_eq!(parse(Some(&text(""))).0.status(), PublicationState::Draft);
        assert_eq!(parse(Some(&text("draft"))), (StatusParam::Draft, None));
        assert_eq!(parse(Some(&text("published"))), (StatusParam::Published, None));
        let (status, error) = parse(Some(&QueryTree::List(vec![text("draft")])));
        assert_eq!(status, StatusParam::Absent);
        assert_eq!(
            error.expect("an error").message,
            "Invalid parameter at 'status'. Expected 'published' or 'draft', received: draft"
        );
    }
}
