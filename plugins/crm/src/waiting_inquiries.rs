//! Inquiries that wait: a form stores one in a single write and answers, and a job makes leads of them afterwards, in the order in which they
//! came in. The transaction that makes a lead also removes its inquiry from those that wait, so each becomes a lead once, whatever stops or
//! repeats the job.
//!
//! They are in the plugin's own storage and not among its documents: these have a history, in which personal data would outlive the inquiry.

mod attempts;
mod fields;

use crate::inquiry::Inquiry;
use crate::intake::Intake;
use crate::model::Pipeline;
use crate::settings::{Form, Settings};
use attempts::Attempts;
use cairn_contact_details::email::normalise_email;
use cairn_plugin::bindings::kv as raw_kv;
use cairn_plugin::prelude::*;
use cairn_plugin::{error, run_transaction};
use fields::InquiryFields;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, btree_map};
use std::time::Duration;

/// The job that makes leads of them.
pub(crate) const INQUIRIES_JOB: &str = "inquiries";
/// Lane of the job: one run after another keeps the order.
const LANE: &str = "inquiries";
const PREFIX: &str = "inquiry/";
/// Prefix of the marks of inquiries that could not become a lead so far, by which they are found among all that wait.
const STUCK_PREFIX: &str = "stuck/";

/// Inquiries that are read at a time.
pub(crate) const PAGE_SIZE: u32 = 100;
/// Inquiries of one run of the job, which has a budget of calls.
const MAX_RUN: usize = 200;
/// Time after which a run ends and another one begins.
const MAX_RUN_MS: Instant = 20_000;
/// Pages of inquiries that are not due which a run passes.
const MAX_PAGES: usize = 100;
/// Inquiries of one transaction, and the time after which it takes no more: forms that come in meanwhile wait for it.
const MAX_TOGETHER: usize = 8;
const TOGETHER_MS: Instant = 25;

/// An inquiry that waits to become a lead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WaitingInquiry {
    /// Time at which it came in.
    pub(crate) received: Instant,
    /// The form that it was sent with, as it was then.
    pub(crate) form: Form,
    #[serde(with = "InquiryFields")]
    pub(crate) inquiry: Inquiry,
    #[serde(default)]
    pub(crate) attempts: Attempts,
}

/// A waiting inquiry as it is stored.
struct Entry {
    key: String,
    revision: u64,
    waiting: WaitingInquiry,
}

/// Stores an inquiry that was checked, and has the job make a lead of it.
///
/// # Errors
/// What the host says.
pub(crate) fn store_inquiry(call: &Call, form: &Form, inquiry: Inquiry, received: Instant) -> Result<()> {
    let waiting = WaitingInquiry { received, form: form.clone(), inquiry, attempts: Attempts::default() };
    kv::put(&format!("{PREFIX}{received:015}/{}", call.id), &waiting)?;
    // The inquiry is safe from here on: without this job, the schedule finds it.
    jobs::job(INQUIRIES_JOB).key("waiting").lane(LANE).set(&json!({})).map(|_| ())
}

/// Makes leads of the inquiries that wait.
///
/// # Errors
/// What the host says about the storage; what is wrong with an inquiry is noted there.
pub(crate) fn store_leads(call: &Call) -> Result<Outcome> {
    let settings = Settings::load()?;
    let began = time::now();
    // A call that the host ended tells nothing of what was wrong: from then on each inquiry is tried alone, and leaves a note first.
    let mut run =
        Run { settings: &settings, pipelines: BTreeMap::new(), cautious: call.attempt > 1, next_attempt: None };
    let (mut after, mut stored) = (None, 0);
    for _ in 0..MAX_PAGES {
        let page = read_page(after)?;
        let (due, later): (Vec<Entry>, Vec<Entry>) =
            page.entries.into_iter().partition(|entry| entry.waiting.attempts.next <= began);
        run.next_attempt = later.iter().map(|entry| entry.waiting.attempts.next).chain(run.next_attempt).min();
        stored += due.len();
        run.store_all(due)?;
        if page.next.is_none() {
            return run.end();
        }
        if stored >= MAX_RUN || time::now().saturating_sub(began) >= MAX_RUN_MS {
            return Outcome::again(&json!({}), Duration::ZERO);
        }
        after = page.next;
    }
    run.end()
}

/// Inquiries that could not become a lead so far, the oldest first, at most so many. Only these are read, however many others wait.
///
/// # Errors
/// What the host says.
pub(crate) fn list_stuck(limit: u32) -> Result<Vec<WaitingInquiry>> {
    let marks = raw_kv::list_keys(STUCK_PREFIX, None, limit)?;
    let keys: Vec<String> = marks.iter().filter_map(|mark| find_inquiry_key(mark)).collect();
    let stuck = read_entries(&keys)?.into_iter().map(|entry| entry.waiting);
    Ok(stuck.filter(|waiting| !waiting.attempts.problem.is_empty()).collect())
}

