//! Differences in grants that allow an upgrade more than the version before: the operator is asked about nothing else.

use super::{Capability, Fields, Grants, InvitedRoles, Method, Scope, WriteAction};
use crate::address::AddressPattern;
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt;

/// One thing that was not allowed before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum GrantWidening {
    /// A capability of which nothing was granted.
    Capability {
        /// The capability that was added.
        capability: Capability,
    },
    /// Documents of another content type.
    Type {
        /// Reading or writing.
        capability: Capability,
        /// Uid of the content type.
        uid: String,
    },
    /// Another field.
    Field {
        /// Reading or writing.
        capability: Capability,
        /// The content type's uid.
        uid: String,
        /// `None`: every one that is not private.
        field: Option<String>,
    },
    /// Something else done to documents.
    Action {
        /// The content type's uid.
        uid: String,
        /// The action that was added.
        action: WriteAction,
    },
    /// Requests to another address.
    Address {
        /// Pattern of the address.
        to: AddressPattern,
    },
    /// Another method to an address.
    Method {
        /// Pattern of the address, which was granted before.
        to: AddressPattern,
        /// The method that was added.
        method: Method,
    },
    /// Another secret.
    Secret {
        /// Name of the secret.
        secret: String,
        /// Where it may travel; `None` for signing and verifying.
        to: Option<AddressPattern>,
    },
    /// Another key to sign with.
    SigningKey {
        /// Name of the key.
        key: String,
    },
    /// Another sealing profile.
    Profile {
        /// Name of the profile.
        profile: String,
    },
    /// Inviting people with another role.
    InvitedRole {
        /// Type of the role; `None`: the role of new users.
        role: Option<String>,
    },
    /// More messages per hour.
    Rate {
        /// Mail, notices or invitations.
        capability: Capability,
        /// So many before.
        before: u32,
        /// Messages per hour from now on.
        now: u32,
    },
}

impl fmt::Display for GrantWidening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Capability { capability } => write!(f, "{capability}"),
            Self::Type { capability, uid } => write!(f, "{capability} of {uid}"),
            Self::Field { capability, uid, field: Some(field) } => {
                write!(f, "{capability} of the field {field} of {uid}")
            }
            Self::Field { capability, uid, field: None } => write!(f, "{capability} of every field of {uid}"),
            Self::Action { uid, action } => write!(f, "{action} of {uid}"),
            Self::Address { to } => write!(f, "requests to {to}"),
            Self::Method { to, method } => write!(f, "{method} requests to {to}"),
            Self::Secret { secret, to: Some(to) } => write!(f, "the secret {secret} sent to {to}"),
            Self::Secret { secret, to: None } => write!(f, "signing with the secret {secret}"),
            Self::SigningKey { key } => write!(f, "signing with the key {key}"),
            Self::Profile { profile } => write!(f, "sealing with the profile {profile}"),
            Self::InvitedRole { role: Some(role) } => write!(f, "inviting people with the role {role}"),
            Self::InvitedRole { role: None } => f.write_str("inviting people with the role of new users"),
            Self::Rate { capability, before, now } => write!(f, "{capability}: {now} an hour instead of {before}"),
        }
    }
}

impl Grants {
    /// Lists the permissions that these grants add to `before`, each once, in a fixed order. Empty: none.
    pub fn widened_from(&self, before: &Self) -> Vec<GrantWidening> {
        let mut widenings = BTreeSet::new();
        for granted in &self.list {
            let capability = granted.scope.capability();
            if before.has(capability) {
                collect_widenings(&granted.scope, before, &mut widenings);
            } else {
                widenings.insert(GrantWidening::Capability { capability });
            }
        }
        widenings.into_iter().collect()
    }
}

