//! Tests in files: `tests/*.toml` or `tests/*.json` in a plugin's folder, each a list of steps.
//!
//! ```toml
//! [[step]]
//! create = "note"              # of the plugin's own types; others by their uid
//! data = { title = "Hello" }
//! as = "note"                  # {note} is its id from here on, {note.title} a field
//!
//! [[step]]
//! rows = "note"                # what follows from the steps before is done by now
//! expect = [{ title = "Hello" }]
//! ```

mod clock;
mod external;
mod extract;
mod files;
mod invitations;
mod names;
mod neighbours;
mod personal_data;
mod read;
mod requests;
mod steps;
mod views;

use crate::fake_services::{PreparedService, parse_host};
use crate::{HarnessOptions, Service, ServiceAnswer, ServiceFailure, TestError, TestHarness, TestPlugin};
use cairn_plugin_host::PluginHost;
use cairn_plugin_package::Choices;
use chrono::{DateTime, Utc};
pub use extract::TextExtraction;
pub use neighbours::{PluginSet, ScenarioPlugin};
use serde::Deserialize;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use steps::ScenarioRun;

/// Largest file of a test, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// One test, as its file declares it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Name of the test; by default that of the file.
    #[serde(default)]
    pub name: String,
    /// Initial time of the clock: `2026-03-27T16:00:00+01:00`.
    #[serde(default, deserialize_with = "clock::read_start")]
    pub clock: Option<DateTime<Utc>>,
    /// Settings of the plugin that differ from the defaults.
    #[serde(default)]
    pub settings: Map<String, Json>,
    /// Choices of the manifest: lists of values by the name of the choice.
    #[serde(default)]
    pub choices: Choices,
    /// Plugins that run beside it: folders of built plugins, from the folder of the plugin.
    #[serde(default)]
    pub plugins: Vec<ScenarioPlugin>,
    /// True if faults are left out, for what cannot stand them.
    #[serde(default)]
    pub calm: bool,
    /// Values of the plugin's secrets, by name.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// Fake services, and their initial answers.
    #[serde(default)]
    pub http: Vec<Service>,
    /// Roles of admin users by their codes, as `adminRoles` of a settings file has them: `actions` and `permissions`.
    #[serde(default)]
    pub roles: Map<String, Json>,
    /// Roles of the content API by their types, as `roles` of a settings file has them.
    #[serde(default, rename = "content-roles")]
    pub content_roles: Map<String, Json>,
    /// API tokens of the content API, as `apiTokens` of a settings file has them, without `token`.
    #[serde(default, rename = "api-tokens")]
    pub api_tokens: Vec<Map<String, Json>>,
    /// Calendars of working time by their names, as `calendars` of a settings file has them.
    #[serde(default)]
    pub calendars: Map<String, Json>,
    /// The look of the site, as `theme` of a settings file has it.
    #[serde(default)]
    pub theme: Map<String, Json>,
    /// Names of sealing profiles that exist, each with a key of its own.
    #[serde(default, rename = "seal-profiles")]
    pub seal_profiles: Vec<String>,
    /// Names of signing keys of the plugin that exist, each with a new key.
    #[serde(default, rename = "signing-keys")]
    pub signing_keys: Vec<String>,
    /// Admin users that exist.
    #[serde(default, rename = "admin", alias = "admins")]
    pub admins: Vec<ScenarioAdmin>,
    /// Steps of the test, in order.
    #[serde(rename = "step", alias = "steps")]
    pub steps: Vec<ScenarioStep>,
}

/// The document that a view is shown beside.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ViewDocumentRef {
    /// Content type: one of the plugin's own, or a uid.
    pub r#type: String,
    /// Id of the document, `documentId`.
    pub id: String,
    /// Locale, where its type has any.
    #[serde(default)]
    pub locale: Option<String>,
}

/// A preview as somebody else.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioPreview {
    /// The time that is shown: `2026-03-27T16:00:00+01:00`.
    #[serde(deserialize_with = "clock::read_time")]
    pub at: DateTime<Utc>,
}

