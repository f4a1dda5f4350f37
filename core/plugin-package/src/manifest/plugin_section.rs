//! `[plugin]`: who it is and what it needs.

use super::items::{ManifestText, read_text};
use crate::names;
use crate::problem::SourceLocation;
use crate::sign::PublicKey;
use crate::strict_toml::{TomlItem, TomlSection};
use semver::{Version, VersionReq};
use std::collections::BTreeMap;

/// Lines of the contract a host of this version can run.
const API_LINES: [&str; 1] = ["0.1"];

/// The section `[plugin]`.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginSection {
    /// The namespace of everything it has: `plugin::crm.deal`, `/api/crm/…`, its state, its metrics.
    pub id: String,
    /// Version of the plugin.
    pub version: Version,
    /// The line of `cairn:plugin` it was built for.
    pub api: String,
    /// Its name, as people see it.
    pub name: ManifestText,
    /// Description of what it does, in a sentence.
    pub description: Option<ManifestText>,
    /// An SPDX expression.
    pub license: String,
    /// The key it is signed with. `None`: not signed.
    pub publisher: Option<PublicKey>,
    /// Where to read more.
    pub homepage: Option<String>,
    /// The locale whose file holds every `t:` key.
    pub default_locale: String,
    /// Requirements on its environment.
    pub requires: EnvironmentRequirements,
    /// Where the section begins.
    pub at: SourceLocation,
}

/// Requirements of a plugin on its environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvironmentRequirements {
    /// Versions of Cairn it works with.
    pub cairn: VersionReq,
    /// Other plugins, by id.
    pub plugins: BTreeMap<String, PluginRequirement>,
}

/// Another plugin that is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginRequirement {
    /// Versions that will do.
    pub version: VersionReq,
    /// It also works without it.
    pub optional: bool,
}

impl Default for PluginSection {
    fn default() -> Self {
        Self {
            id: String::new(),
            version: Version::new(0, 0, 0),
            api: String::new(),
            name: ManifestText { value: String::new(), at: SourceLocation::default() },
            description: None,
            license: String::new(),
            publisher: None,
            homepage: None,
            default_locale: "en".into(),
            requires: EnvironmentRequirements::default(),
            at: SourceLocation::default(),
        }
    }
}

pub(super) fn read_plugin(s: &TomlSection<'_>) -> Option<PluginSection> {
    let id = s.required("id", "id = \"my-plugin\"", |i| {
        i.parse_text(|id| names::check_plugin_id(id).map(|()| id.to_owned()))
    });
    let version = s.required("version", "version = \"0.1.0\"", |i| {
        i.parse_text(|text| Version::parse(text).map_err(|e| format!("is not a version such as \"1.4.0\": {e}")))
    });
    let api = s.required("api", "api = \"0.1\"", |i| {
        i.parse_text(|line| match API_LINES.contains(&line) {
            true => Ok(line.to_owned()),
            false => Err(format!(
                "is not a contract version that this version of Cairn supports; supported: {}",
                API_LINES.join(", ")
            )),
        })
    });
    let name = s.required("name", "name = \"My plugin\"", read_text);
    let description = s.optional("description", read_text);
    let license = s.required("license", "license = \"MIT\"", TomlItem::text);
    let publisher =
        s.optional("publisher", |i| i.parse_text(|key| key.parse::<PublicKey>().map_err(|e| e.to_string())));
    let homepage = s.optional("homepage", |i| {
        i.text_of("an address such as \"https://example.com\"", |text| {
            url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        })
    });
    let default_locale =
        s.optional_or("default-locale", "en".to_owned(), |i| i.text_of("a locale such as \"en\"", names::is_locale));
    let requires = s.section("requires").map_or_else(EnvironmentRequirements::default, |s| read_requirements(&s));
    s.finish();
    Some(PluginSection {
        id: id?,
        version: version?,
        api: api?,
        name: name?,
        description,
        license: license?,
        publisher,
        homepage,
        default_locale,
        requires,
        at: s.at,
    })
}

fn read_requirements(s: &TomlSection<'_>) -> EnvironmentRequirements {
    let cairn = s.optional_or("cairn", VersionReq::STAR, read_version_range);
    let plugins = s.section("plugins").map_or_else(BTreeMap::new, |s| {
        let plugins = s.remaining_items().into_iter().filter_map(|(id, item)| {
            if let Err(problem) = names::check_plugin_id(id) {
                item.error_at_key(format!("`{id}` is not a valid plugin id: it {problem}"), "");
                return None;
            }
            let requirement = if item.is_text() {
                PluginRequirement { version: read_version_range(&item)?, optional: false }
            } else {
                let s = item.section()?;
                let version = s.required("version", "version = \"^1\"", read_version_range);
                let optional = s.optional_or("optional", false, TomlItem::boolean);
                s.finish();
                PluginRequirement { version: version?, optional }
            };
            Some((id.to_owned(), requirement))
        });
        plugins.collect()
    });
    s.finish();
    EnvironmentRequirements { cairn, plugins }
}

fn read_version_range(item: &TomlItem<'_>) -> Option<VersionReq> {
    item.parse_text(|text| {
        VersionReq::parse(text).map_err(|e| format!("is not a version range such as \">=1.2, <3\": {e}"))
    })
}
