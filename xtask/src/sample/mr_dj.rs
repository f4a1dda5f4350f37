//! Mr. DJ: an event company with the CRM, e-signing and a knowledge base, and the inquiries of `examples/mr-dj/`, sent as the website's form sends them.

use super::site_content::{SampleSite, SiteAccess, draft_contract, find_document_id, load_articles, read_json};
use crate::api::{Api, encode_query};
use anyhow::{Context, Result};
use chrono::{Days, Utc};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};
use ureq::http::Method;

pub(super) const SITE: SampleSite = SampleSite {
    name: "mr-dj",
    title: "Mr. DJ's CRM",
    listen: "127.0.0.1:1338",
    plugins: &[("crm", "plugins/crm"), ("esign", "plugins/esign"), ("kb", "plugins/knowledge-base")],
    colleague: "bart@example.org",
    load: load_content,
    portal: None,
};

/// Where people write what they did, as in the admin.
const ACTIVITIES_PATH: &str = "/admin/api/content/plugin::crm.activity";

/// Sends the inquiries, then does with them what a person would: notes of calls, qualification, moves on the board.
fn load_content(access: &SiteAccess<'_>) -> Result<()> {
    let SiteAccess { api, colleague: sales, folder, .. } = access;
    load_articles(api, &SITE)?;
    for inquiry in read_inquiries(&folder.join("inquiries.json"))? {
        let lead = inquiry.send(api)?;
        if let Some(note) = &inquiry.note {
            let call = json!({ "data": { "kind": "call", "subject": note, "direction": "outbound", "lead": lead } });
            sales.send(Method::POST, ACTIVITIES_PATH, &call)?.into_data("a note of a call")?;
        }
        let Some(stage) = &inquiry.stage else { continue };
        let path = format!("/api/crm/qualify/{lead}");
        let qualified = sales.send(Method::POST, &path, &json!({}))?.into_data(&path)?;
        move_deal(api, qualified["deal"].as_str().context("no deal in the response")?, stage)?;
    }
    let signers = [("Sanne de Vries", "sanne.devries@example.org"), ("Bart van de Weijer", "bart@example.org")];
    draft_contract(sales, "Overeenkomst bruiloft Sanne de Vries", &signers)
}

/// How long an inquiry may take to become a lead.
const LEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// An inquiry of the sample.
struct SampleInquiry {
    form: String,
    fields: Value,
    /// Note of the sales person about a call.
    note: Option<String>,
    /// The stage of its deal; `None` while it is a lead.
    stage: Option<String>,
}

impl SampleInquiry {
    /// Sends it as the website's form does, and returns the document id of the lead that came of it.
    fn send(&self, api: &Api) -> Result<String> {
        let path = format!("/api/crm/intake/{}", self.form);
        api.send(Method::POST, &path, &self.fields)?.into_data(&path)?;
        let email = encode_query(self.fields["email"].as_str().unwrap_or_default());
        let list = format!("/api/crm/leads?filters[email][$eq]={email}&sort=createdAt:desc");
        // An inquiry becomes a lead after its answer, and later where the machine is busy.
        let until = Instant::now() + LEAD_TIMEOUT;
        loop {
            match find_document_id(api, &list) {
                Err(_) if Instant::now() < until => std::thread::sleep(Duration::from_millis(50)),
                found => return found,
            }
        }
    }
}

/// Puts a deal into a stage of its pipeline.
fn move_deal(api: &Api, deal: &str, stage: &str) -> Result<()> {
    let path = format!("/api/crm/deals/{deal}");
    let pipeline = api.get(&format!("{path}?populate[pipeline][fields]=key"))?.into_data(&path)?;
    let pipeline = encode_query(pipeline["pipeline"]["key"].as_str().unwrap_or_default());
    let stages = format!("/api/crm/stages?filters[key][$eq]={stage}&filters[pipeline][key][$eq]={pipeline}");
    let data = json!({ "data": { "stage": find_document_id(api, &stages)? } });
    api.send(Method::PUT, &path, &data)?.into_data(&path).map(drop)
}

/// The inquiries of the sample, with dates counted from today.
#[expect(clippy::disallowed_methods, reason = "a chore has no clock but the machine's")]
fn read_inquiries(file: &Path) -> Result<Vec<SampleInquiry>> {
    let json = read_json(file)?;
    let today = Utc::now().date_naive();
    let read = |entry: &Value| {
        let text = |key: &str| entry[key].as_str().map(str::to_owned);
        let mut fields = entry["fields"].clone();
        let date = today.checked_add_days(Days::new(entry["inDays"].as_u64().context("`inDays` is missing")?));
        fields["eventDate"] = json!(date.context("`inDays` is too large")?.to_string());
        Ok(SampleInquiry {
            form: text("form").context("`form` is missing")?,
            fields,
            note: text("note"),
            stage: text("stage"),
        })
    };
    json.as_array().context("not a list")?.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paths;

    #[test]
    fn inquiries_of_the_sample_are_read() {
        let inquiries = read_inquiries(&paths::repository_root().join("examples/mr-dj/inquiries.json")).unwrap();
        assert!(inquiries.len() >= 5);
        assert!(inquiries.iter().all(|inquiry| inquiry.fields["eventDate"].is_string()));
    }
}