/// An admin user, who can receive notifications and look at views.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioAdmin {
    /// E-mail address.
    pub email: String,
    /// First and last name, which are split at the first space.
    #[serde(default)]
    pub name: Option<String>,
    /// Codes of their roles.
    #[serde(default)]
    pub roles: Vec<String>,
}

/// One step: one of the verbs, and its arguments.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ScenarioStep {
    /// Creates a document of this type.
    pub create: Option<String>,
    /// Changes a document of this type.
    pub update: Option<String>,
    /// Deletes a document of this type.
    pub delete: Option<String>,
    /// Publishes a document of this type.
    pub publish: Option<String>,
    /// Unpublishes a document of this type.
    pub unpublish: Option<String>,
    /// Discards the draft of a document of this type.
    pub discard_draft: Option<String>,
    /// Sends a request: method and path, as in `GET /api/shop/latest?n=2`.
    pub request: Option<String>,
    /// Publishes an event as another plugin would: its name, with a version if that is not 1, as in `esign.envelope.completed@2`.
    pub event: Option<String>,
    /// Adds or replaces the calendar of working time of this name; removes it if there is no `data`.
    pub calendar: Option<String>,
    /// Moves the clock forward by this duration: `2h`.
    pub advance: Option<String>,
    /// Reads documents of this type.
    pub rows: Option<String>,
    /// Reads the content API: an address, as in `/api/articles?populate=*`, or a type.
    pub read: Option<String>,
    /// Reads a file by its id: `{quote.pdf}`.
    pub file: Option<String>,
    /// Looks for lines of the log that contain this.
    pub logs: Option<String>,
    /// Reads jobs of this name.
    pub jobs: Option<String>,
    /// Reads the entry that the plugin stores under this key.
    pub kept: Option<String>,
    /// Reads calls that failed, and treats them as intended: `route:latest`.
    pub failed: Option<String>,
    /// Changes the answer of a fake service: method and address, as in `POST https://api.example.com/v1/*`.
    pub http: Option<String>,
    /// Reads requests that reached a fake service, by method and address.
    pub requests: Option<String>,
    /// Reads mails to this address, or to all: `*`.
    pub mails: Option<String>,
    /// Reads notifications of this admin user, or of all: `*`.
    pub notices: Option<String>,
    /// Calls a view, as the admin does: its name in the manifest.
    pub view: Option<String>,
    /// Calls the action of a button: the view and the action, `board/close`.
    pub act: Option<String>,
    /// Accepts an invitation by the link of its mail: `{invitation}`.
    pub accept_invitation: Option<String>,
    /// Has the data of the person with this address reported.
    pub report_person: Option<String>,
    /// Has the data of the person with this address erased.
    pub erase_person: Option<String>,

    /// Id of the document; key of the event.
    pub id: Option<String>,
    /// Values of the document's fields; data of the event; the calendar, as a settings file has it.
    pub data: Option<Json>,
    /// Further parameters, as behind the `?` of a URL: `status=draft`, `filters[title]=x`.
    pub query: Option<String>,
    /// Name of the result in later steps.
    pub r#as: Option<String>,
    /// Members that the result contains, at least.
    pub expect: Option<Json>,
    /// Expects a refusal: `true`, or one with this `message` or `path`.
    pub refused: Option<Json>,
    /// Headers of the request.
    pub headers: Option<Map<String, Json>>,
    /// Body of the request: JSON, or a text as it is.
    pub body: Option<Json>,
    /// Caller of the request: `none`, `user`, `token` or `admin`.
    pub auth: Option<String>,
    /// Account that sends the request, by its address.
    pub user: Option<String>,
    /// API token that sends the request or reads, by its name.
    pub token: Option<String>,
    /// Groups that plugins gave to the user who sends it: `journey:assembly`.
    pub groups: Option<Vec<String>>,
    /// Makes the request or the read one for a preview as whoever sends it, at a time to come.
    pub preview: Option<ScenarioPreview>,
    /// Expected status of the response.
    pub status: Option<u16>,
    /// Expected MIME type of the file.
    pub r#type: Option<String>,
    /// Expected size of the file.
    pub bytes: Option<u64>,
    /// Expected number of pages of the PDF.
    pub pages: Option<usize>,
    /// Expected text of the file: a text, a part of it, or several of these.
    pub text: Option<Json>,
    /// Expected number of results.
    pub count: Option<usize>,
    /// Expected number of results, repetitions included.
    pub times: Option<usize>,
    /// Answer of the service.
    pub answer: Option<ServiceAnswer>,
    /// Delay of the answer.
    pub delay: Option<String>,
    /// Fault in place of an answer.
    pub fail: Option<ServiceFailure>,
    /// Texts in the result that get names for later steps: a link by its beginning, the match of a pattern.
    pub take: BTreeMap<String, TextExtraction>,
    /// Document that a view is shown beside.
    pub document: Option<ViewDocumentRef>,
    /// Choices in a view, by name.
    pub parameters: BTreeMap<String, String>,
    /// Language of the admin user.
    pub locale: Option<String>,
    /// Admin user who looks at the view, by default one with all permissions; or who writes the document, by default nobody in particular.
    /// For a read the account, by default the public.
    pub by: Option<String>,
    /// Values that a button sends.
    pub values: Option<Map<String, Json>>,
    /// Blocks that each occur somewhere in the view.
    pub blocks: Vec<Json>,
}

