//! Checks of the key that envelopes are sealed with: before one is sent, and every day while some are out.

use crate::envelope_state::EnvelopeStatus;
use crate::model::Envelope;
use crate::sealing::PROFILE;
use crate::settings::Settings;
use cairn_plugin::pdf::{self, SealingProfile};
use cairn_plugin::prelude::*;
use cairn_plugin::{Conflict, format_instant, mail, warn};
use serde_json::json;

/// The job that checks the key; a schedule starts it.
pub(crate) const SEAL_CHECK_JOB: &str = "seal-check";
/// Recipients of notices about the key: those who can import another one.
const KEEPERS: &str = "role:super-admin";
/// Page on which keys are imported.
const SEALS_PAGE: &str = "/admin/settings/seals";
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
        Some(message) => Err(Error::Conflict(Conflict { kind: "sealing".to_owned(), existing: None, message })),
    }
}

/// Tells those who can mend it that the key is missing or ends soon, while envelopes depend on it.
///
/// # Errors
/// What another attempt may cure.
pub(crate) fn check_sealing(settings: &Settings) -> Result<Outcome> {
    let running = [EnvelopeStatus::Sent, EnvelopeStatus::InProgress, EnvelopeStatus::Completing];
    let query = data::find::<Envelope>().filter(json!({ "status": { "$in": running } })).fields(&["title"]);
    if query.first()?.is_none() {
        return Ok(Outcome::DONE);
    }
    let (language, now) = (settings.language.as_str(), time::now());
    let (problem, profile) = find_problem(settings, language)?;
    if let Some(problem) = problem {
        let day = time::format(now);
        tell_keepers(&format!("seal/{}", day.get(..10).unwrap_or(&day)), "sealing", &problem, language);
    } else if let Some(profile) = profile
        && let Some(days) = find_warning(profile.valid_until, now)
    {
        let until = format_instant(profile.valid_until, language, &settings.timezone, "medium")?;
        tell_keepers(&format!("seal/{}/{days}", profile.valid_until), "sealEnds", &until, language);
    }
    Ok(Outcome::DONE)
}

/// The warning that is due before a certificate ends: the fewest days that it still has; none where it has more.
fn find_warning(valid_until: i64, now: i64) -> Option<i64> {
    WARNING_DAYS.into_iter().find(|days| valid_until.saturating_sub(now) <= days * DAY_MS)
}

fn tell_keepers(key: &str, what: &str, detail: &str, language: &str) {
    let arguments = json!({ "detail": detail });
    let text = |part: &str| translate(&format!("notice.{what}.{part}"), language, Some(&arguments));
    match mail::notify(key, &[KEEPERS], &text("title"), &text("text"), Some(SEALS_PAGE)) {
        Ok(()) | Err(Error::Denied(_)) => {}
        Err(error) => warn!("nobody could be told: {}", error.describe()),
    }
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
