//! Meaning of a package for a tenant: whether it may be installed, what must be confirmed, what it asks for and what of that is new.

use super::packages::{self, PluginTexts};
use cairn_plugin_package::component::{self, UndeclaredParts};
use cairn_plugin_package::package::Package;
use cairn_plugin_package::sign::{
    InstalledVersion, PublicKey, SignatureStatus, TrustCandidate, TrustDecision, TrustPolicy, decide_trust,
};
use cairn_plugin_package::{Capability, Choices, GrantedScope, Grants, Manifest, PluginReach, Sentence};
use cairn_store::plugins::{PluginRow, PluginState};
use semver::{Version, VersionReq};
use std::collections::BTreeSet;
use std::path::Path;

/// Confirmations of the person who installs a package.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Accepts a package without a signature.
    pub unsigned: bool,
    /// Accepts a lower version than the installed one.
    pub older: bool,
    /// Choice among the requested grants.
    pub chosen: GrantChoice,
    /// Values for choices of the manifest; choices that are not named stay as they are.
    pub choices: Choices,
    /// Content types that the plugin's read policy may stop deciding about; `None`: any, because the caller asks for them itself.
    pub opened: Option<BTreeSet<String>>,
}

/// The choice among the grants that a package asks for.
#[derive(Debug, Clone, Default)]
pub enum GrantChoice {
    /// Everything that is asked for.
    #[default]
    All,
    /// The grants at these positions in the list.
    Places(BTreeSet<usize>),
    /// All but these capabilities.
    Without(Vec<Capability>),
    /// These grants, each perhaps narrower than was asked for.
    Grants(Box<Grants>),
}

/// Why a package is not installed: path and message of each problem.
pub type Refusals = Vec<(String, String)>;

/// The relation of a package to the installed version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpgradeKind {
    /// No plugin with that id is installed.
    Install,
    /// It has a higher version, or the same version with other content.
    Upgrade,
    /// It is the installed package.
    Same,
    /// It has a lower version.
    Older,
    /// It cannot be installed here.
    Refused,
}

/// One grant that a package asks for.
#[derive(Debug, Clone)]
pub struct RequestedGrant {
    /// Position in the list, from 0.
    pub index: usize,
    /// Capability that it is a grant of, such as `data.read`.
    pub capability: Capability,
    /// Sentence that states what it permits.
    pub sentence: String,
    /// The author's reason for it.
    pub reason: Option<String>,
    /// True if it may be left out.
    pub optional: bool,
    /// True if at least a part of it is granted.
    pub granted: bool,
    /// True if it is more than was granted until now.
    pub is_new: bool,
}

/// The grants that a manifest asks for with these choices; `existing`: those that were given until now.
pub fn requested_grants(
    manifest: &Manifest,
    choices: &Choices,
    existing: Option<&Grants>,
    texts: &PluginTexts,
    language: Option<&str>,
) -> Vec<RequestedGrant> {
    let nothing = Grants::default();
    let before = existing.unwrap_or(&nothing);
    let grants = Grants::from_manifest(&manifest.resolve(choices));
    // Sentences with open choices say what has to be chosen.
    let displayed = Grants::from_manifest(&manifest.resolve_for_display(choices)).sentences();
    let one = |((index, granted), sentence): ((usize, &GrantedScope), Sentence)| {
        let alone = Grants::from(vec![granted.clone()]);
        RequestedGrant {
            index,
            capability: granted.scope.capability(),
            sentence: if is_dutch(language) { sentence.dutch } else { sentence.english },
            reason: granted.reason.as_deref().map(|reason| texts.resolve_text(reason)),
            optional: granted.optional,
            granted: match existing {
                // An empty scope has nothing to leave out yet.
                Some(_) if granted.scope.is_empty() => !granted.optional,
                Some(existing) => !alone.intersect(existing).list().is_empty(),
                None => !granted.optional,
            },
            is_new: !granted.scope.is_empty() && !alone.widened_from(before).is_empty(),
        }
    };
    grants.list().iter().enumerate().zip(displayed).map(one).collect()
}

/// True if somebody who chose that language reads Dutch; all others are shown English.
pub fn is_dutch(language: Option<&str>) -> bool {
    language.is_some_and(|language| language.split('-').next() == Some("nl"))
}

/// The parts of a package that no section of its manifest declares.
pub fn undeclared_parts(package: &Package) -> UndeclaredParts {
    let interfaces = component::inspect_component(package.component());
    UndeclaredParts::of_package(package.files(), interfaces.as_ref().ok())
}

/// The reach of a package with these choices and grants.
pub fn package_reach(package: &Package, choices: &Choices, grants: &Grants) -> PluginReach {
    PluginReach::from_manifest(&package.manifest().resolve(choices), grants, undeclared_parts(package))
}

/// The reach of the version that runs until now, with its grants; `None` where there is none, or it cannot be read: then
/// everything is new. Reads a file.
pub fn reach_before(project: &Path, row: Option<&PluginRow>) -> Option<PluginReach> {
    let row = row.filter(|row| row.state != PluginState::Removed)?;
    let package = packages::load_version(project, &row.id, &row.current).ok()?;
    let grants = packages::effective_grants(package.manifest(), row).ok()?;
    Some(package_reach(&package, &packages::stored_choices(row), &grants))
}

