//! The same grants, arranged for being asked.

use super::{Capability, Fields, GrantedScope, InvitedRoles, Scope, WriteAction};
use std::collections::{BTreeSet, HashMap};

/// Index of grants by what they allow together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct GrantIndex {
    capabilities: BTreeSet<Capability>,
    pub(super) read: HashMap<String, Fields>,
    pub(super) write: HashMap<String, WritableFields>,
    pub(super) secrets: BTreeSet<String>,
    pub(super) signing_keys: BTreeSet<String>,
    pub(super) profiles: BTreeSet<String>,
    pub(super) mail_per_hour: u32,
    pub(super) notices_per_hour: u32,
    pub(super) invited_roles: BTreeSet<String>,
    pub(super) invites_with_default_role: bool,
    pub(super) invitations_per_hour: u32,
}

/// The fields each action may touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct WritableFields {
    create: Option<Fields>,
    update: Option<Fields>,
    delete: Option<Fields>,
    publish: Option<Fields>,
}

impl WritableFields {
    pub(super) fn get(&self, action: WriteAction) -> Option<&Fields> {
        match action {
            WriteAction::Create => self.create.as_ref(),
            WriteAction::Update => self.update.as_ref(),
            WriteAction::Delete => self.delete.as_ref(),
            WriteAction::Publish => self.publish.as_ref(),
        }
    }

    fn add_fields(&mut self, action: WriteAction, fields: &Fields) {
        let slot = match action {
            WriteAction::Create => &mut self.create,
            WriteAction::Update => &mut self.update,
            WriteAction::Delete => &mut self.delete,
            WriteAction::Publish => &mut self.publish,
        };
        *slot = Some(slot.as_ref().map_or_else(|| fields.clone(), |before| before.union(fields)));
    }
}

impl GrantIndex {
    pub(super) fn from_grants(list: &[GrantedScope]) -> Self {
        let mut index = Self::default();
        for granted in list {
            index.add_scope(&granted.scope);
        }
        index
    }

    pub(super) fn has(&self, capability: Capability) -> bool {
        self.capabilities.contains(&capability)
    }

    fn add_scope(&mut self, scope: &Scope) {
        self.capabilities.insert(scope.capability());
        match scope {
            Scope::DataRead { types, fields } => {
                for uid in types {
                    let all = self.read.get(uid).map_or_else(|| fields.clone(), |before| before.union(fields));
                    self.read.insert(uid.clone(), all);
                }
            }
            Scope::DataWrite { types, fields, actions } => {
                for uid in types {
                    let writable = self.write.entry(uid.clone()).or_default();
                    for action in actions {
                        writable.add_fields(*action, fields);
                    }
                }
            }
            Scope::Secrets { secrets } => self.secrets.extend(secrets.iter().cloned()),
            Scope::Signing { keys } => self.signing_keys.extend(keys.iter().cloned()),
            Scope::PdfSeal { profiles } => self.profiles.extend(profiles.iter().cloned()),
            Scope::Mail { max_per_hour } => self.mail_per_hour = self.mail_per_hour.max(*max_per_hour),
            Scope::Notify { max_per_hour } => self.notices_per_hour = self.notices_per_hour.max(*max_per_hour),
            Scope::UsersInvite { roles, max_per_hour } => {
                match roles {
                    InvitedRoles::Default => self.invites_with_default_role = true,
                    InvitedRoles::Only(roles) => self.invited_roles.extend(roles.iter().cloned()),
                }
                self.invitations_per_hour = self.invitations_per_hour.max(*max_per_hour);
            }
            // Asked by address and method together, in the list.
            Scope::Http { .. } => {}
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
}
