//! What a notification is about: where a click on it leads.

use serde::{Deserialize, Serialize};

/// What it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum Link {
    /// A document.
    Document {
        /// Uid of its content type.
        content_type: String,
        /// The document.
        document_id: String,
        /// Its locale, where the type is localised.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        locale: Option<String>,
    },
    /// A release.
    Release {
        /// Its number.
        id: i64,
    },
}

impl Link {
    /// The page of the admin that shows it, below the address of the tenant.
    pub fn path(&self) -> String {
        match self {
            Self::Document { content_type, document_id, locale } => {
                let mut path = format!("/admin/content/{}/{}", segment(content_type), segment(document_id));
                if let Some(locale) = locale {
                    path.push_str("?locale=");
                    path.push_str(&segment(locale));
                }
                path
            }
            Self::Release { id } => format!("/admin/releases/{id}"),
        }
    }
}

/// Percent-encodes whatever is not plain in every part of an address.
fn segment(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~:".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_and_nothing_leaves_it() {
        let link = Link::Document {
            content_type: "api::article.article".into(),
            document_id: "a/../\"b".into(),
            locale: Some("nl-BE".into()),
        };
        assert_eq!(link.path(), "/admin/content/api::article.article/a%2F..%2F%22b?locale=nl-BE");
        assert_eq!(Link::Release { id: 4 }.path(), "/admin/releases/4");
        let json = serde_json::to_value(&link).unwrap();
        assert_eq!(json["type"], "document");
        assert_eq!(json["contentType"], "api::article.article");
        assert_eq!(serde_json::from_value::<Link>(json).unwrap(), link);
    }
}
