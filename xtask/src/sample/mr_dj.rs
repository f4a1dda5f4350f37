//! Mr. DJ, beside the sample project of `cargo xtask run`: the site of an event company with the CRM, installed from its signed package,
//! and the inquiries of `examples/mr-dj/`, sent as the website's form sends them.
//!
//! A project of its own in `data/mr-dj`: a project keeps its plugins in `plugins/`, which in this repository is where their sources are.

use crate::api::{Api, encode_query};
use crate::database::DATABASE_VARIABLE;
use crate::plugin_package::{install_package, pack_plugin};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::{paths, wasm};
use anyhow::{Context, Result};
use chrono::{Days, Utc};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use ureq::http::Method;

/// Where it listens, unless something else does.
const LISTEN: &str = "127.0.0.1:1338";
/// Who sells, as the settings of the sample declare.
const SALES_PERSON: &str = "bart@example.org";
/// Who sets it up, as the same settings declare.
const ADMIN: &str = "admin@example.org";
/// The settings of the CRM.
const SETTINGS_PATH: &str = "/admin/api/plugins/crm/settings";
/// Where people write what they did, as in the admin.
const ACTIVITIES_PATH: &str = "/admin/api/content/plugin::crm.activity";

/// A server that is being started on one thread and stopped on another.
pub(crate) type SharedServer = Mutex<Option<ServerProcess>>;

/// What the sample's people and programs sign in with.
pub(crate) struct Credentials {
    /// API token of the sample content.
    pub(crate) token: String,
    /// Password of all people.
    pub(crate) password: String,
}

/// Starts the site, set up by an earlier run or now, and says where to look. Says why where that fails: the rest of the sample works
/// without it. `main`: the sample project's own server.
pub(crate) fn show_site(main: &ServerCommand, credentials: &Credentials, server: &SharedServer) {
    match start_site(main, credentials, server) {
        Ok(base) => println!(
            "Mr. DJ's CRM is ready: {base}/admin, as {SALES_PERSON} or {ADMIN} with the password in data/sample.password"
        ),
        Err(error) => println!("Mr. DJ's CRM is not available: {error:#}"),
    }
}

/// Stops the site if it was started. Returns an error if it does not stop in order.
pub(crate) fn stop_site(server: &SharedServer) -> Result<()> {
    let started = server.lock().unwrap_or_else(PoisonError::into_inner).take();
    started.map_or(Ok(()), ServerProcess::stop)
}

fn start_site(main: &ServerCommand, credentials: &Credentials, server: &SharedServer) -> Result<String> {
    let data = main.project.join("data");
    let (project, marker) = (data.join("mr-dj"), data.join("mr-dj/sample.loaded"));
    let listen = if TcpListener::bind(LISTEN).is_ok() { LISTEN.to_owned() } else { free_address()? };
    let boot = ServerCommand {
        binary: main.binary.clone(),
        project: project.clone(),
        listen,
        // A database of its own, whatever the sample project's is.
        env: main.env.iter().filter(|(name, _)| name != DATABASE_VARIABLE).cloned().collect(),
        log: main.log.as_ref().map(|_| project.join("server.log")),
    };
    let folder = paths::repository_root().join("examples/mr-dj");
    let is_set_up = marker.exists();
    if !is_set_up {
        println!("Building the plugins for Mr. DJ's site (some minutes the first time)");
        wasm::build_components(false)?;
        let package = pack_plugin(&boot.binary, "plugins/crm", Some(&data.join("sample.publisher.key")), |text| text)?;
        // What an earlier run may have left half done.
        let _ = fs::remove_dir_all(&project);
        fs::create_dir_all(&project)?;
        boot.apply_settings(&folder.join("settings.json"))?;
        install_package(&boot.binary, &project, &package, &[])?;
        boot.apply_settings(&folder.join("people.json"))?;
    }
    let base = {
        // Held until it is there, so that whoever stops it finds it.
        let mut place = server.lock().unwrap_or_else(PoisonError::into_inner);
        place.insert(boot.start()?).base.clone()
    };
    if !is_set_up {
        let api = Api::new(&base, Some(&credentials.token));
        let admin = api.sign_in(ADMIN, &credentials.password)?;
        let settings = serde_json::from_str(&fs::read_to_string(folder.join("plugin-settings.json"))?)?;
        admin.send(Method::PUT, SETTINGS_PATH, &settings)?.into_data("the CRM's settings")?;
        load_inquiries(&api, &folder, &credentials.password)?;
        File::create(marker)?;
    }
    Ok(base)
}

/// Sends the inquiries, then does with them what a person would: notes of calls, qualification, moves on the board.
fn load_inquiries(api: &Api, folder: &Path, password: &str) -> Result<()> {
    let sales = api.sign_in(SALES_PERSON, password)?;
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
    Ok(())
}

/// An inquiry of the sample.
struct SampleInquiry {
    form: String,
    fields: Value,
    /// What the sales person noted of a call.
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
        find_document_id(api, &format!("/api/crm/leads?filters[email][$eq]={email}&sort=createdAt:desc"))
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

/// The document id of the first entry of a list.
fn find_document_id(api: &Api, list: &str) -> Result<String> {
    let entries = api.get(list)?.into_data(list)?;
    Ok(entries[0]["documentId"].as_str().with_context(|| format!("{list}: no entry"))?.to_owned())
}

/// The inquiries of the sample, with dates counted from today.
#[expect(clippy::disallowed_methods, reason = "a chore has no clock but the machine's")]
fn read_inquiries(file: &Path) -> Result<Vec<SampleInquiry>> {
    let json: Value = serde_json::from_str(&fs::read_to_string(file)?).with_context(|| file.display().to_string())?;
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

    #[test]
    fn inquiries_of_the_sample_are_read() {
        let inquiries = read_inquiries(&paths::repository_root().join("examples/mr-dj/inquiries.json")).unwrap();
        assert!(inquiries.len() >= 5);
        assert!(inquiries.iter().all(|inquiry| inquiry.fields["eventDate"].is_string()));
    }
}
