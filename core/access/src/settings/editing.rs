//! Settings as somebody changes them in the admin: the same checks and the same steps as with the file of `cairn apply`.

use super::apply::{ApplyError, apply_as};
use super::parse::parse_value;
use super::{Change, SettingsProblem};
use crate::{AccessControl, AdminRights, AuthError};
use cairn_model::validate::FieldError;
use cairn_store::events::Actor;
use serde_json::Value as Json;
use std::sync::Arc;

impl AccessControl {
    /// Applies a part of a settings file. Mistakes are told by their paths below the first `shown` parts, which who asks did not
    /// write. Answers what changed, for people.
    ///
    /// # Errors
    /// 400 with every mistake; the store's.
    pub async fn change_settings(&self, file: &Json, shown: usize, actor: &Actor) -> Result<Vec<String>, AuthError> {
        self.settings_of(file, shown, actor, false).await
    }

    /// As [`Self::change_settings`], of API tokens that must not be there yet.
    ///
    /// # Errors
    /// Likewise; 400 where there is a token of that name.
    pub async fn add_api_tokens(&self, file: &Json, shown: usize, actor: &Actor) -> Result<Vec<String>, AuthError> {
        self.settings_of(file, shown, actor, true).await
    }

    /// What a role of admin users would allow, as a part of a settings file makes it.
    ///
    /// # Errors
    /// 400 with every mistake.
    pub fn rights_of_settings(&self, file: &Json, code: &str) -> Result<Arc<AdminRights>, AuthError> {
        let settings = parse_value(file, self.store().registry()).map_err(|problems| told(problems, 2))?;
        let before = self.admin_roles().into_iter().find(|role| role.code == code);
        let role = match settings.admin_roles.iter().find(|(own, _)| own == code) {
            Some((_, Change::Set(changes))) => changes.over(code, before.as_ref()),
            _ => return Ok(self.admin_rights(&[code.to_owned()], None, "")),
        };
        Ok(Arc::new(AdminRights::of_role(self.store().registry(), &role)))
    }

    async fn settings_of(
        &self,
        file: &Json,
        shown: usize,
        actor: &Actor,
        new_tokens: bool,
    ) -> Result<Vec<String>, AuthError> {
        let mut settings = parse_value(file, self.store().registry()).map_err(|problems| told(problems, shown))?;
        if let Change::Set(tokens) = &mut settings.api_tokens {
            tokens.iter_mut().for_each(|token| token.new = new_tokens);
        }
        match apply_as(self, settings, actor).await {
            Ok(changes) => Ok(changes),
            Err(ApplyError::Problems(problems)) => Err(told(problems, shown)),
            Err(ApplyError::Store(e)) => Err(e.into()),
            Err(ApplyError::Password(e)) => Err(e.into()),
        }
    }
}

fn told(problems: Vec<SettingsProblem>, shown: usize) -> AuthError {
    let error = |p: SettingsProblem| {
        let path: Vec<_> = parts(&p.path).into_iter().skip(shown).collect();
        FieldError { path, message: p.message, value: None }
    };
    AuthError::Fields(problems.into_iter().map(error).collect())
}

/// `roles.public.permissions["api::book.book"][0]` by its parts.
fn parts(path: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), path);
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let (part, after) = quoted.split_once("\"]").unwrap_or((quoted, ""));
            parts.push(part.to_owned());
            rest = after;
        } else if let Some(index) = rest.strip_prefix('[') {
            let (part, after) = index.split_once(']').unwrap_or((index, ""));
            parts.push(part.to_owned());
            rest = after;
        } else {
            let plain = rest.strip_prefix('.').unwrap_or(rest);
            let end = plain.find(['.', '[']).unwrap_or(plain.len());
            parts.push(plain[..end].to_owned());
            rest = &plain[end..];
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn paths_come_apart() {
        assert_eq!(
            parts(r#"roles.public.permissions["api::book.book"][0].where"#),
            ["roles", "public", "permissions", "api::book.book", "0", "where"]
        );
        assert_eq!(parts("apiTokens[0].name"), ["apiTokens", "0", "name"]);
        assert!(parts("").is_empty());
    }
}
