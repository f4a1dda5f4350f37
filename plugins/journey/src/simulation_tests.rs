//! Simulations of the definition that comes with the plugin, from different orders, and of rules.

use super::*;
use crate::model::Rule;
use crate::rules::compile_rule;
use crate::seeds::simulated_phases;
use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde_json::json;

fn at(text: &str) -> NaiveDateTime {
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").unwrap()
}

/// The seeded definition, for two years and two months, on time.
fn seeded(anchor: &str) -> SimulatedJourney {
    let phases = simulated_phases(true);
    let anchor = at(anchor);
    let until = anchor + TimeDelta::days(790);
    SimulatedJourney {
        title: "F22".into(),
        language: "nl".into(),
        team_language: "nl".into(),
        customer: "klant".into(),
        team_customer: "klant".into(),
        phases,
        rules: Vec::new(),
        anchor,
        until,
        inputs: Vec::new(),
    }
}

fn slots<'a>(simulation: &'a Simulation, phase: &str) -> Vec<&'a SimulatedEffect> {
    simulation.effects.iter().filter(|effect| effect.kind == EffectKind::Slot && effect.phase == phase).collect()
}

/// The last Sunday of a month, when clocks change in the night.
fn last_sunday(year: i32, month: u32) -> NaiveDate {
    let end = NaiveDate::from_ymd_opt(year, month, 31).unwrap();
    (0..7).map(|n| end - Days::new(n)).find(|day| day.weekday() == Weekday::Sun).unwrap()
}

/// The hour in UTC of a local time in Amsterdam that is not at night.
fn utc_hour(local: NaiveDateTime) -> String {
    let day = local.date();
    let is_summer = day >= last_sunday(day.year(), 3) && day < last_sunday(day.year(), 10);
    (local - TimeDelta::hours(if is_summer { 2 } else { 1 })).format("%H:%M").to_string()
}

#[test]
fn two_years_of_an_order_are_as_planned() {
    for (anchor, ends) in [
        ("2026-01-15T10:00", ["2026-01-22", "2026-05-15", "2026-09-15", "2027-05-15", "2027-09-15", "2028-01-15"]),
        ("2026-08-31T10:00", ["2026-09-07", "2026-12-31", "2027-04-30", "2027-12-31", "2028-04-30", "2028-08-31"]),
        ("2024-02-29T10:00", ["2024-03-07", "2024-06-29", "2024-10-29", "2025-06-29", "2025-10-29", "2026-02-28"]),
    ] {
        let simulation = simulate(&seeded(anchor));
        assert!(simulation.complete);
        let entered: Vec<String> = simulation
            .effects
            .iter()
            .filter(|effect| effect.kind == EffectKind::PhaseEntered)
            .map(|effect| effect.at.format("%Y-%m-%dT%H:%M").to_string())
            .collect();
        let expected: Vec<String> =
            std::iter::once(anchor.to_owned()).chain(ends.iter().map(|end| format!("{end}T00:00"))).collect();
        assert_eq!(entered, expected, "{anchor}");
        for (phase, count) in [
            ("orderbevestiging", 1),
            ("design-engineering", 4),
            ("productievoorbereiding", 4),
            ("assemblage", 18),
            ("testen", 4),
            ("levering", 5),
        ] {
            assert_eq!(slots(&simulation, phase).len(), count, "{anchor} {phase}");
        }
        let assembly = slots(&simulation, "assemblage");
        assert!(assembly.iter().all(|slot| slot.at.format("%H:%M").to_string() == "09:00"));
        let hours: BTreeSet<String> = assembly.iter().map(|slot| utc_hour(slot.at)).collect();
        assert_eq!(hours, BTreeSet::from(["07:00".to_owned(), "08:00".to_owned()]), "{anchor}");
        // A mail is sent for each phase, and for each slot of the rows with mail.
        let mails = simulation.effects.iter().filter(|effect| effect.kind == EffectKind::Mail).count();
        assert_eq!(mails, 7 + 1 + 4 + slots(&simulation, "nazorg").len(), "{anchor}");
    }
    let simulation = simulate(&seeded("2026-01-15T10:00"));
    let times: Vec<String> = slots(&simulation, "levering").iter().map(|slot| slot.at.date().to_string()).collect();
    assert_eq!(times, ["2027-12-15", "2027-12-22", "2027-12-29", "2028-01-05", "2028-01-12"]);
    let first = slots(&simulation, "assemblage")[0];
    assert_eq!((first.at, first.number, utc_hour(first.at).as_str()), (at("2026-09-15T09:00"), Some(1), "07:00"));
}

