//! Checks of the key that envelopes are sealed with: before one is sent, and every day while some are out.

use crate::envelope_state::EnvelopeStatus;
use crate::model::{Envelope, Request, RequestStatus};
use crate::sealing::PROFILE;
use crate::settings::Settings;
use cairn_plugin::pdf::{self, SealingProfile};
use cairn_plugin::prelude::*;
use cairn_plugin::{Conflict, format_instant, mail, people, warn};
use serde::Serialize;
use serde_json::json;

/// The job that checks the key; a schedule starts it.
pub(crate) const SEAL_CHECK_JOB: &str = "seal-check";
/// Recipients of notices about the key: those who can import another one.
const KEEPERS: &str = "role:super-admin";
const KEEPERS_ROLE: &str = "super-admin";
/// Page on which keys are imported.
const SEALS_PAGE: &str = "/admin/settings/seals";
/// Kind of the conflict that there is no key to seal with.
pub(crate) const NO_KEY: &str = "sealing";
/// Days before the end of a certificate on which the keepers are told: fewer each time.
const WARNING_DAYS: [i64; 5] = [1, 3, 7, 14, 30];
const DAY_MS: i64 = 24 * 3_600_000;

/// Returns why nothing can be sealed now, in that language; none where it can be.
///
/// # Errors
/// What the host says.
fn find_problem(settings: &Settings, language: &str) -> Result<(Option<String>, Option<SealingProfile>)> {
    let about = |why: &str| json!({ "profile": PROFILE, "why": why });
    match pdf::find_sealing_profile(PROFILE, settings.level.to_pades()) {
        Ok(profile) => {
            let problem =
                profile.problem.as_deref().map(|why| translate("problem.sealKey", language, Some(&about(why))));
            Ok((problem, Some(profile)))
        }
        Err(Error::NotFound(_) | Error::Denied(_)) => {
            Ok((Some(translate("problem.noSealKey", language, Some(&about("")))), None))
        }
        Err(error) => Err(error),
    }
}

/// Refuses to send what could not be sealed once everybody has signed it.
///
/// # Errors
/// `Conflict` with the reason.
pub(crate) fn require_sealing(settings: &Settings, locale: &str) -> Result<()> {
    match find_problem(settings, locale)?.0 {
        None => Ok(()),
        Some(message) => Err(Error::Conflict(Conflict { kind: NO_KEY.to_owned(), existing: None, message })),
    }
}

/// Returns why nothing can be sealed now, in that language, while something depends on it: an envelope that is out, or a request that is to be sent.
///
/// # Errors
/// What the host says.
pub(crate) fn find_sealing_fault(settings: &Settings, language: &str) -> Result<Option<String>> {
    if is_needed()? { Ok(find_problem(settings, language)?.0) } else { Ok(None) }
}

/// True if a key is needed: envelopes are out, or requests are to be sent.
fn is_needed() -> Result<bool> {
    let running = [EnvelopeStatus::Sent, EnvelopeStatus::InProgress, EnvelopeStatus::Completing];
    let envelopes = data::find::<Envelope>().filter(json!({ "status": { "$in": running } })).fields(&["title"]);
    if envelopes.first()?.is_some() {
        return Ok(true);
    }
    let requests = data::find::<Request>().filter(json!({ "status": RequestStatus::Pending })).fields(&["title"]);
    Ok(requests.first()?.is_some())
}

/// Tells those who can mend it that the key is missing or ends soon, while envelopes or requests depend on it.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn check_sealing(settings: &Settings) -> Result<Outcome> {
    if !is_needed()? {
        return Ok(Outcome::DONE);
    }
    let (language, now) = (settings.language.as_str(), time::now());
    let (problem, profile) = find_problem(settings, language)?;
    if let Some(problem) = problem {
        tell_missing_key(&problem, settings);
    } else if let Some(profile) = profile
        && let Some(days) = find_warning(profile.valid_until, now)
    {
        let until = format_instant(profile.valid_until, language, &settings.timezone, "medium")?;
        tell_keepers(&format!("seal/{}/{days}", profile.valid_until), "sealEnds", &until, language);
    }
    Ok(Outcome::DONE)
}

/// Tells those who can mend it that nothing can be sealed: once a day.
pub(crate) fn tell_missing_key(problem: &str, settings: &Settings) {
    let day = time::format(time::now());
    tell_keepers(&format!("seal/{}", day.get(..10).unwrap_or(&day)), "sealing", problem, &settings.language);
}

/// The warning that is due before a certificate ends: the fewest days that it still has; none where it has more.
fn find_warning(valid_until: i64, now: i64) -> Option<i64> {
    WARNING_DAYS.into_iter().find(|days| valid_until.saturating_sub(now) <= days * DAY_MS)
}

/// Model of the mail's template.
#[derive(Serialize)]
struct SealingMail {
    title: String,
    text: String,
    page: &'static str,
}

/// Tells the keepers, in the admin and by mail: notices of plugins are mailed only to whoever asked for that.
fn tell_keepers(key: &str, what: &str, detail: &str, language: &str) {
    let arguments = json!({ "detail": detail });
    let text = |part: &str| translate(&format!("notice.{what}.{part}"), language, Some(&arguments));
    let model = SealingMail { title: text("title"), text: text("text"), page: SEALS_PAGE };
    let noticed = mail::notify(key, &[KEEPERS], &model.title, &model.text, Some(SEALS_PAGE));
    for told in [noticed, mail_keepers(key, &model, language)] {
        match told {
            Ok(()) | Err(Error::Denied(_)) => {}
            Err(error) => warn!("somebody could not be told: {}", error.describe()),
        }
    }
}

fn mail_keepers(key: &str, model: &SealingMail, language: &str) -> Result<()> {
    for keeper in people::find_by_roles([KEEPERS_ROLE], None)?.people {
        mail::mail(key, format!("admin:{}", keeper.id)).template("sealing").locale(language).send(model)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_come_a_month_before_the_end_and_more_often_towards_it() {
        let warning = |days: f64| find_warning((days * DAY_MS as f64) as i64, 0);
        assert_eq!(warning(31.0), None);
        assert_eq!([warning(30.0), warning(20.0), warning(14.0)], [Some(30), Some(30), Some(14)]);
        assert_eq!([warning(6.0), warning(2.5), warning(0.5)], [Some(7), Some(3), Some(1)]);
    }
}
