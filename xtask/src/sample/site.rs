//! Sites beside the sample project of `cargo xtask run`: each a project of its own with plugins of the repository, installed from their signed
//! packages, and content that fills their first pages.
//!
//! Such a project is in `data/<name>`: a project keeps its plugins in `plugins/`, which in this repository is where their sources are.

use super::{donkervoort, mr_dj};
use crate::api::{Api, encode_query};
use crate::database::DATABASE_VARIABLE;
use crate::plugin_package::{install_package, pack_plugin};
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::steps::Steps;
use crate::{paths, wasm};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use ureq::http::Method;

/// Admin user who sets the sites up, as their settings declare.
const ADMIN: &str = "admin@example.org";

/// A site of the samples. Its settings and content are in `examples/<name>/`.
pub(super) struct SampleSite {
    pub(super) name: &'static str,
    /// Title that is shown there, as `Mr. DJ's CRM`.
    pub(super) title: &'static str,
    /// Where it listens, unless something else does.
    pub(super) listen: &'static str,
    /// Its plugins: their ids and folders.
    pub(super) plugins: &'static [(&'static str, &'static str)],
    /// Admin user who works there, as its settings declare.
    pub(super) colleague: &'static str,
    /// Loads its content.
    pub(super) load: fn(&SiteAccess<'_>) -> Result<()>,
}

const SITES: [SampleSite; 2] = [mr_dj::SITE, donkervoort::SITE];

/// Servers that are being started on one thread and stopped on another.
pub(crate) type SharedServers = Mutex<Vec<ServerProcess>>;

/// Credentials with which the sample's people and programs sign in.
pub(crate) struct Credentials {
    /// API token of the sample content.
    pub(crate) token: String,
    /// Password of all people.
    pub(crate) password: String,
}

/// Access with which content is loaded.
pub(super) struct SiteAccess<'a> {
    /// With the API token of the sample content.
    pub(super) api: Api,
    /// As the colleague.
    pub(super) colleague: Api,
    /// `examples/<name>`.
    pub(super) folder: &'a Path,
    /// Password of all people.
    pub(super) password: &'a str,
}

/// Starts the sites, set up by an earlier run or now, and says where to look. Says why where that fails: the rest of the sample works without
/// them. `main`: the sample project's own server.
pub(crate) fn show_sites(main: &ServerCommand, credentials: &Credentials, steps: &Steps, servers: &SharedServers) {
    for site in &SITES {
        match start_site(site, main, credentials, steps, servers) {
            Ok(base) => println!(
                "{}: {base}/admin, as {} or {ADMIN} with the password in data/sample.password",
                site.title, site.colleague
            ),
            Err(error) => println!("{}: not available: {error:#}", site.title),
        }
    }
}

/// Stops the sites that were started. Returns an error if one does not stop in order.
pub(crate) fn stop_sites(servers: &SharedServers) -> Result<()> {
    let started = std::mem::take(&mut *servers.lock().unwrap_or_else(PoisonError::into_inner));
    started.into_iter().map(ServerProcess::stop).fold(Ok(()), Result::and)
}

fn start_site(
    site: &SampleSite,
    main: &ServerCommand,
    credentials: &Credentials,
    steps: &Steps,
    servers: &SharedServers,
) -> Result<String> {
    let data = main.project.join("data");
    let project = data.join(site.name);
    let marker = project.join("sample.loaded");
    let listen = if TcpListener::bind(site.listen).is_ok() { site.listen.to_owned() } else { free_address()? };
    let boot = ServerCommand {
        binary: main.binary.clone(),
        project: project.clone(),
        listen,
        // A database of its own, whatever the sample project's is.
        env: main.env.iter().filter(|(name, _)| name != DATABASE_VARIABLE).cloned().collect(),
        log: main.log.as_ref().map(|_| project.join("server.log")),
    };
    let folder = paths::repository_root().join("examples").join(site.name);
    let is_set_up = marker.exists();
    if !is_set_up {
        let names: Vec<&str> = site.plugins.iter().map(|(_, folder)| crate_name(folder)).collect();
        let title = format!("Building the plugins of {}: {}", site.title, names.join(", "));
        steps.run(&title, "", || wasm::build_crates(&names))?;
        steps.run(&format!("Setting up {}", site.title), "", || create_project(site, &boot, &folder, &data))?;
    }
    let base = {
        // Held until it is there, so that whoever stops it finds it.
        let mut place = servers.lock().unwrap_or_else(PoisonError::into_inner);
        let server = boot.start()?;
        let base = server.base.clone();
        place.push(server);
        base
    };
    if !is_set_up {
        steps.run(&format!("Loading the content of {}", site.title), "", || {
            load_content(site, &base, credentials, &folder)?;
            File::create(marker)?;
            Ok(())
        })?;
    }
    Ok(base)
}

/// Name of the crate in a folder of `plugins/`: that of the folder.
fn crate_name(folder: &str) -> &str {
    folder.rsplit('/').next().unwrap_or(folder)
}