#[test]
fn phases_that_end_by_hand_wait_for_a_move() {
    let mut journey = seeded("2026-01-15T10:00");
    journey.phases = simulated_phases(false);
    let waits = simulate(&journey);
    assert_eq!(waits.phase.as_deref(), Some("design-engineering"));
    let overdue: Vec<_> = waits.effects.iter().filter(|effect| effect.kind == EffectKind::Overdue).collect();
    assert_eq!((overdue.len(), overdue[0].at), (1, at("2026-05-15T00:00")));
    journey.inputs = vec![
        Input { at: at("2026-06-01T12:00"), kind: InputKind::Move { phase: "productievoorbereiding".into() } },
        Input { at: at("2026-06-02T12:00"), kind: InputKind::Move { phase: "productievoorbereiding".into() } },
        Input { at: at("2026-06-03T12:00"), kind: InputKind::Move { phase: "orderbevestiging".into() } },
    ];
    let moved = simulate(&journey);
    // In its window the plan counts, and what comes once does not come again.
    assert_eq!(slots(&moved, "productievoorbereiding").len(), 0);
    assert_eq!(slots(&moved, "orderbevestiging").len(), 1);
    assert_eq!(moved.effects.iter().filter(|effect| effect.kind == EffectKind::MoveRefused).count(), 1);
    let again = moved.effects.iter().rfind(|effect| effect.kind == EffectKind::PhaseEntered).unwrap();
    assert_eq!((again.phase.as_str(), again.number), ("orderbevestiging", Some(2)));
}

#[test]
fn rules_do_in_a_simulation_what_they_do_in_a_journey() {
    let mut journey = seeded("2026-01-15T10:00");
    let ids = journey.phases.iter().map(|phase| (phase.key.clone(), phase.key.clone())).collect();
    let rule = |key: &str, fields: Value| {
        let mut rule = json!({ "title": key, "key": key, "frequency": "once-per-entry", "localTime": "09:00" });
        rule.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        compile_rule(key, &serde_json::from_value::<Rule>(rule).unwrap(), &ids).unwrap()
    };
    journey.rules = vec![
        rule(
            "ask",
            json!({
                "on": "timer", "phase": { "documentId": "assemblage" }, "offset": "P42D",
                "actions": [{ "do": "notify-customer", "subject": "{title}", "text": "x", "mail": true }],
            }),
        ),
        rule(
            "ready",
            json!({
                "on": "event", "event": "mes.ready", "conditions": { "event": { "ok": true } },
                "actions": [{ "do": "set-variable", "name": "ready", "value": true }, { "do": "move", "phase": "testen" }],
            }),
        ),
        rule(
            "left",
            json!({ "on": "phase-left", "conditions": { "variables": { "ready": true } },
            "actions": [{ "do": "notify-team", "text": "{phaseTitle}" }] }),
        ),
    ];
    let event = |time: &str, ok: bool| Input {
        at: at(time),
        kind: InputKind::Event { name: "mes.ready".into(), data: json!({ "ok": ok }) },
    };
    journey.inputs = vec![event("2026-10-01T08:00", false), event("2026-11-01T08:00", true)];
    let simulation = simulate(&journey);
    let of = |rule: &str, kind: EffectKind| -> Vec<&SimulatedEffect> {
        simulation.effects.iter().filter(|one| one.rule.as_deref() == Some(rule) && one.kind == kind).collect()
    };
    let asked = of("ask", EffectKind::Mail);
    assert_eq!((asked.len(), asked[0].at, utc_hour(asked[0].at).as_str()), (1, at("2026-10-27T09:00"), "08:00"));
    assert_eq!(of("ready", EffectKind::Rule).iter().map(|one| one.at).collect::<Vec<_>>(), [at("2026-11-01T08:00")]);
    assert_eq!(of("left", EffectKind::Team)[0].title, "Assemblage");
    assert_eq!(simulation.variables.get("ready"), Some(&json!(true)));
    // Early, so its months count from the day of the move.
    let tests = slots(&simulation, "testen");
    assert_eq!(tests.first().map(|slot| slot.at), Some(at("2026-11-01T09:00")));
}

