//! Mail and notices in the admin. They join the open transaction and leave after the commit.

use crate::bindings::mail as raw;
use crate::bindings::templates::Template;
use crate::{FileId, Instant, Result};
use serde::Serialize;
use serde_json::Value;

/// A mail to one address. `key` names it: a key used before is not sent again, so that what is repeated mails once.
#[must_use = "a mail is nothing until it is sent"]
pub fn mail(key: impl Into<String>, to: impl Into<String>) -> Mail {
    Mail { message: message(key.into(), to.into()), secrets: Vec::new(), invitation: None }
}

/// A mail to one address with an event, which mail programs put into calendars, change or take away. The same uid, sequence and method
/// are not sent to the same address again.
#[must_use = "a mail is nothing until it is sent"]
pub fn invite(invitation: Invitation, to: impl Into<String>) -> Mail {
    Mail { message: message(String::new(), to.into()), secrets: Vec::new(), invitation: Some(invitation.0) }
}

fn message(key: String, to: String) -> raw::Message {
    raw::Message {
        key,
        to: vec![to],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: None,
        template: Template::Named(String::new()),
        model: "{}".to_owned(),
        locale: "en".to_owned(),
        attachments: Vec::new(),
        headers: Vec::new(),
    }
}

/// An event for the calendars of those who get the mail: see [`invite`].
#[derive(Debug, Clone, PartialEq)]
pub struct Invitation(raw::Invitation);

impl Invitation {
    /// An event from one moment to another, whose end may not be known. `uid` names it for good, in every change and in its cancellation,
    /// such as `4f1c2e@bookings.example.org`; `summary` is its title.
    #[must_use]
    pub fn timed(uid: impl Into<String>, summary: impl Into<String>, start: Instant, end: Option<Instant>) -> Self {
        Self::of(uid.into(), summary.into(), raw::EventTime::Timed(raw::TimeSpan { start, end }))
    }

    /// An event of whole days, from the first to the last, as `2027-03-01`.
    #[must_use]
    pub fn all_day(
        uid: impl Into<String>,
        summary: impl Into<String>,
        first_day: impl Into<String>,
        last_day: impl Into<String>,
    ) -> Self {
        let days = raw::DaySpan { first_day: first_day.into(), last_day: last_day.into() };
        Self::of(uid.into(), summary.into(), raw::EventTime::AllDay(days))
    }

    fn of(uid: String, summary: String, time: raw::EventTime) -> Self {
        Self(raw::Invitation {
            uid,
            sequence: 0,
            method: raw::InvitationMethod::Request,
            time,
            summary,
            description: None,
            location: None,
        })
    }

    /// The number of the change, greater each time; calendars ignore what is older than what they have. 0 where nothing is said.
    #[must_use]
    pub fn sequence(mut self, sequence: u32) -> Self {
        self.0.sequence = sequence;
        self
    }

    /// Takes the event away instead. The sequence is greater than before.
    #[must_use]
    pub fn cancelled(mut self) -> Self {
        self.0.method = raw::InvitationMethod::Cancel;
        self
    }

    /// A text about it, with line breaks.
    #[must_use]
    pub fn description(mut self, text: impl Into<String>) -> Self {
        self.0.description = Some(text.into());
        self
    }

    /// Where it is, on one line.
    #[must_use]
    pub fn location(mut self, text: impl Into<String>) -> Self {
        self.0.location = Some(text.into());
        self
    }
}

/// A mail in the making.
#[derive(Debug, Clone)]
#[must_use = "a mail is nothing until it is sent"]
pub struct Mail {
    message: raw::Message,
    secrets: Vec<String>,
    invitation: Option<raw::Invitation>,
}

impl Mail {
    /// The template of this name in the package's `templates/`.
    pub fn template(mut self, name: impl Into<String>) -> Self {
        self.message.template = Template::Named(name.into());
        self
    }

    /// A text kept in content, as a template: a JSON object with `subject`, `text` and `html`, since a mail has a subject and a text.
    pub fn inline(mut self, source: impl Into<String>) -> Self {
        self.message.template = Template::Inline(source.into());
        self
    }

    /// The language it is written in.
    pub fn locale(mut self, locale: impl Into<String>) -> Self {
        self.message.locale = locale.into();
        self
    }

    /// Where answers go.
    pub fn reply_to(mut self, address: impl Into<String>) -> Self {
        self.message.reply_to = Some(address.into());
        self
    }

    /// One more who gets it, and whom all who get it see.
    pub fn cc(mut self, address: impl Into<String>) -> Self {
        self.message.cc.push(address.into());
        self
    }

    /// One more who gets it, seen by nobody.
    pub fn bcc(mut self, address: impl Into<String>) -> Self {
        self.message.bcc.push(address.into());
        self
    }

    /// A header: one that begins with `X-`, `In-Reply-To`, `References`, or one that mailing lists have (`List-Unsubscribe` …).
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.message.headers.push((name.into(), value.into()));
        self
    }

    /// A text of it that only who gets it reads, such as the token of a link that is good once: `•••` for everybody else.
    pub fn secret(mut self, text: impl Into<String>) -> Self {
        self.secrets.push(text.into());
        self
    }

    /// A file with it: any that the plugin may see.
    pub fn attach(mut self, file: FileId) -> Self {
        self.message.attachments.push(file);
        self
    }

    /// Sends it, with the values the template names, and returns the id that `cairn.mail.*` events tell of.
    ///
    /// # Errors
    /// What the host says: `Invalid` for an address or template that is wrong.
    pub fn send(mut self, model: &impl Serialize) -> Result<String> {
        self.message.model = serde_json::to_string(model)?;
        let Self { message, secrets, invitation } = self;
        let ids = match invitation {
            Some(invitation) => raw::send_invitations(&[raw::InvitationMail { message, invitation, secrets }])?,
            None if secrets.is_empty() => raw::send(&[message])?,
            None => raw::send_confidential(&[raw::Confidential { message, secrets }])?,
        };
        Ok(ids.into_iter().next().unwrap_or_default())
    }
}

/// A notice in the admin's inbox: to user ids or `role:<name>`. `link` is a path of the admin.
///
/// # Errors
/// What the host says.
pub fn notify(key: &str, to: &[&str], title: &str, text: &str, link: Option<&str>) -> Result<()> {
    raw::notify(&[raw::Notice {
        key: key.to_owned(),
        to: to.iter().map(|&to| to.to_owned()).collect(),
        title: title.to_owned(),
        text: text.to_owned(),
        link: link.map(str::to_owned),
    }])
}

/// A template filled in, for a route or a page: subject, HTML and text, as far as it has them.
///
/// # Errors
/// What the host says: `Invalid` for a template that is wrong.
pub fn render(template: &str, model: &Value, locale: &str) -> Result<crate::bindings::templates::Rendered> {
    crate::bindings::templates::render(&Template::Named(template.to_owned()), &model.to_string(), locale)
}
