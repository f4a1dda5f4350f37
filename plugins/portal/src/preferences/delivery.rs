//! Every mail of the portal to a customer goes by here: it is sent, waits, or is not wanted, as their preferences say. Invitations are mails of the
//! site, and links to sign are mails of e-signing: both are sent whatever somebody prefers.

use super::model::{Digest, PendingMail, Preference, Topic, choose_language, of_account};
use crate::access::audience::{is_current_owner, list_owners};
use crate::model::{Access, Vehicle, VehicleStatus, of_vehicle};
use crate::settings::Settings;
use crate::surveys::responses::is_awaited;
use cairn_plugin::mail::mail;
use cairn_plugin::prelude::*;
use cairn_plugin::{mail as mails, run_transaction, warn};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// The job that sends what waits for an account; its key is the account's id.
pub(crate) const MAILS_DUE_JOB: &str = "mails-due";
/// Most mails of one account that one run looks at.
const MAX_MAILS: u32 = 200;
/// Name of the rate that is spent when as many mails were sent within an hour as are granted.
const RATE: &str = "mails-per-hour";
const HOUR_MILLIS: i64 = 3_600_000;
const HOUR: Duration = Duration::from_millis(HOUR_MILLIS.unsigned_abs());
/// Template of the mail of a day.
const DIGEST: &str = "digest";

/// Payload of the job.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct MailsTask {
    account: String,
}

/// Something to mail an owner about.
#[derive(Debug, Clone)]
pub(crate) struct News<'a> {
    pub(crate) topic: Topic,
    /// Names the mail: it is sent once.
    pub(crate) key: String,
    pub(crate) vehicle: &'a str,
    /// The document that it is about.
    pub(crate) about: &'a str,
    /// Names of the template; those of the person and the portal are added.
    pub(crate) model: Value,
}

/// Mails an owner, or has the mail wait, in the open transaction. Somebody without an account has no preferences, and whose account is blocked gets
/// no mail.
///
/// # Errors
/// What the host says.
pub(crate) fn mail_owner(owner: &Row<Access>, news: &News<'_>) -> Result<()> {
    let Some(account) = owner.account.as_ref() else {
        return send(owner, None, news.topic.template(), &news.key, &news.model);
    };
    if account.blocked {
        return Ok(());
    }
    let preference = Preference::load(&account.document_id)?;
    if !preference.wants(news.topic) {
        return Ok(());
    }
    let now = time::now();
    let mut due = preference.find_due(now)?;
    if due <= now {
        match send(owner, preference.language.as_deref(), news.topic.template(), &news.key, &news.model) {
            // A step that is done must not fail for want of mails: the mail waits for the next hour.
            Err(Error::Exhausted(what)) if what == RATE => due = now.saturating_add(HOUR_MILLIS),
            sent => return sent,
        }
    }
    data::create::<PendingMail>(&json!({
        "account": account.document_id, "vehicle": news.vehicle, "topic": news.topic, "mailKey": news.key, "about": news.about,
        "model": news.model, "dueAt": time::format(due),
    }))?;
    set_timer(&account.document_id)
}

