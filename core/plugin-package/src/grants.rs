//! Grants of a plugin: the scopes that its manifest asks for, cut down to those that the operator allowed. Stored with the
//! installation, and asked by the host at every call.

mod index;
mod narrow;
mod scope;
mod sentences;
mod widen;

#[cfg(test)]
mod tests;

pub use narrow::NarrowError;
pub use scope::{Capability, Fields, InvitedRoles, Method, Scope, WriteAction};
pub use sentences::Sentence;
pub(crate) use sentences::{CHOSEN_DUTCH, CHOSEN_ENGLISH};
pub use widen::GrantWidening;

use crate::address::AddressPattern;
use crate::choices::{Choices, resolve_scope};
use crate::manifest::Manifest;
use index::GrantIndex;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use url::Url;

/// One grant, as it is stored with an installation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GrantedScope {
    /// Capability that is granted, and how far.
    pub scope: Scope,
    /// The author's reason, or its key (`t:…`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The operator may leave it out.
    #[serde(default)]
    pub optional: bool,
}

/// Everything a plugin may do. As JSON: the list of its grants. The look-ups neither allocate nor walk that list, but for addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "Vec<GrantedScope>", into = "Vec<GrantedScope>")]
pub struct Grants {
    list: Vec<GrantedScope>,
    index: GrantIndex,
}

impl Grants {
    /// All that a manifest asks for, in its order. Resolve it first; a grant that rests on a choice without values is still in the list, so
    /// that its place stays, and permits nothing.
    pub fn from_manifest(manifest: &Manifest) -> Self {
        let grants = manifest.grants.iter().map(|grant| GrantedScope {
            scope: grant.scope.clone(),
            reason: grant.reason.as_ref().map(|reason| reason.value.clone()),
            optional: grant.optional,
        });
        grants.collect::<Vec<_>>().into()
    }

    /// One by one, in the order of the manifest.
    pub fn list(&self) -> &[GrantedScope] {
        &self.list
    }

    /// These without grants that permit nothing.
    #[must_use]
    pub fn without_empty(self) -> Self {
        self.list.into_iter().filter(|granted| !granted.scope.is_empty()).collect::<Vec<_>>().into()
    }

    /// These, with what was chosen in place of references to choices.
    #[must_use]
    pub fn resolve(self, choices: &Choices) -> Self {
        let mut list = self.list;
        for granted in &mut list {
            resolve_scope(&mut granted.scope, &|name| choices.values(name).map(str::to_owned).collect());
        }
        list.into()
    }

    /// True if anything of this capability is granted.
    pub fn has(&self, capability: Capability) -> bool {
        self.index.has(capability)
    }

    /// The fields that may be read of this content type. `None`: none of its documents may be read. Not called for the plugin's own
    /// types: these need no grant.
    pub fn may_read(&self, uid: &str) -> Option<&Fields> {
        self.index.read.get(uid)
    }

    /// The fields that this action is granted for. `None`: it is not granted for this content type. Not called for the plugin's own types.
    pub fn may_write(&self, uid: &str, action: WriteAction) -> Option<&Fields> {
        self.index.write.get(uid)?.get(action)
    }

    /// True if a request with that method, in capitals, may be sent to a URL.
    pub fn may_send(&self, method: &str, url: &Url) -> bool {
        self.matching_secrets(method, url).next().is_some()
    }

    /// True if a secret may travel with this request.
    pub fn may_send_secret(&self, method: &str, url: &Url, secret: &str) -> bool {
        self.matching_secrets(method, url).any(|secrets| secrets.contains(secret))
    }

    /// True if a request with that method, in capitals, may be sent to the address that is the value of a secret.
    pub fn may_send_to_secret(&self, method: &str, secret: &str) -> bool {
        self.http_secrets(method, |address| address.secret() == Some(secret)).next().is_some()
    }

    /// True if the plugin may sign and verify with a secret.
    pub fn may_use_secret(&self, secret: &str) -> bool {
        self.index.secrets.contains(secret)
    }

    /// True if the plugin may sign with a private key.
    pub fn may_sign(&self, key: &str) -> bool {
        self.index.signing_keys.contains(key)
    }

    /// True if the plugin may have PDFs sealed with a profile.
    pub fn may_seal(&self, profile: &str) -> bool {
        self.index.profiles.contains(profile)
    }

    /// Most mails in an hour; 0 for none.
    pub fn mail_per_hour(&self) -> u32 {
        self.index.mail_per_hour
    }

    /// Most notices in an hour; 0 for none.
    pub fn notices_per_hour(&self) -> u32 {
        self.index.notices_per_hour
    }

    /// Types of the roles that people may be invited with, in addition to the role of new users where that is granted.
    pub fn invited_roles(&self) -> &BTreeSet<String> {
        &self.index.invited_roles
    }

    /// True if people may be invited with the role that the site gives new users, whichever that is.
    pub fn may_invite_with_default_role(&self) -> bool {
        self.index.invites_with_default_role
    }

    /// Most invitations in an hour; 0 for none.
    pub fn invitations_per_hour(&self) -> u32 {
        self.index.invitations_per_hour
    }

    /// The secrets of every grant a request fits.
    fn matching_secrets<'g>(&'g self, method: &'g str, url: &'g Url) -> impl Iterator<Item = &'g BTreeSet<String>> {
        self.http_secrets(method, |address| address.matches_url(url))
    }

    /// The secrets of every grant of requests with a method that has such an address.
    fn http_secrets<'g>(
        &'g self,
        method: &'g str,
        fits: impl Fn(&AddressPattern) -> bool + 'g,
    ) -> impl Iterator<Item = &'g BTreeSet<String>> {
        self.list.iter().filter_map(move |granted| match &granted.scope {
            Scope::Http { to, methods, secrets }
                if methods.iter().any(|m| m.as_str() == method) && to.iter().any(&fits) =>
            {
                Some(secrets)
            }
            _ => None,
        })
    }
}

impl From<Vec<GrantedScope>> for Grants {
    fn from(list: Vec<GrantedScope>) -> Self {
        let index = GrantIndex::from_grants(&list);
        Self { list, index }
    }
}

impl From<Grants> for Vec<GrantedScope> {
    fn from(grants: Grants) -> Self {
        grants.list
    }
}
