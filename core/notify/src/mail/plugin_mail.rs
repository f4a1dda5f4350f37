//! Mails with foreign texts: of plugins. They are rendered when they are requested, so that the caller gets the errors, and are sent like
//! all others: in the tenant's layout, by the tenant's sender, once per key and address.

use crate::mail::address::{self, MailFieldProblem};
use crate::mail::invitation::Invitation;
use crate::mail::message::ShownHeaders;
use crate::mail::queue::{self, MailError};
use crate::once_key::bounded_key;
use crate::templates::{PartialTemplate, is_break};
use cairn_store::WriteTx;
use cairn_store::notify::{NewMail, RenderedMail};
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

/// Largest number of addresses of one mail.
pub const MAX_MAIL_ADDRESSES: usize = 50;
/// Largest number of headers of one mail.
const MAX_MAIL_HEADERS: usize = 20;
/// Longest value of a header, in bytes (RFC 5322).
const MAX_HEADER_VALUE_BYTES: usize = 900;
/// Largest number of files of one mail. Their size is limited to what most mail servers accept, once it is encoded as text.
pub const MAX_MAIL_FILES: usize = 10;
/// Largest size of all files of one mail, in bytes; see [`MAX_MAIL_FILES`].
pub const MAX_MAIL_FILE_BYTES: u64 = 10 << 20;
/// Longest name of a file, in bytes.
const MAX_FILE_NAME_BYTES: usize = 255;
/// Longest part, in bytes.
const MAX_PART_BYTES: usize = 256 << 10;
/// Permitted headers besides those that begin with `X-`.
const ALLOWED_HEADERS: [&str; 5] =
    ["In-Reply-To", "References", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"];

/// A mail whose texts are rendered already.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginMail {
    /// Key for which one address gets only one mail from its source. With an invitation, only the beginning of the key, whatever the source:
    /// the rest is the invitation's uid, sequence and method.
    pub once_key: String,
    /// Its source, as lists of mails show it: `plugin:crm:welcome`.
    pub source: String,
    /// Locale of the mail and its layout.
    pub locale: String,
    /// Addresses of the recipients, visible to all of them.
    pub to: Vec<String>,
    /// Addresses of those who get a copy, visible to all.
    pub cc: Vec<String>,
    /// Addresses of further recipients, visible to nobody.
    pub bcc: Vec<String>,
    /// Address for replies, if it is not the tenant's.
    pub reply_to: Option<String>,
    /// Its texts: a subject and a text at least. Without an HTML the text is converted to one.
    pub parts: PartialTemplate,
    /// Additional headers: those that begin with `X-`, and a few for mailing lists.
    pub headers: Vec<(String, String)>,
    /// Files that are attached.
    pub attachments: Vec<Attachment>,
    /// The event that recipients are invited to.
    pub invitation: Option<Invitation>,
    /// Mail that is stored and shown to administrators, if it has secrets: the recipient gets the full texts.
    pub visible: Option<RedactedMail>,
}

/// A mail without its secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct RedactedMail {
    /// The visible texts, see [`PluginMail::parts`].
    pub parts: PartialTemplate,
    /// The visible headers, see [`PluginMail::headers`].
    pub headers: Vec<(String, String)>,
    /// The visible texts of the event, see [`PluginMail::invitation`].
    pub invitation: Option<Invitation>,
}

/// An attached file. Its bytes stay in the file store until it is sent: see [`crate::Notifier::with_files`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Name of the file for readers.
    pub name: String,
    /// Media type: `application/pdf`.
    pub media_type: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Blob key of its bytes when the mail was requested.
    pub object: String,
}

/// The form in which it is stored until it is sent.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredPluginMail {
    subject: String,
    text: String,
    html: String,
    pub(crate) shown: ShownHeaders,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) attachments: Vec<Attachment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) invitation: Option<Invitation>,
    /// True if it holds the visible texts of a mail with secrets, which are stored elsewhere until it is sent.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) visible: bool,
}