/// Sends a mail to the address of an account, or of somebody who has none. An address that the rules of the mail server refuse is logged and
/// stops nothing.
fn send(owner: &Row<Access>, language: Option<&str>, template: &str, key: &str, model: &Value) -> Result<()> {
    let settings = Settings::load()?;
    let account = owner.account.as_ref().map(|account| account.email.as_str());
    let Some(address) = account.or(owner.email.as_deref()).filter(|address| !address.is_empty()) else { return Ok(()) };
    let mut message = mail(key, address).template(template);
    message = message.locale(choose_language(language, owner.language.as_deref(), &settings));
    if !settings.reply_to.is_empty() {
        message = message.reply_to(&settings.reply_to);
    }
    match message.send(&complete_model(model, owner, &settings)) {
        Ok(_) => Ok(()),
        Err(error @ Error::Invalid(_)) => {
            warn!(about = key; "no mail to an owner: {}", error.describe());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn complete_model(model: &Value, owner: &Access, settings: &Settings) -> Value {
    let mut model = model.clone();
    model["name"] = json!(owner.name);
    model["portal"] = json!(settings.portal_url);
    model["sender"] = json!(settings.signature());
    model
}

/// Sets the timer of an account to the first of its mails that can be sent; without one there is none.
fn set_timer(account: &str) -> Result<()> {
    match sendable(account).sort("dueAt:asc").first()? {
        Some(first) => {
            let task = MailsTask { account: account.to_owned() };
            jobs::timer(MAILS_DUE_JOB).key(account).due(time::parse(&first.due_at)?).set(&task).map(|_| ())
        }
        None => jobs::cancel(MAILS_DUE_JOB, account).map(|_| ()),
    }
}

/// The mails of an account that wait, but for those about orders that are cancelled.
fn sendable(account: &str) -> data::Find<PendingMail> {
    let not_cancelled = json!({ "vehicle": { "status": { "$ne": VehicleStatus::Cancelled } } });
    data::find::<PendingMail>().filter(of_account(account)).filter(not_cancelled)
}

/// Sends what is due of an account, each by itself or as the mail of the day. Once the mails of the hour are sent, all of it waits for the next.
///
/// # Errors
/// What the host says.
pub(crate) fn send_due_mails(task: &MailsTask) -> Result<Outcome> {
    let account = task.account.as_str();
    let sent = run_transaction(|| {
        let now = time::now();
        let preference = Preference::load(account)?;
        if let Some(end) = preference.find_quiet_end(now)? {
            // The server was down at the time, or the job late.
            return postpone(account, end);
        }
        let due = json!({ "dueAt": { "$lte": time::format(now) } });
        let populate = json!({ "vehicle": true });
        let due = sendable(account).filter(due).populate(populate).sort("dueAt:asc").sort("createdAt:asc");
        let due = due.lock().all(MAX_MAILS)?;
        let mut wanted = Vec::with_capacity(due.len());
        for pending in &due {
            if preference.wants(pending.topic)
                && let Some(owner) = find_owner(account, pending, now)?
            {
                wanted.push((pending, owner));
            }
        }
        let language = preference.language.as_deref();
        match wanted.first() {
            Some((first, owner)) if preference.digest == Digest::Daily && wanted.len() > 1 => {
                send_digest(owner, language, &first.mail_key, &wanted)?;
            }
            _ => {
                for (pending, owner) in &wanted {
                    send(owner, language, pending.topic.template(), &pending.mail_key, &pending.model)?;
                }
            }
        }
        let sent = due.iter().fold(data::Batch::new(), |batch, row| batch.delete::<PendingMail>(&row.document_id));
        sent.write()?;
        set_timer(account)
    });
    match sent {
        Err(Error::Exhausted(what)) if what == RATE => Outcome::again(&json!({}), HOUR),
        sent => sent.map(|()| Outcome::DONE),
    }
}

/// The access of whoever a mail is for, if it still concerns them: the vehicle is theirs, their account is not blocked, and what it is about is still
/// to be done.
fn find_owner(account: &str, pending: &PendingMail, now: Instant) -> Result<Option<Row<Access>>> {
    let Some(vehicle) = &pending.vehicle else { return Ok(None) };
    if pending.topic == Topic::Surveys && !is_awaited(pending.about.as_deref().unwrap_or_default())? {
        return Ok(None);
    }
    let populate = json!({ "account": { "fields": ["username", "email", "blocked"] } });
    let own = data::find::<Access>().filter(of_vehicle(&vehicle.document_id)).filter(of_account(account));
    let own = own.populate(populate).all(MAX_MAILS)?;
    let is_blocked = |access: &Access| access.account.as_ref().is_some_and(|account| account.blocked);
    Ok(own.into_iter().find(|access| is_current_owner(access, vehicle.ownership, now) && !is_blocked(access)))
}

/// Sends the mail of a day: the subjects of what happened, each of which is in the portal.
fn send_digest(
    owner: &Row<Access>,
    language: Option<&str>,
    key: &str,
    wanted: &[(&Row<PendingMail>, Row<Access>)],
) -> Result<()> {
    let settings = Settings::load()?;
    let locale = choose_language(language, owner.language.as_deref(), &settings);
    let mut items = Vec::with_capacity(wanted.len());
    for (pending, owner) in wanted {
        let model = complete_model(&pending.model, owner, &settings);
        items.extend(mails::render(pending.topic.template(), &model, &locale)?.subject);
    }
    send(owner, language, DIGEST, &format!("digest/{key}"), &json!({ "items": items, "count": items.len() }))
}

/// Has every mail of an account wait until a time.
fn postpone(account: &str, until: Instant) -> Result<()> {
    let at = time::format(until);
    let waiting = data::find::<PendingMail>().filter(of_account(account)).all(MAX_MAILS)?;
    waiting
        .iter()
        .try_fold(data::Batch::new(), |batch, row| {
            batch.update::<PendingMail>(&row.document_id, &json!({ "dueAt": at }))
        })?
        .write()?;
    set_timer(account)
}

/// Somebody has other preferences: what waits for them is due by these, in the open transaction.
///
/// # Errors
/// What the host says.
pub(crate) fn reschedule_mails(account: &str, preference: &Preference) -> Result<()> {
    postpone(account, preference.find_due(time::now())?)
}

/// A cancellation was taken back: mails about the vehicle that wait are sent at their time.
///
/// # Errors
/// What the host says.
pub(crate) fn resume_mails(vehicle: &str) -> Result<()> {
    let waiting = data::find::<PendingMail>().filter(of_vehicle(vehicle));
    let waiting = waiting.populate(json!({ "account": { "fields": ["username"] } })).all(MAX_MAILS)?;
    let accounts: BTreeSet<&str> =
        waiting.iter().filter_map(|row| row.account.as_ref()).map(|account| account.document_id.as_str()).collect();
    accounts.into_iter().try_for_each(set_timer)
}

/// Mails the owners of a vehicle, as their preferences allow, in the open transaction. `name` names the mail among all.
///
/// # Errors
/// What the host says.
pub(crate) fn mail_owners(vehicle: &Row<Vehicle>, name: &str, about: &str, topic: Topic, model: &Value) -> Result<()> {
    for owner in list_owners(&vehicle.document_id, vehicle.ownership, time::now())? {
        let key = format!("{name}/{}", owner.document_id);
        mail_owner(&owner, &News { topic, key, vehicle: &vehicle.document_id, about, model: model.clone() })?;
    }
    Ok(())
}

/// Mails the owners of a vehicle about news: only where the settings say so, and not about an order that is cancelled.
///
/// # Errors
/// What the host says.
pub(crate) fn mail_news(vehicle: &Row<Vehicle>, name: &str, about: &str, topic: Topic, model: &Value) -> Result<()> {
    if Settings::load()?.news_mails && vehicle.status != VehicleStatus::Cancelled {
        mail_owners(vehicle, name, about, topic, model)?;
    }
    Ok(())
}