/// Creates the project of a site, with its plugins, roles and people. `folder`: that of its examples; `data`: that of the sample project.
fn create_project(site: &SampleSite, boot: &ServerCommand, folder: &Path, data: &Path) -> Result<()> {
    let key = data.join("sample.publisher.key");
    let pack = |(_, folder): &(&str, &str)| pack_plugin(&boot.binary, folder, Some(&key), |text| text);
    let packages = site.plugins.iter().map(pack).collect::<Result<Vec<_>>>()?;
    // What an earlier run may have left half done.
    let _ = fs::remove_dir_all(&boot.project);
    fs::create_dir_all(&boot.project)?;
    boot.apply_settings(&folder.join("settings.json"))?;
    for package in &packages {
        install_package(&boot.binary, &boot.project, package, &[])?;
    }
    for (_, folder) in site.plugins {
        boot.apply_settings(&paths::repository_root().join(folder).join("roles.json"))?;
    }
    boot.apply_settings(&folder.join("people.json"))
}

/// Loads the content of a site that runs at `base`.
fn load_content(site: &SampleSite, base: &str, credentials: &Credentials, folder: &Path) -> Result<()> {
    let api = Api::new(base, Some(&credentials.token));
    apply_plugin_settings(&api.sign_in(ADMIN, &credentials.password)?, site, folder)?;
    let colleague = api.sign_in(site.colleague, &credentials.password)?;
    (site.load)(&SiteAccess { api, colleague, folder, password: &credentials.password })
}

/// Drafts a contract that these people sign, one after the other; its PDF is still to be chosen. `signers`: names and addresses.
pub(super) fn draft_contract(colleague: &Api, title: &str, signers: &[(&str, &str)]) -> Result<()> {
    let content = "/admin/api/content/plugin::esign";
    let envelope = json!({ "data": { "title": title, "language": "nl", "approver": "role:super-admin" } });
    let envelope = colleague.send(Method::POST, &format!("{content}.envelope"), &envelope)?.into_data("an envelope")?;
    for (group, (name, email)) in (1..).zip(signers) {
        let data = json!({ "data": {
            "envelope": { "set": [envelope["documentId"]] }, "name": name, "email": email, "group": group, "role": "signer",
        } });
        colleague.send(Method::POST, &format!("{content}.recipient"), &data)?.into_data("a recipient")?;
    }
    Ok(())
}

/// Sets what `plugin-settings.json` has for each plugin.
fn apply_plugin_settings(admin: &Api, site: &SampleSite, folder: &Path) -> Result<()> {
    let all = read_json(&folder.join("plugin-settings.json"))?;
    for (id, _) in site.plugins {
        let path = format!("/admin/api/plugins/{id}/settings");
        admin.send(Method::PUT, &path, &all[id])?.into_data(&path)?;
    }
    Ok(())
}

/// Writes the help articles of a site, from the knowledge base's samples.
pub(super) fn load_articles(api: &Api, site: &SampleSite) -> Result<()> {
    let articles = read_json(&articles_file(site))?;
    for article in articles.as_array().context("articles: not a list")? {
        api.send(Method::POST, "/api/kb/articles", article)?.into_data("an article")?;
    }
    Ok(())
}

fn articles_file(site: &SampleSite) -> PathBuf {
    paths::repository_root().join(format!("plugins/knowledge-base/sample/{}.nl.json", site.name))
}

/// The document id of the first entry of a list.
pub(super) fn find_document_id(api: &Api, list: &str) -> Result<String> {
    let entries = api.get(list)?.into_data(list)?;
    Ok(entries[0]["documentId"].as_str().with_context(|| format!("{list}: no entry"))?.to_owned())
}

/// The document id of the first entry of a list with that value of a field.
pub(super) fn find_by_field(api: &Api, list: &str, field: &str, value: &str) -> Result<String> {
    find_document_id(api, &format!("{list}?filters[{field}][$eq]={}", encode_query(value)))
}

/// A JSON file of the samples.
pub(super) fn read_json(file: &Path) -> Result<Value> {
    serde_json::from_str(&fs::read_to_string(file)?).with_context(|| file.display().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_have_the_files_that_set_them_up() {
        for site in &SITES {
            let folder = paths::repository_root().join("examples").join(site.name);
            for file in ["settings.json", "people.json"] {
                assert!(read_json(&folder.join(file)).unwrap().is_object(), "{}: {file}", site.name);
            }
            let settings = read_json(&folder.join("plugin-settings.json")).unwrap();
            for (id, plugin) in site.plugins {
                assert!(settings[id]["values"].is_object(), "{}: settings of {id}", site.name);
                let folder = paths::repository_root().join(plugin);
                assert!(folder.join("plugin.toml").is_file(), "{plugin}");
                let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
                assert!(manifest.contains(&format!("name = \"{}\"", crate_name(plugin))), "{plugin}");
            }
            assert!(fs::read_to_string(folder.join("people.json")).unwrap().contains(site.colleague));
            let articles = read_json(&articles_file(site)).unwrap();
            assert!(articles.as_array().is_some_and(|articles| articles.len() >= 30), "{}", site.name);
        }
    }
}
