//! Jobs that hold the address of a person. Those that have ended are kept for a while, without it; those that still have to run keep it until
//! they have.

use super::records::{PAGE_SIZE, format_ms, new_record, retain};
use super::texts;
use cairn_contact_details::email::list_variants;
use cairn_content::ContentError;
use cairn_model::case_fold::fold_case;
use cairn_plugin_host::privacy::{DataSubject, ErasureStep, ReportPage};
use cairn_store::events::{JobRow, JobState};
use cairn_store::{Reader, WriteTx};
use serde_json::{Value as Json, json};

/// Text in place of an address.
const ERASED: &str = "[erased]";

/// Jobs with the person's address.
pub(super) fn report_jobs(
    r: &Reader<'_>,
    person: &DataSubject,
    cursor: Option<&Json>,
    locale: &str,
) -> Result<ReportPage, ContentError> {
    let (jobs, next) = find_jobs(r, person, cursor)?;
    let records = jobs.into_iter().map(|job| {
        let data = json!({
            "state": job.state, "key": job.key, "payload": job.payload, "checkpoint": job.checkpoint, "error": job.error,
            "createdAt": format_ms(job.created_at), "endedAt": job.ended_at.map(format_ms),
        });
        new_record(texts::JOB, job.name, data, locale)
    });
    Ok(ReportPage { records: records.collect(), next })
}

/// Takes the person's address out of jobs that have ended, a page at a time. Those that wait or run stay, which is reported.
pub(super) fn erase_jobs(
    tx: &mut WriteTx<'_>,
    person: &DataSubject,
    cursor: Option<&Json>,
    locale: &str,
) -> Result<ErasureStep, ContentError> {
    let (jobs, next) = find_jobs(&tx.reader(), person, cursor)?;
    let mut step = ErasureStep { next, ..ErasureStep::default() };
    for job in jobs {
        if matches!(job.state, JobState::Waiting | JobState::Running) {
            step.retained.push(retain(texts::JOB, job.name, texts::JOB_REASON, locale));
        } else if tx.jobs().rewrite_ended(&erase_address(job, &person.email))? {
            step.erased += 1;
        }
    }
    Ok(step)
}

/// A page of jobs with the address of a person, and where the search goes on.
fn find_jobs(
    r: &Reader<'_>,
    person: &DataSubject,
    cursor: Option<&Json>,
) -> Result<(Vec<JobRow>, Option<Json>), ContentError> {
    let after = cursor.and_then(Json::as_i64).unwrap_or(0);
    let mut jobs = r.jobs().list_containing(&list_variants(&person.email), after, PAGE_SIZE)?;
    let next = jobs.last().filter(|_| jobs.len() as i64 == PAGE_SIZE).map(|job| json!(job.id));
    // The address of somebody else may contain theirs.
    jobs.retain(|job| erase_address(job.clone(), &person.email) != *job);
    Ok((jobs, next))
}

/// Takes an address out of a job, however its domain is spelled there.
fn erase_address(mut job: JobRow, address: &str) -> JobRow {
    for variant in list_variants(address) {
        let address: Vec<char> = fold_case(&variant).chars().collect();
        for text in [&mut job.key, &mut job.lane, &mut job.error].into_iter().flatten() {
            *text = erase_in_text(text, &address);
        }
        job.payload = erase_in_json(job.payload, &address);
        job.checkpoint = job.checkpoint.map(|checkpoint| erase_in_json(checkpoint, &address));
    }
    job
}

/// Replaces an address in all texts of a value, names of members included.
fn erase_in_json(value: Json, address: &[char]) -> Json {
    match value {
        Json::String(text) => Json::String(erase_in_text(&text, address)),
        Json::Array(list) => list.into_iter().map(|value| erase_in_json(value, address)).collect(),
        Json::Object(members) => members
            .into_iter()
            .map(|(name, value)| (erase_in_text(&name, address), erase_in_json(value, address)))
            .collect(),
        other => other,
    }
}

/// Replaces an address, given as folded characters, whatever its case in the text. An address that only contains it stays.
fn erase_in_text(text: &str, address: &[char]) -> String {
    let original: Vec<char> = text.chars().collect();
    // Case folding maps each letter to one letter, so positions in both texts are the same.
    let folded: Vec<char> = fold_case(text).chars().collect();
    if address.is_empty() || original.len() != folded.len() {
        return text.to_owned();
    }
    let is_local = |c: &char| c.is_alphanumeric() || "._+-".contains(*c);
    let continues = |at: usize| match folded.get(at) {
        Some('.') => folded.get(at + 1).is_some_and(|c| c.is_alphanumeric()),
        Some(c) => c.is_alphanumeric() || *c == '-',
        None => false,
    };
    let (mut erased, mut at) = (String::with_capacity(text.len()), 0);
    while at < original.len() {
        let end = at + address.len();
        let is_here = folded[at..].starts_with(address)
            && !at.checked_sub(1).is_some_and(|before| is_local(&folded[before]))
            && !continues(end);
        if is_here {
            erased.push_str(ERASED);
            at = end;
        } else {
            erased.push(original[at]);
            at += 1;
        }
    }
    erased
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_erased_whatever_their_case_and_others_stay() {
        let address: Vec<char> = "jörg@example.com".chars().collect();
        let erase = |text: &str| erase_in_text(text, &address);
        assert_eq!(erase("To: JÖRG@Example.com, jörg@example.com."), "To: [erased], [erased].");
        assert_eq!(erase("https://x.example/?to=jörg@example.com&b=1"), "https://x.example/?to=[erased]&b=1");
        for other in ["an.jörg@example.com", "jörg@example.com.au", "jörg@example.company", "jörg@example.com-x", ""]
        {
            assert_eq!(erase(other), other);
        }
        let payload = json!({ "jörg@example.com": [1, { "to": "<Jörg@example.com>" }], "n": null });
        assert_eq!(erase_in_json(payload, &address), json!({ "[erased]": [1, { "to": "<[erased]>" }], "n": null }));
    }
}
