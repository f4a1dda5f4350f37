//! How the admin presents content types and attributes to editors: `pluginOptions.cairn` of a schema file. Nothing of it reaches the
//! database or the content API.

use crate::ids::AttributeId;
use std::collections::BTreeMap;

/// The languages of the admin, which texts can be in.
pub const ADMIN_LANGUAGES: [&str; 2] = ["en", "nl"];

/// The language that stands in for those that a text is not in.
const FALLBACK_LANGUAGE: &str = "en";

/// Length of a label, a placeholder or a name of a type.
pub const MAX_LABEL_CHARS: usize = 120;

/// Length of a help text or a description.
pub const MAX_HELP_CHARS: usize = 500;

/// Length of the name of an icon.
const MAX_ICON_CHARS: usize = 50;

/// Number of columns that a list can have by default.
pub const MAX_COLUMNS: usize = 20;

/// Fields of every entry that lists can show and sort by.
pub const SYSTEM_FIELDS: [&str; 4] = ["documentId", "createdAt", "updatedAt", "publishedAt"];

/// Kinds of attributes that can be the title of an entry, by the names that schema files have for them.
pub const TITLE_KINDS: [&str; 4] = ["string", "text", "email", "uid"];

/// Kinds whose empty field can show a text.
pub const PLACEHOLDER_KINDS: [&str; 8] =
    ["string", "text", "email", "uid", "integer", "biginteger", "float", "decimal"];

/// Checks a text for editors, and returns it without the space around it; the error ends a sentence about it.
pub fn check_text(text: &str, limit: usize) -> Result<&str, String> {
    let text = text.trim();
    let length = text.chars().count();
    if text.is_empty() {
        Err("must not be blank: leave it out".to_owned())
    } else if length > limit {
        Err(format!("has {length} characters; the limit is {limit}"))
    } else if text.chars().any(is_unprintable) {
        Err("must be a text of one line, without control characters".to_owned())
    } else {
        Ok(text)
    }
}

/// Checks the name of an icon: which ones there are only the admin knows. The error ends a sentence about it.
pub fn check_icon(name: &str) -> Result<&str, String> {
    let has_form = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if has_form && name.len() <= MAX_ICON_CHARS {
        Ok(name)
    } else {
        Err(format!("must be the name of an icon: at most {MAX_ICON_CHARS} lowercase letters, digits and hyphens"))
    }
}

/// True for characters that break a line or turn the direction of what follows: a label stands beside others.
fn is_unprintable(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text for editors: one for all languages, or one for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AdminText {
    /// For languages without a text of their own.
    pub(crate) any: Option<String>,
    /// By language, of [`ADMIN_LANGUAGES`].
    pub(crate) by_language: BTreeMap<&'static str, String>,
}

impl AdminText {
    /// The text for a reader of that language, such as `nl` or `nl-BE`; in English where there is none. `None`: there is neither.
    pub fn find(&self, language: &str) -> Option<&str> {
        let base = language.split('-').next().unwrap_or_default();
        let text = self.by_language.get(base).or_else(|| self.by_language.get(FALLBACK_LANGUAGE));
        text.or(self.any.as_ref()).map(String::as_str)
    }
}

/// Presentation of an attribute in the admin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AttributePresentation {
    /// `label`: its name for editors.
    pub label: AdminText,
    /// `help`: what is said below its field.
    pub help: AdminText,
    /// `placeholder`: what an empty field shows.
    pub placeholder: AdminText,
    /// `width`: of its field in the form; `None`: the whole width.
    pub width: Option<FieldWidth>,
    /// `column`: of the form; `None`: the admin chooses by the kind.
    pub column: Option<FormColumn>,
}

/// The width of a field in a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldWidth {
    /// `full`: a line of its own.
    Full,
    /// `half`: two in a line.
    Half,
    /// `third`: three in a line.
    Third,
}

/// The column of a form that a field is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormColumn {
    /// `main`: the wide one.
    Main,
    /// `side`: the narrow one beside it.
    Side,
}

/// Presentation of a content type in the admin; of a component only `displayName` is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypePresentation {
    /// `displayName`: in place of `info.displayName`, where there is one for the reader.
    pub display_name: AdminText,
    /// `description`: in place of `info.description`, likewise.
    pub description: AdminText,
    /// `icon`: the name of its icon; the admin has another for names that it does not know.
    pub icon: Option<String>,
    /// `mainField`: the attribute that documents are known by; `None`: the automatic rule.
    pub title: Option<AttributeId>,
    /// `columns`: fields that a list shows to whoever has not chosen any.
    pub columns: Vec<String>,
    /// `sort`: the order of such a list, as in the content API: `title:asc`.
    pub sort: Option<String>,
    /// `groups`: parts of the form with a heading, and tabs.
    pub groups: Vec<FieldGroup>,
}

/// Fields that stand together in a form, below a heading or in a tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldGroup {
    /// Its heading.
    pub label: AdminText,
    /// Names of attributes, in the order of the form.
    pub fields: Vec<String>,
    /// `tab`: it begins a tab of that name, which the groups after it are in, up to the next one.
    pub tab: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn icons_have_names_of_one_word() {
        assert_eq!([check_icon("news"), check_icon("id-badge-2")], [Ok("news"), Ok("id-badge-2")]);
        for name in ["", "News", "-a", "a b", "<svg>", &"x".repeat(51)] {
            assert!(check_icon(name).is_err(), "{name}");
        }
    }

    #[test]
    fn texts_fall_back_to_english_and_to_the_text_for_all() {
        let text = |any: Option<&str>, pairs: &[(&'static str, &str)]| AdminText {
            any: any.map(str::to_owned),
            by_language: pairs.iter().map(|(language, text)| (*language, (*text).to_owned())).collect(),
        };
        let both = text(None, &[("en", "Heading"), ("nl", "Kop")]);
        assert_eq!([both.find("nl"), both.find("nl-BE"), both.find("de")], [Some("Kop"), Some("Kop"), Some("Heading")]);
        assert_eq!(text(None, &[("nl", "Kop")]).find("en"), None);
        assert_eq!(text(Some("Kop"), &[]).find("en"), Some("Kop"));
        assert_eq!(AdminText::default().find("en"), None);
    }
}
