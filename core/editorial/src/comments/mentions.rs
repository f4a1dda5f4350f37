//! Mentions in a text: `@[ann@example.com]` and `@[3]`.

use crate::service::{invalid_at, invalid_error};
use cairn_content::Result;
use cairn_model::case_fold::fold_case;
use cairn_store::Reader;
use cairn_store::system::AdminUserRow;

/// Largest number of users that one comment can mention.
const MAX_MENTIONS: usize = 20;
/// Longest mention, in bytes.
const MAX_MENTION_BYTES: usize = 254;

/// Numeric ids of the admin users that a text mentions, each once, in order. Text that does not have the form of a mention is ignored.
/// Fails with 400 for an unknown mention, and for too many.
pub(super) fn resolve_mentions(reader: &Reader<'_>, text: &str) -> Result<Vec<i64>> {
    let names = mentioned_names(text);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    if names.len() > MAX_MENTIONS {
        return Err(invalid_error(format!("A comment can mention at most {MAX_MENTIONS} people")));
    }
    let users = reader.admin_users().list()?;
    let mut found = Vec::new();
    for name in names {
        let id = find_user(&users, name).ok_or_else(|| {
            let short_name: String = name.chars().take(60).collect();
            invalid_at(
                "text",
                format!("@[{short_name}] does not match any admin user: no admin user has that address or id"),
            )
        })?;
        if !found.contains(&id) {
            found.push(id);
        }
    }
    Ok(found)
}

fn find_user(users: &[AdminUserRow], name: &str) -> Option<i64> {
    let by_number = name.parse().ok().and_then(|id: i64| users.iter().find(|u| u.id == id));
    let address = fold_case(name);
    by_number.or_else(|| users.iter().find(|u| fold_case(&u.email) == address)).map(|u| u.id)
}

/// The texts between `@[` and `]`.
fn mentioned_names(text: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once("@[") {
        rest = after;
        let Some((name, _)) = after.split_once(']') else { break };
        let name = name.trim();
        let plain = !name.is_empty() && name.len() <= MAX_MENTION_BYTES && !name.contains(['[', '\n', '@'].as_slice());
        let address = name.split_once('@').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty() && !b.contains('@'));
        if (plain || address && name.len() <= MAX_MENTION_BYTES && !name.contains(['[', '\n'].as_slice()))
            && !found.contains(&name)
        {
            found.push(name);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: i64, email: &str) -> AdminUserRow {
        AdminUserRow { id, email: email.into(), ..AdminUserRow::default() }
    }

    #[test]
    fn mentions_are_parsed_from_text() {
        assert_eq!(mentioned_names("hello @[ann@example.com], see @[3] and @[ 4 ]"), ["ann@example.com", "3", "4"]);
        assert_eq!(mentioned_names("@[3] @[3]"), ["3"]);
        for text in
            ["", "@", "@[", "@[]", "@[ ]", "a@b.nl", "[3]", "@[a\nb]", "@[a@b@c]", &format!("@[{}]", "x".repeat(300))]
        {
            assert!(mentioned_names(text).is_empty(), "{text}");
        }
        // An open one ends nothing.
        assert_eq!(mentioned_names("@[ no @[5] yes"), ["5"]);
    }

    #[test]
    fn users_are_found_by_address_or_id() {
        let users = [user(3, "ann@example.com"), user(4, "bob@example.com"), user(6, "jörg@example.com")];
        assert_eq!(find_user(&users, "Ann@Example.com"), Some(3));
        assert_eq!(find_user(&users, "JÖRG@example.com"), Some(6));
        assert_eq!(find_user(&users, "4"), Some(4));
        assert_eq!(find_user(&users, "5"), None);
        assert_eq!(find_user(&users, "x@example.com"), None);
    }
}