fn collect_widenings(scope: &Scope, before: &Grants, widenings: &mut BTreeSet<GrantWidening>) {
    let capability = scope.capability();
    match scope {
        Scope::DataRead { types, fields } => {
            for uid in types {
                match before.may_read(uid) {
                    None => {
                        widenings.insert(GrantWidening::Type { capability, uid: uid.clone() });
                    }
                    Some(known) => collect_field_widenings(capability, uid, fields, known, widenings),
                }
            }
        }
        Scope::DataWrite { types, fields, actions } => {
            for uid in types {
                let some = WriteAction::ALL.iter().any(|action| before.may_write(uid, *action).is_some());
                if !some {
                    widenings.insert(GrantWidening::Type { capability, uid: uid.clone() });
                    continue;
                }
                for action in actions {
                    match before.may_write(uid, *action) {
                        None => {
                            widenings.insert(GrantWidening::Action { uid: uid.clone(), action: *action });
                        }
                        Some(known) => collect_field_widenings(capability, uid, fields, known, widenings),
                    }
                }
            }
        }
        Scope::Http { to, methods, secrets } => {
            for address in to {
                collect_http_widenings(address, methods, secrets, before, widenings);
            }
        }
        Scope::Secrets { secrets } => {
            let new = secrets.iter().filter(|secret| !before.may_use_secret(secret));
            widenings.extend(new.map(|secret| GrantWidening::Secret { secret: secret.clone(), to: None }));
        }
        Scope::Signing { keys } => {
            let new = keys.iter().filter(|key| !before.may_sign(key));
            widenings.extend(new.map(|key| GrantWidening::SigningKey { key: key.clone() }));
        }
        Scope::PdfSeal { profiles } => {
            let new = profiles.iter().filter(|profile| !before.may_seal(profile));
            widenings.extend(new.map(|profile| GrantWidening::Profile { profile: profile.clone() }));
        }
        Scope::Mail { max_per_hour } => {
            collect_rate_widening(capability, before.mail_per_hour(), *max_per_hour, widenings)
        }
        Scope::Notify { max_per_hour } => {
            collect_rate_widening(capability, before.notices_per_hour(), *max_per_hour, widenings)
        }
        Scope::UsersInvite { roles, max_per_hour } => {
            match roles {
                InvitedRoles::Default if before.may_invite_with_default_role() => {}
                InvitedRoles::Default => {
                    widenings.insert(GrantWidening::InvitedRole { role: None });
                }
                InvitedRoles::Only(roles) => {
                    let new = roles.difference(before.invited_roles());
                    widenings.extend(new.map(|role| GrantWidening::InvitedRole { role: Some(role.clone()) }));
                }
            }
            collect_rate_widening(capability, before.invitations_per_hour(), *max_per_hour, widenings)
        }
        Scope::Kv
        | Scope::EventsPublish
        | Scope::Policies
        | Scope::Jobs
        | Scope::Search
        | Scope::FilesRead
        | Scope::FilesWrite
        | Scope::Templates
        | Scope::PdfRender
        | Scope::PdfFill
        | Scope::Audit
        | Scope::Calendar
        | Scope::Groups
        | Scope::People => {}
    }
}

fn collect_rate_widening(capability: Capability, before: u32, now: u32, widenings: &mut BTreeSet<GrantWidening>) {
    if now > before {
        widenings.insert(GrantWidening::Rate { capability, before, now });
    }
}

fn collect_field_widenings(
    capability: Capability,
    uid: &str,
    now: &Fields,
    before: &Fields,
    widenings: &mut BTreeSet<GrantWidening>,
) {
    let mut add = |field: Option<&String>| {
        widenings.insert(GrantWidening::Field { capability, uid: uid.to_owned(), field: field.cloned() });
    };
    match (now, before) {
        (_, Fields::All) => {}
        (Fields::All, Fields::Only(_)) => add(None),
        (Fields::Only(now), Fields::Only(before)) => now.difference(before).for_each(|field| add(Some(field))),
    }
}

/// One grant must have allowed address, method and secret together: two that each allow a part do not add up.
fn collect_http_widenings(
    address: &AddressPattern,
    methods: &BTreeSet<Method>,
    secrets: &BTreeSet<String>,
    before: &Grants,
    widenings: &mut BTreeSet<GrantWidening>,
) {
    let covering = before.list.iter().filter_map(|granted| match &granted.scope {
        Scope::Http { to, methods, secrets } if to.iter().any(|known| known.covers(address)) => {
            Some((methods, secrets))
        }
        _ => None,
    });
    let covering: Vec<_> = covering.collect();
    if covering.is_empty() {
        widenings.insert(GrantWidening::Address { to: address.clone() });
        return;
    }
    for method in methods {
        let mut sending = covering.iter().filter(|(methods, _)| methods.contains(method)).peekable();
        if sending.peek().is_none() {
            widenings.insert(GrantWidening::Method { to: address.clone(), method: *method });
            continue;
        }
        let sets: Vec<&BTreeSet<String>> = sending.map(|(_, secrets)| *secrets).collect();
        let new = secrets.iter().filter(|secret| !sets.iter().any(|secrets| secrets.contains(*secret)));
        widenings.extend(new.map(|secret| GrantWidening::Secret { secret: secret.clone(), to: Some(address.clone()) }));
    }
}
