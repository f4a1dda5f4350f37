//! Mail and notices in the admin. They join the open transaction and leave after the commit.

use crate::bindings::mail as raw;
use crate::bindings::templates::Template;
use crate::{FileId, Result};
use serde::Serialize;
use serde_json::Value;

/// A mail to one address. `key` names it: a key used before is not sent again, so that what is repeated mails once.
#[must_use = "a mail is nothing until it is sent"]
pub fn mail(key: impl Into<String>, to: impl Into<String>) -> Mail {
    let message = raw::Message {
        key: key.into(),
        to: vec![to.into()],
        cc: Vec::new(),
        bcc: Vec::new(),
        reply_to: None,
        template: Template::Named(String::new()),
        model: "{}".to_owned(),
        locale: "en".to_owned(),
        attachments: Vec::new(),
        headers: Vec::new(),
    };
    Mail { message, secrets: Vec::new() }
}

/// A mail in the making.
#[derive(Debug, Clone)]
#[must_use = "a mail is nothing until it is sent"]
pub struct Mail {
    message: raw::Message,
    secrets: Vec<String>,
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

    /// A file with it: one of the plugin's own.
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
        let ids = match self.secrets.is_empty() {
            true => raw::send(&[self.message])?,
            false => raw::send_confidential(&[raw::Confidential { message: self.message, secrets: self.secrets }])?,
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
