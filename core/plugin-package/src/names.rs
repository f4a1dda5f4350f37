//! Rules for names: of plugins, of their sections, of content types and of events.

/// Longest name of a section, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 50;
/// Longest plugin id, in bytes: it is part of table names.
const MAX_ID_BYTES: usize = 30;
/// Longest type of a role, in bytes.
const MAX_ROLE_TYPE_BYTES: usize = 64;
/// Longest name of an event, in bytes.
const MAX_EVENT_NAME_BYTES: usize = 100;
/// Deepest path to a field.
const MAX_DEPTH: usize = 5;

/// Ids no plugin may have: first parts of paths under `/api`, plugins whose content types are the core's, names of parts of the core and of
/// Strapi, first parts of events of the core, origins of changes, and names that are no folders on some systems. The one list of them: the server's tests hold its routes and
/// types against it.
pub const RESERVED_IDS: &[&str] = &[
    "admin",
    "api",
    "asset",
    "assets",
    "auth",
    "aux",
    "cairn",
    "com1",
    "com2",
    "com3",
    "com4",
    "com5",
    "com6",
    "com7",
    "com8",
    "com9",
    "con",
    "connect",
    "consent",
    "content",
    "content-manager",
    "content-releases",
    "content-type-builder",
    "core",
    "documentation",
    "email",
    "entry",
    "files",
    "graphql",
    "health",
    "history",
    "i18n",
    "import",
    "live",
    "lpt1",
    "lpt2",
    "lpt3",
    "lpt4",
    "lpt5",
    "lpt6",
    "lpt7",
    "lpt8",
    "lpt9",
    "mail",
    "media",
    "nul",
    "openapi",
    "permissions",
    "plugin",
    "plugins",
    "preview",
    "prn",
    "rest",
    "review-workflows",
    "roles",
    "schedule",
    "strapi",
    "system",
    "upload",
    "uploads",
    "users",
    "users-permissions",
    "webhooks",
];

/// Plugins whose content types belong to the core. All of them are reserved.
const CORE_PLUGINS: [&str; 5] = ["users-permissions", "upload", "i18n", "content-releases", "review-workflows"];

/// Why this is no id of a plugin.
pub(crate) fn check_plugin_id(id: &str) -> Result<(), String> {
    if RESERVED_IDS.contains(&id) {
        return Err("is reserved for Cairn".into());
    }
    if !is_kebab(id) || id.len() > MAX_ID_BYTES || id.len() < 2 {
        return Err(format!(
            "must be 2 to {MAX_ID_BYTES} lowercase letters, digits and single `-`, beginning with a letter"
        ));
    }
    Ok(())
}

/// True if the core owns the content types of this plugin.
pub(crate) fn is_core(plugin: &str) -> bool {
    CORE_PLUGINS.contains(&plugin)
}

/// True for the type of a role of the API's users: letters, digits, `-` and `_`.
pub(crate) fn is_role_type(name: &str) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=MAX_ROLE_TYPE_BYTES).contains(&name.len()) && name.bytes().all(fits)
}

/// Small letters, digits and single `-`, beginning with a letter, at most [`MAX_NAME_BYTES`] bytes.
pub(crate) fn is_kebab(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && is_words(name, b'-')
}

/// Small letters, digits and single `_`, beginning with a letter, at most [`MAX_NAME_BYTES`] bytes.
pub(crate) fn is_snake(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES && is_words(name, b'_')
}

/// A kebab name, or several joined by `.`.
pub(crate) fn is_dotted(name: &str) -> bool {
    name.len() <= MAX_EVENT_NAME_BYTES && name.split('.').all(is_kebab)
}

/// `plugin.event`, with at least two parts.
pub(crate) fn is_event(name: &str) -> bool {
    is_dotted(name) && name.contains('.')
}

/// Like an attribute of a content type.
pub(crate) fn is_field(name: &str) -> bool {
    name.len() <= MAX_NAME_BYTES
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// A field, or one behind relations and components: `owner.documentId`.
pub(crate) fn is_field_path(path: &str) -> bool {
    path.split('.').count() <= MAX_DEPTH && path.split('.').all(is_field)
}

/// An origin in full: scheme, host and port where it is not the usual one.
pub(crate) fn is_origin(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|url| {
        matches!(url.scheme(), "https" | "http") && url.origin().ascii_serialization() == text && !text.contains('*')
    })
}

/// The owner of a content type's uid: `Some("plugin")` for `plugin::plugin.type`, `Some("")` for `api::api.type`.
pub(crate) fn uid_owner(uid: &str) -> Option<&str> {
    let (space, rest) = uid.split_once("::")?;
    let (owner, name) = rest.split_once('.')?;
    match space {
        "api" if is_kebab(owner) && is_kebab(name) => Some(""),
        "plugin" if is_kebab(owner) && is_kebab(name) => Some(owner),
        _ => None,
    }
}

/// A language tag such as `en` or `pt-BR`.
pub(crate) fn is_locale(code: &str) -> bool {
    code.len() <= 20
        && code.split('-').enumerate().all(|(i, part)| match i {
            0 => (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_lowercase()),
            _ => (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()),
        })
}

fn is_words(name: &str, separator: u8) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == separator)
        && name.split(char::from(separator)).all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plugin_ids_are_lowercase_words_with_dashes() {
        for good in ["crm", "knowledge-base", "e2"] {
            assert_eq!(check_plugin_id(good), Ok(()), "{good}");
        }
        let long = "a".repeat(31);
        for bad in ["", "a", "CRM", "crm_x", "-crm", "crm-", "a--b", "1a", "é", "auth", "users", "graphql", &long] {
            assert!(check_plugin_id(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn ids_of_the_core_are_reserved() {
        for id in CORE_PLUGINS.iter().chain(RESERVED_IDS) {
            assert_eq!(check_plugin_id(id), Err("is reserved for Cairn".to_owned()), "{id}");
        }
        assert!(RESERVED_IDS.is_sorted(), "so that two lists do not add it twice");
    }

    #[test]
    fn uids_and_event_names_are_checked() {
        assert_eq!(uid_owner("api::article.article"), Some(""));
        assert_eq!(uid_owner("plugin::crm.deal"), Some("crm"));
        for bad in
            ["", "article", "api::article", "api::a.b.c", "admin::a.b", "plugin::CRM.deal", "api::*.*", "plugin::.x"]
        {
            assert_eq!(uid_owner(bad), None, "{bad}");
        }
        assert!(is_event("crm.lead.qualified"));
        for bad in ["crm", "crm.", ".x", "crm..x", "crm.Lead", "crm.lead@1", "crm.*"] {
            assert!(!is_event(bad), "{bad}");
        }
    }

    #[test]
    fn field_paths_and_locales_are_checked() {
        assert!(is_field_path("owner.documentId"));
        for bad in ["", "a.", "a..b", "$a", "a.b.c.d.e.f", "a b", "__proto__"] {
            assert!(!is_field_path(bad), "{bad}");
        }
        assert!(is_locale("en") && is_locale("pt-BR") && is_locale("zh-Hant"));
        for bad in ["", "e", "EN", "en_GB", "en-", "../en"] {
            assert!(!is_locale(bad), "{bad}");
        }
    }
}
