//! What a package is to a tenant: whether it may be installed, what has to be said for it, what it asks for and what of that is new.

use super::packages::{self, Texts};
use cairn_plugin_package::component;
use cairn_plugin_package::package::Package;
use cairn_plugin_package::sign::{Candidate, Decision, Installed, Policy, PublicKey, Signed, decide};
use cairn_plugin_package::{Capability, Granted, Grants, Reach};
use cairn_store::plugins::{PluginRow, PluginState};
use semver::{Version, VersionReq};
use std::collections::BTreeSet;
use std::path::Path;

/// What somebody who installs says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Consent {
    /// A package that nobody signed is meant.
    pub(crate) unsigned: bool,
    /// A lower version is meant.
    pub(crate) older: bool,
    /// What of what it asks for is granted.
    pub(crate) chosen: Chosen,
}

/// What is granted of what is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) enum Chosen {
    /// All of it.
    #[default]
    All,
    /// Those with these places in the list.
    Places(BTreeSet<usize>),
    /// All but these capabilities.
    Without(Vec<Capability>),
    /// These, each perhaps narrower than was asked for.
    Grants(Grants),
}

/// Why a package is not installed: where, and what.
pub(crate) type Refusals = Vec<(String, String)>;

/// How a package stands to what is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// There is none of that id.
    Install,
    /// Of a higher version, or of the same with other content.
    Upgrade,
    /// It is the one that is there.
    Same,
    /// Of a lower version.
    Older,
    /// It cannot be installed here.
    Refused,
}

/// One line of what a package asks for.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    /// Its place in the list, from 0 on.
    pub(crate) index: usize,
    /// `data.read`
    pub(crate) capability: Capability,
    /// What it allows.
    pub(crate) sentence: String,
    /// Why, in the author's words.
    pub(crate) reason: Option<String>,
    /// It may be left out.
    pub(crate) optional: bool,
    /// At least a part of it is granted.
    pub(crate) granted: bool,
    /// More than was granted until now.
    pub(crate) is_new: bool,
}

/// What a package asks for; `held`: what was granted until now.
pub(crate) fn lines(asked: &Grants, held: Option<&Grants>, texts: &Texts, language: Option<&str>) -> Vec<Line> {
    let nothing = Grants::default();
    let before = held.unwrap_or(&nothing);
    let one = |(index, granted): (usize, &Granted)| {
        let alone = Grants::from(vec![granted.clone()]);
        Line {
            index,
            capability: granted.scope.capability(),
            sentence: alone
                .sentences()
                .into_iter()
                .map(|sentence| if is_dutch(language) { sentence.dutch } else { sentence.english })
                .collect(),
            reason: granted.reason.as_deref().map(|reason| texts.show(reason)),
            optional: granted.optional,
            granted: match held {
                Some(held) => !alone.intersect(held).list().is_empty(),
                None => !granted.optional,
            },
            is_new: !alone.widened_from(before).is_empty(),
        }
    };
    asked.list().iter().enumerate().map(one).collect()
}

/// Whether somebody who chose that language reads Dutch; all others are shown English.
pub(crate) fn is_dutch(language: Option<&str>) -> bool {
    language.is_some_and(|language| language.split('-').next() == Some("nl"))
}

/// Whether a component has steps of its own to take about its life.
pub(crate) fn has_steps(package: &Package) -> bool {
    component::inspect(package.component())
        .is_ok_and(|found| found.exports.keys().any(|name| name.package == "cairn:plugin" && name.name == "lifecycle"))
}

/// How far a package reaches with these grants.
pub(crate) fn reach(package: &Package, grants: &Grants) -> Reach {
    Reach::of(package.manifest(), grants, has_steps(package))
}

/// How far the version reaches that runs until now, with what was granted to it; `None` where there is none, or it cannot be read: then
/// everything is new. Reads a file.
pub(crate) fn reach_before(project: &Path, row: Option<&PluginRow>) -> Option<Reach> {
    let row = row.filter(|row| row.state != PluginState::Removed)?;
    let package = packages::of_version(project, &row.id, &row.current).ok()?;
    let held = packages::held(package.manifest(), row).ok()?;
    Some(reach(&package, &held))
}

/// How a package stands to what is installed, why it is refused, and which words have to be said for it.
pub(crate) fn standing(
    package: &Package,
    row: Option<&PluginRow>,
    others: &[PluginRow],
) -> (Standing, Option<String>, Needs) {
    let said = |unsigned, older| publisher(package.candidate(), row, unsigned, older);
    let refused = said(true, true).err().or_else(|| requirements(package, others).err());
    let needs = Needs { unsigned: said(false, true).is_err(), older: said(true, false).is_err() };
    if let Some(reason) = refused {
        return (Standing::Refused, Some(reason), Needs::default());
    }
    let standing = match row.filter(|row| row.state != PluginState::Removed) {
        None => Standing::Install,
        Some(row) if row.current.digest == package.digest().to_string() => Standing::Same,
        Some(_) if needs.older => Standing::Older,
        Some(_) => Standing::Upgrade,
    };
    (standing, None, needs)
}

