//! `[[grant]]`: what the plugin asks to be allowed, how far, and why.

use super::Text;
use super::about::text;
use crate::address::Address;
use crate::grants::{Capability, Fields, Method, Scope, WriteAction};
use crate::names;
use crate::problem::Place;
use crate::read::{Item, Section};
use std::collections::BTreeSet;

/// Most messages or notices an hour where the manifest does not say.
const DEFAULT_RATE: u32 = 100;
/// Most that may be asked for.
const MAX_RATE: u32 = 1_000_000;

/// One `[[grant]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// What, and how far.
    pub scope: Scope,
    /// Why, for who consents.
    pub reason: Option<Text>,
    /// The plugin works without it.
    pub optional: bool,
    /// Where the section begins.
    pub at: Place,
}

pub(super) fn read(s: &Section<'_>) -> Option<Grant> {
    let capability: Option<Capability> = s.required("use", "use = \"data.read\"", Item::word);
    let reason = s.optional("reason", text);
    let optional = s.or("optional", false, Item::boolean);
    // Without a capability nothing is known about the other keys.
    let capability = capability?;
    let scope = scope(capability, s);
    s.finish_with(|key| elsewhere(capability, key));
    Some(Grant { scope: scope?, reason, optional, at: s.at })
}

fn scope(capability: Capability, s: &Section<'_>) -> Option<Scope> {
    let read = match capability {
        Capability::DataRead => {
            let (types, fields) = (types(s), fields(s));
            Scope::DataRead { types: types?, fields }
        }
        Capability::DataWrite => {
            let (types, fields) = (types(s), fields(s));
            let actions = s.filled_list("actions", "actions = [\"create\", \"update\"]", Item::word::<WriteAction>);
            Scope::DataWrite { types: types?, fields, actions: set(actions?) }
        }
        Capability::Http => {
            let to =
                s.filled_list("to", "to = [\"https://api.example.com/v1/*\"]", |i| i.parsed(str::parse::<Address>));
            let methods = s.optional("methods", |i| Some(i.list(Item::word::<Method>)));
            let secrets = set(s.list("secrets", secret));
            Scope::Http { to: set(to?), methods: methods.map_or_else(|| [Method::Get].into(), set), secrets }
        }
        Capability::Secrets => {
            Scope::Secrets { secrets: set(s.filled_list("secrets", "secrets = [\"webhook-key\"]", secret)?) }
        }
        Capability::Mail => Scope::Mail { max_per_hour: rate(s) },
        Capability::Notify => Scope::Notify { max_per_hour: rate(s) },
        Capability::PdfSeal => {
            let profile = |i: &Item<'_>| i.text_of("a name such as \"contracts\"", names::is_kebab);
            Scope::PdfSeal { profiles: set(s.filled_list("profiles", "profiles = [\"contracts\"]", profile)?) }
        }
        Capability::Kv => Scope::Kv,
        Capability::EventsPublish => Scope::EventsPublish,
        Capability::Policies => Scope::Policies,
        Capability::Jobs => Scope::Jobs,
        Capability::Search => Scope::Search,
        Capability::FilesRead => Scope::FilesRead,
        Capability::FilesWrite => Scope::FilesWrite,
        Capability::Templates => Scope::Templates,
        Capability::PdfRender => Scope::PdfRender,
        Capability::PdfFill => Scope::PdfFill,
        Capability::Audit => Scope::Audit,
        Capability::Calendar => Scope::Calendar,
    };
    Some(read)
}

/// Which capability a key belongs to that this one does not have.
fn elsewhere(capability: Capability, key: &str) -> Option<String> {
    let owners: Vec<&str> =
        Capability::ALL.iter().filter(|c| c.scope_keys().contains(&key)).map(|c| c.as_str()).collect();
    if owners.is_empty() {
        return None;
    }
    let own = match capability.scope_keys() {
        [] => format!("\"{capability}\" has no scope"),
        keys => format!("\"{capability}\" has {}", keys.join(", ")),
    };
    Some(format!("it belongs to {}; {own}", owners.join(" and ")))
}

fn types(s: &Section<'_>) -> Option<BTreeSet<String>> {
    s.filled_list("types", "types = [\"api::article.article\"]", uid).map(set)
}

/// The uid of a content type.
pub(super) fn uid(item: &Item<'_>) -> Option<String> {
    item.text_of("the uid of a content type, such as \"api::article.article\" or \"plugin::crm.deal\"", |uid| {
        names::uid_owner(uid).is_some()
    })
}

/// The name of a secret.
pub(super) fn secret(item: &Item<'_>) -> Option<String> {
    item.text_of("the name of a secret, such as \"webhook-key\"", names::is_kebab)
}

/// The name of a top-level field.
pub(super) fn field(item: &Item<'_>) -> Option<String> {
    item.text_of("the name of a field, such as \"title\"", names::is_field)
}

fn fields(s: &Section<'_>) -> Fields {
    let Some(item) = s.get("fields") else { return Fields::All };
    if item.value_is_empty_list() {
        item.error("is empty", "name the fields, or remove the key to include every field that is not private");
    }
    Fields::Only(set(item.list(field)))
}

fn rate(s: &Section<'_>) -> u32 {
    s.or("max-per-hour", DEFAULT_RATE, |i| i.integer(1..=MAX_RATE))
}

fn set<T: Ord>(list: Vec<T>) -> BTreeSet<T> {
    list.into_iter().collect()
}