/// The relation of a package to what is installed, why it is refused, and what must be confirmed.
pub fn classify_package(
    package: &Package,
    row: Option<&PluginRow>,
    others: &[PluginRow],
) -> (UpgradeKind, Option<String>, RequiredConfirmations) {
    let check_publisher = |unsigned, older| publisher_key(package.candidate(), row, unsigned, older);
    let refused = check_publisher(true, true).err().or_else(|| check_requirements(package, others).err());
    let needs = RequiredConfirmations {
        unsigned: check_publisher(false, true).is_err(),
        older: check_publisher(true, false).is_err(),
    };
    if let Some(reason) = refused {
        return (UpgradeKind::Refused, Some(reason), RequiredConfirmations::default());
    }
    let kind = match row.filter(|row| row.state != PluginState::Removed) {
        None => UpgradeKind::Install,
        Some(row) if row.current.digest == package.digest().to_string() => UpgradeKind::Same,
        Some(_) if needs.older => UpgradeKind::Older,
        Some(_) => UpgradeKind::Upgrade,
    };
    (kind, None, needs)
}

/// Confirmations that a package needs before it is installed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequiredConfirmations {
    /// True if [`Consent::unsigned`] is needed.
    pub unsigned: bool,
    /// True if [`Consent::older`] is needed.
    pub older: bool,
}

/// The key to pin, where the package may be installed. The error says why it may not.
pub fn publisher_key(
    candidate: TrustCandidate<'_>,
    row: Option<&PluginRow>,
    unsigned: bool,
    older: bool,
) -> Result<Option<PublicKey>, String> {
    let stored = row.map(|row| {
        let version = row.current.version.parse::<Version>();
        let pinned = row.publisher.as_deref().map(str::parse::<PublicKey>).transpose();
        version.ok().zip(pinned.ok()).ok_or_else(|| format!("the stored data of {} cannot be read", row.id))
    });
    let stored = stored.transpose()?;
    let installed = stored.as_ref().map(|(version, pinned)| InstalledVersion { version, pinned: *pinned });
    match decide_trust(&TrustPolicy::PinOnFirstUse, unsigned, candidate, installed, &[], older) {
        TrustDecision::Trusted(key) => Ok(key),
        TrustDecision::Refused(refusal) => Err(refusal.to_string()),
    }
}

/// The key that a package is signed with, where the signature is valid.
pub fn package_signer(package: &Package) -> Option<PublicKey> {
    match package.signature_status() {
        SignatureStatus::By(key) => Some(key),
        SignatureStatus::Unsigned | SignatureStatus::Wrong => None,
    }
}

/// Checks that Cairn's version and the other plugins meet the requirements of a package.
fn check_requirements(package: &Package, others: &[PluginRow]) -> Result<(), String> {
    let requires = &package.manifest().plugin.requires;
    let own = Version::parse(env!("CARGO_PKG_VERSION")).map_err(|e| e.to_string())?;
    if !is_in_range(&requires.cairn, &own) {
        return Err(format!("it requires Cairn {}, but this is {own}", requires.cairn));
    }
    for (id, required) in requires.plugins.iter().filter(|(_, required)| !required.optional) {
        let row = others.iter().find(|row| row.id == *id && row.state != PluginState::Removed);
        let Some(row) = row else {
            return Err(format!("it requires the plugin {id} {}: install that plugin first", required.version));
        };
        if !row.current.version.parse().is_ok_and(|version| is_in_range(&required.version, &version)) {
            let (needed, installed) = (&required.version, &row.current.version);
            return Err(format!(
                "it requires the plugin {id} {needed}, but {installed} is installed: upgrade that plugin first"
            ));
        }
    }
    Ok(())
}

/// True if a version is in a range; a pre-release counts as the version that it leads to.
fn is_in_range(range: &VersionReq, version: &Version) -> bool {
    range.matches(version) || range.matches(&Version::new(version.major, version.minor, version.patch))
}

/// The plugins among `rows` that do not work without a plugin, by their packages in the project.
pub fn find_dependants(project: &std::path::Path, id: &str, rows: &[PluginRow]) -> Vec<String> {
    let needs = |row: &&PluginRow| {
        row.id != id
            && row.state == PluginState::Enabled
            && super::packages::load_version(project, &row.id, &row.current).is_ok_and(|package| {
                package.manifest().plugin.requires.plugins.get(id).is_some_and(|required| !required.optional)
            })
    };
    rows.iter().filter(needs).map(|row| row.id.clone()).collect()
}

/// The grants that result from a choice among those requested, which are resolved with `choices`.
///
/// # Errors
/// Grants that cannot be left out, and those that were not asked for.
pub fn resolve_grants(manifest: &Manifest, choices: &Choices, chosen: &GrantChoice) -> Result<Grants, Refusals> {
    let requested = &Grants::from_manifest(&manifest.resolve(choices));
    let at = |message: String| ("grants".to_owned(), message);
    let list = || requested.list().iter().cloned();
    let chosen = match chosen {
        GrantChoice::All => return Ok(requested.clone().without_empty()),
        GrantChoice::Places(places) => {
            if let Some(place) = places.iter().find(|place| **place >= requested.list().len()) {
                let n = requested.list().len();
                return Err(vec![at(format!(
                    "grant {place} not found: the plugin requests {n} grants, counted from 0"
                ))]);
            }
            let selected = list().enumerate().filter(|(i, _)| places.contains(i)).map(|(_, granted)| granted);
            Grants::from(selected.collect::<Vec<_>>())
        }
        GrantChoice::Without(left_out) => {
            if let Some(unknown) = left_out.iter().find(|c| !list().any(|g| g.scope.capability() == **c)) {
                return Err(vec![at(format!("it does not request {unknown}: there is nothing to leave out"))]);
            }
            let filter = list().filter(|granted| !left_out.contains(&granted.scope.capability()));
            Grants::from(filter.collect::<Vec<_>>())
        }
        GrantChoice::Grants(grants) => Grants::clone(grants).resolve(choices),
    };
    requested.narrow_to(&chosen).map_err(|excess| excess.iter().map(|e| at(e.to_string())).collect())
}
