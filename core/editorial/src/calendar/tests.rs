use super::rule::{RecurrencePhrase, RecurrenceRule};
use super::{RuleInput, SlotInput};
use cairn_content::ContentError;
use serde_json::json;

const AMSTERDAM: &str = "Europe/Amsterdam";

fn ms(text: &str) -> i64 {
    text.parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp_millis()
}

fn first_occurrences(rule: &str, start: &str, zone: &str, n: usize) -> Vec<String> {
    let rule = RecurrenceRule::parse(rule, start, zone, None).unwrap();
    rule.next_occurrences(i64::MIN, n)
        .iter()
        .map(|o| format!("{} {}", o.local, &super::format_ms(o.at)[..16]))
        .collect()
}

#[test]
fn biweekly_rule_stays_at_local_time_across_clock_changes() {
    // Amsterdam: summer time from 2026-03-29 on.
    assert_eq!(
        first_occurrences("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-03-17T10:00", AMSTERDAM, 3),
        ["2026-03-17T10:00 2026-03-17T09:00", "2026-03-31T10:00 2026-03-31T08:00", "2026-04-14T10:00 2026-04-14T08:00"]
    );
    // Back on 2026-10-25.
    assert_eq!(
        first_occurrences("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "2026-10-13T10:00", AMSTERDAM, 3),
        ["2026-10-13T10:00 2026-10-13T08:00", "2026-10-27T10:00 2026-10-27T09:00", "2026-11-10T10:00 2026-11-10T09:00"]
    );
}

#[test]
fn monthly_rules_find_nth_weekdays_and_days() {
    assert_eq!(
        first_occurrences("FREQ=MONTHLY;BYDAY=1MO", "2026-01-01T09:00", AMSTERDAM, 3),
        ["2026-01-05T09:00 2026-01-05T08:00", "2026-02-02T09:00 2026-02-02T08:00", "2026-03-02T09:00 2026-03-02T08:00"]
    );
    assert_eq!(
        first_occurrences("FREQ=MONTHLY;BYDAY=-1FR", "2026-01-01T09:00", "UTC", 2),
        ["2026-01-30T09:00 2026-01-30T09:00", "2026-02-27T09:00 2026-02-27T09:00"]
    );
}

#[test]
fn days_that_a_month_is_too_short_for_are_its_last_day() {
    let days = |rule: &str, start: &str, n: usize| -> Vec<String> {
        first_occurrences(rule, start, "UTC", n).iter().map(|occurrence| occurrence[..10].to_owned()).collect()
    };
    assert_eq!(
        days("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-01T09:00", 5),
        ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]
    );
    assert_eq!(
        days("FREQ=MONTHLY;BYMONTHDAY=29", "2027-12-30T09:00", 4),
        ["2028-01-29", "2028-02-29", "2028-03-29", "2028-04-29"]
    );
    // The day of the start, where the rule names none; every three months; a number of times.
    assert_eq!(days("FREQ=MONTHLY", "2026-01-30T09:00", 3), ["2026-01-30", "2026-02-28", "2026-03-30"]);
    assert_eq!(days("FREQ=MONTHLY;INTERVAL=3", "2026-08-31T09:00", 3), ["2026-08-31", "2026-11-30", "2027-02-28"]);
    assert_eq!(days("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", "2026-04-01T09:00", 9), ["2026-04-30", "2026-05-31"]);
    assert_eq!(days("FREQ=YEARLY", "2028-02-29T09:00", 5)[..3], ["2028-02-29", "2029-02-28", "2030-02-28"]);
    assert_eq!(days("FREQ=YEARLY", "2028-02-29T09:00", 5)[4], "2032-02-29");
    // Days that every month has, and those that are chosen in another way, are as RFC 5545 has them.
    assert_eq!(days("FREQ=MONTHLY;BYMONTHDAY=28", "2026-01-31T09:00", 2), ["2026-02-28", "2026-03-28"]);
    assert_eq!(
        days("FREQ=MONTHLY;BYMONTHDAY=15,31", "2026-02-01T09:00", 3),
        ["2026-02-15", "2026-03-15", "2026-03-31"]
    );
    assert_eq!(days("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-02-01T09:00", 2), ["2026-02-28", "2026-03-31"]);
}

#[test]
fn occurrences_in_skipped_or_repeated_hours_happen_once() {
    // 02:30 does not exist on 2026-03-29: right after the gap, once, and nothing is left out.
    assert_eq!(
        first_occurrences("FREQ=DAILY", "2026-03-28T02:30", AMSTERDAM, 3),
        ["2026-03-28T02:30 2026-03-28T01:30", "2026-03-29T02:30 2026-03-29T01:00", "2026-03-30T02:30 2026-03-30T00:30"]
    );
    // 02:30 comes twice on 2026-10-25: only the first one counts.
    assert_eq!(
        first_occurrences("FREQ=DAILY", "2026-10-24T02:30", AMSTERDAM, 3),
        ["2026-10-24T02:30 2026-10-24T00:30", "2026-10-25T02:30 2026-10-25T00:30", "2026-10-26T02:30 2026-10-26T01:30"]
    );
    // A date that a zone left out (Samoa, 2011-12-30).
    let samoa = first_occurrences("FREQ=DAILY", "2011-12-29T10:00", "Pacific/Apia", 3);
    assert_eq!(samoa.len(), 3);
    assert!(samoa[2].starts_with("2011-12-31T10:00"), "{samoa:?}");
}

