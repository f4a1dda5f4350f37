//! Exchange of a plugin with the world outside: services elsewhere, events of other plugins, mails, people who are notified.

use super::{MAX_ROWS, TestHarness};
use crate::error::{TestError, to_test_error};
use crate::{Service, TestPlugin};
use cairn_access::format_iso;
use cairn_notify::{find_attachments, find_invitation};
use cairn_plugin_host::{secrets, signing_keys};
use cairn_store::WriteTx;
use cairn_store::events::{Actor, ActorKind, NewEvent};
use cairn_store::notify::{MailFilter, MailRow};
use cairn_store::system::AdminProfile;
use chrono::DateTime;
use serde_json::{Map, Value as Json, json};

impl TestHarness {
    /// From here on this service answers what fits it, before those that were there already. The error says what is wrong with it.
    pub fn add_service(&self, service: &Service) -> Result<(), TestError> {
        self.fake_services.add_service(service)
    }

    /// The requests that arrived elsewhere and fit a line such as `POST https://api.example.com/*`, oldest first: `method`, `url`,
    /// `headers`, `body`. Fails for a line of another form.
    pub fn sent_requests(&self, on: &str) -> Result<Vec<Json>, TestError> {
        self.fake_services.matching_requests(on)
    }

    /// Requests of the plugin to hosts elsewhere that no service answers.
    pub fn unanswered_requests(&self) -> Vec<String> {
        self.fake_services.unanswered_requests()
    }

    /// Sets a secret of the plugin, as an operator does. Fails for a name that the manifest does not declare, or a value that is
    /// too short or too long.
    pub async fn set_secret(&self, name: &str, value: &str) -> Result<(), TestError> {
        self.set_secret_of(&self.plugin, name, value).await
    }

    /// Makes a signing key of the plugin, as an operator does. Fails for a name that the manifest does not declare.
    pub async fn generate_signing_key(&self, name: &str) -> Result<(), TestError> {
        let made = signing_keys::generate_key(&self.access, &self.plugin.manifest, name, |_| Ok(())).await;
        made.map(drop).map_err(to_test_error)
    }

    /// Sets a secret of one of the plugins, as [`Self::set_secret`] does.
    pub(super) async fn set_secret_of(&self, plugin: &TestPlugin, name: &str, value: &str) -> Result<(), TestError> {
        secrets::set_secret(&self.access, &plugin.manifest, name, value, |_| Ok(())).await.map_err(to_test_error)
    }

