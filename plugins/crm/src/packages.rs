//! Packages that customers wish for: what is offered is content, and the code knows none of it.

use crate::inquiry::{PACKAGE_FIELD, count_units};
use crate::model::Package;
use cairn_plugin::prelude::*;
use serde_json::json;

/// Packages that are offered for a choice.
const MAX_PACKAGES: u32 = 100;
/// Packages whose keys differ in case only that are looked at.
const MAX_SPELLINGS: u32 = 20;
/// Longest key, in units of UTF-16, as its content type has it.
const MAX_KEY: usize = 50;

/// A package as choices show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackageChoice {
    pub(crate) key: String,
    pub(crate) name: String,
}

/// The packages, by their names. Those that are not offered any more are among them: deals and old pages still name them.
///
/// # Errors
/// What the host says.
pub(crate) fn list_packages() -> Result<Vec<PackageChoice>> {
    let found = data::find::<Package>().fields(&["key", "name"]).sort("name:asc").all(MAX_PACKAGES)?;
    Ok(found.into_iter().map(|row| PackageChoice { key: row.fields.key, name: row.fields.name }).collect())
}

/// The stored key of the package that a form wishes for, where its case does not matter; none where there is no such package.
///
/// # Errors
/// What the host says.
pub(crate) fn find_package_key(wish: &str) -> Result<Option<String>> {
    if !can_be_key(wish) {
        return Ok(None);
    }
    let found = data::find::<Package>().filter(json!({ "key": { "$eqi": wish } })).fields(&["key"]).sort("key:asc");
    let mut keys: Vec<String> = found.all(MAX_SPELLINGS)?.into_iter().map(|row| row.fields.key).collect();
    // Of two keys that differ in case only, the one that was typed.
    let typed = keys.iter().position(|key| key == wish).unwrap_or_default();
    Ok((!keys.is_empty()).then(|| keys.swap_remove(typed)))
}

/// False for what no package has for a key: databases need not be asked for it, and some refuse it.
fn can_be_key(wish: &str) -> bool {
    !wish.is_empty() && count_units(wish) <= MAX_KEY && !wish.contains(char::is_control)
}

/// Checks the package that a change of a lead or deal wishes for.
///
/// # Errors
/// What the host says; what is wrong with it is the decision.
pub(crate) fn check_package_wish(call: &Call, change: &Change, wish: Option<&str>) -> Result<Option<Decision>> {
    let Some(wish) = wish.filter(|wish| !wish.is_empty() && change.touches(PACKAGE_FIELD)) else { return Ok(None) };
    let same = json!({ "key": wish });
    if can_be_key(wish) && data::find::<Package>().filter(same).fields(&["key"]).first()?.is_some() {
        return Ok(None);
    }
    let message = translate("wrong.package", &call.locale, None);
    Ok(Some(Decision::refuse_field(PACKAGE_FIELD, "package", message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_a_key_is_looked_up() {
        assert!(can_be_key("Brons-XL") && can_be_key(&"x".repeat(50)));
        for other in ["", "a\u{0}b", "gold\nsilver", &"x".repeat(51), &"😀".repeat(26)] {
            assert!(!can_be_key(other), "{other:?}");
        }
    }
}
