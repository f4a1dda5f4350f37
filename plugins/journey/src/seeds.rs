//! A definition to begin with: from the order of a car to its delivery and what comes after. Created once; what people change stays.

use crate::model::{Definition, Phase, PlanRow};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::json;

const KEY: &str = "klantreis";

/// A phase of the definition, with the one row that is planned for it.
struct PhaseSeed {
    key: &'static str,
    title: &'static str,
    short_title: &'static str,
    /// Title and short title in English.
    english: (&'static str, &'static str),
    from: &'static str,
    to: &'static str,
    advance: &'static str,
    owner: &'static str,
    row: &'static str,
    /// Each car gets content of its own.
    own_content: bool,
    frequency: &'static str,
    mail: bool,
    only_last_month: bool,
}

const PHASES: [PhaseSeed; 7] = [
    PhaseSeed {
        key: "orderbevestiging",
        title: "Orderbevestiging",
        english: ("Order confirmation", "Order"),
        short_title: "Order",
        from: "P0D",
        to: "P7D",
        advance: "date",
        owner: "role:customer-success",
        row: "Welkomstvideo, contract en configuratieoverzicht",
        own_content: false,
        frequency: "once",
        mail: true,
        only_last_month: false,
    },
    PhaseSeed {
        key: "design-engineering",
        title: "Design & Engineering",
        english: ("Design & Engineering", "Design"),
        short_title: "Design",
        from: "P7D",
        to: "P4M",
        advance: "manual",
        owner: "role:customer-success",
        row: "3D-modelviewer en interviews",
        own_content: false,
        frequency: "monthly",
        mail: false,
        only_last_month: false,
    },
    PhaseSeed {
        key: "productievoorbereiding",
        title: "Productievoorbereiding",
        english: ("Production planning", "Preparation"),
        short_title: "Voorbereiding",
        from: "P4M",
        to: "P8M",
        advance: "manual",
        owner: "role:product-manager",
        row: "Nieuwsitems en component-highlights",
        own_content: false,
        frequency: "monthly",
        mail: false,
        only_last_month: false,
    },
    PhaseSeed {
        key: "assemblage",
        title: "Assemblage",
        english: ("Assembly", "Assembly"),
        short_title: "Assemblage",
        from: "P8M",
        to: "P16M",
        advance: "manual",
        owner: "role:product-manager",
        row: "Persoonlijke video-updates en fotoalbums",
        own_content: true,
        frequency: "biweekly",
        mail: false,
        only_last_month: false,
    },
    PhaseSeed {
        key: "testen",
        title: "Testen & Kwaliteitscontrole",
        english: ("Testing & quality control", "Testing"),
        short_title: "Testen",
        from: "P16M",
        to: "P20M",
        advance: "manual",
        owner: "role:product-manager",
        row: "Datadashboards en uitnodigingen",
        own_content: false,
        frequency: "monthly",
        mail: true,
        only_last_month: false,
    },
    PhaseSeed {
        key: "levering",
        title: "Levering & Onboarding",
        english: ("Delivery & onboarding", "Delivery"),
        short_title: "Levering",
        from: "P20M",
        to: "P24M",
        advance: "event",
        owner: "role:customer-success",
        row: "Logistieke planning en tutorials",
        own_content: false,
        frequency: "weekly",
        mail: false,
        only_last_month: true,
    },
    PhaseSeed {
        key: "nazorg",
        title: "Nazorg & Loyaliteit",
        english: ("Aftercare & loyalty", "Aftercare"),
        short_title: "Nazorg",
        from: "P24M",
        to: "",
        advance: "manual",
        owner: "role:customer-success",
        row: "Serviceherinneringen en eventkalender",
        own_content: false,
        frequency: "monthly",
        mail: true,
        only_last_month: false,
    },
];

/// Creates the definition, unless there is one already.
///
/// # Errors
/// What the host says.
pub(crate) fn create_seeds() -> Result<()> {
    if data::find::<Definition>().count()? > 0 {
        return Ok(());
    }
    let definition = data::create::<Definition>(&json!({
        "key": KEY, "revision": 1, "title": "Van bestelling tot levering", "status": "active", "zone": "Europe/Amsterdam",
    }))?;
    let mut phases = Batch::new();
    for (order, seed) in PHASES.iter().enumerate() {
        phases = phases.create::<Phase>(&json!({
            "definition": definition.target.document_id, "key": seed.key, "title": seed.title, "shortTitle": seed.short_title,
            "titles": { "en": seed.english.0 }, "shortTitles": { "en": seed.english.1 },
            "order": order + 1, "windowFrom": seed.from, "windowTo": Some(seed.to).filter(|to| !to.is_empty()),
            "advance": seed.advance, "owner": seed.owner,
        }))?;
    }
    let phases = phases.write()?;
    let mut rows = Batch::new();
    for (phase, seed) in phases.iter().zip(&PHASES) {
        rows = rows.create::<PlanRow>(&json!({
            "phase": phase.target.document_id, "title": seed.row, "frequency": seed.frequency, "localTime": "09:00",
            "dashboard": true, "mail": seed.mail, "onlyLastMonth": seed.only_last_month, "ownContent": seed.own_content,
        }))?;
    }
    rows.write().map(drop)
}

/// The seeded phases for simulations. `on_time`: all of them end with their window.
#[cfg(test)]
pub(crate) fn simulated_phases(on_time: bool) -> Vec<crate::simulation::SimulatedPhase> {
    use crate::period::Period;
    use crate::simulation::{SimulatedPhase, SimulatedRow};
    use crate::timetable::{Frequency, Offsets, Series, parse_hour};
    let phase = |seed: &PhaseSeed| {
        let frequency: Frequency = serde_json::from_value(json!(seed.frequency)).unwrap();
        let offsets = Offsets { from: Period::parse(seed.from), to: Period::parse(seed.to) };
        let time = parse_hour("09:00").unwrap();
        SimulatedPhase {
            key: seed.key.to_owned(),
            title: seed.title.to_owned(),
            customer_title: seed.title.to_owned(),
            team_title: seed.title.to_owned(),
            offsets,
            moves_on: seed.advance == "date" || (on_time && offsets.to.is_some()),
            rows: vec![SimulatedRow {
                title: seed.row.to_owned(),
                series: Series { frequency, time, offset: None, only_last_month: seed.only_last_month },
                is_once: frequency == Frequency::Once,
                dashboard: true,
                mail: seed.mail,
            }],
        }
    };
    PHASES.iter().map(phase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::Period;

    #[test]
    fn the_seeded_windows_follow_each_other() {
        assert_eq!(PHASES[0].from, "P0D");
        for pair in PHASES.windows(2) {
            assert_eq!(pair[0].to, pair[1].from, "{}", pair[1].key);
            assert!(Period::parse(pair[0].to).is_some(), "{}", pair[0].key);
        }
        assert_eq!(PHASES[6].to, "");
    }

    #[test]
    fn the_seeded_owners_are_roles_that_come_with_the_plugin() {
        let roles: serde_json::Value = serde_json::from_str(include_str!("../roles.json")).unwrap();
        for seed in &PHASES {
            let role = seed.owner.strip_prefix("role:").unwrap();
            assert!(roles["adminRoles"][role].is_object(), "{role}");
        }
    }
}