impl StoredPluginMail {
    pub(crate) fn parts(&self) -> RenderedMail {
        RenderedMail { subject: self.subject.clone(), text: self.text.clone(), html: self.html.clone() }
    }
}

/// Reads such a mail from a mail's data.
pub(crate) fn stored_mail_in(data: &Json) -> Option<StoredPluginMail> {
    StoredPluginMail::deserialize(data.get("written")?).ok()
}

/// Returns the attachments of a stored mail's data.
pub fn find_attachments(data: &Json) -> Vec<Attachment> {
    stored_mail_in(data).map(|stored| stored.attachments).unwrap_or_default()
}

/// A validated mail: one row per address.
struct CheckedMail {
    to: Vec<String>,
    reply_to: Option<String>,
    data: Json,
    secret: Option<Json>,
}

impl PluginMail {
    /// Number of its addresses, with duplicates.
    pub fn address_count(&self) -> usize {
        self.to.len() + self.cc.len() + self.bcc.len()
    }

    /// The once-key for an address.
    fn once_key_for(&self, address: &str) -> String {
        bounded_key(&match &self.invitation {
            None => format!("{}:{}:{address}", self.source, self.once_key),
            Some(invitation) => format!("{}:{}:{address}", self.once_key, invitation.once_key()),
        })
    }

    fn check_mail(&self) -> Result<CheckedMail, MailFieldProblem> {
        let to_problem = |field, problem: &str| MailFieldProblem { field, problem: problem.to_owned() };
        if self.to.is_empty() {
            return Err(to_problem("to", "an e-mail address is required"));
        }
        if self.address_count() > MAX_MAIL_ADDRESSES {
            return Err(to_problem("to", "a mail can have at most 50 recipients"));
        }
        let parse_list = |field, list: &[String]| {
            list.iter().map(|a| address::parse_address(field, a)).collect::<Result<Vec<_>, _>>()
        };
        let (to, cc, bcc) = (parse_list("to", &self.to)?, parse_list("cc", &self.cc)?, parse_list("bcc", &self.bcc)?);
        for (name, value) in &self.headers {
            check_header(name, value).map_err(|problem| MailFieldProblem { field: "headers", problem })?;
        }
        if self.headers.len() > MAX_MAIL_HEADERS {
            return Err(to_problem("headers", "a mail can have at most 20 custom headers"));
        }
        check_files(&self.attachments).map_err(|problem| MailFieldProblem { field: "attachments", problem })?;
        let to_headers =
            |headers: &[(String, String)]| ShownHeaders { to: to.clone(), cc: cc.clone(), headers: headers.to_vec() };
        self.invitation.as_ref().map(Invitation::check).transpose()?;
        let stored_mail = self.stored_parts(&self.parts, to_headers(&self.headers), &self.invitation)?;
        let visible = self
            .visible
            .as_ref()
            .map(|visible| self.stored_parts(&visible.parts, to_headers(&visible.headers), &visible.invitation))
            .transpose()?;
        let (data, secret) = match visible {
            None => (json!({ "written": stored_mail }), None),
            Some(mut visible) => {
                visible.visible = true;
                (json!({ "written": visible }), Some(json!({ "written": stored_mail })))
            }
        };
        let mut all: Vec<String> = Vec::new();
        for address in [to, cc, bcc].into_iter().flatten() {
            if !all.iter().any(|known| address::suppression_key(known) == address::suppression_key(&address)) {
                all.push(address);
            }
        }
        Ok(CheckedMail {
            to: all,
            reply_to: self.reply_to.as_deref().map(|a| address::parse_address("replyTo", a)).transpose()?,
            data,
            secret,
        })
    }

