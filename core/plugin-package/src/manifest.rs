//! `plugin.toml`: one file per kind of section, and `cross` for what only shows between sections.
//!
//! A new section is a file here with its struct and the function that reads it, a field of [`Manifest`], and its names in `cross`; one
//! that goes with an export of the component also has an entry in `component/contract.rs`.

mod admin;
mod calendar;
mod choice;
mod choice_checks;
mod content_types;
mod cross_checks;
mod declarations;
mod grant;
mod hook;
mod items;
mod jobs;
mod limits;
mod plugin_section;
mod route;
mod route_response;
mod signing_key;
mod subscription;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use admin::SETTINGS_SCHEMA;
pub use admin::{AdminView, SettingsSection, ViewKind, ViewSource};
pub use calendar::{CalendarTone, ManifestCalendar};
pub use choice::{ATTRIBUTE_KINDS, ChoiceKind, ManifestChoice, NeededAttribute};
pub use content_types::{ContentTypes, Expiry, OwnTypeSection, Retention};
pub use declarations::{
    IndexField, ManifestEvent, ManifestIndex, ManifestMetric, ManifestPermission, MetricKind, ReadPolicy,
};
pub use grant::ManifestGrant;
pub use hook::{HookAction, HookCondition, HookTarget, ManifestHook, OnFailure, Phase};
pub use items::ManifestText;
pub(crate) use items::{choice_reference, is_choice_reference};
pub use jobs::{ManifestJob, ManifestSchedule, Missed, Zone};
pub use limits::{ManifestLimits, Quota, Quotas, RaisedLimit};
pub use plugin_section::{EnvironmentRequirements, PluginRequirement, PluginSection};
pub(crate) use route::REQUESTS_FOLDER;
pub use route::{
    Auth, BodyForm, Cors, HttpMethod, Idempotency, ManifestRoute, ProvidedService, RatePer, RouteBody, RouteRate,
};
pub use route_response::ManifestResponse;
pub(crate) use route_response::RESPONSES_FOLDER;
pub use signing_key::{ManifestSigningKey, SigningAlgorithm};
pub use subscription::{DeadLetters, EventName, ManifestRetry, OrderKey, Subscription, SubscriptionTarget};

use crate::grants::Scope;
use crate::problem::{PluginProblem, ProblemReport, SourceLocation, has_errors};
use crate::strict_toml::{TomlSection, parse_document};

/// A plugin's description of itself. Places are kept for problems that only show beside the component or the other files.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// The section `[plugin]`.
    pub plugin: PluginSection,
    /// The sections `[[grant]]`, in their order.
    pub grants: Vec<ManifestGrant>,
    /// The sections `[[choice]]`, in their order.
    pub choices: Vec<ManifestChoice>,
    /// `[content-types]`
    pub content_types: Option<ContentTypes>,
    /// The sections `[[hook]]`, in their order.
    pub hooks: Vec<ManifestHook>,
    /// `[[subscription]]`
    pub subscriptions: Vec<Subscription>,
    /// The sections `[[job]]`, in their order.
    pub jobs: Vec<ManifestJob>,
    /// `[[schedule]]`
    pub schedules: Vec<ManifestSchedule>,
    /// The sections `[[route]]`, in their order.
    pub routes: Vec<ManifestRoute>,
    /// `[read-policy]`
    pub read_policy: Option<ReadPolicy>,
    /// The sections `[[index]]`, in their order.
    pub indexes: Vec<ManifestIndex>,
    /// The sections `[[event]]`, in their order.
    pub events: Vec<ManifestEvent>,
    /// `[[permission]]`
    pub permissions: Vec<ManifestPermission>,
    /// The sections `[[metric]]`, in their order.
    pub metrics: Vec<ManifestMetric>,
    /// The section `[settings]`.
    pub settings: Option<SettingsSection>,
    /// `[[admin.view]]`
    pub views: Vec<AdminView>,
    /// The sections `[[calendar]]`, in their order.
    pub calendars: Vec<ManifestCalendar>,
    /// The sections `[[signing-key]]`, in their order.
    pub signing_keys: Vec<ManifestSigningKey>,
    /// The section `[limits]`; the defaults where it is missing.
    pub limits: ManifestLimits,
}