impl Scenario {
    /// Reads the file of a test. The error says what is wrong with the file, with its line.
    pub fn from_file(file: &Path) -> Result<Self, TestError> {
        let at = |e: &dyn std::fmt::Display| TestError(format!("{}: {e}", file.display()));
        let size = std::fs::metadata(file).map_err(|e| at(&e))?.len();
        if size > MAX_FILE_BYTES {
            return Err(at(&format!("has {size} bytes; a test can have at most {MAX_FILE_BYTES}")));
        }
        let text = std::fs::read_to_string(file).map_err(|e| at(&e))?;
        let mut scenario: Self = match file.extension().is_some_and(|e| e == "json") {
            true => serde_json::from_str(&text).map_err(|e| at(&e))?,
            false => toml::from_str(&text).map_err(|e| at(&e))?,
        };
        for service in &scenario.http {
            PreparedService::from_service(service)
                .and_then(|_| parse_host(&service.on))
                .map_err(|why| at(&format!("[[http]] {why}")))?;
        }
        for (i, step) in scenario.steps.iter().enumerate() {
            step.check_step(scenario.calm).map_err(|why| at(&format!("step {}: {why}", i + 1)))?;
        }
        if scenario.name.is_empty() {
            scenario.name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        }
        Ok(scenario)
    }

    /// Runs the steps, in a world of their own.
    ///
    /// # Errors
    /// The first step with an unexpected result, and that result; a world that cannot be created.
    pub async fn run(
        &self,
        host: &PluginHost,
        plugin: &TestPlugin,
        terms: &HarnessOptions<'_>,
    ) -> Result<(), TestError> {
        let (settings, calm) = (self.settings.clone(), self.calm || terms.calm);
        let choices = self.choices.clone();
        let (hosts, start) = (self.service_hosts()?, self.clock);
        let neighbours = self.read_neighbours(plugin, terms.components)?;
        let terms = HarnessOptions { start, settings, choices, neighbours, hosts, calm, ..terms.clone() };
        let harness = TestHarness::open(host, plugin, &terms).await?;
        self.set_up(&harness).await?;
        let mut scenario_run = ScenarioRun::new(&harness);
        let mut ran = Ok(());
        for (i, step) in self.steps.iter().enumerate() {
            if let Err(e) = scenario_run.run_step(step).await {
                let report = scenario_run.failure_report().await;
                ran = Err(TestError(format!("step {} ({}): {e}{report}", i + 1, step.describe_verb())));
                break;
            }
        }
        let ran = match ran {
            Ok(()) => scenario_run.check_end().await,
            failed => failed,
        };
        // The test's own failure is reported rather than that of dropping the schema.
        let closed = harness.close().await;
        ran.and(closed)
    }
}

