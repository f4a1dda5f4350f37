//! The plugin's content types and settings, as Rust types.

use crate::text;
use cairn_plugin::data::or_default;
use cairn_plugin::{Document, Row};
use serde::{Deserialize, Serialize};

/// A language that articles are in. The host's search knows the forms of its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Dutch.
    #[default]
    Nl,
    /// English.
    En,
}

impl Language {
    /// The code in content, in the index and in addresses.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::En => "en",
        }
    }

    /// Parses a locale such as `nl`, `NL` or `en-GB` by its language.
    #[must_use]
    pub fn parse(locale: &str) -> Option<Self> {
        let language = locale.split(['-', '_']).next().unwrap_or_default();
        [Self::Nl, Self::En].into_iter().find(|known| known.as_str().eq_ignore_ascii_case(language))
    }
}

/// Callers who may see a space.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Visibility {
    /// Everybody.
    Public,
    /// Users of the API who are signed in.
    Clients,
    /// People in the admin, and programs with a token.
    Staff,
}

/// A collection of articles.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Space {
    /// Its name in addresses.
    pub key: String,
    /// Its name for people.
    pub title: String,
    /// The language of articles that name none.
    #[serde(default, deserialize_with = "or_default")]
    pub default_language: Language,
}

impl Document for Space {
    const TYPE: &'static str = "plugin::kb.space";
}

/// A heading of a space.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// The section that it is below; where that was populated.
    #[serde(default)]
    pub parent: Option<Reference>,
    /// The space that it is in; where that was populated.
    #[serde(default)]
    pub space: Option<Reference>,
}

impl Document for Section {
    const TYPE: &'static str = "plugin::kb.section";
}

/// A related document, of which only the id is needed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The document's id.
    pub document_id: String,
}

/// An article. Fields that were not requested, or are empty, have their default.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Article {
    /// Its title.
    #[serde(default, deserialize_with = "or_default")]
    pub title: String,
    /// Its name in addresses, unique in its space and language.
    #[serde(default, deserialize_with = "or_default")]
    pub slug: String,
    /// The language that it is in.
    #[serde(default)]
    pub language: Option<Language>,
    /// `faq`, `article`, `manual`, `howto` or `video`.
    #[serde(default, deserialize_with = "or_default")]
    pub kind: String,
    /// A sentence that tells what it is about.
    #[serde(default, deserialize_with = "or_default")]
    pub excerpt: String,
    /// Its text, in Markdown.
    #[serde(default, deserialize_with = "or_default")]
    pub body: String,
    /// Words to find it by, separated by commas.
    #[serde(default, deserialize_with = "or_default")]
    pub tags: String,
    /// Phases of the customer's journey that it is for, separated by commas.
    #[serde(default, deserialize_with = "or_default")]
    pub phases: String,
    /// Groups of users that it is for, separated by commas; empty: everybody who sees its space.
    #[serde(default, deserialize_with = "or_default")]
    pub groups: String,
    /// True if it is shown before anybody searches.
    #[serde(default, deserialize_with = "or_default")]
    pub promoted: bool,
    /// The day by which somebody looks whether it still holds.
    #[serde(default)]
    pub review_by: Option<String>,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: Option<String>,
    /// When it was published.
    #[serde(default)]
    pub published_at: Option<String>,
    /// The space that it is in.
    #[serde(default)]
    pub space: Option<Reference>,
    /// The section that it is in.
    #[serde(default)]
    pub section: Option<Row<Section>>,
}

impl Document for Article {
    const TYPE: &'static str = "plugin::kb.article";
}

impl Article {
    /// Returns the summary for a list: its excerpt, or how its text begins.
    #[must_use]
    pub fn summary(&self) -> String {
        match self.excerpt.trim() {
            "" => text::shorten(&crate::markdown::to_plain_text(&self.body), 200),
            excerpt => excerpt.to_owned(),
        }
    }
}

/// One person's vote on an article: written and counted, and never read by itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Feedback {}

impl Document for Feedback {
    const TYPE: &'static str = "plugin::kb.feedback";
}

/// A text that people searched for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Query {
    /// The text, normalised.
    pub text: String,
    /// The language that was searched.
    pub language: Language,
    /// How often.
    pub count: u32,
    /// Articles that the last search found.
    #[serde(default, deserialize_with = "or_default")]
    pub hits: u32,
}

impl Document for Query {
    const TYPE: &'static str = "plugin::kb.query";
}

/// A slug that a published article had.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct FormerSlug {
    /// The article as it is published now; `None` where it is not.
    #[serde(default)]
    pub article: Option<Row<Article>>,
}

impl Document for FormerSlug {
    const TYPE: &'static str = "plugin::kb.former-slug";
}

/// An article that comes first in the searches for a text.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Pin {
    /// The published article; `None` while there is none, or none was chosen yet.
    #[serde(default)]
    pub article: Option<Row<Article>>,
}

impl Document for Pin {
    const TYPE: &'static str = "plugin::kb.pin";
}

/// Words that find each other.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct SynonymGroup {
    /// The words, separated by commas or line breaks.
    #[serde(default, deserialize_with = "or_default")]
    pub terms: String,
}

impl Document for SynonymGroup {
    const TYPE: &'static str = "plugin::kb.synonym-group";
}

/// Settings that the operator has made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Settings {
    /// Where questions to support go; empty: nowhere.
    pub support_address: String,
    /// Name of the site in the help centre; empty: as the operator calls it elsewhere.
    pub site_name: String,
    /// The key of the space that is shown first.
    pub default_space: String,
    /// The language of everything that names none.
    pub default_language: Language,
    /// The site's colour on the pages, `#rrggbb`.
    #[serde(default)]
    pub accent_colour: String,
}

/// The default in the place of `null`.
#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn locales_are_parsed_by_their_language() {
        for (locale, language) in [
            ("nl", Some(Language::Nl)),
            ("EN-gb", Some(Language::En)),
            ("nl_BE", Some(Language::Nl)),
            ("", None),
            ("dutch", None),
            ("*", None),
        ] {
            assert_eq!(Language::parse(locale), language, "{locale}");
        }
    }

    #[test]
    fn empty_fields_of_an_article_have_their_default() {
        let article: Article = serde_json::from_value(
            json!({ "title": "T", "excerpt": null, "promoted": null, "language": null, "space": null }),
        )
        .unwrap();
        assert_eq!(article, Article { title: "T".into(), ..Article::default() });
    }

    #[test]
    fn the_summary_is_the_excerpt_or_the_beginning_of_the_text() {
        let article = |excerpt: &str| Article {
            excerpt: excerpt.into(),
            body: "# Head\n\nA **bold** word.".into(),
            ..Article::default()
        };
        assert_eq!(article("Short.").summary(), "Short.");
        assert_eq!(article(" ").summary(), "Head A bold word.");
    }
}