    /// The form to store, from its parts.
    fn stored_parts(
        &self,
        parts: &PartialTemplate,
        headers: ShownHeaders,
        invitation: &Option<Invitation>,
    ) -> Result<StoredPluginMail, MailFieldProblem> {
        let to_problem = |field, problem: &str| MailFieldProblem { field, problem: problem.to_owned() };
        let subject = parts.subject.as_deref().unwrap_or_default();
        let text = parts.text.as_deref().unwrap_or_default();
        if subject.trim().is_empty() || subject.chars().any(is_break) {
            return Err(to_problem("subject", "a mail must have a subject on a single line"));
        }
        if text.trim().is_empty() {
            return Err(to_problem("text", "a mail must have a plain-text body, for readers that do not show HTML"));
        }
        let html = parts.html.clone().unwrap_or_else(|| text_to_html(text));
        if text.len() > MAX_PART_BYTES || html.len() > 2 * MAX_PART_BYTES {
            return Err(to_problem("text", "the text of a mail can have at most 256 KiB"));
        }
        Ok(StoredPluginMail {
            subject: subject.to_owned(),
            text: text.to_owned(),
            html,
            shown: headers,
            attachments: self.attachments.clone(),
            invitation: invitation.clone(),
            visible: false,
        })
    }
}

/// Checks that a header is permitted.
fn check_header(name: &str, value: &str) -> Result<(), String> {
    let own = (3..=64).contains(&name.len()) && name.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("X-"));
    let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !plain || !(own || ALLOWED_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name))) {
        return Err(format!("{name:?} is not a permitted header; use X-…, {}", ALLOWED_HEADERS.join(", ")));
    }
    match value.is_empty() || value.len() > MAX_HEADER_VALUE_BYTES || !value.bytes().all(|b| (b' '..=b'~').contains(&b))
    {
        true => Err(format!(
            "the value of {name} must be a single line of at most {MAX_HEADER_VALUE_BYTES} ASCII characters"
        )),
        false => Ok(()),
    }
}

/// Checks that these files may be attached.
fn check_files(files: &[Attachment]) -> Result<(), String> {
    if files.len() > MAX_MAIL_FILES {
        return Err(format!("a mail can have at most {MAX_MAIL_FILES} attachments"));
    }
    let bytes = files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.bytes));
    if bytes > MAX_MAIL_FILE_BYTES {
        return Err(format!(
            "the attachments have {bytes} bytes in total, but the limit is {MAX_MAIL_FILE_BYTES}: send a link instead"
        ));
    }
    for Attachment { name, .. } in files {
        if name.trim().is_empty() || name.len() > MAX_FILE_NAME_BYTES || name.chars().any(char::is_control) {
            return Err(format!(
                "{name:?} is not a valid file name: it must have 1 to {MAX_FILE_NAME_BYTES} bytes and no control characters"
            ));
        }
    }
    Ok(())
}

/// Converts a text to HTML, with the same paragraphs and lines.
fn text_to_html(text: &str) -> String {
    let escaped = text.trim().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let paragraphs = escaped.split("\n\n").filter(|p| !p.trim().is_empty());
    paragraphs.map(|p| format!("<p>{}</p>\n", p.trim().replace('\n', "<br>\n"))).collect()
}

