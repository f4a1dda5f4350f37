//! `[[grant]]`: what the plugin asks to be allowed, how far, and why.

use super::items::{ManifestText, read_field_name, read_secret_name, read_text, read_uid_or_choice};
use crate::address::AddressPattern;
use crate::grants::{Capability, Fields, InvitedRoles, Method, Scope, WriteAction};
use crate::names;
use crate::problem::SourceLocation;
use crate::strict_toml::{TomlItem, TomlSection};
use std::collections::BTreeSet;

/// Most messages or notices an hour where the manifest does not say.
const DEFAULT_HOURLY_RATE: u32 = 100;
/// Most that may be asked for.
const MAX_HOURLY_RATE: u32 = 1_000_000;

/// Type of the role of callers who are not signed in.
const PUBLIC_ROLE: &str = "public";

/// One `[[grant]]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestGrant {
    /// Capability that is asked for, and how far.
    pub scope: Scope,
    /// Why, for who consents.
    pub reason: Option<ManifestText>,
    /// The plugin works without it.
    pub optional: bool,
    /// Where the section begins.
    pub at: SourceLocation,
}

pub(super) fn read_grant(s: &TomlSection<'_>) -> Option<ManifestGrant> {
    let capability: Option<Capability> = s.required("use", "use = \"data.read\"", TomlItem::word);
    let reason = s.optional("reason", read_text);
    let optional = s.optional_or("optional", false, TomlItem::boolean);
    // The capability decides which other keys are valid.
    let capability = capability?;
    let scope = read_scope(capability, s);
    s.finish_with(|key| other_capability_hint(capability, key));
    Some(ManifestGrant { scope: scope?, reason, optional, at: s.at })
}

fn read_scope(capability: Capability, s: &TomlSection<'_>) -> Option<Scope> {
    let read = match capability {
        Capability::DataRead => {
            let (types, fields) = (read_types(s), read_fields(s));
            Scope::DataRead { types: types?, fields }
        }
        Capability::DataWrite => {
            let (types, fields) = (read_types(s), read_fields(s));
            let actions = s.filled_list("actions", "actions = [\"create\", \"update\"]", TomlItem::word::<WriteAction>);
            Scope::DataWrite { types: types?, fields, actions: to_set(actions?) }
        }
        Capability::Http => {
            let to = s.filled_list("to", "to = [\"https://api.example.com/v1/*\"]", |i| {
                i.parse_text(str::parse::<AddressPattern>)
            });
            let methods = s.optional("methods", |i| Some(i.list(TomlItem::word::<Method>)));
            let secrets = to_set(s.list("secrets", read_secret_name));
            Scope::Http { to: to_set(to?), methods: methods.map_or_else(|| [Method::Get].into(), to_set), secrets }
        }
        Capability::Secrets => Scope::Secrets {
            secrets: to_set(s.filled_list("secrets", "secrets = [\"webhook-key\"]", read_secret_name)?),
        },
        Capability::Signing => {
            let key = |i: &TomlItem<'_>| i.text_of("the name of a signing key, such as \"invoices\"", names::is_kebab);
            Scope::Signing { keys: to_set(s.filled_list("keys", "keys = [\"invoices\"]", key)?) }
        }
        Capability::Mail => Scope::Mail { max_per_hour: read_rate(s) },
        Capability::Notify => Scope::Notify { max_per_hour: read_rate(s) },
        Capability::PdfSeal => {
            let profile = |i: &TomlItem<'_>| i.text_of("a name such as \"contracts\"", names::is_kebab);
            Scope::PdfSeal { profiles: to_set(s.filled_list("profiles", "profiles = [\"contracts\"]", profile)?) }
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
        Capability::Groups => Scope::Groups,
        Capability::People => Scope::People,
        Capability::UsersInvite => Scope::UsersInvite { roles: read_roles(s), max_per_hour: read_rate(s) },
    };
    Some(read)
}

/// Joins words as a sentence does: `a`, `a and b`, `a, b and c`.
fn join_words(words: &[&str]) -> String {
    match words {
        [first @ .., second_last, last] => {
            let before: String = first.iter().map(|word| format!("{word}, ")).collect();
            format!("{before}{second_last} and {last}")
        }
        _ => words.concat(),
    }
}

/// Returns a hint at the capabilities that a key belongs to, if this one does not have it; `None` if no capability has it.
fn other_capability_hint(capability: Capability, key: &str) -> Option<String> {
    let owners: Vec<&str> =
        Capability::ALL.iter().filter(|c| c.scope_keys().contains(&key)).map(|c| c.as_str()).collect();
    if owners.is_empty() {
        return None;
    }
    let own = match capability.scope_keys() {
        [] => format!("\"{capability}\" has no scope"),
        keys => format!("\"{capability}\" has {}", keys.join(", ")),
    };
    Some(format!("it belongs to {}; {own}", join_words(&owners)))
}

fn read_types(s: &TomlSection<'_>) -> Option<BTreeSet<String>> {
    s.filled_list("types", "types = [\"api::article.article\"]", read_uid_or_choice).map(to_set)
}

fn read_fields(s: &TomlSection<'_>) -> Fields {
    let Some(item) = s.get("fields") else { return Fields::All };
    if item.value_is_empty_list() {
        item.error("is empty", "name the fields, or remove the key to include every field that is not private");
    }
    Fields::Only(to_set(item.list(read_field_name)))
}

fn read_roles(s: &TomlSection<'_>) -> InvitedRoles {
    let Some(item) = s.get("roles") else { return InvitedRoles::Default };
    if item.value_is_empty_list() {
        item.error(
            "is empty",
            "name roles by their types, or remove the key to invite people with the role of new users",
        );
    }
    let role = |i: &TomlItem<'_>| {
        let role = i.text_of("the type of a role, such as \"authenticated\"", names::is_role_type)?;
        if role == PUBLIC_ROLE {
            i.error("is the role of visitors without an account", "name a role that users have");
            return None;
        }
        Some(role)
    };
    InvitedRoles::Only(to_set(item.list(role)))
}

fn read_rate(s: &TomlSection<'_>) -> u32 {
    s.optional_or("max-per-hour", DEFAULT_HOURLY_RATE, |i| i.integer(1..=MAX_HOURLY_RATE))
}

fn to_set<T: Ord>(list: Vec<T>) -> BTreeSet<T> {
    list.into_iter().collect()
}
