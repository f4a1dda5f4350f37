//! A mail in the form that is sent.

use crate::mail::address::{self, MailFieldProblem};
use crate::mail::invitation::CalendarPart;
use cairn_store::notify::RenderedMail;
use lettre::Message;
use lettre::address::Envelope as Way;
use lettre::message::header::ContentType;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Attachment as Part, Mailbox, MultiPart, SinglePart};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use std::time::{Duration, SystemTime};

/// Name of the file with the calendar of an invitation.
const CALENDAR_FILE: &str = "invite.ics";

/// The headers of a mail.
pub(crate) struct Envelope<'a> {
    pub(crate) from: Mailbox,
    pub(crate) to: (&'a str, Option<&'a str>),
    pub(crate) reply_to: Option<&'a str>,
    pub(crate) message_id: &'a str,
    pub(crate) unsubscribe: Option<&'a str>,
    /// The recipients in the headers, and additional headers, of a mail to several addresses: each of them gets it separately.
    pub(crate) shown: Option<&'a ShownHeaders>,
    /// Files that are attached.
    pub(crate) files: Vec<MailFile>,
    /// Calendar with the event that it is about.
    pub(crate) calendar: Option<CalendarPart>,
    /// Time in milliseconds since 1970.
    pub(crate) at: i64,
}

/// An attached file.
#[derive(Debug, Clone)]
pub(crate) struct MailFile {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// Additional headers of a mail with foreign texts. Validated when it was requested.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct ShownHeaders {
    pub(crate) to: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) cc: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) headers: Vec<(String, String)>,
}

/// `Message-ID` of a mail: the same for the same once-key of the same tenant, so that a mail that is sent again after a
/// crash can be recognised.
pub(crate) fn message_id(tenant: &str, once_key: &str, from: &Mailbox) -> String {
    let mut hash = Sha256::new();
    hash.update(tenant.as_bytes());
    hash.update([0]);
    hash.update(once_key.as_bytes());
    let digits: String = hash.finalize().iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!("<{digits}@{}>", from.email.domain())
}

/// Builds a mail. The error names the field that cannot be used.
pub(crate) fn build_message(envelope: Envelope<'_>, mail: &RenderedMail) -> Result<Message, MailFieldProblem> {
    let (to, name) = envelope.to;
    let recipient = address::parse_mailbox("to", name, to)?;
    let way = Way::new(Some(envelope.from.email.clone()), vec![recipient.email.clone()])
        .map_err(|e| MailFieldProblem { field: "to", problem: e.to_string() })?;
    let at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(envelope.at).unwrap_or(0));
    let mut builder = Message::builder()
        .from(envelope.from)
        .envelope(way)
        .date(at)
        .subject(&*mail.subject)
        .message_id(Some(envelope.message_id.to_owned()))
        // Nobody's machine answers it (RFC 3834).
        .raw_header(header_value("Auto-Submitted", "auto-generated"));
    builder = match envelope.shown {
        None => builder.to(recipient),
        Some(headers) => {
            for to in &headers.to {
                builder = builder.to(address::parse_mailbox("to", None, to)?);
            }
            for cc in &headers.cc {
                builder = builder.cc(address::parse_mailbox("cc", None, cc)?);
            }
            for (name, value) in &headers.headers {
                let name = HeaderName::new_from_ascii(name.clone())
                    .map_err(|e| MailFieldProblem { field: "headers", problem: e.to_string() })?;
                builder = builder.raw_header(HeaderValue::new(name, value.clone()));
            }
            builder
        }
    };
    if let Some(reply_to) = envelope.reply_to {
        builder = builder.reply_to(address::parse_mailbox("replyTo", None, reply_to)?);
    }
    if let Some(url) = envelope.unsubscribe {
        // RFC 2369 and RFC 8058.
        builder = builder
            .raw_header(header_value("List-Unsubscribe", &format!("<{url}>")))
            .raw_header(header_value("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"));
    }
    let mut part = MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone());
    let mut attached: Vec<SinglePart> = Vec::new();
    if let Some(CalendarPart { method, text }) = envelope.calendar {
        // The last alternative is the one that mail programs prefer; those that know no calendars have the file (RFC 6047).
        let kind = to_content_type(&format!("text/calendar; method={method}; charset=utf-8"));
        part = part.singlepart(SinglePart::builder().header(kind).body(text.clone()));
        attached.push(Part::new(CALENDAR_FILE.to_owned()).body(text, to_content_type("application/ics")));
    }
    attached.extend(envelope.files.into_iter().map(|file| {
        let kind = to_content_type(&file.media_type);
        Part::new(file.name).body(file.bytes, kind)
    }));
    let body = match attached.is_empty() {
        true => part,
        false => attached.into_iter().fold(MultiPart::mixed().multipart(part), MultiPart::singlepart),
    };
    builder.multipart(body).map_err(|e| MailFieldProblem { field: "mail", problem: e.to_string() })
}