impl Manifest {
    /// Reads a manifest. Strict: what is not known is an error. The error lists every problem of the file, from its top to its end.
    pub fn parse(text: &str) -> Result<Self, Vec<PluginProblem>> {
        let report = ProblemReport::new(text);
        let manifest = parse_document(text, &report).and_then(|table| {
            let file = TomlSection::new(&report, String::new(), SourceLocation::default(), &table);
            Self::read_sections(&file)
        });
        let problems = report.finish();
        match manifest {
            Some(manifest) if !has_errors(&problems) => Ok(manifest),
            _ => Err(problems),
        }
    }

    /// The plugin's id.
    pub fn id(&self) -> &str {
        &self.plugin.id
    }

    /// The signing key of that name.
    pub fn signing_key(&self, name: &str) -> Option<&ManifestSigningKey> {
        self.signing_keys.iter().find(|key| key.name == name)
    }

    /// True if the value of a secret is an address that requests are sent to.
    pub fn is_address_secret(&self, secret: &str) -> bool {
        self.grants.iter().any(|grant| match &grant.scope {
            Scope::Http { to, .. } => to.iter().any(|address| address.secret() == Some(secret)),
            _ => false,
        })
    }

    /// Every text people see.
    pub fn displayed_texts(&self) -> impl Iterator<Item = &ManifestText> {
        let about = [Some(&self.plugin.name), self.plugin.description.as_ref()];
        let grants = self.grants.iter().map(|g| g.reason.as_ref());
        let choices = self.choices.iter().map(|c| c.title.as_ref());
        let permissions = self.permissions.iter().map(|p| p.title.as_ref());
        let views = self.views.iter().map(|v| v.title.as_ref());
        let calendars = self.calendars.iter().map(|c| c.label.as_ref());
        let keys = self.signing_keys.iter().map(|k| k.title.as_ref());
        let of_sections = permissions.chain(views).chain(calendars).chain(keys);
        about.into_iter().chain(grants).chain(choices).chain(of_sections).flatten()
    }

    fn read_sections(file: &TomlSection<'_>) -> Option<Self> {
        let plugin = match file.section("plugin") {
            Some(section) => plugin_section::read_plugin(&section),
            None => {
                let example = "add:\n[plugin]\nid = \"my-plugin\"\nversion = \"0.1.0\"\napi = \"0.1\"\nname = \"My plugin\"\nlicense = \"MIT\"";
                file.report.push_error(SourceLocation::default(), "has no section [plugin]", example);
                None
            }
        };
        let admin = file.section("admin");
        let each = |key| file.sections(key);
        let read = Self {
            grants: each("grant").iter().filter_map(grant::read_grant).collect(),
            choices: each("choice").iter().filter_map(choice::read_choice).collect(),
            content_types: file.section("content-types").and_then(|s| content_types::read_content_types(&s)),
            hooks: each("hook").iter().filter_map(hook::read_hook).collect(),
            subscriptions: each("subscription").iter().filter_map(subscription::read_subscription).collect(),
            jobs: each("job").iter().filter_map(jobs::read_job).collect(),
            schedules: each("schedule").iter().filter_map(jobs::read_schedule).collect(),
            routes: each("route").iter().filter_map(route::read_route).collect(),
            read_policy: file.section("read-policy").and_then(|s| declarations::read_policy(&s)),
            indexes: declarations::read_indexes(&each("index")),
            events: each("event").iter().filter_map(declarations::read_event).collect(),
            permissions: each("permission").iter().filter_map(declarations::read_permission).collect(),
            metrics: each("metric").iter().filter_map(declarations::read_metric).collect(),
            settings: file.section("settings").and_then(|s| admin::read_settings(&s)),
            views: admin.as_ref().map_or_else(Vec::new, |s| {
                let views = s.sections("view").iter().filter_map(admin::read_view).collect();
                s.finish();
                views
            }),
            calendars: calendar::read_calendars(&each("calendar")),
            signing_keys: signing_key::read_signing_keys(&each("signing-key")),
            limits: file.section("limits").map_or_else(ManifestLimits::default, |s| limits::read_limits(&s)),
            plugin: PluginSection::default(),
        };
        file.finish();
        // The cross-checks need the id to tell what is the plugin's own.
        let read = Self { plugin: plugin?, ..read };
        cross_checks::check_sections(&read, file.report);
        Some(read)
    }
}
