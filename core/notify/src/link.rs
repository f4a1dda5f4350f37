//! The target of a notification: the page that a click on it opens.

use serde::{Deserialize, Serialize};

/// The target of a notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum NotificationTarget {
    /// A document of a content type.
    Document {
        /// Uid of its content type.
        content_type: String,
        /// Id of the document.
        document_id: String,
        /// Its locale, if the type is localised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        locale: Option<String>,
    },
    /// A release of documents.
    Release {
        /// Numeric id of the release.
        id: i64,
    },
    /// A page of the admin, chosen by a plugin.
    Admin {
        /// Its path; see [`NotificationTarget::is_admin_path`].
        path: String,
    },
}

/// Longest path, in bytes.
const MAX_PATH_BYTES: usize = 500;

impl NotificationTarget {
    /// The page of the admin that shows it, below the address of the tenant.
    pub fn admin_path(&self) -> String {
        match self {
            Self::Document { content_type, document_id, locale } => {
                let mut path =
                    format!("/admin/content/{}/{}", encode_segment(content_type), encode_segment(document_id));
                if let Some(locale) = locale {
                    path.push_str("?locale=");
                    path.push_str(&encode_segment(locale));
                }
                path
            }
            Self::Release { id } => format!("/admin/releases/{id}"),
            Self::Admin { path } => path.clone(),
        }
    }

    /// True if a path is a page of the admin: it leaves neither `/admin/` nor the tenant.
    pub fn is_admin_path(path: &str) -> bool {
        let plain = path.bytes().all(|b| (b'!'..=b'~').contains(&b) && !b"\\\"<>`{}|^".contains(&b));
        let page = path.split(['?', '#']).next().unwrap_or_default();
        // Browsers read an encoded dot as a dot.
        let page = page.to_ascii_lowercase().replace("%2e", ".");
        let steps = page.strip_prefix("/admin/").map(|rest| rest.trim_end_matches('/').split('/'));
        path.len() <= MAX_PATH_BYTES
            && plain
            && !page.starts_with("/admin/api")
            && (page == "/admin/" || steps.is_some_and(|mut steps| steps.all(|s| !matches!(s, "" | "." | ".."))))
    }
}

/// Percent-encodes characters that are not allowed in every part of an address.
fn encode_segment(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn admin_paths_must_stay_inside_the_admin() {
        for good in ["/admin/", "/admin/plugins/crm/deals", "/admin/content/api::a.a/x?locale=nl#top", "/admin/a/"] {
            assert!(NotificationTarget::is_admin_path(good), "{good}");
        }
        for bad in [
            "",
            "/admin",
            "admin/x",
            "/administrator",
            "https://evil.example/admin/",
            "//evil.example/admin/",
            "/admin//evil.example",
            "/admin/../api",
            "/admin/%2e%2E/api",
            "/admin/./x",
            "/admin/\\evil",
            "/admin/a b",
            "/admin/a\nb",
            "/admin/é",
            "/admin/\"onclick=",
            "/admin/api/users",
            "javascript:alert(1)//admin/",
            &format!("/admin/{}", "x".repeat(500)),
        ] {
            assert!(!NotificationTarget::is_admin_path(bad), "{bad}");
        }
    }

    #[test]
    fn notification_targets_become_escaped_admin_paths() {
        let link = NotificationTarget::Document {
            content_type: "api::article.article".into(),
            document_id: "a/../\"b".into(),
            locale: Some("nl-BE".into()),
        };
        assert_eq!(link.admin_path(), "/admin/content/api::article.article/a%2F..%2F%22b?locale=nl-BE");
        assert_eq!(NotificationTarget::Release { id: 4 }.admin_path(), "/admin/releases/4");
        let json = serde_json::to_value(&link).unwrap();
        assert_eq!(json["type"], "document");
        assert_eq!(json["contentType"], "api::article.article");
        assert_eq!(serde_json::from_value::<NotificationTarget>(json).unwrap(), link);
    }
}
