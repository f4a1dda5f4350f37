//! Content of a new CRM: pipelines with their stages, the times in which leads are answered and quotes sent, and packages. What people
//! changed stays: only what is missing is made.

use crate::model::{Package, Pipeline, SlaPolicy, Stage};
use cairn_plugin::data::Batch;
use cairn_plugin::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A time in which something has to be done.
struct SeedPolicy {
    key: &'static str,
    name: &'static str,
    target: &'static str,
    duration: &'static str,
}

const FIRST_RESPONSE: &str = "first-response";
const QUOTE_STAGE: &str = "quote-stage";
const POLICIES: [SeedPolicy; 2] = [
    SeedPolicy { key: FIRST_RESPONSE, name: "Eerste reactie", target: "firstResponse", duration: "PT2H" },
    SeedPolicy { key: QUOTE_STAGE, name: "Offerte versturen", target: "stageAge", duration: "PT24H" },
];

/// Key and name of each pipeline.
const PIPELINES: [(&str, &str); 3] =
    [("bruiloften", "Bruiloften"), ("zakelijk", "Zakelijk"), ("equipment-only", "Equipment-only")];

/// A stage of each pipeline.
struct SeedStage {
    key: &'static str,
    name: &'static str,
    probability: u8,
    kind: &'static str,
    required: &'static [&'static str],
    /// Action taken when a deal enters it.
    on_entry: Option<&'static str>,
    /// Rule that a deal has to meet before.
    entry_rule: Option<&'static str>,
    /// Key of the policy of its clock.
    policy: Option<&'static str>,
}

impl SeedStage {
    const fn new(key: &'static str, name: &'static str, probability: u8, kind: &'static str) -> Self {
        Self { key, name, probability, kind, required: &[], on_entry: None, entry_rule: None, policy: None }
    }
}

/// The stages, in their order.
const STAGES: [SeedStage; 6] = [
    SeedStage::new("nieuwe-lead", "Nieuwe Lead", 5, "open"),
    SeedStage::new("kwalificatie", "Kwalificatie", 20, "open"),
    SeedStage {
        required: &["eventDate"],
        on_entry: Some("draftQuote"),
        policy: Some(QUOTE_STAGE),
        ..SeedStage::new("offerte", "Offerte", 50, "open")
    },
    SeedStage {
        required: &["eventDate", "amount"],
        entry_rule: Some("acceptedQuote"),
        ..SeedStage::new("aanbetaling", "Aanbetaling", 80, "open")
    },
    SeedStage {
        required: &["eventDate", "amount"],
        entry_rule: Some("paidDeposit"),
        ..SeedStage::new("project-gereed", "Project Gereed", 100, "won")
    },
    SeedStage { entry_rule: Some("paidDeposit"), ..SeedStage::new("evaluatie", "Evaluatie", 100, "post") },
];

/// A package: key, name, and what it consists of, with the price of each in minor units, without 21% VAT.
type SeedPackage = (&'static str, &'static str, &'static [(&'static str, i64)]);
const PACKAGES: [SeedPackage; 4] = [
    ("silver", "Silver", &[("DJ, 4 uur", 55_000), ("Geluid en basisverlichting", 24_500)]),
    (
        "gold",
        "Gold",
        &[("DJ, 5 uur", 75_000), ("Geluid en lichtshow", 35_000), ("Draadloze microfoon en voorgesprek", 15_000)],
    ),
    (
        "diamond",
        "Diamond",
        &[("DJ, 6 uur", 90_000), ("Geluid en uitgebreide lichtshow", 52_500), ("Saxofonist, 2 sets", 47_500)],
    ),
    (
        "platinum",
        "Platinum",
        &[
            ("DJ, 8 uur", 120_000),
            ("Geluid en uitgebreide lichtshow", 65_000),
            ("Liveband, 3 sets", 145_000),
            ("Photobooth", 35_000),
        ],
    ),
];

/// Makes what is missing. A pipeline that exists already keeps the stages it has, even if people deleted some.
///
/// # Errors
/// What the host says.
pub(crate) fn plant_seeds() -> Result<()> {
    let policies = plant_policies()?;
    plant_packages()?;
    let keys = PIPELINES.map(|(key, _)| key);
    let known = data::find::<Pipeline>().filter(json!({ "key": { "$in": keys } })).all(10)?;
    let known: BTreeSet<&str> = known.iter().map(|pipeline| pipeline.key.as_str()).collect();
    let missing = || PIPELINES.into_iter().enumerate().filter(|(_, (key, _))| !known.contains(key));
    let response = policies.get(FIRST_RESPONSE);
    let pipelines = missing().try_fold(Batch::new(), |batch, (order, (key, name))| {
        batch.create::<Pipeline>(&json!({ "key": key, "name": name, "order": order, "responsePolicy": response }))
    });
    let pipelines = pipelines?.write()?;
    let mut stages = Batch::new();
    for pipeline in &pipelines {
        for (order, stage) in STAGES.iter().enumerate() {
            let mut fields = json!({
                "key": stage.key, "name": stage.name, "order": order, "probability": stage.probability, "kind": stage.kind,
                "requiredFields": stage.required, "pipeline": pipeline.target.document_id,
            });
            if let Value::Object(fields) = &mut fields {
                fields.extend(describe_rules(stage, &policies));
            }
            stages = stages.create::<Stage>(&fields)?;
        }
    }
    stages.write().map(|_| ())
}

