//! Reasons why a document cannot be moved or published, as codes with parameters: the admin words them in the language of its reader, error
//! messages in English.

use super::review_state::ApprovalProgress;
use serde::Serialize;
use std::fmt;
use utoipa::ToSchema;

/// A reason why a document cannot be moved to a stage, or cannot be published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(tag = "code", rename_all = "camelCase")]
pub enum ReviewObstacle {
    /// Its content type has no workflow.
    NoWorkflow,
    /// The workflow has no such stage.
    UnknownStage {
        /// The stage that was asked for.
        stage: String,
        /// The stages that there are.
        stages: Vec<String>,
    },
    /// The stage does not follow the one that the document is in.
    NotNext {
        /// The stage that the document is in.
        from: String,
        /// The stages that follow it; empty for a stage at the end.
        next: Vec<String>,
    },
    /// Only these roles may move documents out of the stage.
    LeaveRole {
        /// The stage that the document is in.
        stage: String,
        /// Codes of the roles.
        roles: Vec<String>,
    },
    /// Only these roles may move documents into the stage.
    EnterRole {
        /// The stage that was asked for.
        stage: String,
        /// Codes of the roles.
        roles: Vec<String>,
    },
    /// Documents are not published in the stage that it is in.
    PublishStage {
        /// The stage that the document is in.
        stage: String,
        /// The stages in which it could be published.
        #[serde(rename = "publishIn")]
        publish_in: Vec<String>,
    },
    /// People of a role have not approved yet.
    Approvals {
        /// Code of the role.
        role: String,
        /// Number of people with the role who have to approve.
        #[schema(value_type = u32)]
        needed: u64,
        /// Number of them who have approved.
        #[schema(value_type = u32)]
        have: u64,
    },
}

impl ReviewObstacle {
    /// The approvals of these that are missing.
    pub(super) fn from_missing(approvals: &[ApprovalProgress]) -> Vec<Self> {
        let missing = approvals.iter().filter(|n| !n.is_met());
        missing.map(|n| Self::Approvals { role: n.role.clone(), needed: n.needed, have: n.by.len() as u64 }).collect()
    }

    /// Several of them as one message, for errors.
    pub(super) fn join(obstacles: &[Self]) -> String {
        obstacles.iter().map(Self::to_string).collect::<Vec<_>>().join("; ")
    }
}

impl fmt::Display for ReviewObstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoWorkflow => f.write_str("its content type has no review workflow"),
            Self::UnknownStage { stage, stages } => {
                write!(f, "the stage {stage:?} does not exist; the stages are {}", stages.join(", "))
            }
            Self::NotNext { from, next } if next.is_empty() => write!(f, "{from:?} has no next stage"),
            Self::NotNext { from, next } => write!(f, "from {from:?} it can only move to {}", next.join(", ")),
            Self::LeaveRole { stage, roles } => {
                write!(f, "moving it out of {stage:?} requires one of the roles {}", roles.join(", "))
            }
            Self::EnterRole { stage, roles } => {
                write!(f, "moving it into {stage:?} requires one of the roles {}", roles.join(", "))
            }
            Self::PublishStage { stage, publish_in } => {
                write!(f, "it can only be published in {}, and is in {stage:?}", publish_in.join(", "))
            }
            Self::Approvals { role, needed, have } => {
                let remaining = needed.saturating_sub(*have);
                let approvals = if remaining == 1 { "approval" } else { "approvals" };
                write!(f, "{remaining} {approvals} by {role} missing ({have} of {needed})")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn obstacles_are_codes_in_json_and_sentences_in_errors() {
        let stage = ReviewObstacle::PublishStage { stage: "draft".into(), publish_in: vec!["ready".into()] };
        assert_eq!(json!(stage), json!({ "code": "publishStage", "stage": "draft", "publishIn": ["ready"] }));
        let approvals = ReviewObstacle::Approvals { role: "editor".into(), needed: 3, have: 1 };
        assert_eq!(json!(approvals), json!({ "code": "approvals", "role": "editor", "needed": 3, "have": 1 }));
        assert_eq!(
            ReviewObstacle::join(&[stage, approvals]),
            "it can only be published in ready, and is in \"draft\"; 2 approvals by editor missing (1 of 3)"
        );
        assert_eq!(json!(ReviewObstacle::NoWorkflow), json!({ "code": "noWorkflow" }));
    }
}
