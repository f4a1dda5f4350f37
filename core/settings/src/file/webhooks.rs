//! `webhooks` of the file.

use super::applier::SettingsApplier;
use super::apply::ApplyError;
use super::parser::SettingsParser;
use crate::change::{SettingChange, SettingsProblem};
use crate::input::read_each_element;
use crate::problems::join_key;
use crate::webhooks::{self, WebhookChanges, WebhookName, WebhookSaveError};
use cairn_access::AccessControl;
use cairn_store::events::Actor;
use serde_json::Value as Json;

impl SettingsParser<'_> {
    pub(super) fn parse_webhooks(&mut self, json: &Json) -> Vec<WebhookChanges> {
        let (registry, mut all) = (self.registry, Vec::<WebhookChanges>::new());
        read_each_element(self.problems, json, "webhooks", |problems, json, path| {
            let Some(webhook) = webhooks::parse_changes(problems, registry, json, path) else { return };
            let path = join_key(path, "name");
            match &webhook.name {
                None => problems.add_problem(&path, "is missing"),
                Some(name) if all.iter().any(|w| w.name.as_ref() == Some(name)) => {
                    problems.add_problem(&path, "another webhook in the file already has this name");
                }
                Some(_) => all.push(webhook),
            }
        });
        all
    }
}

impl SettingsApplier<'_, '_> {
    /// Sets the webhooks of the file, others stay; `null` in place of the list deletes all, in place of `url` one.
    pub(super) fn apply_webhooks(
        &mut self,
        change: &SettingChange<Vec<WebhookChanges>>,
        access: &AccessControl,
        now: i64,
    ) -> Result<(), ApplyError> {
        let actor = Actor::system("apply");
        let stored = match change {
            SettingChange::Keep => return Ok(()),
            _ => self.tx.reader().webhooks().list()?,
        };
        let SettingChange::Set(changeses) = change else {
            for row in stored {
                self.remove_webhook(row.id, &row.webhook.name, &actor, now)?;
            }
            return Ok(());
        };
        for webhook in changeses {
            let name = webhook.name.as_ref().map_or("", WebhookName::as_ref);
            let before = stored.iter().find(|row| row.webhook.name == name);
            if webhook.url == SettingChange::Remove {
                if let Some(row) = before {
                    self.remove_webhook(row.id, name, &actor, now)?;
                }
                continue;
            }
            match webhooks::save_webhook(self.tx, access, webhook, before, &actor, now) {
                Ok(saved) if !saved.changed => {}
                Ok(saved) => {
                    let subject = match (saved.added, saved.secret) {
                        (false, _) => "changed",
                        (true, None) => "added",
                        (true, Some(_)) => {
                            "added with a generated secret that was not shown: set a secret in the file, or rotate it"
                        }
                    };
                    self.note_change(format!("webhook {name}: {subject}"));
                }
                Err(WebhookSaveError::Problem(part, message)) => {
                    self.add_problem(join_key(&webhook.path, part), message)
                }
                Err(WebhookSaveError::Store(e)) => return Err(e.into()),
                Err(e) => self.add_problem(&webhook.path, e.to_string()),
            }
        }
        Ok(())
    }

    fn remove_webhook(&mut self, id: i64, name: &str, actor: &Actor, now: i64) -> Result<(), ApplyError> {
        match webhooks::delete_webhook(self.tx, id, actor, now) {
            Ok(()) => self.note_change(format!("webhook {name}: removed")),
            Err(WebhookSaveError::Store(e)) => return Err(e.into()),
            Err(e) => self.problems.push(SettingsProblem { path: "webhooks".to_owned(), message: e.to_string() }),
        }
        Ok(())
    }
}