/// Parses a media type. Without a valid one, a part is bytes.
fn to_content_type(text: &str) -> ContentType {
    let kind = ContentType::parse(text).or_else(|_| ContentType::parse("application/octet-stream"));
    kind.unwrap_or(ContentType::TEXT_PLAIN)
}

fn header_value(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The headers of a mail as they are sent, unfolded: a list of pairs.
pub(crate) fn headers_json(message: &Message) -> Json {
    let mut list: Vec<(String, String)> = Vec::new();
    for line in message.headers().to_string().lines() {
        match (line.starts_with([' ', '\t']), list.last_mut()) {
            (true, Some((_, value))) => {
                value.push(' ');
                value.push_str(line.trim());
            }
            _ => {
                if let Some((name, value)) = line.split_once(": ") {
                    list.push((name.to_owned(), value.to_owned()));
                }
            }
        }
    }
    list.into_iter().map(|(name, value)| json!([name, value])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str) -> RenderedMail {
        RenderedMail { subject: subject.into(), text: "é\n".into(), html: "<p>é</p>\n".into() }
    }

    fn envelope<'a>(to: &'a str, name: Option<&'a str>) -> Envelope<'a> {
        let from = address::parse_mailbox("from", Some("Mr. DJ, “Events”"), "post@mrdj.nl").unwrap();
        Envelope {
            from,
            to: (to, name),
            reply_to: Some("info@mrdj.nl"),
            message_id: "<a@mrdj.nl>",
            unsubscribe: Some("https://mrdj.nl/admin/unsubscribe/x"),
            shown: None,
            files: Vec::new(),
            calendar: None,
            at: 1_767_323_045_678,
        }
    }

    #[test]
    fn headers_are_complete_and_ascii() {
        let message =
            build_message(envelope("ann@bücher.example", Some("Ånn; \"the boss\"")), &mail("Ünïcode ✓ subject"))
                .unwrap();
        let wire = String::from_utf8(message.formatted()).unwrap();
        let head = wire.split("\r\n\r\n").next().unwrap();
        assert!(head.is_ascii(), "{head}");
        for line in [
            "Auto-Submitted: auto-generated",
            "Message-ID: <a@mrdj.nl>",
            "List-Unsubscribe: <https://mrdj.nl/admin/unsubscribe/x>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "Reply-To: info@mrdj.nl",
            "Date: Fri, 02 Jan 2026 03:04:05 +0000",
        ] {
            assert!(head.contains(line), "{line}: {head}");
        }
        assert!(head.contains("xn--bcher-kva.example"));
        let names: Vec<String> =
            headers_json(&message).as_array().unwrap().iter().map(|h| h[0].as_str().unwrap().to_owned()).collect();
        assert!(names.contains(&"Subject".to_owned()) && names.contains(&"From".to_owned()), "{names:?}");
    }

    #[test]
    fn header_recipients_differ_from_the_envelope_recipient() {
        let shown_headers = ShownHeaders {
            to: vec!["ann@example.com".into(), "bart@example.com".into()],
            cc: vec!["cees@example.com".into()],
            headers: vec![("X-Booking".into(), "b1".into())],
        };
        let header_envelope = Envelope { shown: Some(&shown_headers), ..envelope("dora@example.com", None) };
        let message = build_message(header_envelope, &mail("a")).unwrap();
        let to: Vec<String> = message.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(to, ["dora@example.com"]);
        let wire = String::from_utf8(message.formatted()).unwrap();
        for line in ["To: ann@example.com, bart@example.com\r\n", "Cc: cees@example.com\r\n", "X-Booking: b1\r\n"] {
            assert!(wire.contains(line), "{line}: {wire}");
        }
        assert!(!wire.contains("dora"), "{wire}");
    }

    #[test]
    fn attachments_are_encoded_with_safe_names_and_types() {
        let file = |name: &str, media_type: &str| MailFile {
            name: name.into(),
            media_type: media_type.into(),
            bytes: b"%PDF-1.7\n\xff".to_vec(),
        };
        let files =
            vec![file("verslag; \"één\".pdf", "application/pdf"), file("b.bin", "no type\r\nBcc: eve@example.com")];
        let message = build_message(Envelope { files, ..envelope("ann@example.com", None) }, &mail("a")).unwrap();
        let wire = String::from_utf8(message.formatted()).unwrap();
        assert!(wire.contains("Content-Type: multipart/mixed;") && wire.contains("multipart/alternative"), "{wire}");
        assert!(wire.contains("Content-Type: application/pdf\r\n"), "{wire}");
        assert!(wire.contains("Content-Type: application/octet-stream\r\n"), "{wire}");
        assert_eq!(wire.matches("Content-Disposition: attachment;").count(), 2, "{wire}");
        assert_eq!(wire.matches("JVBERi0xLjcK/w==").count(), 2, "{wire}");
        assert!(wire.is_ascii() && !wire.contains("\r\nBcc:"), "{wire}");
    }

    #[test]
    fn calendars_are_an_alternative_and_a_file() {
        let text = "BEGIN:VCALENDAR\r\nMETHOD:CANCEL\r\nEND:VCALENDAR\r\n";
        let calendar = Some(CalendarPart { method: "CANCEL", text: text.into() });
        let files = vec![MailFile { name: "a.pdf".into(), media_type: "application/pdf".into(), bytes: vec![1] }];
        let message =
            build_message(Envelope { files, calendar, ..envelope("ann@example.com", None) }, &mail("a")).unwrap();
        let wire = String::from_utf8(message.formatted()).unwrap();
        let position = |needle: &str| wire.find(needle).unwrap_or_else(|| panic!("{needle}: {wire}"));
        let order = [
            "multipart/mixed;",
            "multipart/alternative;",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
            "Content-Type: text/calendar; method=CANCEL; charset=utf-8",
            "Content-Type: application/ics",
            "Content-Type: application/pdf",
        ];
        assert!(order.map(position).is_sorted(), "{wire}");
        assert_eq!(wire.matches("Content-Disposition: attachment; filename=\"invite.ics\"").count(), 1, "{wire}");
        assert_eq!(wire.matches(text).count(), 2, "{wire}");
    }

    #[test]
    fn mail_input_cannot_inject_headers() {
        // Templates make one line of a subject; should one slip through, it is encoded.
        let message = build_message(envelope("ann@example.com", None), &mail("a\r\nBcc: eve@example.com")).unwrap();
        let wire = String::from_utf8(message.formatted()).unwrap();
        assert!(!wire.contains("\r\nBcc:"), "{wire}");
        let problem = build_message(envelope("ann@example.com\r\nBcc: eve@example.com", None), &mail("a")).unwrap_err();
        assert_eq!(problem.field, "to");
        let mail_field_problem =
            build_message(envelope("ann@example.com", Some("Ann\r\nBcc: eve@example.com")), &mail("a")).unwrap_err();
        assert_eq!(mail_field_problem.problem, "a name must not contain line breaks or control characters");
    }

    #[test]
    fn message_id_depends_on_tenant_and_once_key() {
        let from = address::parse_mailbox("from", None, "post@mrdj.nl").unwrap();
        let id = message_id("default", "reset:1", &from);
        assert_eq!(id, message_id("default", "reset:1", &from));
        assert_ne!(id, message_id("other", "reset:1", &from));
        assert_ne!(id, message_id("default", "reset:2", &from));
        assert!(id.starts_with('<') && id.ends_with("@mrdj.nl>"));
    }
}