impl Scenario {
    /// The host names of the fake services.
    fn service_hosts(&self) -> Result<BTreeSet<String>, TestError> {
        let lines =
            self.http.iter().map(|service| &service.on).chain(self.steps.iter().filter_map(|s| s.http.as_ref()));
        lines.map(|on| parse_host(on).map_err(TestError)).collect()
    }

    /// Creates what exists before the first step.
    async fn set_up(&self, harness: &TestHarness) -> Result<(), TestError> {
        for service in &self.http {
            harness.add_service(service)?;
        }
        for (name, value) in &self.secrets {
            harness.set_secret(name, value).await?;
        }
        for name in &self.signing_keys {
            harness.generate_signing_key(name).await?;
        }
        if !self.roles.is_empty() {
            harness.set_roles(&self.roles).await?;
        }
        if !self.content_roles.is_empty() {
            harness.set_content_roles(&self.content_roles).await?;
        }
        if !self.api_tokens.is_empty() {
            harness.set_api_tokens(&self.api_tokens).await?;
        }
        if !self.calendars.is_empty() {
            harness.set_calendars(&self.calendars).await?;
        }
        if !self.theme.is_empty() {
            harness.set_theme(&self.theme).await?;
        }
        for profile in &self.seal_profiles {
            harness.add_seal_profile(profile).await?;
        }
        for admin in &self.admins {
            harness.add_admin(&admin.email, admin.name.as_deref(), &admin.roles).await?;
        }
        Ok(())
    }
}