/// The mark of an inquiry that could not become a lead.
fn name_mark(key: &str) -> String {
    format!("{STUCK_PREFIX}{}", key.strip_prefix(PREFIX).unwrap_or(key))
}

/// The key of the inquiry that a mark is of.
fn find_inquiry_key(mark: &str) -> Option<String> {
    mark.strip_prefix(STUCK_PREFIX).map(|rest| format!("{PREFIX}{rest}"))
}

/// Removes an inquiry from those that wait, and its mark; false where it is gone already.
fn remove_inquiry(key: &str) -> Result<bool> {
    let is_there = kv::delete(key)?;
    kv::delete(&name_mark(key))?;
    Ok(is_there)
}

/// A page of the inquiries that wait from this address.
///
/// # Errors
/// What the host says.
pub(crate) fn list_of_person(email: &str, after: Option<String>) -> Result<PersonPage> {
    let page = read_page(after)?;
    let is_theirs = |entry: &Entry| {
        entry.waiting.inquiry.email.as_deref().is_some_and(|known| normalise_email(known) == normalise_email(email))
    };
    let found = page.entries.into_iter().filter(is_theirs).map(|entry| (entry.key, entry.waiting)).collect();
    Ok(PersonPage { found, next: page.next })
}

/// Inquiries of a person among a page of those that wait, with their keys.
pub(crate) struct PersonPage {
    pub(crate) found: Vec<(String, WaitingInquiry)>,
    /// Where the next page goes on.
    pub(crate) next: Option<String>,
}

/// Deletes a waiting inquiry.
///
/// # Errors
/// What the host says.
pub(crate) fn delete_inquiry(key: &str) -> Result<()> {
    remove_inquiry(key).map(|_| ())
}

struct Page {
    entries: Vec<Entry>,
    /// The last key, where more may follow.
    next: Option<String>,
}

fn read_page(after: Option<String>) -> Result<Page> {
    let keys = raw_kv::list_keys(PREFIX, after.as_deref(), PAGE_SIZE)?;
    if keys.is_empty() {
        return Ok(Page { entries: Vec::new(), next: None });
    }
    let entries = read_entries(&keys)?;
    let next = if keys.len() < PAGE_SIZE as usize { None } else { keys.into_iter().next_back() };
    Ok(Page { entries, next })
}

/// The inquiries with these keys, as far as they are there and can be read.
fn read_entries(keys: &[String]) -> Result<Vec<Entry>> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let read = |entry: raw_kv::Entry| match serde_json::from_slice(&entry.value) {
        Ok(waiting) => Some(Entry { key: entry.key, revision: entry.revision, waiting }),
        Err(why) => {
            error!(inquiry = &entry.key; "a waiting inquiry cannot be read: {why}");
            None
        }
    };
    Ok(raw_kv::get(keys)?.into_iter().flatten().filter_map(read).collect())
}

/// One run of the job.
struct Run<'a> {
    settings: &'a Settings,
    /// Pipelines by their keys; none where there is no such pipeline.
    pipelines: BTreeMap<String, Option<Row<Pipeline>>>,
    cautious: bool,
    /// The earliest attempt that is not due yet.
    next_attempt: Option<Instant>,
}

