//! Surveys and responses, as they are stored.

use super::questions::Question;
use crate::model::{Account, Vehicle, content_type};
use crate::production::steps::Step;
use cairn_plugin::Row;
use cairn_plugin::data::or_default;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The reason for which a survey is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Trigger {
    /// The vehicle was ordered.
    Ordered,
    /// The step is done.
    Ontwerp,
    Engineering,
    Productie,
    Afmontage,
    Levering,
    /// A service record was entered.
    Service,
}

impl Trigger {
    /// The step whose end is the trigger.
    pub(crate) const fn step(self) -> Option<Step> {
        match self {
            Self::Ontwerp => Some(Step::Ontwerp),
            Self::Engineering => Some(Step::Engineering),
            Self::Productie => Some(Step::Productie),
            Self::Afmontage => Some(Step::Afmontage),
            Self::Levering => Some(Step::Levering),
            Self::Ordered | Self::Service => None,
        }
    }
}

/// A survey of the team.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Survey {
    pub(crate) title: String,
    pub(crate) trigger: Trigger,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) questions: Vec<Question>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) is_active: bool,
    #[serde(default)]
    pub(crate) days_open: Option<u32>,
    /// Nothing that happened before is asked about.
    #[serde(default)]
    pub(crate) active_since: Option<String>,
}
content_type!(Survey, "plugin::portal.survey");

/// A survey that an owner was asked to answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SurveyResponse {
    #[serde(default)]
    pub(crate) survey: Option<Row<Survey>>,
    #[serde(default)]
    pub(crate) vehicle: Option<Row<Vehicle>>,
    #[serde(default)]
    pub(crate) customer: Option<Row<Account>>,
    pub(crate) trigger: Trigger,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) answers: Map<String, Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(crate) state: ResponseState,
    pub(crate) closes_at: String,
    #[serde(default)]
    pub(crate) answered_at: Option<String>,
}
content_type!(SurveyResponse, "plugin::portal.survey-response");

/// State of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ResponseState {
    #[default]
    Open,
    /// The owner has answered, and can change that until the survey closes.
    Answered,
    /// Nobody answered in time, or the order was cancelled or the vehicle sold meanwhile.
    Expired,
    /// The owner does not want to answer.
    Declined,
}
