//! Rule for new passwords. One that is stored stays valid, whatever the rule is now.

use crate::AccessControl;
use cairn_model::validate::FieldError;

/// Longest password of a user in bytes of UTF-8, as in Strapi.
const MAX_USER_PASSWORD_BYTES: usize = 72;

/// The rule for new passwords of users of the content API.
#[derive(Debug, Clone, Copy)]
pub struct PasswordRule {
    min_chars: usize,
}

impl PasswordRule {
    /// Smallest number of characters.
    pub fn min_chars(self) -> usize {
        self.min_chars
    }

    /// Finds the problem of a password, in Strapi's words, which never contain it; `None`: it is acceptable.
    pub fn find_problem(self, password: &str) -> Option<FieldError> {
        let message = if password.chars().count() < self.min_chars {
            format!("password must be at least {} characters", self.min_chars)
        } else if password.len() > MAX_USER_PASSWORD_BYTES {
            format!("Password must be less than {} bytes", MAX_USER_PASSWORD_BYTES + 1)
        } else {
            return None;
        };
        Some(FieldError { path: vec!["password".to_owned()], message, value: None })
    }
}

impl AccessControl {
    /// The rule for new passwords: the settings' number of characters, or that of the user type if it is larger.
    pub fn password_rule(&self) -> PasswordRule {
        let attribute = self.store().registry().user_type().attributes.get("password");
        let of_type = attribute.and_then(|(_, attribute)| attribute.min_length).unwrap_or_default();
        let of_settings = self.auth_settings().password_min_length as usize;
        PasswordRule { min_chars: of_settings.max(of_type) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_have_a_minimum_and_bytes_a_maximum() {
        let rule = PasswordRule { min_chars: 6 };
        let message = |password: &str| rule.find_problem(password).map(|problem| problem.message);
        assert_eq!(message("12345").as_deref(), Some("password must be at least 6 characters"));
        assert_eq!(message("ééééé").as_deref(), Some("password must be at least 6 characters"));
        assert_eq!(message("éééééé"), None);
        assert_eq!(message(&"x".repeat(72)), None);
        assert_eq!(message(&"x".repeat(73)).as_deref(), Some("Password must be less than 73 bytes"));
        assert_eq!(message(&"é".repeat(37)).as_deref(), Some("Password must be less than 73 bytes"));
    }
}