/// The files of tests in a plugin's folder, in the order of their names; none where there is no folder `tests`. Fails for a folder
/// that cannot be read.
pub fn scenario_files(plugin: &Path) -> Result<Vec<PathBuf>, TestError> {
    let folder = plugin.join("tests");
    let at = |e: std::io::Error| TestError(format!("{}: {e}", folder.display()));
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(at(e)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(at)?.path();
        if path.is_file() && path.extension().is_some_and(|e| e == "toml" || e == "json") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_scenario(name: &str, text: &str) -> Result<Scenario, String> {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join(name);
        std::fs::write(&file, text).unwrap();
        Scenario::from_file(&file).map_err(|e| e.to_string())
    }

    #[test]
    fn toml_and_json_scenarios_are_equal() {
        let toml =
            parse_scenario("one.toml", "[[step]]\ncreate = \"note\"\ndata = { title = \"x\" }\nas = \"n\"\n").unwrap();
        let json =
            parse_scenario("one.json", r#"{"steps":[{"create":"note","data":{"title":"x"},"as":"n"}]}"#).unwrap();
        assert_eq!(toml, json);
        assert_eq!(toml.name, "one");
    }

    #[test]
    fn invalid_scenarios_are_reported_with_file_and_step() {
        for (text, message) in [
            ("[[step]\n", "line 1"),
            ("[[step]]\nmake = \"note\"\n", "make"),
            ("[[step]]\ndata = {}\n", "step 1: the step has no action: use one of create, update"),
            ("[[step]]\ncreate = \"a\"\nrows = \"b\"\n", "step 1: the step has several actions"),
            ("[[step]]\nrows = \"a\"\n[[step]]\nupdate = \"a\"\ndata = {}\n", "step 2: update requires `id`"),
            ("[[step]]\nrows = \"a\"\nstatus = 200\n", "step 1: rows does not support `status`"),
            ("[[step]]\nadvance = \"soon\"\n", "step 1: \"soon\" is not a duration"),
            ("[[step]]\nrequest = \"/api/x\"\n", "step 1: a request requires a method and a path"),
            ("[[step]]\nhttp = \"GET\"\n", "step 1: \"GET\": expected a method and an address"),
            ("[[step]]\nhttp = \"GET https://*.a.test/\"\n", "step 1: \"GET https://*.a.test/\""),
            ("[[step]]\nhttp = \"GET https://127.0.0.1/\"\n", "without wildcards; IP addresses are not supported"),
            ("[[step]]\nhttp = \"GET https://a.test/\"\nfail = \"odd\"\n", "odd"),
            ("[[step]]\nrequests = \"https://a.test/\"\n", "step 1: \"https://a.test/\": expected a method"),
            ("[[step]]\nrequests = \"GET https://a.test/\"\ntimes = 1\n", "step 1: `times` counts"),
            (
                "[[http]]\non = \"GET https://a.test/\"\ndelay = \"x\"\n[[step]]\nmails = \"*\"\n",
                "[[http]] \"GET https://a.test/\"",
            ),
            ("[[http]]\n[[step]]\nmails = \"*\"\n", "missing field `on`"),
            ("[[step]]\nmails = \"*\"\nid = \"x\"\n", "step 1: mails does not support `id`"),
            ("", "missing field `step`"),
            ("clock = \"yesterday\"\n[[step]]\nmails = \"*\"\n", "must be a time with its offset"),
            ("clock = 7\n[[step]]\nmails = \"*\"\n", "must be a time with its offset"),
            ("calendars = [\"office\"]\n[[step]]\nmails = \"*\"\n", "expected a map"),
            ("plugins = [7]\n[[step]]\nmails = \"*\"\n", "expected the folder of a built plugin"),
            (
                "plugins = [{ folder = \"a\", grants = [] }]\n[[step]]\nmails = \"*\"\n",
                "expected the folder of a built plugin",
            ),
            ("[[step]]\nfile = \"x\"\ntext = 7\n", "step 1: text must be a text, { contains = \"…\" }, or a list"),
            ("[[step]]\nfile = \"x\"\npages = \"two\"\n", "expected usize"),
            ("[[step]]\nread = \"/tickets\"\n", "step 1: an address to read must begin with /api/"),
            ("[[step]]\nread = \"/api/x\"\nquery = \"a=1\"\n", "step 1: write `query` behind the ? of the address"),
            ("[[step]]\nread = \"x\"\nby = \"a\"\ntoken = \"b\"\n", "step 1: an account (`by`) or an API token"),
            ("[[step]]\nread = \"x\"\nuser = \"a\"\n", "step 1: read does not support `user`"),
            ("[[step]]\nrequest = \"GET /a\"\nuser = \"a\"\nauth = \"admin\"\n", "step 1: `user` names an account"),
            ("[[step]]\nrequest = \"GET /a\"\ntoken = \"a\"\nauth = \"user\"\n", "step 1: `token` names an API token"),
            ("[[step]]\nrequest = \"GET /a\"\nuser = \"a\"\ngroups = [\"b\"]\n", "step 1: `user` has the groups"),
            ("[[step]]\nrequest = \"GET /a\"\npreview = { at = \"soon\" }\n", "at must be a time with its offset"),
            ("[[step]]\nrequest = \"GET /a\"\npreview = {}\n", "missing field `at`"),
            (
                "[[step]]\nread = \"x\"\ntoken = \"t\"\npreview = { at = \"2027-01-01T00:00:00Z\" }\n",
                "step 1: a preview shows what a user or the public gets",
            ),
            (
                "[[step]]\nmails = \"*\"\npreview = { at = \"2027-01-01T00:00:00Z\" }\n",
                "mails does not support `preview`",
            ),
            (
                "[[step]]\nrequest = \"POST /a\"\npreview = { at = \"2027-01-01T00:00:00Z\" }\n",
                "step 1: a preview only reads",
            ),
            (
                "[[step]]\nrequest = \"GET /a\"\ntoken = \"t\"\npreview = { at = \"2027-01-01T00:00:00Z\" }\n",
                "step 1: a preview shows what a user or the public gets",
            ),
        ] {
            let error = parse_scenario("x.toml", text).unwrap_err();
            assert!(error.contains(message) && error.contains("x.toml"), "{text}: {error}");
        }
        assert!(parse_scenario("x.json", "[]").is_err());
        assert!(parse_scenario("x.json", "{\"steps\": 7}").is_err());
    }
}
