//! `apiTokens` of the file: tokens with which programs use the content API.

use super::TokenChanges;
use super::grants::PermissionsInput;
use super::parser::SettingsParser;
use crate::change::{SecretText, SettingChange};
use crate::input::{read_each_element, read_input, read_valid};
use crate::problems::{ProblemList, join_key};
use crate::text::{Description, Timestamp, checked_text};
use cairn_access::settings_snapshot::{CUSTOM, FULL_ACCESS, READ_ONLY};
use cairn_access::{ADMIN_TOKEN_PREFIX, format_iso};
use cairn_model::Registry;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;
use std::collections::HashSet;

/// Longest text of a token, in bytes.
const MAX_TOKEN_BYTES: usize = 1024;

/// A token as JSON: what is left out stays. A new one needs `type` and `token`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "A token", extend("required" = ["name"]))]
pub(super) struct ApiTokenInput {
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "String")]
    name: Option<String>,
    #[serde(default)]
    description: SettingChange<Description>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "ApiTokenType")]
    r#type: Option<ApiTokenType>,
    #[serde(default)]
    #[schemars(description = "Its value; null removes the token")]
    token: SettingChange<ApiTokenText>,
    #[serde(default)]
    permissions: SettingChange<PermissionsInput>,
    #[serde(default)]
    #[schemars(description = "Only for custom tokens: can read drafts")]
    read_drafts: SettingChange<bool>,
    #[serde(default)]
    expires_at: SettingChange<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ApiTokenType {
    FullAccess,
    ReadOnly,
    Custom,
}

impl ApiTokenType {
    fn as_str(self) -> &'static str {
        match self {
            Self::FullAccess => FULL_ACCESS,
            Self::ReadOnly => READ_ONLY,
            Self::Custom => CUSTOM,
        }
    }
}

checked_text!(
    /// The text of an API token.
    ApiTokenText,
    check_token,
    { "type": "string", "maxLength": MAX_TOKEN_BYTES }
);

fn check_token(text: String) -> Result<String, String> {
    if text.len() > MAX_TOKEN_BYTES || !text.bytes().all(|b| b.is_ascii_graphic() && b != b',') {
        return Err(format!("must be at most {MAX_TOKEN_BYTES} visible ASCII characters, without spaces and commas"));
    }
    if text.starts_with(ADMIN_TOKEN_PREFIX) {
        return Err(format!("{ADMIN_TOKEN_PREFIX} is the prefix of admin tokens: configure them under adminTokens"));
    }
    Ok(text)
}

impl ApiTokenInput {
    /// The changes; `None` without a name.
    fn check(self, problems: &mut ProblemList, registry: &Registry, path: &str) -> Option<TokenChanges> {
        let permissions_path = join_key(path, "permissions");
        if self.r#type.is_some_and(|kind| kind != ApiTokenType::Custom) {
            let is_set = [
                (matches!(self.permissions, SettingChange::Set(_)), permissions_path.clone()),
                (matches!(self.read_drafts, SettingChange::Set(_)), join_key(path, "readDrafts")),
            ];
            for (_, path) in is_set.iter().filter(|(is_set, _)| *is_set) {
                problems.add_problem(path, "can only be set for tokens of type custom");
            }
        }
        let permissions = self.permissions.map_value(|input| input.check(problems, registry, &permissions_path, false));
        if self.name.is_none() {
            problems.add_problem(&join_key(path, "name"), "is missing");
        }
        Some(TokenChanges {
            path: path.to_owned(),
            new: false,
            name: self.name?,
            description: self.description.map_value(String::from),
            kind: self.r#type.map(ApiTokenType::as_str),
            token: self.token.map_value(|text| SecretText(text.into())),
            permissions,
            read_drafts: self.read_drafts,
            expires_at: self.expires_at.map_value(|Timestamp(time)| format_iso(time)),
        })
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_tokens(&mut self, json: &Json) -> Vec<TokenChanges> {
        let (registry, mut tokens) = (self.registry, Vec::new());
        let (mut names, mut texts) = (HashSet::new(), HashSet::new());
        read_each_element(self.problems, json, "apiTokens", |problems, json, path| {
            let Some(input) = read_input::<ApiTokenInput>(problems, json, path) else { return };
            let Some(token) = input.check(problems, registry, path) else { return };
            if !names.insert(token.name.clone()) {
                problems.add_problem(&join_key(path, "name"), "another token in the file already has this name");
            }
            if let SettingChange::Set(SecretText(text)) = &token.token
                && !texts.insert(text.clone())
            {
                problems.add_problem(&join_key(path, "token"), "another token in the file already has this value");
            }
            tokens.push(token);
        });
        tokens
    }
}
