//! Problems of settings as errors of the fields of a request.

use crate::change::SettingsProblem;
use cairn_access::AuthError;
use cairn_model::validate::FieldError;

/// The error of a request with these problems, whose paths lose their first `shown` parts, which the caller did not write.
pub(crate) fn to_auth_error(problems: Vec<SettingsProblem>, shown: usize) -> AuthError {
    let error = |p: SettingsProblem| {
        let path: Vec<_> = split_path(&p.path).into_iter().skip(shown).collect();
        FieldError { path, message: p.message, value: None }
    };
    AuthError::Fields(problems.into_iter().map(error).collect())
}

/// Splits `roles.public.permissions["api::book.book"][0]` into its parts.
fn split_path(path: &str) -> Vec<String> {
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
    use super::split_path;

    #[test]
    fn settings_paths_split_into_keys_and_indices() {
        assert_eq!(
            split_path(r#"roles.public.permissions["api::book.book"][0].where"#),
            ["roles", "public", "permissions", "api::book.book", "0", "where"]
        );
        assert_eq!(split_path("apiTokens[0].name"), ["apiTokens", "0", "name"]);
        assert!(split_path("").is_empty());
    }
}
