//! Parts of a test in the form of a settings file, which the reader of settings files checks and applies.

use super::TestHarness;
use crate::error::TestError;
use cairn_settings::{SettingsProblem, apply_settings, parse_settings};
use serde_json::{Map, Value as Json};

/// Prefix of the texts of API tokens, which nobody has to know.
const TOKEN_PREFIX: &str = "token-of-the-test-";

impl TestHarness {
    /// Adds roles of admin users, as `adminRoles` of a settings file has them. The error lists everything that is wrong with them.
    pub async fn set_roles(&self, roles: &Map<String, Json>) -> Result<(), TestError> {
        self.apply_section("[roles]", "adminRoles", roles.clone().into()).await
    }

    /// Adds or changes roles of the content API, as `roles` of a settings file has them. Returns the same errors as [`Self::set_roles`].
    pub async fn set_content_roles(&self, roles: &Map<String, Json>) -> Result<(), TestError> {
        self.apply_section("[content-roles]", "roles", roles.clone().into()).await
    }

    /// Adds or replaces calendars of working time, as `calendars` of a settings file has them; null removes one. Returns the same errors as
    /// [`Self::set_roles`].
    pub async fn set_calendars(&self, calendars: &Map<String, Json>) -> Result<(), TestError> {
        self.apply_section("[calendars]", "calendars", calendars.clone().into()).await
    }

    /// Changes the look of the site, as `theme` of a settings file has it. Returns the same errors as [`Self::set_roles`].
    pub async fn set_theme(&self, theme: &Map<String, Json>) -> Result<(), TestError> {
        self.apply_section("[theme]", "theme", theme.clone().into()).await
    }

    /// Adds API tokens, as `apiTokens` of a settings file has them, but without their texts. Returns the same errors as
    /// [`Self::set_roles`].
    pub async fn set_api_tokens(&self, tokens: &[Map<String, Json>]) -> Result<(), TestError> {
        let with_text = |token: &Map<String, Json>| {
            if token.contains_key("token") {
                return Err(TestError(
                    "[[api-tokens]]: leave out `token`: steps name a token by its `name`".to_owned(),
                ));
            }
            let mut token = token.clone();
            if let Some(name) = token.get("name").and_then(Json::as_str) {
                token.insert("token".to_owned(), token_text(name).into());
            }
            Ok(Json::from(token))
        };
        let tokens: Vec<Json> = tokens.iter().map(with_text).collect::<Result<_, _>>()?;
        self.apply_section("[[api-tokens]]", "apiTokens", tokens.into()).await
    }

    /// Applies a section of a settings file. `place`: where the test has it.
    async fn apply_section(&self, place: &str, key: &str, section: Json) -> Result<(), TestError> {
        let file = Json::from(Map::from_iter([(key.to_owned(), section)])).to_string();
        let settings = parse_settings(&file, self.content.registry(), &|_| None);
        let settings = settings.map_err(|problems| {
            let all: Vec<String> = problems.iter().map(|problem| describe_problem(problem, key)).collect();
            TestError(format!("{place}: {}", all.join("; ")))
        })?;
        apply_settings(&self.access, settings).await.map(drop).map_err(|e| TestError(format!("{place}: {e}")))
    }
}

/// A problem with its path within the section.
fn describe_problem(problem: &SettingsProblem, section: &str) -> String {
    let path = problem.path.strip_prefix(section).unwrap_or(&problem.path).trim_start_matches('.');
    SettingsProblem { path: path.to_owned(), message: problem.message.clone() }.to_string()
}

/// The text of an API token, by its name.
pub(super) fn token_text(name: &str) -> String {
    let hex: String = name.bytes().map(|byte| format!("{byte:02x}")).collect();
    format!("{TOKEN_PREFIX}{hex}")
}