    /// Adds an admin user with these roles, whom notices can reach and plugins can find. Nobody signs in as them. The name is split at
    /// its first space into first and last name.
    ///
    /// # Errors
    /// One that is there already; the database's.
    pub async fn add_admin(&self, email: &str, name: Option<&str>, roles: &[String]) -> Result<(), TestError> {
        let (email, roles, now) = (email.to_ascii_lowercase(), roles.to_vec(), format_iso(self.now()));
        let text = email.clone();
        let profile = name.map(|name| {
            let (first_name, last_name) =
                name.split_once(' ').map_or((name, None), |(first_name, last_name)| (first_name, Some(last_name)));
            AdminProfile {
                first_name: Some(first_name.to_owned()),
                last_name: last_name.map(str::to_owned),
                language: None,
            }
        });
        let create = move |tx: &mut WriteTx<'_>| {
            let id = tx.admin_users().create(&email, "!", &roles, &now)?;
            profile.as_ref().map_or(Ok(()), |profile| tx.admin_users().set_profile(id, profile, &now))
        };
        let created = self.content.store().write(create).await;
        created.map_err(|e| TestError(format!("the admin user {text}: {e}")))
    }

    /// The mails to an address, or to all (`*`), oldest first, as they would have been sent: `to`, `template`, `locale`, `subject`, `text`, `html`,
    /// `replyTo`, `headers`, `attachments`, `invitation`. Returns an error if the database fails.
    pub fn sent_mails(&self, to: &str) -> Result<Vec<Json>, TestError> {
        let filter = MailFilter { to: (to != "*").then(|| to.to_owned()), ..MailFilter::default() };
        let store = self.content.store();
        let mut rows = store.read(|r| r.mails().list(&filter, i64::from(MAX_ROWS))).map_err(to_test_error)?;
        rows.reverse();
        let load_mail =
            |row: &MailRow| store.read(|r| r.mails().get(row.id)).map(|found| found.map(|row| self.mail_json(&row)));
        rows.iter().filter_map(|row| load_mail(row).transpose()).collect::<Result<_, _>>().map_err(to_test_error)
    }

    fn mail_json(&self, row: &MailRow) -> Json {
        let own = format!("plugin:{}:", self.id);
        let template = row.mail.template.strip_prefix(&own).unwrap_or(&row.mail.template);
        let mail = row.rendered.as_ref();
        let headers: Map<String, Json> = row
            .headers
            .iter()
            .flat_map(|headers| headers.as_array().into_iter().flatten())
            .filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].clone())))
            .collect();
        let attachments: Vec<Json> = find_attachments(&row.mail.data)
            .iter()
            .map(|file| json!({ "name": file.name, "mediaType": file.media_type, "bytes": file.bytes }))
            .collect();
        json!({
            "to": row.mail.to_address,
            "template": template,
            "locale": row.mail.locale,
            "subject": mail.map(|rendered| rendered.subject.as_str()),
            "text": mail.map(|rendered| rendered.text.as_str()),
            "html": mail.map(|rendered| rendered.html.as_str()),
            "replyTo": row.mail.reply_to,
            "headers": headers,
            "attachments": attachments,
            "invitation": invitation_json(&row.mail.data),
            "error": row.error,
        })
    }

    /// Publishes an event, as another plugin would. Returns an error if the database fails.
    pub async fn publish_event(&self, name: &str, version: u32, key: &str, data: Json) -> Result<(), TestError> {
        let publisher = name.split('.').next().unwrap_or_default().to_owned();
        let actor = Actor { kind: ActorKind::Plugin, id: Some(publisher), ..Actor::public() };
        let event = NewEvent {
            name: name.to_owned(),
            key: key.to_owned(),
            content_type: None,
            document_id: None,
            locale: None,
            status: None,
            data: json!({ "version": version, "data": data }),
        };
        let now = self.now().timestamp_millis();
        self.content.store().write(move |tx| tx.events().emit(&actor, &event, now)).await.map_err(to_test_error)
    }

    /// Notifications of an admin user, or of everyone (`*`), in the admin, oldest first: `to`, `title`, `text`, `link`. Returns an
    /// error if the database fails.
    pub fn sent_notices(&self, to: &str) -> Result<Vec<Json>, TestError> {
        let store = self.content.store();
        let found = store.read(|r| {
            let mut all = Vec::new();
            for user in r.admin_users().list()?.into_iter().filter(|user| to == "*" || user.email == to) {
                for row in r.notifications().list(user.id, false, None, None, i64::from(MAX_ROWS))? {
                    all.push((row.id, user.email.clone(), row.notification));
                }
            }
            Ok::<_, cairn_store::StoreError>(all)
        });
        let mut found = found.map_err(to_test_error)?;
        found.sort_by_key(|(id, ..)| *id);
        let to_notice = |(_, email, notification): &(i64, String, cairn_store::notify::NewNotification)| {
            let link = notification.link.as_ref().and_then(|link| link.get("path")).cloned();
            json!({ "to": email, "title": notification.data["title"], "text": notification.data["excerpt"], "link": link })
        };
        Ok(found.iter().map(to_notice).collect())
    }
}

/// The event of a mail, with times as documents have them; null for a mail without one.
fn invitation_json(data: &Json) -> Json {
    let Some(invitation) = find_invitation(data) else { return Json::Null };
    let mut json = json!(invitation);
    for moment in ["start", "end"] {
        if let Some(at) = json["time"][moment].as_i64().and_then(DateTime::from_timestamp_millis) {
            json["time"][moment] = format_iso(at).into();
        }
    }
    json
}