/// Words that have to be said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// [`Consent::unsigned`]
    pub(crate) unsigned: bool,
    /// [`Consent::older`]
    pub(crate) older: bool,
}

/// The key to pin, where the package may be installed.
///
/// # Errors
/// Why it may not.
pub(crate) fn publisher(
    candidate: Candidate<'_>,
    row: Option<&PluginRow>,
    unsigned: bool,
    older: bool,
) -> Result<Option<PublicKey>, String> {
    let stored = row.map(|row| {
        let version = row.current.version.parse::<Version>();
        let pinned = row.publisher.as_deref().map(str::parse::<PublicKey>).transpose();
        version.ok().zip(pinned.ok()).ok_or_else(|| format!("what is stored of {} cannot be read", row.id))
    });
    let stored = stored.transpose()?;
    let installed = stored.as_ref().map(|(version, pinned)| Installed { version, pinned: *pinned });
    match decide(&Policy::PinOnFirstUse, unsigned, candidate, installed, &[], older) {
        Decision::Trusted(key) => Ok(key),
        Decision::Refused(refusal) => Err(refusal.to_string()),
    }
}

/// Who signed a package, where the signature holds.
pub(crate) fn signer(package: &Package) -> Option<PublicKey> {
    match package.signed() {
        Signed::By(key) => Some(key),
        Signed::Unsigned | Signed::Wrong => None,
    }
}

/// Whether Cairn and the other plugins are as a package needs them.
fn requirements(package: &Package, others: &[PluginRow]) -> Result<(), String> {
    let requires = &package.manifest().plugin.requires;
    let own = Version::parse(env!("CARGO_PKG_VERSION")).map_err(|e| e.to_string())?;
    if !fits(&requires.cairn, &own) {
        return Err(format!("it needs Cairn {}, and this is {own}", requires.cairn));
    }
    for (id, required) in requires.plugins.iter().filter(|(_, required)| !required.optional) {
        let row = others.iter().find(|row| row.id == *id && row.state != PluginState::Removed);
        let Some(row) = row else {
            return Err(format!("it needs the plugin {id} {}: install that one first", required.version));
        };
        if !row.current.version.parse().is_ok_and(|version| fits(&required.version, &version)) {
            let (needed, there) = (&required.version, &row.current.version);
            return Err(format!("it needs the plugin {id} {needed}, and {there} is installed: upgrade that one first"));
        }
    }
    Ok(())
}

/// Whether a version is in a range; one that is not final yet counts as the one that it will be.
fn fits(range: &VersionReq, version: &Version) -> bool {
    range.matches(version) || range.matches(&Version::new(version.major, version.minor, version.patch))
}

/// Those of `rows` that do not work without a plugin, by their packages in the project.
pub(crate) fn dependants(project: &std::path::Path, id: &str, rows: &[PluginRow]) -> Vec<String> {
    let needs = |row: &&PluginRow| {
        row.id != id
            && row.state == PluginState::Enabled
            && super::packages::of_version(project, &row.id, &row.current).is_ok_and(|package| {
                package.manifest().plugin.requires.plugins.get(id).is_some_and(|required| !required.optional)
            })
    };
    rows.iter().filter(needs).map(|row| row.id.clone()).collect()
}

/// What is granted, by what somebody chose.
///
/// # Errors
/// What cannot be left out, and what was not asked for.
pub(crate) fn granted(asked: &Grants, chosen: &Chosen) -> Result<Grants, Refusals> {
    let at = |message: String| ("grants".to_owned(), message);
    let list = || asked.list().iter().cloned();
    let chosen = match chosen {
        Chosen::All => return Ok(asked.clone()),
        Chosen::Places(places) => {
            if let Some(place) = places.iter().find(|place| **place >= asked.list().len()) {
                let n = asked.list().len();
                return Err(vec![at(format!("there is no grant {place}: it asks for {n}, counted from 0"))]);
            }
            let kept = list().enumerate().filter(|(i, _)| places.contains(i)).map(|(_, granted)| granted);
            Grants::from(kept.collect::<Vec<_>>())
        }
        Chosen::Without(left_out) => {
            if let Some(unknown) = left_out.iter().find(|c| !list().any(|g| g.scope.capability() == **c)) {
                return Err(vec![at(format!("it does not ask for {unknown}: there is nothing to leave out"))]);
            }
            let kept = list().filter(|granted| !left_out.contains(&granted.scope.capability()));
            Grants::from(kept.collect::<Vec<_>>())
        }
        Chosen::Grants(grants) => grants.clone(),
    };
    asked.narrow(&chosen).map_err(|excess| excess.iter().map(|e| at(e.to_string())).collect())
}
