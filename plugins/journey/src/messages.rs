//! Messages to customers and the team: notices in the customer's inbox, mails, and notifications in the admin. Each once.

use crate::journeys::LoadedJourney;
use crate::last_move::is_undo_open;
use crate::model::{Entry, JourneyStatus, Notice, Phase};
use crate::open_entry::find_open_entry;
use crate::person::name_of_customer;
use crate::recipients::find_recipient;
use crate::settings::Settings;
use cairn_plugin::bindings::jobs::Duplicate;
use cairn_plugin::jobs::job;
use cairn_plugin::prelude::*;
use cairn_plugin::{mail::notify, warn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::time::Duration;

/// The job of one mail to a customer; the key is that of the effect.
pub(crate) const MAIL_JOB: &str = "mail";

/// Something that a customer is told.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Message<'a> {
    /// `entered`, `published`, `shifted` or `rule`: the texts are `message.<kind>.subject` and `message.<kind>.body`, the mail's template is `<kind>`.
    pub(crate) kind: &'a str,
    /// Id of what it is about. Together with the kind it names the effect, which happens once.
    pub(crate) key: &'a str,
    /// The phase that it is about: whoever has not reached it does not see it.
    pub(crate) phase: Option<&'a str>,
    /// Title of what it is about.
    pub(crate) subject: &'a str,
    /// Text that replaces the texts of the kind.
    pub(crate) text: Option<&'a str>,
    /// Sentence that is added to the text of the kind.
    pub(crate) note: Option<&'a str>,
    /// The entry with which it goes if the move into it is undone; otherwise the one that the journey is in.
    pub(crate) entry: Option<&'a str>,
    pub(crate) in_inbox: bool,
    pub(crate) by_mail: bool,
}

/// Payload of the job of a mail.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MailTask {
    pub(crate) journey: String,
    pub(crate) template: String,
    pub(crate) effect: String,
    pub(crate) subject: String,
    #[serde(default)]
    pub(crate) text: String,
    /// The entry of a move that could be undone.
    #[serde(default)]
    pub(crate) entry: Option<String>,
}

/// Tells the customer of a journey, in the transaction of what happened: a notice in the inbox, and a mail unless they opted out. Whoever
/// has no account any more is told nothing.
///
/// # Errors
/// What the host says.
pub(crate) fn send_to_customer(journey: &LoadedJourney, message: &Message<'_>, now: Instant) -> Result<()> {
    if journey.customer().is_none() {
        return Ok(());
    }
    let settings = Settings::load()?;
    let language = language_of(journey, &settings);
    let effect = format!("{}/{}", message.kind, message.key);
    if message.in_inbox {
        let arguments = json!({ "subject": message.subject, "title": journey.row.title });
        let text = |part: &str| translate(&format!("message.{}.{part}", message.kind), &language, Some(&arguments));
        let (subject, body) = match message.text {
            Some(body) => (message.subject.to_owned(), body.to_owned()),
            None => {
                let note = message.note.map(|note| format!(" {note}")).unwrap_or_default();
                (text("subject"), shorten(&(text("body") + &note), 2_000))
            }
        };
        data::create::<Notice>(&json!({
            "subject": shorten(&subject, 200), "body": body, "journey": journey.id(),
            "phase": message.phase, "at": time::format(now), "effectKey": effect,
        }))?;
    }
    if message.by_mail && !journey.row.mail_opt_out {
        let task = MailTask {
            journey: journey.id().to_owned(),
            template: message.kind.to_owned(),
            effect: effect.clone(),
            subject: message.subject.to_owned(),
            text: message.text.or(message.note).unwrap_or_default().to_owned(),
            entry: match message.entry {
                Some(entry) => Some(entry.to_owned()),
                None if is_undo_open(&journey.row) => {
                    find_open_entry(journey.id())?.map(|entry| entry.document_id.clone())
                }
                None => None,
            },
        };
        // A mail of the same key that still waits is one of a move that was undone: it would find its entry gone.
        job(MAIL_JOB).key(effect).on_duplicate(Duplicate::Replace).set(&task)?;
    }
    Ok(())
}

/// Model of the templates of mails.
#[derive(Serialize)]
struct MailModel<'a> {
    name: &'a str,
    title: &'a str,
    subject: &'a str,
    text: &'a str,
    portal: &'a str,
    sender: &'a str,
}

