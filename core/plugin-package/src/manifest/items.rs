//! Values that several kinds of sections have: texts that people see, names, references to choices.

use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::TomlItem;

/// Prefix of the name of a choice where its values are meant.
const PREFIX: &str = "choice:";

/// A text people see: itself, or the key of one in `locales/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestText {
    /// As written: `CRM`, `t:plugin.name`.
    pub value: String,
    /// Its position in the manifest, for problems.
    pub at: SourceLocation,
}

impl ManifestText {
    /// The key in `locales/`, for a text written `t:key`.
    pub fn locale_key(&self) -> Option<&str> {
        self.value.strip_prefix("t:")
    }
}

/// A text people see, or its key.
pub(super) fn read_text(item: &TomlItem<'_>) -> Option<ManifestText> {
    let value = item.text()?;
    if value.strip_prefix("t:").is_some_and(|key| !key.split('.').all(names::is_field)) {
        item.error(
            "is not a valid text key",
            "write it as \"t:part.name\", or as a text that does not begin with \"t:\"",
        );
        return None;
    }
    Some(ManifestText { value, at: item.at })
}

/// The name of a section.
pub(super) fn read_section_name(item: &TomlItem<'_>) -> Option<String> {
    item.text_of("a name of lowercase letters, digits and single `-`", names::is_kebab)
}

/// A media type without parameters, in small letters.
pub(super) fn read_media_type(item: &TomlItem<'_>) -> Option<String> {
    let is_token =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    let media_type = item.text_of("a media type such as \"application/json\"", |text| {
        text.len() <= 100 && text.split_once('/').is_some_and(|(kind, name)| is_token(kind) && is_token(name))
    });
    media_type.map(|text| text.to_ascii_lowercase())
}

/// The uid of a content type, or `choice:<name>`.
pub(super) fn read_uid_or_choice(item: &TomlItem<'_>) -> Option<String> {
    let form =
        "the uid of a content type, such as \"api::article.article\" or \"plugin::crm.deal\", or \"choice:pages\"";
    item.text_of(form, |uid| names::uid_owner(uid).is_some() || is_choice_reference(uid))
}

/// The uid of a content type.
pub(super) fn read_uid(item: &TomlItem<'_>) -> Option<String> {
    item.text_of("the uid of a content type, such as \"api::article.article\" or \"plugin::crm.deal\"", |uid| {
        names::uid_owner(uid).is_some()
    })
}

/// The name of a secret.
pub(super) fn read_secret_name(item: &TomlItem<'_>) -> Option<String> {
    item.text_of("the name of a secret, such as \"webhook-key\"", names::is_kebab)
}

/// The name of a top-level field.
pub(super) fn read_field_name(item: &TomlItem<'_>) -> Option<String> {
    item.text_of("the name of a field, such as \"title\"", names::is_field)
}

/// The name of one of the plugin's permissions.
pub(super) fn read_permission_name(item: &TomlItem<'_>) -> Option<String> {
    item.text_of("a permission such as \"deals.read\"", names::is_dotted)
}

/// The name in `choice:<name>`; `None` for everything else.
pub(crate) fn choice_reference(text: &str) -> Option<&str> {
    text.strip_prefix(PREFIX)
}

/// True for `choice:<name>` with a name that a choice can have.
pub(crate) fn is_choice_reference(text: &str) -> bool {
    choice_reference(text).is_some_and(names::is_kebab)
}
