//! A server with an application in it.

use super::super::searches::raise_rates;
use crate::api::Api;
use crate::paths;
use crate::plugin_package::{install_package, pack_plugin};
use crate::server::{ServerCommand, ServerProcess, free_address};
use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use ureq::http::Method;

/// Of the server's API. It lives as long as the bench.
const TOKEN: &str = "bench-0123456789abcdef0123456789abcdef0123456789";
const ROOT: &str = "root@example.com";
pub(super) const PASSWORD: &str = "a password of some length";

/// A server with an application in it, and those who use it.
pub(super) struct BenchServer {
    pub(super) server: ServerProcess,
    command: ServerCommand,
    /// The id of its plugin.
    id: &'static str,
    /// Somebody of the team who may do everything.
    pub(super) root: Api,
    /// A program with a token for everything.
    pub(super) program: Api,
    pub(super) visitor: Api,
}

impl BenchServer {
    /// Starts a server with the plugin of that folder. `files`: further files of the project, by their paths.
    pub(super) fn start(
        binary: &Path,
        folder: &str,
        id: &'static str,
        env: Vec<(String, String)>,
        files: &[(&str, Value)],
    ) -> Result<Self> {
        let project = paths::scratch_folder(&format!("bench-{id}"))?;
        for (path, content) in files {
            let file = project.join(path);
            fs::create_dir_all(file.parent().context("a file in the project")?)?;
            fs::write(file, content.to_string())?;
        }
        let command = ServerCommand {
            binary: binary.to_owned(),
            listen: free_address()?,
            env,
            log: Some(project.join("cairn.log")),
            project,
        };
        let settings = command.project.join("settings.json");
        let token = json!({ "name": "bench", "type": "full-access", "token": TOKEN });
        let root = json!({ "email": ROOT, "password": PASSWORD, "roles": ["super-admin"] });
        let locales = json!({ "default": "en", "available": ["en", "nl"] });
        let auth = json!({ "signInRateLimit": false });
        let content = json!({ "locales": locales, "auth": auth, "apiTokens": [token], "adminUsers": [root] });
        fs::write(&settings, content.to_string())?;
        command.apply_settings(&settings)?;
        let package = pack_plugin(binary, folder, None, |manifest| raise_rates(&manifest))?;
        install_package(binary, &command.project, &package, &["--unsigned"])?;
        let server = command.start()?;
        let visitor = Api::new(&server.base, None);
        let root = visitor.sign_in(ROOT, PASSWORD)?;
        Ok(Self { id, root, program: Api::new(&server.base, Some(TOKEN)), visitor, server, command })
    }

    /// Starts the server anew with this environment, at the same address: everybody stays signed in.
    pub(super) fn restart(self, env: Vec<(String, String)>) -> Result<Self> {
        self.server.stop()?;
        let command = ServerCommand { env, ..self.command };
        Ok(Self { server: command.start()?, command, ..self })
    }

    /// Changes the settings of the plugin.
    pub(super) fn set_up(&self, values: &Value) -> Result<()> {
        let path = format!("/admin/api/plugins/{}/settings", self.id);
        self.root.send(Method::PUT, &path, &json!({ "values": values }))?.into_data("the settings").map(drop)
    }

    /// Prints how long the plugin's own calls took, by the server's count.
    pub(super) fn print_calls(&self, wanted: &[(&str, f64)]) -> Result<()> {
        let path = format!("/admin/api/plugins/{}", self.id);
        let plugin = self.root.get(&path)?.into_data(&path)?;
        for call in plugin["health"]["calls"].as_array().context("calls of the plugin")? {
            let Some((_, target)) = wanted.iter().find(|(name, _)| call["name"] == *name) else { continue };
            println!(
                "{:30} p50 {:8.2} ms   p99 {:8.2} ms   {} calls   target of p50 {target:.2} ms",
                format!(
                    "{} {}",
                    call["export"].as_str().unwrap_or_default(),
                    call["name"].as_str().unwrap_or_default()
                ),
                call["p50Us"].as_f64().unwrap_or_default() / 1e3,
                call["p99Us"].as_f64().unwrap_or_default() / 1e3,
                call["calls"],
            );
        }
        Ok(())
    }
}

/// The id of a document in a response.
pub(super) fn read_id(document: &Value) -> Result<String> {
    Ok(document["documentId"].as_str().with_context(|| format!("no documentId in {document}"))?.to_owned())
}
