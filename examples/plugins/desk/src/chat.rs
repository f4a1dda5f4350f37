//! Messages to the team's chat. Its address is a secret of the operator's: the plugin never sees it, and does without where there is none.

use crate::model::{Stage, Ticket};
use crate::tickets::admin_path;
use cairn_plugin::prelude::*;
use cairn_plugin::{http, site, warn};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Job that tells the chat about one ticket.
pub(crate) const CHAT_JOB: &str = "chat";
/// Secret that is the address of the chat.
const ADDRESS: &str = "team-chat";

/// Occasion of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Occasion {
    /// The ticket has the highest priority.
    Urgent,
    /// Nobody has answered it in time.
    Overdue,
}

#[derive(Debug, Serialize, Deserialize)]
struct Payload {
    ticket: String,
    occasion: Occasion,
}

/// Has the chat told of a ticket. In a transaction, so that it is told if and only if that commits.
///
/// # Errors
/// What the host says.
pub(crate) fn tell(ticket: &str, occasion: Occasion) -> Result<()> {
    jobs::job(CHAT_JOB).set(&Payload { ticket: ticket.to_owned(), occasion }).map(|_| ())
}

/// Tells the chat, unless the ticket has been solved or deleted. Outside transactions, for these send no requests.
///
/// # Errors
/// What the host says.
pub(crate) fn post(call: &Call, task: &Task) -> Result<Outcome> {
    let Payload { ticket: id, occasion } = task.payload()?;
    let found = data::find::<Ticket>().by_ids(&[&id])?.pop().flatten();
    let Some(ticket) = found.filter(|ticket| ticket.stage != Stage::Solved) else { return Ok(Outcome::DONE) };
    let key = match occasion {
        Occasion::Urgent => "chat.urgent",
        Occasion::Overdue => "chat.overdue",
    };
    let arguments = json!({ "reference": ticket.reference, "subject": escape_chat(&ticket.subject) });
    let mut text = translate(key, &call.locale, Some(&arguments));
    if let Some(site) = site() {
        text = format!("{text}\n{}{}", site.url, admin_path(&id));
    }
    match http::post_json(http::secret_address(ADDRESS), &json!({ "text": text }))?.send() {
        Ok(response) => Ok(judge(response.status, response.header("retry-after"))),
        // The operator has entered no address.
        Err(Error::NotFound(_)) => Ok(Outcome::DONE),
        Err(error @ Error::Denied(_)) => {
            warn!(ticket = &id; "the chat was not told: {}", error.describe());
            Ok(Outcome::DONE)
        }
        Err(error) => Err(error),
    }
}

/// The outcome for the status of a response: busy or broken services are tried again, by the manifest's policy or when they say.
fn judge(status: u16, retry_after: Option<&str>) -> Outcome {
    let reason = format!("the chat responded with {status}");
    match status {
        200..=299 => Outcome::DONE,
        408 | 429 | 500..=599 => {
            let seconds = retry_after.and_then(|text| text.trim().parse::<u32>().ok());
            Outcome::Retry((reason, seconds.map(|seconds| u64::from(seconds) * 1_000)))
        }
        _ => Outcome::Dead(reason),
    }
}

/// A visitor's text as chats show it: with `<` in it, some of them would notify everybody or show another address for a link.
fn escape_chat(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert_eq!(judge(200, None), Outcome::DONE);
        assert_eq!(judge(204, Some("5")), Outcome::DONE);
        for status in [408, 429, 500, 503] {
            assert!(matches!(judge(status, Some(" 90 ")), Outcome::Retry((_, Some(90_000)))), "{status}");
            assert!(matches!(judge(status, Some("Fri, 01 Jan 2027")), Outcome::Retry((_, None))), "{status}");
        }
        for status in [302, 400, 404, 410] {
            assert!(matches!(judge(status, None), Outcome::Dead(_)), "{status}");
        }
    }

    #[test]
    fn a_subject_notifies_nobody() {
        assert_eq!(escape_chat("<!channel> & <https://a|b>"), "&lt;!channel&gt; &amp; &lt;https://a|b&gt;");
    }
}