/// Sends a mail to the customer of a journey. Run again, it is not sent again: the effect is the mail's key. While the last move can be
/// undone, mails wait; those of a move that was undone are not sent.
///
/// # Errors
/// What the host says.
pub(crate) fn run_mail(task: &MailTask) -> Result<Outcome> {
    let journey = match LoadedJourney::load(&task.journey) {
        Err(Error::NotFound(_)) => return Ok(Outcome::DONE),
        journey => journey?,
    };
    if let Some(until) = journey.row.undo_until.as_deref().filter(|_| is_undo_open(&journey.row)) {
        let left = time::parse(until)?.saturating_sub(time::now()).max(1);
        return Outcome::again(&json!({}), Duration::from_millis(left.unsigned_abs()));
    }
    if let Some(entry) = task.entry.as_deref()
        && data::get::<Entry>(entry)?.is_none()
    {
        return Ok(Outcome::DONE);
    }
    send_mail(&journey, task)?;
    Ok(Outcome::DONE)
}

fn send_mail(journey: &LoadedJourney, task: &MailTask) -> Result<()> {
    let is_over = journey.row.status == JourneyStatus::Cancelled || journey.row.mail_opt_out;
    // A blocked customer cannot sign in to what the mail is about.
    let Some(customer) = journey.customer().filter(|customer| !is_over && !customer.blocked) else { return Ok(()) };
    let settings = Settings::load()?;
    let language = language_of(journey, &settings);
    let (sender, name) = (settings.signature(), name_of_customer(journey));
    let model = MailModel {
        name: &name,
        title: &journey.row.title,
        subject: &task.subject,
        text: &task.text,
        portal: &settings.portal_url,
        sender: &sender,
    };
    let mut mail = mail::mail(&task.effect, &customer.email).template(&task.template).locale(&language);
    if !settings.reply_to.is_empty() {
        mail = mail.reply_to(&settings.reply_to);
    }
    match mail.send(&model) {
        Ok(_) => Ok(()),
        // An address that the mail server's rules refuse stays one.
        Err(error @ Error::Invalid(_)) => {
            warn!(journey = journey.id(); "no mail to the customer: {}", error.describe());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The language of messages to the customer of a journey.
pub(crate) fn language_of(journey: &LoadedJourney, settings: &Settings) -> String {
    journey.row.language.clone().unwrap_or_else(|| settings.language.clone())
}

/// Notifies whoever looks after a phase, or the team of the settings where that is nobody: `staff.<kind>.title` and `staff.<kind>.text`. That
/// nobody can be notified is logged and stops nothing.
pub(crate) fn notify_staff(journey: &LoadedJourney, phase: Option<&Row<Phase>>, kind: &str, key: &str, subject: &str) {
    let Ok(settings) = Settings::load() else { return };
    let phase = phase.map(|phase| &phase.fields);
    let phase_title = phase.map_or("", |phase| phase.title_in(&settings.language));
    let arguments =
        json!({ "title": shorten(&journey.row.title, 100), "phase": phase_title, "subject": shorten(subject, 300) });
    notify_owner(&settings, phase, (kind, key), &arguments, &format!("journey?journey={}", journey.id()));
}

/// As [`notify_staff`], with texts and a page of its own.
pub(crate) fn notify_owner(
    settings: &Settings,
    phase: Option<&Phase>,
    message: (&str, &str),
    arguments: &Value,
    page: &str,
) {
    let to = find_recipient(phase.map_or("", |phase| phase.owner.as_str()), &settings.staff);
    if !to.is_empty() {
        notify_recipient(settings, to, message, arguments, &format!("/admin/plugins/journey/pages/{page}"));
    }
}

/// Notifies the team of the settings of what is about no single journey, as [`notify_staff`] does.
pub(crate) fn notify_team(kind: &str, key: &str, arguments: &Value, page: &str) {
    let Ok(settings) = Settings::load() else { return };
    if !settings.staff.is_empty() {
        let link = format!("/admin/plugins/journey/pages/{page}");
        notify_recipient(&settings, &settings.staff, (kind, key), arguments, &link);
    }
}

fn notify_recipient(settings: &Settings, to: &str, (kind, key): (&str, &str), arguments: &Value, link: &str) {
    let text = |part: &str| translate(&format!("staff.{kind}.{part}"), &settings.language, Some(arguments));
    match notify(&format!("{kind}/{key}"), &[to], &text("title"), &text("text"), Some(link)) {
        Ok(()) | Err(Error::Denied(_)) => {}
        Err(error) => warn!(about = key; "nobody could be notified: {}", error.describe()),
    }
}

/// A text without control characters, and at most so long.
pub(crate) fn shorten(text: &str, most: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_and_have_no_line_breaks() {
        assert_eq!(shorten("a\r\nb", 3), "a  ");
        assert_eq!(shorten("één", 9), "één");
    }
}