impl Run<'_> {
    /// Makes leads of inquiries, several at a time. Where that fails, it tries each alone: one that cannot become a lead keeps no other from it.
    fn store_all(&mut self, due: Vec<Entry>) -> Result<()> {
        for entry in &due {
            self.load_pipeline(&entry.waiting)?;
        }
        let mut rest = due.as_slice();
        while !rest.is_empty() {
            let chunk = &rest[..rest.len().min(MAX_TOGETHER)];
            let is_fresh = |entry: &Entry| entry.waiting.attempts.count == 0 && self.find_pipeline(entry).is_some();
            let stored =
                if !self.cautious && chunk.iter().all(is_fresh) { self.store_together(chunk).ok() } else { None };
            let handled = match stored {
                Some(stored) => stored,
                None => {
                    chunk.iter().try_for_each(|entry| self.store_alone(entry))?;
                    chunk.len()
                }
            };
            rest = &rest[handled..];
        }
        Ok(())
    }

    /// Makes leads of the first of these inquiries in one transaction, and returns how many: at least one.
    fn store_together(&self, entries: &[Entry]) -> Result<usize> {
        let plan = |entry| Some((entry, self.plan(entry)?));
        let planned: Vec<(&Entry, Intake<'_>)> = entries.iter().filter_map(plan).collect();
        run_transaction(|| {
            let began = time::now();
            for (stored, (entry, intake)) in (1..).zip(&planned) {
                // The run that removes an inquiry creates its lead; an inquiry that is gone was erased.
                if remove_inquiry(&entry.key)? {
                    intake.store_within()?;
                }
                if time::now().saturating_sub(began) >= TOGETHER_MS {
                    return Ok(stored);
                }
            }
            Ok(planned.len().max(1))
        })
    }

    /// Makes a lead of an inquiry, or notes why not. What a cautious run notes before the attempt remains if the host ends the call.
    fn store_alone(&mut self, entry: &Entry) -> Result<()> {
        let mut waiting = entry.waiting.clone();
        waiting.attempts.note_try(time::now());
        let attempt = waiting.attempts.count;
        let next_attempt = self.next_attempt.into_iter().chain([waiting.attempts.next]).min();
        let Some(intake) = self.plan(entry) else {
            let form = &waiting.form.key;
            error!(inquiry = &entry.key, attempt = attempt; "an inquiry waits, because the form {form:?} has no pipeline");
            waiting.attempts.problem = self.tell("health.pipeline", &json!({ "form": form }));
            self.next_attempt = next_attempt;
            return replace(&entry.key, &waiting, entry.revision).map(|_| ());
        };
        let mut revision = entry.revision;
        if self.cautious {
            waiting.attempts.problem = self.tell("inquiry.interrupted", &json!({}));
            if !replace(&entry.key, &waiting, revision)? {
                return Ok(());
            }
            revision += 1;
        }
        // The run that removes an inquiry creates its lead; an inquiry that is gone was erased.
        let stored = run_transaction(|| match remove_inquiry(&entry.key)? {
            true => intake.store_within().map(|_| ()),
            false => Ok(()),
        });
        let Err(why) = stored else { return Ok(()) };
        waiting.attempts.problem = why.describe();
        self.next_attempt = next_attempt;
        error!(inquiry = &entry.key, attempt = attempt; "an inquiry waits, because it cannot become a lead: {}", waiting.attempts.problem);
        replace(&entry.key, &waiting, revision).map(|_| ())
    }

    fn tell(&self, key: &str, arguments: &Value) -> String {
        translate(key, &self.settings.language, Some(arguments))
    }

    /// The form as it is now; one that is gone, as it was.
    fn find_form<'f>(&'f self, waiting: &'f WaitingInquiry) -> &'f Form {
        self.settings.find_form(&waiting.form.key).unwrap_or(&waiting.form)
    }

    fn load_pipeline(&mut self, waiting: &WaitingInquiry) -> Result<()> {
        let key = self.find_form(waiting).pipeline.clone();
        if let btree_map::Entry::Vacant(place) = self.pipelines.entry(key) {
            let pipeline = find_pipeline(place.key())?;
            place.insert(pipeline);
        }
        Ok(())
    }

    fn find_pipeline(&self, entry: &Entry) -> Option<&Row<Pipeline>> {
        self.pipelines.get(&self.find_form(&entry.waiting).pipeline)?.as_ref()
    }

    fn plan<'e>(&'e self, entry: &'e Entry) -> Option<Intake<'e>> {
        let WaitingInquiry { received, inquiry, .. } = &entry.waiting;
        let pipeline = self.find_pipeline(entry)?;
        Some(Intake::plan(inquiry, self.find_form(&entry.waiting), self.settings, pipeline, *received))
    }

    /// Ends the run. Inquiries that could not become a lead are tried again later, by a job of their own: new ones do not wait for it.
    fn end(self) -> Result<Outcome> {
        if let Some(at) = self.next_attempt {
            jobs::timer(INQUIRIES_JOB).key("again").lane(LANE).due(at).set(&json!({}))?;
        }
        Ok(Outcome::DONE)
    }
}

/// Replaces a waiting inquiry that could not become a lead, and marks it; false where it has changed, or is gone.
fn replace(key: &str, waiting: &WaitingInquiry, revision: u64) -> Result<bool> {
    let value = serde_json::to_vec(waiting)?;
    let entry = raw_kv::PutEntry { key: key.to_owned(), value, expires_in: None, expect_revision: Some(revision) };
    let mark =
        raw_kv::PutEntry { key: name_mark(key), value: b"true".to_vec(), expires_in: None, expect_revision: None };
    // The inquiry and its mark are stored together, or not at all.
    match raw_kv::put(&[entry, mark]) {
        Ok(()) => Ok(true),
        Err(Error::Conflict(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The pipeline with that key, and its response time.
///
/// # Errors
/// What the host says.
pub(crate) fn find_pipeline(key: &str) -> Result<Option<Row<Pipeline>>> {
    data::find::<Pipeline>().filter(json!({ "key": key })).populate(json!({ "responsePolicy": true })).first()
}
