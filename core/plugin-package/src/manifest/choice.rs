//! `[[choice]]`: what the operator fills in, such as the project's own content types that the plugin works on.

use super::items::{ManifestText, read_section_name, read_text};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::{list_alternatives, nearest_word, quote_input, words};

/// Most choices of a plugin.
pub(super) const MAX_CHOICES: usize = 16;
/// Most attributes that a choice needs.
const MAX_NEEDS: usize = 16;

words! {
    /// The kind of value that a choice has.
    ChoiceKind {
        /// Content types of the project.
        ContentTypes = "content-types",
        /// Addresses for requests.
        Addresses = "addresses",
        /// Origins whose scripts may call routes.
        Origins = "origins",
    }
}

/// The types of attributes, as schema files have them.
pub const ATTRIBUTE_KINDS: &[&str] = &[
    "string",
    "text",
    "richtext",
    "blocks",
    "email",
    "password",
    "uid",
    "integer",
    "biginteger",
    "float",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "time",
    "json",
    "enumeration",
    "media",
    "relation",
    "component",
    "dynamiczone",
];

/// An attribute that a chosen content type must have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeededAttribute {
    /// Name of the attribute.
    pub name: String,
    /// Its type, one of [`ATTRIBUTE_KINDS`]; `None`: any.
    pub kind: Option<String>,
}

/// One `[[choice]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestChoice {
    /// Its name: other sections refer to it as `choice:<name>`.
    pub name: String,
    /// The kind of its values.
    pub kind: ChoiceKind,
    /// Its purpose, as people see it.
    pub title: Option<ManifestText>,
    /// Attributes that a chosen content type must have.
    pub needs: Vec<NeededAttribute>,
    /// Where the section begins.
    pub at: SourceLocation,
}

impl ManifestChoice {
    /// The needed attribute of that name.
    pub(super) fn needed(&self, name: &str) -> Option<&NeededAttribute> {
        self.needs.iter().find(|needed| needed.name == name)
    }
}

pub(super) fn read_choice(s: &TomlSection<'_>) -> Option<ManifestChoice> {
    let name = s.required("name", "name = \"pages\"", read_section_name);
    let kind = s.required("kind", "kind = \"content-types\"", TomlItem::word::<ChoiceKind>);
    let title = s.optional("title", read_text);
    let needs = s.list("needs", read_need);
    if needs.len() > MAX_NEEDS {
        s.error(format!("needs more than {MAX_NEEDS} attributes"), "");
    }
    s.finish();
    let kind = kind?;
    if kind != ChoiceKind::ContentTypes && !needs.is_empty() {
        s.error("has `needs`, which only a choice of content types can have", "remove `needs`");
    }
    Some(ManifestChoice { name: name?, kind, title, needs, at: s.at })
}

/// `phases`, or `phases:json`.
fn read_need(item: &TomlItem<'_>) -> Option<NeededAttribute> {
    item.parse_text(|text| {
        let (name, kind) = match text.split_once(':') {
            Some((name, kind)) => (name, Some(kind)),
            None => (text, None),
        };
        if !names::is_field(name) {
            return Err("is not an attribute; write it as \"phases\", or with its type as \"phases:json\"".to_owned());
        }
        if let Some(kind) = kind.filter(|kind| !ATTRIBUTE_KINDS.contains(kind)) {
            let all = || ATTRIBUTE_KINDS.iter().copied();
            let near = nearest_word(kind, all()).map_or_else(
                || format!("types are {}", list_alternatives(all())),
                |near| format!("did you mean \"{name}:{near}\"?"),
            );
            return Err(format!("has the unknown type {}; {near}", quote_input(kind)));
        }
        Ok(NeededAttribute { name: name.to_owned(), kind: kind.map(str::to_owned) })
    })
}