/// Enqueues a mail, in the transaction of its event. Returns the id of each address's mail, in the order of `to`, `cc`, `bcc`, and the
/// number of new ones: those enqueued before under that key are not sent again. `now` is in milliseconds.
///
/// # Errors
/// Names the field that cannot be used, before anything is written; else returns errors of the store.
pub fn enqueue_plugin_mail(tx: &mut WriteTx<'_>, mail: &PluginMail, now: i64) -> Result<(Vec<i64>, usize), MailError> {
    let CheckedMail { to, reply_to, data, secret } = mail.check_mail()?;
    let (mut ids, mut new) = (Vec::with_capacity(to.len()), 0);
    for address in to {
        let row = NewMail {
            once_key: mail.once_key_for(&address::suppression_key(&address)),
            template: mail.source.clone(),
            locale: mail.locale.clone(),
            to_address: address,
            to_name: None,
            reply_to: reply_to.clone(),
            data: data.clone(),
            secret: secret.clone(),
            admin_user: None,
            topic: None,
        };
        match tx.mails().create(&row, now)? {
            Some(id) => {
                tx.jobs().enqueue(&queue::send_mail_job(id, now), now)?;
                new += 1;
                ids.push(id);
            }
            None => ids.extend(tx.reader().mails().get_id_by_once_key(&row.once_key)?),
        }
    }
    Ok((ids, new))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::invitation::{EventTime, InvitationMethod};
    use std::collections::HashSet;

    fn mail() -> PluginMail {
        PluginMail {
            once_key: "k".into(),
            source: "plugin:a:b".into(),
            locale: "en".into(),
            to: vec!["ann@example.com".into()],
            cc: Vec::new(),
            bcc: Vec::new(),
            reply_to: None,
            parts: PartialTemplate { subject: Some("s".into()), text: Some("a < b\nc\n\nd".into()), html: None },
            headers: Vec::new(),
            attachments: Vec::new(),
            invitation: None,
            visible: None,
        }
    }

    fn invitation(sequence: u32, description: &str) -> Option<Invitation> {
        Some(Invitation {
            uid: "b1@example.com".into(),
            sequence,
            method: InvitationMethod::Request,
            time: EventTime::Timed { start: 0, end: None },
            summary: "Concert".into(),
            description: Some(description.into()),
            location: None,
        })
    }

    #[test]
    fn invitations_are_sent_once_per_uid_sequence_and_method() {
        let first = PluginMail { invitation: invitation(1, "a"), ..mail() };
        let other_source = PluginMail { source: "plugin:a:c".into(), invitation: invitation(1, "b"), ..mail() };
        let next = PluginMail { invitation: invitation(2, "a"), ..mail() };
        let cancelled = PluginMail {
            invitation: first.invitation.clone().map(|i| Invitation { method: InvitationMethod::Cancel, ..i }),
            ..mail()
        };
        let key = |mail: &PluginMail| mail.once_key_for("ann@example.com");
        assert_eq!(key(&first), key(&other_source));
        assert_eq!(HashSet::from([key(&mail()), key(&first), key(&next), key(&cancelled)]).len(), 4);
        assert_ne!(key(&first), first.once_key_for("bart@example.com"));
    }

    fn file(bytes: u64, name: &str) -> Attachment {
        Attachment { name: name.into(), media_type: "application/pdf".into(), bytes, object: "ab/cd".into() }
    }

    #[test]
    fn attachments_are_stored_by_object_and_limited() {
        let with = |attachments| PluginMail { attachments, ..mail() }.check_mail();
        let stored_plugin_mail = stored_mail_in(&with(vec![file(5, "a.pdf")]).unwrap().data).unwrap();
        assert_eq!(stored_plugin_mail.attachments, [file(5, "a.pdf")]);
        assert_eq!(stored_mail_in(&mail().check_mail().unwrap().data).unwrap().attachments, []);
        for bad in [
            vec![file(1, "a.pdf"); MAX_MAIL_FILES + 1],
            vec![file(MAX_MAIL_FILE_BYTES, "a.pdf"), file(1, "b.pdf")],
            vec![file(u64::MAX, "a.pdf"), file(u64::MAX, "b.pdf")],
            vec![file(1, "a\r\nb")],
            vec![file(1, " ")],
        ] {
            assert_eq!(with(bad).err().map(|e| e.field), Some("attachments"));
        }
    }

    #[test]
    fn plain_text_is_escaped_into_html_paragraphs() {
        let stored_plugin_mail = stored_mail_in(&mail().check_mail().unwrap().data).unwrap();
        assert_eq!(stored_plugin_mail.html, "<p>a &lt; b<br>\nc</p>\n<p>d</p>\n");
    }

    #[test]
    fn secret_content_is_stored_apart() {
        let parts = PartialTemplate { subject: Some("s".into()), text: Some("•••".into()), html: None };
        let headers = vec![("X-A".into(), "•".into())];
        let visible = Some(RedactedMail { parts, headers, invitation: invitation(1, "code •••") });
        let (headers, invitation) = (vec![("X-A".into(), "b".into())], invitation(1, "code 123456"));
        let checked = PluginMail { visible, headers, invitation, ..mail() }.check_mail().unwrap();
        let (redacted, sent) =
            (stored_mail_in(&checked.data).unwrap(), stored_mail_in(&checked.secret.unwrap()).unwrap());
        assert_eq!(
            (redacted.visible, redacted.text.as_str(), redacted.shown.headers[0].1.as_str()),
            (true, "•••", "•")
        );
        assert_eq!((sent.visible, sent.text.as_str(), sent.shown.headers[0].1.as_str()), (false, "a < b\nc\n\nd", "b"));
        assert!(!checked.data.to_string().contains("a < b"));
        let description = |stored: StoredPluginMail| stored.invitation.unwrap().description.unwrap();
        assert_eq!((description(redacted), description(sent)), ("code •••".into(), "code 123456".into()));
        assert!(mail().check_mail().unwrap().secret.is_none());
    }

    #[test]
    fn duplicate_recipients_get_one_mail() {
        let twice = PluginMail { cc: vec!["Ann@Example.com".into()], bcc: vec!["bart@example.com".into()], ..mail() };
        let checked = twice.check_mail().unwrap();
        assert_eq!(checked.to, ["ann@example.com", "bart@example.com"]);
        let headers = stored_mail_in(&checked.data).unwrap().shown;
        assert_eq!((headers.to.len(), headers.cc.len()), (1, 1), "who is not to be seen is not named");
    }

    #[test]
    fn only_permitted_headers_are_accepted() {
        for good in [("X-Booking", "1"), ("In-Reply-To", "<a@b>"), ("list-unsubscribe", "<https://a.example/u>")] {
            assert_eq!(check_header(good.0, good.1), Ok(()), "{good:?}");
        }
        for bad in [
            ("Bcc", "eve@example.com"),
            ("From", "eve@example.com"),
            ("Subject", "x"),
            ("Content-Type", "text/html"),
            ("X-", "x"),
            ("X-A: b\r\nBcc", "x"),
            ("X-A", "x\r\nBcc: eve@example.com"),
            ("X-A", "é"),
            ("X-A", ""),
            ("X-é", "x"),
            ("é", "x"),
            ("aéx", "x"),
            ("X-A", &"x".repeat(901)),
        ] {
            assert!(check_header(bad.0, bad.1).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn invalid_mails_are_reported_with_their_field() {
        let part = |change: fn(&mut PluginMail)| {
            let mut mail = mail();
            change(&mut mail);
            mail.check_mail().err().map(|e| e.field)
        };
        assert_eq!(part(|_| {}), None);
        assert_eq!(part(|m| m.to.clear()), Some("to"));
        assert_eq!(part(|m| m.to = vec!["a\r\nb@example.com".into()]), Some("to"));
        assert_eq!(part(|m| m.bcc = vec!["nobody".into()]), Some("bcc"));
        assert_eq!(part(|m| m.cc = vec!["a@example.com".into(); 50]), Some("to"));
        assert_eq!(part(|m| m.reply_to = Some("x".into())), Some("replyTo"));
        assert_eq!(part(|m| m.parts.subject = None), Some("subject"));
        assert_eq!(part(|m| m.parts.subject = Some("a\nb".into())), Some("subject"));
        assert_eq!(part(|m| m.parts.text = None), Some("text"));
        assert_eq!(part(|m| m.parts.text = Some("x".repeat(300_000))), Some("text"));
        assert_eq!(part(|m| m.headers = vec![("Bcc".into(), "x".into())]), Some("headers"));
        assert_eq!(part(|m| m.headers = vec![("X-A".into(), "x".into()); 21]), Some("headers"));
    }
}
