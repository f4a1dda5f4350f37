//! `[plugin]`: who it is and what it needs.

use super::Text;
use crate::names;
use crate::problem::Place;
use crate::read::{Item, Section};
use crate::sign::PublicKey;
use semver::{Version, VersionReq};
use std::collections::BTreeMap;

/// Lines of the contract a host of this version can run.
const API_LINES: [&str; 1] = ["0.1"];

/// The section `[plugin]`.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// The namespace of everything it has: `plugin::crm.deal`, `/api/crm/…`, its state, its metrics.
    pub id: String,
    /// Its version.
    pub version: Version,
    /// The line of `cairn:plugin` it was built for.
    pub api: String,
    /// Its name, as people see it.
    pub name: Text,
    /// What it does, in a sentence.
    pub description: Option<Text>,
    /// An SPDX expression.
    pub license: String,
    /// The key it is signed with. `None`: not signed.
    pub publisher: Option<PublicKey>,
    /// Where to read more.
    pub homepage: Option<String>,
    /// The locale whose file holds every `t:` key.
    pub default_locale: String,
    /// What must be there.
    pub requires: Requires,
    /// Where the section begins.
    pub at: Place,
}

/// What a plugin needs around it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Requires {
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

impl Default for About {
    fn default() -> Self {
        Self {
            id: String::new(),
            version: Version::new(0, 0, 0),
            api: String::new(),
            name: Text { value: String::new(), at: Place::default() },
            description: None,
            license: String::new(),
            publisher: None,
            homepage: None,
            default_locale: "en".into(),
            requires: Requires::default(),
            at: Place::default(),
        }
    }
}

pub(super) fn read(s: &Section<'_>) -> Option<About> {
    let id = s.required("id", "id = \"my-plugin\"", |i| i.parsed(|id| names::plugin_id(id).map(|()| id.to_owned())));
    let version = s.required("version", "version = \"0.1.0\"", |i| {
        i.parsed(|text| Version::parse(text).map_err(|e| format!("is not a version such as \"1.4.0\": {e}")))
    });
    let api = s.required("api", "api = \"0.1\"", |i| {
        i.parsed(|line| match API_LINES.contains(&line) {
            true => Ok(line.to_owned()),
            false => Err(format!(
                "is not a contract version that this version of Cairn supports; supported: {}",
                API_LINES.join(", ")
            )),
        })
    });
    let name = s.required("name", "name = \"My plugin\"", text);
    let description = s.optional("description", text);
    let license = s.required("license", "license = \"MIT\"", Item::text);
    let publisher = s.optional("publisher", |i| i.parsed(|key| key.parse::<PublicKey>().map_err(|e| e.to_string())));
    let homepage = s.optional("homepage", |i| {
        i.text_of("an address such as \"https://example.com\"", |text| {
            url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "https" | "http"))
        })
    });
    let default_locale =
        s.or("default-locale", "en".to_owned(), |i| i.text_of("a locale such as \"en\"", names::is_locale));
    let requires = s.section("requires").map_or_else(Requires::default, |s| requires(&s));
    s.finish();
    Some(About {
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

/// A text people see, or its key.
pub(super) fn text(item: &Item<'_>) -> Option<Text> {
    let value = item.text()?;
    if value.strip_prefix("t:").is_some_and(|key| !key.split('.').all(names::is_field)) {
        item.error(
            "is not a valid text key",
            "write it as \"t:part.name\", or as a text that does not begin with \"t:\"",
        );
        return None;
    }
    Some(Text { value, at: item.at })
}

fn requires(s: &Section<'_>) -> Requires {
    let cairn = s.or("cairn", VersionReq::STAR, versions);
    let plugins = s.section("plugins").map_or_else(BTreeMap::new, |s| {
        let plugins = s.others().into_iter().filter_map(|(id, item)| {
            if let Err(problem) = names::plugin_id(id) {
                item.error_at_key(format!("`{id}` is not a valid plugin id: it {problem}"), "");
                return None;
            }
            let requirement = if item.is_text() {
                PluginRequirement { version: versions(&item)?, optional: false }
            } else {
                let s = item.section()?;
                let version = s.required("version", "version = \"^1\"", versions);
                let optional = s.or("optional", false, Item::boolean);
                s.finish();
                PluginRequirement { version: version?, optional }
            };
            Some((id.to_owned(), requirement))
        });
        plugins.collect()
    });
    s.finish();
    Requires { cairn, plugins }
}

fn versions(item: &Item<'_>) -> Option<VersionReq> {
    item.parsed(|text| {
        VersionReq::parse(text).map_err(|e| format!("is not a version range such as \">=1.2, <3\": {e}"))
    })
}
