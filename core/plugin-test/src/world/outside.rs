//! What a plugin has to do with the world outside: services elsewhere, mails, people who are told.

use super::{ROWS, World};
use crate::Service;
use crate::broken::{Broken, broken};
use cairn_access::iso;
use cairn_plugin_host::secrets;
use cairn_store::notify::{MailFilter, MailRow};
use serde_json::{Map, Value as Json, json};

impl World {
    /// From here on this service answers what fits it, before those that were there already.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn answer(&self, service: &Service) -> Result<(), Broken> {
        self.elsewhere.answer(service)
    }

    /// The requests that arrived elsewhere and fit a line such as `POST https://api.example.com/*`, oldest first: `method`, `url`, `headers`, `body`.
    ///
    /// # Errors
    /// A line that is none.
    pub fn requests(&self, on: &str) -> Result<Vec<Json>, Broken> {
        self.elsewhere.asked(on)
    }

    /// What the plugin asked elsewhere that no service answers for.
    pub fn unanswered(&self) -> Vec<String> {
        self.elsewhere.unanswered()
    }

    /// Sets a secret of the plugin, as an operator does.
    ///
    /// # Errors
    /// A name that the manifest does not declare, a value that is too short or too long.
    pub async fn set_secret(&self, name: &str, value: &str) -> Result<(), Broken> {
        secrets::set(&self.access, &self.plugin.manifest, name, value, |_| Ok(())).await.map_err(broken)
    }

    /// Adds an admin user with these roles, whom notices can reach. Nobody signs in as them.
    ///
    /// # Errors
    /// One that is there already; the database's.
    pub async fn add_admin(&self, email: &str, roles: &[String]) -> Result<(), Broken> {
        let (email, roles, now) = (email.to_ascii_lowercase(), roles.to_vec(), iso(self.now()));
        let shown = email.clone();
        let written = self.content.store().write(move |tx| tx.insert_admin_user(&email, "!", &roles, &now)).await;
        written.map(drop).map_err(|e| Broken(format!("the admin user {shown}: {e}")))
    }

    /// The mails to an address, or to all (`*`), oldest first, as they would have been sent: `to`, `template`, `locale`, `subject`, `text`, `html`,
    /// `replyTo`, `headers`.
    ///
    /// # Errors
    /// The database's.
    pub fn mails(&self, to: &str) -> Result<Vec<Json>, Broken> {
        let filter = MailFilter { to: (to != "*").then(|| to.to_owned()), ..MailFilter::default() };
        let store = self.content.store();
        let mut rows = store.read(|r| r.mails(&filter, i64::from(ROWS))).map_err(broken)?;
        rows.reverse();
        let whole = |row: &MailRow| store.read(|r| r.mail(row.id)).map(|found| found.map(|row| self.mail(&row)));
        rows.iter().filter_map(|row| whole(row).transpose()).collect::<Result<_, _>>().map_err(broken)
    }

    fn mail(&self, row: &MailRow) -> Json {
        let own = format!("plugin:{}:", self.id);
        let template = row.mail.template.strip_prefix(&own).unwrap_or(&row.mail.template);
        let said = row.rendered.as_ref();
        let headers: Map<String, Json> = row
            .headers
            .iter()
            .flat_map(|headers| headers.as_array().into_iter().flatten())
            .filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].clone())))
            .collect();
        json!({
            "to": row.mail.to_address,
            "template": template,
            "locale": row.mail.locale,
            "subject": said.map(|said| said.subject.as_str()),
            "text": said.map(|said| said.text.as_str()),
            "html": said.map(|said| said.html.as_str()),
            "replyTo": row.mail.reply_to,
            "headers": headers,
            "error": row.error,
        })
    }

    /// What an admin user, or everyone (`*`), was told in the admin, oldest first: `to`, `title`, `text`, `link`.
    ///
    /// # Errors
    /// The database's.
    pub fn notices(&self, to: &str) -> Result<Vec<Json>, Broken> {
        let store = self.content.store();
        let found = store.read(|r| {
            let mut all = Vec::new();
            for user in r.admin_users()?.into_iter().filter(|user| to == "*" || user.email == to) {
                for told in r.notifications(user.id, false, None, None, i64::from(ROWS))? {
                    all.push((told.id, user.email.clone(), told.notification));
                }
            }
            Ok::<_, cairn_store::StoreError>(all)
        });
        let mut found = found.map_err(broken)?;
        found.sort_by_key(|(id, ..)| *id);
        let shown = |(_, email, told): &(i64, String, cairn_store::notify::NewNotification)| {
            let link = told.link.as_ref().and_then(|link| link.get("path")).cloned();
            json!({ "to": email, "title": told.data["title"], "text": told.data["excerpt"], "link": link })
        };
        Ok(found.iter().map(shown).collect())
    }
}
