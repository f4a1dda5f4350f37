//! Moments in the variables of notifications, as readers of a mail write them.

use serde_json::{Map, Value as Json};

/// Variables that hold a moment in the form in which it is stored, with the zone in which it was chosen.
const MOMENTS: [&str; 3] = ["due", "at", "since"];

/// Writes the moments among the values of a template in the language of its reader: `2 March 2026 at 09:00 (Europe/Amsterdam)`. Moments in
/// UTC, which nobody has chosen a zone for, are written in that of the site. Other texts stay as they are, because a mail must not fail for
/// what is in a notification.
pub(super) fn write_moments(values: &mut Map<String, Json>, locale: &str) {
    let site_zone = values.get("site").and_then(|site| site.get("zone")).and_then(Json::as_str).map(str::to_owned);
    for name in MOMENTS {
        if let Some(Json::String(text)) = values.get_mut(name)
            && let Some(written) = write_moment(text, locale, site_zone.as_deref())
        {
            *text = written;
        }
    }
}

/// `2026-03-02 09:00 Europe/Amsterdam` or `2026-03-02 Europe/Amsterdam`, as readers of a locale write it; `None` for other texts.
fn write_moment(text: &str, locale: &str, site_zone: Option<&str>) -> Option<String> {
    let (local, zone) = text.rsplit_once(' ')?;
    if local.len() == 10 {
        cairn_i18n::to_instant(zone, &format!("{local}T00:00")).ok()?;
        return Some(format!("{} ({zone})", cairn_i18n::format_day(local, locale, zone).ok()?));
    }
    let at = cairn_i18n::to_instant(zone, &local.replace(' ', "T")).ok()?;
    let zone = site_zone.filter(|_| zone == "UTC").unwrap_or(zone);
    Some(format!("{} ({zone})", cairn_i18n::format_instant(at, locale, zone, "long").ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn moments_are_written_for_the_reader_of_the_mail() {
        let zone = Some("Europe/Amsterdam");
        for (text, locale, expected) in [
            ("2026-03-02 09:00 Europe/Amsterdam", "en", "2 March 2026 at 09:00 (Europe/Amsterdam)"),
            ("2026-03-02 09:00 Europe/Amsterdam", "nl", "2 maart 2026 om 09:00 (Europe/Amsterdam)"),
            ("2026-07-02 08:00 UTC", "nl-BE", "2 juli 2026 om 10:00 (Europe/Amsterdam)"),
            ("2026-12-31 Europe/Amsterdam", "en", "31 December 2026 (Europe/Amsterdam)"),
        ] {
            assert_eq!(write_moment(text, locale, zone).as_deref(), Some(expected), "{text} {locale}");
        }
        let american = write_moment("2026-03-02 09:00 America/New_York", "en", zone).unwrap();
        assert_eq!(american.replace('\u{202f}', " "), "March 2, 2026 at 9:00 AM (America/New_York)");
        assert_eq!(write_moment("2026-03-02 09:00 UTC", "nl", None).as_deref(), Some("2 maart 2026 om 09:00 (UTC)"));
    }

    #[test]
    fn texts_of_another_form_stay_as_they_are() {
        let others =
            json!({ "due": "next week", "at": "2026-02-30 09:00 UTC", "since": null, "title": "2026-03-02 UTC" });
        let Json::Object(mut values) = others.clone() else { unreachable!() };
        write_moments(&mut values, "en");
        assert_eq!(Json::Object(values), others);
        for text in ["", " ", "2026-03-02 09:00 Nowhere", "２０２６-03-02 UTC", "2026-03-02 09:00", "99999-01-01 UTC"]
        {
            assert_eq!(write_moment(text, "en", None), None, "{text}");
        }
    }
}
