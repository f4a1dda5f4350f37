//! Sites beside the sample project of `cargo xtask run`: each a project of its own with plugins of the repository, installed from their signed
//! packages, and content that fills their first pages.
//!
//! Such a project is in `data/<name>`: a project keeps its plugins in `plugins/`, which in this repository is where their sources are.

use super::site_content::{SampleSite, SiteAccess};
use super::{donkervoort, mr_dj};
use crate::api::Api;
use crate::database::DATABASE_VARIABLE;
use crate::plugin_package::{install_package, pack_plugin};
use crate::portal::site::{PortalProcess, build_site};
use crate::secret::read_or_create_secret;
use crate::server::{ServerCommand, ServerProcess, free_address};
use crate::steps::Steps;
use crate::{npm, paths, wasm};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use ureq::http::Method;

/// Admin user who sets the sites up, as their settings declare.
const ADMIN: &str = "admin@example.org";

/// Address of the customers' site in settings: `${CAIRN_SAMPLE_PORTAL}`.
const PORTAL_VARIABLE: &str = "CAIRN_SAMPLE_PORTAL";

const SITES: [SampleSite; 2] = [mr_dj::SITE, donkervoort::SITE];

/// Servers that were started.
#[derive(Default)]
pub(crate) struct StartedServers {
    servers: Vec<ServerProcess>,
    portal: Option<PortalProcess>,
}

/// Servers that are being started on one thread and stopped on another.
pub(crate) type SharedServers = Mutex<StartedServers>;

/// Credentials with which the sample's people and programs sign in.
pub(crate) struct Credentials {
    /// API token of the sample content.
    pub(crate) token: String,
    /// Password of all people.
    pub(crate) password: String,
}

/// Starts the sites, set up by an earlier run or now, and says where to look. Says why where that fails: the rest of the sample works without
/// them. `main`: the sample project's own server.
pub(crate) fn show_sites(main: &ServerCommand, credentials: &Credentials, steps: &Steps, servers: &SharedServers) {
    for site in &SITES {
        match start_site(site, main, credentials, steps, servers) {
            Ok(started) => {
                println!("{}", describe_admin(site, &started.base));
                show_portal(site, &started, main, steps, servers);
            }
            Err(error) => println!("{}: not available: {error:#}", site.title),
        }
    }
}

/// Starts all sites, with the customers' site of those that have one. Returns where they are, as JSON by the names of the samples; an error if a step
/// fails.
pub(crate) fn start_sites(
    main: &ServerCommand,
    credentials: &Credentials,
    steps: &Steps,
    servers: &SharedServers,
) -> Result<Value> {
    let mut places = serde_json::Map::new();
    for site in &SITES {
        let started = start_site(site, main, credentials, steps, servers)?;
        let mut place = json!({ "base": started.base, "colleague": site.colleague, "admin": ADMIN });
        if let Some(portal) = &site.portal {
            start_portal(site, &started, main, steps, servers)?;
            place["portal"] = json!(format!("http://{}", started.portal.as_deref().unwrap_or_default()));
            place["customer"] = json!(portal.customers.first().map(|(name, _)| name));
        }
        places.insert(site.name.to_owned(), place);
    }
    Ok(places.into())
}

/// Starts the Cairn of the sample that has a customers' site, and that site, and says where to look. Returns an error if a step fails.
pub(crate) fn start_portal_sample(
    main: &ServerCommand,
    credentials: &Credentials,
    steps: &Steps,
    servers: &SharedServers,
) -> Result<()> {
    let site = SITES.iter().find(|site| site.portal.is_some()).context("no sample has a site for customers")?;
    let started = start_site(site, main, credentials, steps, servers)?;
    println!("{}", describe_admin(site, &started.base));
    println!("{}", start_portal(site, &started, main, steps, servers)?);
    Ok(())
}

fn describe_admin(site: &SampleSite, base: &str) -> String {
    format!("{}: {base}/admin, as {} or {ADMIN} with the password in data/sample.password", site.title, site.colleague)
}

/// Stops the sites that were started. Returns an error if one does not stop in order.
pub(crate) fn stop_sites(servers: &SharedServers) -> Result<()> {
    let started = std::mem::take(&mut *servers.lock().unwrap_or_else(PoisonError::into_inner));
    let portal = started.portal.map_or(Ok(()), PortalProcess::stop);
    started.servers.into_iter().map(ServerProcess::stop).fold(portal, Result::and)
}

/// Starts the customers' site of a sample and says where to look, or why it is not there.
fn show_portal(site: &SampleSite, started: &StartedSite, main: &ServerCommand, steps: &Steps, servers: &SharedServers) {
    if site.portal.is_none() {
        return;
    }
    if !npm::is_installed() {
        println!("    The customers' site needs Node and npm; once they are installed: cargo xtask portal");
        return;
    }
    match start_portal(site, started, main, steps, servers) {
        Ok(text) => println!("{text}"),
        Err(error) => println!("    The customers' site: not available: {error:#}"),
    }
}