#[test]
fn rules_that_lead_to_each_other_are_stopped_and_effects_are_bounded() {
    let phase = |n: usize| SimulatedPhase {
        key: format!("p{n}"),
        title: format!("P{n}"),
        customer_title: format!("P{n}"),
        team_title: format!("P{n}"),
        offsets: Offsets { from: Some(Period::days(i32::try_from(n).unwrap())), to: None },
        moves_on: false,
        rows: Vec::new(),
    };
    let mut journey = seeded("2026-01-15T10:00");
    journey.phases = (0..20).map(phase).collect();
    let ids: BTreeMap<String, String> =
        journey.phases.iter().map(|phase| (phase.key.clone(), phase.key.clone())).collect();
    let on = |n: usize| {
        let rule = json!({
            "title": "on", "key": format!("on{n}"), "on": "phase-entered", "phase": { "documentId": format!("p{n}") },
            "actions": [{ "do": "move", "phase": format!("p{}", n + 1) }],
        });
        compile_rule(&format!("on{n}"), &serde_json::from_value::<Rule>(rule).unwrap(), &ids).unwrap()
    };
    journey.rules = (0..19).map(on).collect();
    let simulation = simulate(&journey);
    assert_eq!(simulation.phase.as_deref(), Some("p16"));
    assert_eq!(simulation.effects.last().map(|effect| effect.kind), Some(EffectKind::RuleStopped));

    let mut many = seeded("2026-01-15T10:00");
    many.phases.truncate(1);
    many.phases[0].offsets.to = None;
    let row = many.phases[0].rows[0].clone();
    let weekly = Series { frequency: crate::timetable::Frequency::Weekly, ..row.series };
    many.phases[0].rows = vec![SimulatedRow { series: weekly, is_once: false, ..row }; 60];
    many.until = at("2031-01-15T10:00");
    let simulation = simulate(&many);
    assert_eq!((simulation.effects.len(), simulation.complete), (MAX_EFFECTS, false));
}

#[test]
fn customer_and_team_read_their_own_languages() {
    let mut journey = seeded("2026-01-15T10:00");
    journey.phases.truncate(1);
    journey.phases[0].title = "Commande".into();
    journey.phases[0].customer_title = "Order".into();
    journey.phases[0].team_title = "Bestelling".into();
    (journey.language, journey.customer) = ("en".into(), "customer".into());
    let actions = json!([
        { "do": "notify-customer", "subject": { "nl": "{phaseTitle} van {customer}", "en": "{phaseTitle} of {customer}" }, "text": "x" },
        { "do": "notify-team", "text": { "nl": "{phaseTitle} van {customer}", "en": "{phaseTitle} of {customer}" } },
    ]);
    let rule = json!({ "title": "R", "key": "r", "on": "phase-entered", "actions": actions });
    let rule: Rule = serde_json::from_value(rule).unwrap();
    journey.rules = vec![compile_rule("r", &rule, &BTreeMap::new()).unwrap()];
    let simulation = simulate(&journey);
    let titles = |kind: EffectKind| -> Vec<&str> {
        simulation.effects.iter().filter(|effect| effect.kind == kind).map(|effect| effect.title.as_str()).collect()
    };
    assert_eq!(titles(EffectKind::PhaseEntered), ["Commande"]);
    assert_eq!(titles(EffectKind::Notice)[..2], ["Order", "Order of customer"]);
    assert_eq!(titles(EffectKind::Mail)[..1], ["Order"]);
    assert_eq!(titles(EffectKind::Team), ["Bestelling van klant"]);
}
