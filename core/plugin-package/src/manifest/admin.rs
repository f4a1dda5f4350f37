//! `[settings]` and `[[admin.view]]`.

use super::items::{ManifestText, read_permission_name, read_secret_name, read_section_name, read_text, read_uid};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use crate::words::words;

/// Where the settings' schema is in the package.
pub(crate) const SETTINGS_SCHEMA: &str = "settings.schema.json";

/// The section `[settings]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsSection {
    /// The file in the package with their JSON Schema. `None`: there are only secrets.
    pub schema: Option<String>,
    /// Names of what is written once and never shown again.
    pub secrets: Vec<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

words! {
    /// Where a view is shown.
    ViewKind {
        /// On a page of its own.
        Page = "page",
        /// Beside the form of a document.
        Panel = "panel",
        /// In place of the form of a document, as the page for it.
        Document = "document",
        /// On the home page.
        Widget = "widget",
        /// In the list of a content type.
        List = "list",
        /// In place of a field's input: where an attribute has `"customField": "plugin::<plugin>.<name of the view>"`.
        Field = "field",
    }
}

/// Source of a view's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewSource {
    /// The host, from the description the plugin gives.
    Declarative,
    /// A page of the package in a sandboxed frame: its path, such as `admin/pipeline/index.html`.
    Frame(String),
}

/// One `[[admin.view]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminView {
    /// Its name, handed to the plugin.
    pub name: String,
    /// Where it is shown.
    pub kind: ViewKind,
    /// As people see it; the name where there is none.
    pub title: Option<ManifestText>,
    /// The name of an icon of the admin.
    pub icon: Option<String>,
    /// Of a page: its path below the plugin's part of the admin.
    pub path: Option<String>,
    /// Of a panel or list: the content types it is shown with. Empty: all that the plugin may read. Of a document view: the plugin's own
    /// types whose documents it shows, at least one.
    pub types: Vec<String>,
    /// Source of its content.
    pub source: ViewSource,
    /// The plugin's permission that is needed to see it.
    pub permission: Option<String>,
    /// Where the section begins.
    pub at: SourceLocation,
}

pub(super) fn read_settings(s: &TomlSection<'_>) -> Option<SettingsSection> {
    let schema = s.optional("schema", |i| {
        i.text_of("\"settings.schema.json\", the file of the package", |path| path == SETTINGS_SCHEMA)
    });
    let secrets = s.list("secrets", read_secret_name);
    s.finish();
    Some(SettingsSection { schema, secrets, at: s.at })
}

pub(super) fn read_view(s: &TomlSection<'_>) -> Option<AdminView> {
    let name = s.required("name", "name = \"pipeline\"", read_section_name);
    let kind: Option<ViewKind> = s.required("kind", "kind = \"page\"", TomlItem::word);
    let title = s.optional("title", read_text);
    let icon = s.optional("icon", |i| i.text_of("the name of an icon, such as \"users\"", names::is_kebab));
    let path = s.optional("path", |i| {
        i.text_of("a path such as \"/pipeline\"", |path| {
            path.len() <= 100 && path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(names::is_kebab))
        })
    });
    match kind {
        Some(ViewKind::Page) if path.is_none() && s.get("path").is_none() => {
            s.error("has no `path`, which kind = \"page\" requires", "add path = \"/pipeline\"");
        }
        Some(kind) if kind != ViewKind::Page && path.is_some() => {
            s.error(format!("has a `path`, which kind = \"{kind}\" does not support"), "remove it");
        }
        _ => {}
    }
    let types = s.list("types", read_uid);
    match kind {
        Some(ViewKind::Document) if types.is_empty() => s.error(
            "has no `types`, which kind = \"document\" requires",
            "add the plugin's own types whose documents it shows: types = [\"plugin::crm.deal\"]",
        ),
        Some(ViewKind::Panel | ViewKind::List | ViewKind::Document) | None => {}
        Some(_) if types.is_empty() => {}
        Some(_) => s.error(
            "has `types`, which only kind = \"panel\", kind = \"list\" and kind = \"document\" support",
            "remove it",
        ),
    }
    let source = read_source(s);
    // A declarative view is rendered once and does not follow what an editor types.
    if kind == Some(ViewKind::Field) && source == Some(ViewSource::Declarative) {
        s.error(
            "is declarative, which kind = \"field\" does not support",
            "write frame = \"admin/colour.html\" instead of `source`",
        );
    }
    let permission = s.optional("permission", read_permission_name);
    s.finish();
    Some(AdminView { name: name?, kind: kind?, title, icon, path, types, source: source?, permission, at: s.at })
}

fn read_source(s: &TomlSection<'_>) -> Option<ViewSource> {
    let declarative = s.get("source");
    let frame = s.get("frame");
    match (declarative, frame) {
        (Some(item), None) => {
            item.text_of("\"declarative\", or the key `frame` with a page of the package", |text| {
                text == "declarative"
            })?;
            Some(ViewSource::Declarative)
        }
        (None, Some(item)) => item
            .text_of("a page of the package, such as \"admin/pipeline/index.html\"", |path| {
                let name = path.strip_prefix("admin/").and_then(|p| p.strip_suffix(".html"));
                path.len() <= 200 && name.is_some_and(|name| name.split('/').all(names::is_dotted))
            })
            .map(ViewSource::Frame),
        (Some(_), Some(item)) => {
            item.error_at_key("has both `source` and `frame`", "remove one of them");
            None
        }
        (None, None) => {
            s.error("has no `source`", "add source = \"declarative\", or frame = \"admin/pipeline/index.html\"");
            None
        }
    }
}
