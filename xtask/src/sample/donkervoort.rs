//! Donkervoort: a maker of sports cars with a customer portal, customer journeys, e-signing and a knowledge base. Its customers, their cars and what
//! they are shown are in `examples/donkervoort/`.

mod vehicles;

use super::load::role_id;
use super::site_content::{
    SamplePortal, SampleSite, SiteAccess, draft_contract, find_by_field, load_articles, load_articles_from, read_json,
};
use anyhow::{Context, Result};
use chrono::{Months, Utc};
use serde_json::{Value, json};
use std::collections::HashMap;
use ureq::http::Method;

pub(super) const SITE: SampleSite = SampleSite {
    name: "donkervoort",
    title: "Donkervoort's customer portal and journeys",
    listen: "127.0.0.1:1339",
    plugins: &[
        ("journey", "plugins/journey"),
        ("esign", "plugins/esign"),
        ("portal", "plugins/portal"),
        ("kb", "plugins/knowledge-base"),
    ],
    colleague: "mia@example.org",
    load: load_content,
    portal: Some(SamplePortal { listen: "127.0.0.1:1340", customers: &[("pieter", "Dutch"), ("marcus", "English")] }),
};

/// The definition that comes with the plugin.
const DEFINITION: &str = "klantreis";

/// Creates the customers, starts their journeys, and publishes what they are shown.
fn load_content(access: &SiteAccess<'_>) -> Result<()> {
    let SiteAccess { api, folder, .. } = access;
    load_articles(api, &SITE)?;
    load_articles_from(api, &folder.join("articles.en.json"))?;
    let journeys = start_journeys(access)?;
    for item in read_json(&folder.join("items.json"))?.as_array().context("items.json: not a list")? {
        let phase = item["phase"].as_str().context("an item without `phase`")?;
        let mut data = item.clone();
        let fields = data.as_object_mut().context("an item that is no object")?;
        let owner = fields.remove("customer");
        fields.remove("phase");
        fields
            .insert("phases".to_owned(), json!({ "set": [find_by_field(api, "/api/journey/phases", "key", phase)?] }));
        if let Some(owner) = owner.as_ref().and_then(Value::as_str) {
            let journey = journeys.get(owner).with_context(|| format!("no journey of {owner}"))?;
            fields.insert("journeys".to_owned(), json!({ "set": [journey] }));
        }
        api.send(Method::POST, "/api/journey/items", &json!({ "data": data }))?.into_data("an item")?;
    }
    vehicles::load_vehicles(access)?;
    let signers = [("Sanne Verhoeven", "sanne.verhoeven@example.org"), ("Mia Jansen", "mia@example.org")];
    draft_contract(&access.colleague, "Koopovereenkomst Donkervoort F22", &signers)
}

/// Starts the journey of each customer, ordered some months ago. Returns the document ids by the customers' e-mail addresses.
#[expect(clippy::disallowed_methods, reason = "a chore has no clock but the machine's")]
fn start_journeys(access: &SiteAccess<'_>) -> Result<HashMap<String, String>> {
    let SiteAccess { api, colleague, folder, password } = access;
    let customers = read_json(&folder.join("customers.json"))?;
    let role = role_id(api, "authenticated")?;
    let today = Utc::now().date_naive();
    let mut journeys = HashMap::new();
    for customer in customers.as_array().context("customers.json: not a list")? {
        let email = customer["email"].as_str().context("a customer without `email`")?;
        let user = json!({
            "username": customer["username"], "email": email, "password": password, "role": role,
            "confirmed": true, "emailVerified": true,
        });
        let created = api.send(Method::POST, "/api/users", &user)?;
        anyhow::ensure!(created.is_ok(), "{email}: status {}, {}", created.status, created.body);
        let months = customer["monthsAgo"].as_u64().and_then(|months| u32::try_from(months).ok());
        let ordered = today.checked_sub_months(Months::new(months.context("a customer without `monthsAgo`")?));
        let start = json!({
            "definition": DEFINITION, "customer": email, "title": customer["vehicle"], "language": customer["language"],
            "name": customer["name"],
            "anchorAt": ordered.context("`monthsAgo` is too large")?.to_string(),
        });
        let started = colleague.send(Method::POST, "/api/journey/start", &start)?.into_data("a journey")?;
        let journey = started["documentId"].as_str().context("a journey without documentId")?;
        journeys.insert(email.to_owned(), journey.to_owned());
    }
    Ok(journeys)
}