#[test]
fn daily_rules_have_each_local_time_once_in_every_zone() {
    for zone in [AMSTERDAM, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Sao_Paulo"] {
        for hour in 0..24 {
            let start = format!("2026-01-01T{hour:02}:30");
            let rule = RecurrenceRule::parse("FREQ=DAILY", &start, zone, None).unwrap();
            let year = rule.occurrences_between(ms("2026-01-01T00:00:00Z"), ms("2027-03-01T00:00:00Z"), 1_000);
            assert!(year.windows(2).all(|w| w[0].at < w[1].at && w[0].local < w[1].local), "{zone} {hour}");
            assert!((423..=425).contains(&year.len()), "{zone} {hour}: {}", year.len());
            // An occurrence is in exactly one part of a range, however that is divided.
            let cuts = [
                ms("2026-01-01T00:00:00Z"),
                ms("2026-03-29T01:00:00Z"),
                ms("2026-10-25T01:00:00Z"),
                ms("2027-03-01T00:00:00Z"),
            ];
            let parts: usize = cuts.windows(2).map(|c| rule.occurrences_between(c[0], c[1], 1_000).len()).sum();
            assert_eq!(parts, year.len(), "{zone} {hour}");
        }
    }
}

#[test]
fn rules_end_at_until_or_count_and_are_bounded() {
    let until = RecurrenceRule::parse("FREQ=DAILY", "2026-01-01T10:00", "UTC", Some("2026-01-03T10:00")).unwrap();
    assert_eq!(until.next_occurrences(i64::MIN, 100).len(), 3);
    let counted = RecurrenceRule::parse("FREQ=DAILY;COUNT=2", "2026-01-01T10:00", "UTC", None).unwrap();
    assert_eq!(counted.next_occurrences(i64::MIN, 100).len(), 2);
    let endless = RecurrenceRule::parse("FREQ=DAILY", "1970-01-01T10:00", "UTC", None).unwrap();
    assert_eq!(endless.next_occurrences(i64::MIN, usize::MAX).len(), 20_000);
    assert_eq!(endless.occurrences_between(i64::MIN, i64::MAX, 10).len(), 0, "no time is that far");
    assert_eq!(endless.occurrences_between(ms("2000-01-01T00:00:00Z"), ms("2030-01-01T00:00:00Z"), 7).len(), 7);
    assert_eq!(endless.find_occurrence("1970-01-02T10:00").unwrap().at, ms("1970-01-02T10:00:00Z"));
    for none in ["1970-01-02T10:01", "1969-12-31T10:00", "x", "9999-12-31T10:00"] {
        assert_eq!(endless.find_occurrence(none), None, "{none}");
    }
}

#[test]
fn invalid_rules_are_reported_by_field() {
    let problem = |rule: &str, start: &str, zone: &str, until: Option<&str>| {
        RecurrenceRule::parse(rule, start, zone, until).map(drop).unwrap_err()
    };
    let start = "2026-01-01T10:00";
    for (rule, part) in [
        ("", "not a valid rule"),
        ("FREQ=SOMETIMES", "not a valid rule"),
        ("FREQ=HOURLY", "DAILY, WEEKLY"),
        ("FREQ=SECONDLY;COUNT=9", "DAILY, WEEKLY"),
        ("FREQ=DAILY;BYHOUR=1,2,3", "BYHOUR"),
        ("FREQ=DAILY;UNTIL=20270101T000000Z", "until"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL"),
        ("FREQ=DAILY;INTERVAL=60000", "INTERVAL"),
        ("FREQ=MONTHLY;BYDAY=9MO", ""),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "has no occurrences"),
        ("FREQ=DAILY;COUNT=0", "has no occurrences"),
        ("FREQ=DAILY\nDTSTART:20260101T000000Z", "single line"),
    ] {
        let (key, message) = problem(rule, start, "UTC", None);
        assert!(key == "rule" && message.contains(part), "{rule}: {key} {message}");
    }
    assert_eq!(problem(&"FREQ=DAILY;".repeat(40), start, "UTC", None).0, "rule");
    assert_eq!(problem("FREQ=DAILY", "tomorrow", "UTC", None).0, "start");
    assert_eq!(problem("FREQ=DAILY", start, "Europe/Atlantis", None).0, "zone");
    assert_eq!(problem("FREQ=DAILY", start, "UTC", Some("2025-01-01T10:00")).0, "until");
    assert_eq!(problem("FREQ=DAILY", start, "UTC", Some("never")).0, "until");
}