/// Builds and starts the customers' site of a sample. Returns what to tell whoever wants to see it.
fn start_portal(
    site: &SampleSite,
    started: &StartedSite,
    main: &ServerCommand,
    steps: &Steps,
    servers: &SharedServers,
) -> Result<String> {
    let (portal, listen) = site.portal.as_ref().zip(started.portal.as_deref()).context("no site for customers")?;
    let data = main.project.join("data");
    let secret = read_or_create_secret(&data.join("sample.portal-secret"))?;
    steps.run("Building the customers' site", "", build_site)?;
    let log = main.log.as_ref().map(|_| data.join(site.name).join("portal.log"));
    let mut place = servers.lock().unwrap_or_else(PoisonError::into_inner);
    let process = PortalProcess::start(listen, &started.base, &secret, log.as_deref())?;
    let customers: Vec<String> =
        portal.customers.iter().map(|(name, language)| format!("{name} ({language})")).collect();
    let text = format!(
        "    What its customers see: {}, as {} with the password in data/sample.password",
        process.base,
        customers.join(" or ")
    );
    place.portal = Some(process);
    Ok(text)
}

/// A site that runs.
struct StartedSite {
    base: String,
    /// Where its customers' site is to listen.
    portal: Option<String>,
}

/// An address, or a free one where something else listens there.
fn choose_address(preferred: &str) -> Result<String> {
    if TcpListener::bind(preferred).is_ok() { Ok(preferred.to_owned()) } else { free_address() }
}

fn start_site(
    site: &SampleSite,
    main: &ServerCommand,
    credentials: &Credentials,
    steps: &Steps,
    servers: &SharedServers,
) -> Result<StartedSite> {
    let data = main.project.join("data");
    let project = data.join(site.name);
    let marker = project.join("sample.loaded");
    let portal = site.portal.as_ref().map(|portal| choose_address(portal.listen)).transpose()?;
    // A database of its own, whatever the sample project's is.
    let mut env: Vec<_> = main.env.iter().filter(|(name, _)| name != DATABASE_VARIABLE).cloned().collect();
    if let Some(listen) = &portal {
        env.push((PORTAL_VARIABLE.to_owned(), format!("http://{listen}")));
        // The customers' site says whose requests it makes.
        env.push(("CAIRN_TRUSTED_PROXIES".to_owned(), "127.0.0.1".to_owned()));
    }
    let boot = ServerCommand {
        binary: main.binary.clone(),
        project: project.clone(),
        listen: choose_address(site.listen)?,
        env,
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
    if portal.is_some() {
        // At each start: the address of the site may be another, and a project of an earlier version has none.
        boot.apply_settings(&paths::repository_root().join("examples/portal/roles.json"))?;
        boot.apply_settings(&folder.join("portal.json"))?;
    }
    let base = {
        // Held until it is there, so that whoever stops it finds it.
        let mut place = servers.lock().unwrap_or_else(PoisonError::into_inner);
        let server = boot.start()?;
        let base = server.base.clone();
        place.servers.push(server);
        base
    };
    if !is_set_up {
        steps.run(&format!("Loading the content of {}", site.title), "", || {
            load_content(site, &base, &boot, credentials, &folder)?;
            File::create(marker)?;
            Ok(())
        })?;
    }
    Ok(StartedSite { base, portal })
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
    // An earlier run may have left an incomplete project.
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
fn load_content(
    site: &SampleSite,
    base: &str,
    boot: &ServerCommand,
    credentials: &Credentials,
    folder: &Path,
) -> Result<()> {
    let api = Api::new(base, Some(&credentials.token));
    apply_plugin_settings(&api.sign_in(ADMIN, &credentials.password)?, site, boot, folder)?;
    let colleague = api.sign_in(site.colleague, &credentials.password)?;
    (site.load)(&SiteAccess { api, colleague, folder, password: &credentials.password })
}

/// Sets what `plugin-settings.json` has for each plugin. `${NAME}` in it stands for a variable, as in files for `cairn apply`.
fn apply_plugin_settings(admin: &Api, site: &SampleSite, boot: &ServerCommand, folder: &Path) -> Result<()> {
    let file = folder.join("plugin-settings.json");
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    let fill = |text: String, (name, value): &(String, String)| text.replace(&format!("${{{name}}}"), value);
    let all: Value = serde_json::from_str(&boot.env.iter().fold(text, fill))?;
    for (id, _) in site.plugins {
        let path = format!("/admin/api/plugins/{id}/settings");
        admin.send(Method::PUT, &path, &all[id])?.into_data(&path)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::site_content::{articles_file, read_json};
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
            if site.portal.is_some() {
                assert!(read_json(&folder.join("portal.json")).unwrap()["auth"].is_object(), "{}", site.name);
            }
            let articles = read_json(&articles_file(site)).unwrap();
            assert!(articles.as_array().is_some_and(|articles| articles.len() >= 30), "{}", site.name);
        }
    }
}
