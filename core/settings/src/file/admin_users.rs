//! `adminUsers` of the file: who can sign in to the admin, by their addresses.

use super::AdminChanges;
use super::identity::{INVALID_EMAIL, MailAddress};
use super::parser::SettingsParser;
use crate::change::{SecretText, SettingChange};
use crate::input::{read_checked_elements, read_each_element, read_input, read_valid};
use crate::problems::{ProblemList, join_key};
use crate::text::{check_line, checked_text};
use cairn_access::MAX_PASSWORD_BYTES;
use cairn_access::admin_roles::MAX_ADMIN_ROLE_CHARS;
use cairn_access::auth::{MAX_PERSON_NAME_CHARS, MIN_ADMIN_PASSWORD_CHARS};
use cairn_contact_details::email::clean_email;
use cairn_model::fields::is_email;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::HashSet;

/// An admin user as JSON: what is left out stays. A new one needs `password` and `roles`.
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(deny_unknown_fields, description = "An admin user", extend("required" = ["email"]))]
pub(super) struct AdminUserInput {
    /// An address in any case: it is checked in lower case.
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "MailAddress", description = "Their address, which they sign in with")]
    email: Option<String>,
    #[serde(default)]
    #[schemars(description = "null removes the user")]
    password: SettingChange<AdminPassword>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "RoleCodes")]
    roles: Option<RoleCodes>,
    #[serde(default)]
    first_name: SettingChange<PersonName>,
    #[serde(default)]
    last_name: SettingChange<PersonName>,
    #[serde(default, deserialize_with = "read_valid")]
    #[schemars(with = "bool", description = "false: they cannot sign in")]
    active: Option<bool>,
}

checked_text!(
    /// A password of an admin user.
    AdminPassword,
    |text| match text.chars().count() < MIN_ADMIN_PASSWORD_CHARS || text.len() > MAX_PASSWORD_BYTES {
        true => Err(format!("must have at least {MIN_ADMIN_PASSWORD_CHARS} characters and at most {MAX_PASSWORD_BYTES} bytes")),
        false => Ok(text),
    },
    { "type": "string", "minLength": MIN_ADMIN_PASSWORD_CHARS, "maxLength": MAX_PASSWORD_BYTES }
);
checked_text!(
    /// A first or last name.
    PersonName,
    |text| check_line(text, MAX_PERSON_NAME_CHARS),
    { "type": "string", "maxLength": MAX_PERSON_NAME_CHARS }
);
checked_text!(
    /// The code of a role, or a label that workflows name.
    RoleCode,
    |text| match text.trim() == text {
        true => check_line(text, MAX_ADMIN_ROLE_CHARS),
        false => Err(format!("must be one line of at most {MAX_ADMIN_ROLE_CHARS} characters")),
    },
    { "type": "string", "maxLength": MAX_ADMIN_ROLE_CHARS, "description": "super-admin, a role of adminRoles, or any name" }
);

/// Codes of roles, sorted and without duplicates.
struct RoleCodes(Vec<String>);

impl<'de> Deserialize<'de> for RoleCodes {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        let check_size = |size| match size {
            0 => Err("an admin user must have at least one role".to_owned()),
            _ => Ok(()),
        };
        let codes: Vec<(usize, RoleCode)> = read_checked_elements(reader, check_size, |_| Ok(()))?;
        let mut codes: Vec<String> = codes.into_iter().map(|(_, code)| code.into()).collect();
        codes.sort();
        codes.dedup();
        Ok(Self(codes))
    }
}

impl JsonSchema for RoleCodes {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "RoleCodes".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "array", "items": generator.subschema_for::<RoleCode>(), "minItems": 1 })
    }
}

impl AdminUserInput {
    /// The changes; `None` without an address.
    fn check(self, problems: &mut ProblemList, path: &str) -> Option<AdminChanges> {
        let email_path = join_key(path, "email");
        if self.email.is_none() {
            problems.add_problem(&email_path, "is missing");
        }
        let email = clean_email(&self.email?).to_lowercase();
        if !is_email(&email) {
            problems.add_problem(&email_path, INVALID_EMAIL);
        }
        Some(AdminChanges {
            path: path.to_owned(),
            email,
            password: self.password.map_value(|text| SecretText(text.into())),
            roles: self.roles.map(|RoleCodes(codes)| codes),
            first_name: self.first_name.map_value(String::from),
            last_name: self.last_name.map_value(String::from),
            active: self.active,
        })
    }
}

impl SettingsParser<'_> {
    pub(super) fn parse_admins(&mut self, json: &Json) -> Vec<AdminChanges> {
        let (mut admins, mut emails) = (Vec::new(), HashSet::new());
        read_each_element(self.problems, json, "adminUsers", |problems, json, path| {
            let input = read_input::<AdminUserInput>(problems, json, path);
            let Some(admin) = input.and_then(|input| input.check(problems, path)) else { return };
            if !emails.insert(admin.email.clone()) {
                let message = "another admin user in the file already has this address";
                problems.add_problem(&join_key(path, "email"), message);
            }
            admins.push(admin);
        });
        admins
    }
}