#[test]
fn recurrence_phrases_become_rules() {
    let rule = |json: serde_json::Value| serde_json::from_value::<RecurrencePhrase>(json).unwrap().to_rule();
    for (every, expected) in [
        (json!({ "rhythm": "tweewekelijks", "weekday": "dinsdag" }), "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU"),
        (json!({ "rhythm": "wekelijks", "weekday": "vrijdag" }), "FREQ=WEEKLY;BYDAY=FR"),
        (json!({ "rhythm": "maandelijks", "weekday": "maandag", "nth": 1 }), "FREQ=MONTHLY;BYDAY=1MO"),
        (json!({ "rhythm": "monthly", "weekday": "FR", "nth": -1 }), "FREQ=MONTHLY;BYDAY=-1FR"),
        (json!({ "rhythm": "monthly", "day": 15 }), "FREQ=MONTHLY;BYMONTHDAY=15"),
        (json!({ "rhythm": "Quarterly" }), "FREQ=MONTHLY;INTERVAL=3"),
        (json!({ "rhythm": "dagelijks" }), "FREQ=DAILY"),
        (json!({ "rhythm": "yearly" }), "FREQ=YEARLY"),
    ] {
        let rule_text = rule(every).unwrap();
        assert_eq!(rule_text, expected);
        RecurrenceRule::parse(&rule_text, "2026-01-01T10:00", AMSTERDAM, None).unwrap();
    }
    for (every, key) in [
        (json!({ "rhythm": "sometimes" }), "every.rhythm"),
        (json!({ "rhythm": "weekly", "weekday": "someday" }), "every.weekday"),
        (json!({ "rhythm": "daily", "weekday": "monday" }), "every.weekday"),
        (json!({ "rhythm": "weekly", "weekday": "monday", "nth": 1 }), "every.nth"),
        (json!({ "rhythm": "monthly", "weekday": "monday" }), "every.nth"),
        (json!({ "rhythm": "monthly", "weekday": "monday", "nth": 5 }), "every.nth"),
        (json!({ "rhythm": "monthly", "nth": 1 }), "every.nth"),
        (json!({ "rhythm": "monthly", "day": 32 }), "every.day"),
        (json!({ "rhythm": "monthly", "day": 1, "weekday": "monday" }), "every.day"),
    ] {
        assert_eq!(rule(every.clone()).unwrap_err().0, key, "{every}");
    }
}

#[test]
fn slot_input_updates_an_existing_slot() {
    let read = |json: serde_json::Value| crate::input::read_input::<SlotInput>(json);
    let message = |e: ContentError| e.to_string();
    let slot_input = read(
        json!({ "title": " Video ", "when": { "localTime": "2026-07-01T10:00", "zone": AMSTERDAM }, "phase": "Assemblage", "team": "" }),
    );
    let slot = slot_input.unwrap().apply_to(None).unwrap();
    assert_eq!((slot.title.as_str(), slot.status.as_str(), slot.at), ("Video", "planned", ms("2026-07-01T08:00:00Z")));
    assert_eq!((slot.phase.as_deref(), slot.team.as_deref()), (Some("Assemblage"), None));
    let filled = read(json!({ "documentId": "abc", "contentType": "api::update.update" }))
        .unwrap()
        .apply_to(Some(&slot))
        .unwrap();
    assert_eq!(filled.status, "assigned");
    assert_eq!(filled.title, "Video");
    let emptied = read(json!({ "documentId": null, "phase": null, "status": "planned" }))
        .unwrap()
        .apply_to(Some(&filled))
        .unwrap();
    assert_eq!((emptied.document_id, emptied.phase), (None, None));
    for (bad, part) in [
        (json!({ "when": { "localTime": "2026-07-01T10:00", "zone": "UTC" } }), "title"),
        (json!({ "title": "x" }), "must have a time"),
        (json!({ "title": "x", "when": { "localTime": "2026-03-29T02:30", "zone": AMSTERDAM } }), "does not exist"),
        (json!({ "title": "x", "when": { "localTime": "2026-10-25T02:30", "zone": AMSTERDAM } }), "occurs twice"),
        (json!({ "title": "a\nb", "when": { "localTime": "2026-07-01T10:00", "zone": "UTC" } }), "single line"),
        (
            json!({ "title": "x", "status": "maybe", "when": { "localTime": "2026-07-01T10:00", "zone": "UTC" } }),
            "must be one of",
        ),
        (
            json!({ "title": "x", "documentId": "a", "when": { "localTime": "2026-07-01T10:00", "zone": "UTC" } }),
            "content type",
        ),
    ] {
        let error = message(read(bad.clone()).unwrap().apply_to(None).unwrap_err());
        assert!(error.contains(part), "{bad}: {error}");
    }
    assert!(message(read(json!({ "tittle": "x" })).unwrap_err()).contains("tittle"));
    let rule = crate::input::read_input::<RuleInput>(
        json!({ "title": "x", "rule": "FREQ=DAILY", "every": { "rhythm": "daily" } }),
    );
    assert!(message(rule.unwrap().apply_to(None).unwrap_err()).contains("either rule or every"));
}