/// Gives the stages that an earlier version made their rules: those that nobody changed, and that have none yet.
///
/// # Errors
/// What the host says.
pub(crate) fn add_stage_rules() -> Result<()> {
    let policies = plant_policies()?;
    let keys = PIPELINES.map(|(key, _)| key);
    let of_seeds = json!({ "pipeline": { "key": { "$in": keys } } });
    let stages = data::find::<Stage>().filter(of_seeds).populate(json!({ "slaPolicy": true })).all(MAX_STAGES)?;
    let mut batch = Batch::new();
    for stage in &stages {
        let seed = STAGES.iter().find(|seed| seed.key == stage.key);
        let Some(seed) = seed.filter(|seed| is_unchanged(stage, seed)) else { continue };
        let rules = describe_rules(seed, &policies);
        if !rules.is_empty() {
            batch = batch.update::<Stage>(&stage.document_id, &rules)?;
        }
    }
    batch.write().map(|_| ())
}

/// Stages that are looked at.
const MAX_STAGES: u32 = 300;

fn is_unchanged(stage: &Stage, seed: &SeedStage) -> bool {
    let has_rules = stage.on_entry.is_some() || stage.entry_rule.is_some() || stage.sla_policy.is_some();
    !has_rules && stage.name == seed.name && stage.required_fields == seed.required
}

/// The fields of a stage that say what happens there.
fn describe_rules(stage: &SeedStage, policies: &BTreeMap<String, String>) -> Map<String, Value> {
    let policy = stage.policy.and_then(|key| policies.get(key));
    let rules = [
        ("onEntry", stage.on_entry.map(|action| json!(action))),
        ("entryRule", stage.entry_rule.map(|rule| json!(rule))),
        ("slaPolicy", policy.map(|policy| json!(policy))),
    ];
    rules.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
}

/// The ids of the policies, by key; those that are missing are made.
fn plant_policies() -> Result<BTreeMap<String, String>> {
    let keys = POLICIES.map(|policy| policy.key);
    let known = data::find::<SlaPolicy>().filter(json!({ "key": { "$in": keys } })).all(10)?;
    let mut ids: BTreeMap<String, String> =
        known.into_iter().map(|policy| (policy.fields.key, policy.document_id)).collect();
    for SeedPolicy { key, name, target, duration } in POLICIES {
        if !ids.contains_key(key) {
            let fields = json!({
                "key": key, "name": name, "target": target, "duration": duration, "clock": "elapsed", "warnAt": 0.75,
            });
            ids.insert(key.to_owned(), data::create::<SlaPolicy>(&fields)?.target.document_id);
        }
    }
    Ok(ids)
}

/// Makes the packages that are missing.
///
/// # Errors
/// What the host says.
pub(crate) fn plant_packages() -> Result<()> {
    let known = data::find::<Package>().filter(json!({ "key": { "$in": PACKAGES.map(|(key, ..)| key) } })).all(10)?;
    let known: BTreeSet<&str> = known.iter().map(|package| package.key.as_str()).collect();
    let missing = PACKAGES.into_iter().filter(|(key, ..)| !known.contains(key));
    let packages = missing.into_iter().try_fold(Batch::new(), |batch, (key, name, lines)| {
        let line = |(description, price): &(&str, i64)| {
            json!({ "description": description, "quantity": 1, "unitPrice": price, "vatPercent": 21 })
        };
        let lines: Vec<Value> = lines.iter().map(line).collect();
        batch.create::<Package>(
            &json!({ "key": key, "name": name, "lines": lines, "depositPercent": 25, "currency": "EUR" }),
        )
    });
    packages?.write().map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::money::{Line, add_up};

    #[test]
    fn packages_add_up_and_gold_costs_1250() {
        for (key, _, lines) in PACKAGES {
            let line = |(description, price): &(&str, i64)| Line {
                description: (*description).to_owned(),
                quantity: 1,
                unit_price: *price,
                vat_percent: 21,
            };
            let totals = add_up(&lines.iter().map(line).collect::<Vec<_>>(), 25).unwrap();
            if key == "gold" {
                assert_eq!((totals.net, totals.gross, totals.deposit), (125_000, 151_250, 37_813));
            }
        }
    }

    #[test]
    fn only_stages_that_nobody_changed_get_rules() {
        let stage = |json: Value| serde_json::from_value::<Stage>(json).unwrap();
        let offer = &STAGES[2];
        let made = json!({ "key": "offerte", "name": "Offerte", "requiredFields": ["eventDate"] });
        assert!(is_unchanged(&stage(made.clone()), offer));
        for (field, value) in [
            ("name", json!("Voorstel")),
            ("requiredFields", json!([])),
            ("onEntry", json!("draftQuote")),
            ("entryRule", json!("paidDeposit")),
        ] {
            let mut changed = made.clone();
            changed[field] = value;
            assert!(!is_unchanged(&stage(changed), offer), "{field}");
        }
    }
}
