//! `status`: which version of documents with draft & publish.

use super::printed;
use crate::brackets::Tree;
use crate::error::ParamError;
use crate::plan::Status;

/// What a request says about `status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatusGiven {
    /// It is missing (or not a status: see `deferred`).
    Absent,
    /// `status=`, which reads drafts.
    Empty,
    /// `status=draft`.
    Draft,
    /// `status=published`.
    Published,
}

impl StatusGiven {
    /// The version that it selects.
    pub fn status(self) -> Status {
        match self {
            StatusGiven::Empty | StatusGiven::Draft => Status::Draft,
            StatusGiven::Absent | StatusGiven::Published => Status::Published,
        }
    }
}

pub(crate) fn parse(tree: Option<&Tree>) -> (StatusGiven, Option<ParamError>) {
    let given = match tree {
        None => StatusGiven::Absent,
        Some(Tree::Text(text)) if text.is_empty() => StatusGiven::Empty,
        Some(Tree::Text(text)) if text == "draft" => StatusGiven::Draft,
        Some(Tree::Text(text)) if text == "published" => StatusGiven::Published,
        Some(other) => {
            let message =
                format!("Invalid parameter at 'status'. Expected 'published' or 'draft', received: {}", printed(other));
            return (StatusGiven::Absent, Some(ParamError::validation(message)));
        }
    };
    (given, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_two_values_and_nothing() {
        let text = |text: &str| Tree::Text(text.to_owned());
        assert_eq!(parse(None), (StatusGiven::Absent, None));
        assert_eq!(parse(Some(&text(""))).0.status(), Status::Draft);
        assert_eq!(parse(Some(&text("draft"))), (StatusGiven::Draft, None));
        assert_eq!(parse(Some(&text("published"))), (StatusGiven::Published, None));
        let (given, error) = parse(Some(&Tree::List(vec![text("draft")])));
        assert_eq!(given, StatusGiven::Absent);
        assert_eq!(
            error.expect("an error").message,
            "Invalid parameter at 'status'. Expected 'published' or 'draft', received: draft"
        );
    }
}
