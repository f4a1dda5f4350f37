//! Messages of a ticket, and what they change.

use crate::authors::Author;
use crate::deadlines::measure_answer;
use crate::model::{Direction, Message, Settings, Ticket};
use crate::stages::follow_message;
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use cairn_plugin::{FileId, run_transaction};
use serde_json::json;

/// Limit of a message, in characters.
pub(crate) const MAX_TEXT: usize = 10_000;

/// A message that is to be stored.
#[derive(Debug, Clone)]
pub(crate) struct NewMessage<'a> {
    /// Id of its ticket.
    pub(crate) ticket: &'a str,
    /// Sender and readers.
    pub(crate) direction: Direction,
    /// Author of the message.
    pub(crate) author: Author,
    /// The text.
    pub(crate) text: &'a str,
    /// A file that comes with it.
    pub(crate) file: Option<&'a FileId>,
    /// True if the caller needs the permission to create messages.
    pub(crate) as_caller: bool,
}

impl NewMessage<'_> {
    /// Stores it together with what it changes of its ticket.
    ///
    /// # Errors
    /// What the host says.
    pub(crate) fn store(&self) -> Result<()> {
        let now = time::now();
        let fields = json!({
            "ticket": self.ticket, "direction": self.direction, "author": self.author.name, "authorKey": self.author.key,
            "text": self.text, "at": time::format(now), "file": self.file.map(|file| json!({ "documentId": file })),
        });
        run_transaction(|| {
            let batch = Batch::new();
            let batch = if self.as_caller { batch.as_caller() } else { batch };
            let written = batch.create::<Message>(&fields)?.write()?;
            let Some(message) = written.first() else { return Ok(()) };
            follow(&message.target.document_id, self.ticket, self.direction, now)
        })
    }
}

/// Changes the ticket of a message, once for each message: those of the content API come here by their event, all others when they are stored.
///
/// # Errors
/// What the host says.
pub(crate) fn follow(message: &str, ticket: &str, direction: Direction, at: Instant) -> Result<()> {
    once(&format!("message/{message}"), || {
        let Some(found) = data::find::<Ticket>().lock().by_ids(&[ticket])?.pop().flatten() else { return Ok(()) };
        let mut fields = follow_message(&found, direction, at);
        if fields.contains_key("firstAnsweredAt")
            && let Some(asked) = Ticket::instant(found.created_at.as_deref())
        {
            fields.insert("answerMinutes".to_owned(), json!(measure_answer(&settings()?, asked, at)?));
        }
        if fields.is_empty() { Ok(()) } else { data::update::<Ticket>(ticket, &fields).map(|_| ()) }
    })
    .map(|_| ())
}

/// Mails an answer to the requester. Its key is the message's id, so that it leaves once.
///
/// # Errors
/// What the host says.
pub(crate) fn mail_answer(message: &Row<Message>, ticket: &Row<Ticket>) -> Result<()> {
    let Some(email) = ticket.requester_email.as_ref().filter(|_| message.direction == Direction::Out) else {
        return Ok(());
    };
    let model = json!({
        "name": ticket.requester_name, "subject": ticket.subject, "reference": ticket.reference, "text": message.text,
        "author": message.author, "sender": settings::<Settings>()?.sender,
    });
    let mail =
        mail::mail(format!("answer/{}", message.document_id), email).template("answer").locale(ticket.language());
    let mail = match &message.file {
        Some(file) => mail.attach(file.document_id.clone()),
        None => mail,
    };
    mail.send(&model).map(|_| ())
}
