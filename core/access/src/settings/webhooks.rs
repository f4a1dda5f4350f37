//! `webhooks` of the file.

use super::apply::{Apply, ApplyError};
use super::parse::Parser;
use super::walk::{index, join};
use super::{Change, SettingsProblem};
use crate::AccessControl;
use crate::webhooks::{self, SaveError, WebhookChanges};
use cairn_store::events::Actor;
use serde_json::Value as Json;

impl Parser<'_> {
    pub(super) fn webhooks(&mut self, json: &Json) -> Vec<WebhookChanges> {
        let mut all: Vec<WebhookChanges> = Vec::new();
        for (i, json) in self.walk.list(json, "webhooks").into_iter().flatten().enumerate() {
            let path = index("webhooks", i);
            let Some(webhook) = webhooks::change(self.walk, self.registry, json, &path) else { continue };
            let path = join(&path, "name");
            match &webhook.name {
                None => self.walk.problem(&path, "is missing"),
                Some(name) if all.iter().any(|w| w.name.as_ref() == Some(name)) => {
                    self.walk.problem(&path, "another webhook in the file already has this name");
                }
                Some(_) => all.push(webhook),
            }
        }
        all
    }
}

impl Apply<'_, '_> {
    /// Sets the webhooks of the file, others stay; `null` in place of the list deletes all, in place of `url` one.
    pub(super) fn webhooks(
        &mut self,
        wanted: &Change<Vec<WebhookChanges>>,
        access: &AccessControl,
        now: i64,
    ) -> Result<(), ApplyError> {
        let actor = Actor::system("apply");
        let stored = match wanted {
            Change::Keep => return Ok(()),
            _ => self.tx.reader().webhooks()?,
        };
        let Change::Set(wanted) = wanted else {
            for row in stored {
                self.remove(row.id, &row.webhook.name, &actor, now)?;
            }
            return Ok(());
        };
        for webhook in wanted {
            let name = webhook.name.as_deref().unwrap_or_default();
            let before = stored.iter().find(|row| row.webhook.name == name);
            if webhook.url == Change::Remove {
                if let Some(row) = before {
                    self.remove(row.id, name, &actor, now)?;
                }
                continue;
            }
            match webhooks::save(self.tx, access, webhook, before, &actor, now) {
                Ok(saved) if !saved.changed => {}
                Ok(saved) => {
                    let what = match (saved.added, saved.secret) {
                        (false, _) => "changed",
                        (true, None) => "added",
                        (true, Some(_)) => {
                            "added with a generated secret that was not shown: set a secret in the file, or rotate it"
                        }
                    };
                    self.changed(format!("webhook {name}: {what}"));
                }
                Err(SaveError::Problem(part, message)) => self.problem(join(&webhook.path, part), message),
                Err(SaveError::Store(e)) => return Err(e.into()),
                Err(e) => self.problem(&webhook.path, e.to_string()),
            }
        }
        Ok(())
    }

    fn remove(&mut self, id: i64, name: &str, actor: &Actor, now: i64) -> Result<(), ApplyError> {
        match webhooks::delete(self.tx, id, actor, now) {
            Ok(()) => self.changed(format!("webhook {name}: removed")),
            Err(SaveError::Store(e)) => return Err(e.into()),
            Err(e) => self.problems.push(SettingsProblem { path: "webhooks".to_owned(), message: e.to_string() }),
        }
        Ok(())
    }
}
