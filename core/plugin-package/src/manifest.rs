//! `plugin.toml`: one file per kind of section, and `cross` for what only shows between sections.
//!
//! A new section is a file here with its struct and the function that reads it, a field of [`Manifest`], and its names in `cross`; one
//! that goes with an export of the component also has an entry in `component/contract.rs`.

mod about;
mod admin;
mod content_types;
mod cross;
mod declared;
mod grant;
mod hook;
mod jobs;
mod limits;
mod route;
mod subscription;

#[cfg(test)]
pub(crate) mod tests;

pub use about::{About, PluginRequirement, Requires};
pub(crate) use admin::SETTINGS_SCHEMA;
pub use admin::{AdminView, Settings, ViewKind, ViewSource};
pub use content_types::{ContentTypes, Expiry, OwnType, Retention};
pub use declared::{Event, Index, IndexField, Metric, MetricKind, Permission, ReadPolicy};
pub use grant::Grant;
pub use hook::{Hook, HookAction, HookTarget, OnFailure, Phase, When};
pub use jobs::{Job, Missed, Schedule, Zone};
pub use limits::{Limits, Quota, Quotas, RaisedLimit};
pub use route::{Auth, Body, Cors, HttpMethod, Idempotency, Rate, RatePer, Route};
pub use subscription::{DeadLetters, EventName, OrderKey, Retry, Subscription, Target};

use crate::problem::{Place, Problem, Report, any_error};
use crate::read::{Section, document};

/// What a plugin says of itself. Places are kept for problems that only show beside the component or the other files.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// `[plugin]`
    pub plugin: About,
    /// `[[grant]]`
    pub grants: Vec<Grant>,
    /// `[content-types]`
    pub content_types: Option<ContentTypes>,
    /// `[[hook]]`
    pub hooks: Vec<Hook>,
    /// `[[subscription]]`
    pub subscriptions: Vec<Subscription>,
    /// `[[job]]`
    pub jobs: Vec<Job>,
    /// `[[schedule]]`
    pub schedules: Vec<Schedule>,
    /// `[[route]]`
    pub routes: Vec<Route>,
    /// `[read-policy]`
    pub read_policy: Option<ReadPolicy>,
    /// `[[index]]`
    pub indexes: Vec<Index>,
    /// `[[event]]`
    pub events: Vec<Event>,
    /// `[[permission]]`
    pub permissions: Vec<Permission>,
    /// `[[metric]]`
    pub metrics: Vec<Metric>,
    /// `[settings]`
    pub settings: Option<Settings>,
    /// `[[admin.view]]`
    pub views: Vec<AdminView>,
    /// `[limits]`
    pub limits: Limits,
}

/// A text people see: itself, or the key of one in `locales/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// As written: `CRM`, `t:plugin.name`.
    pub value: String,
    /// Where.
    pub at: Place,
}

impl Text {
    /// The key in `locales/`, for a text written `t:key`.
    pub fn key(&self) -> Option<&str> {
        self.value.strip_prefix("t:")
    }
}

impl Manifest {
    /// Reads a manifest. Strict: what is not known is an error.
    ///
    /// # Errors
    /// Every problem of the file, from its top to its end.
    pub fn parse(text: &str) -> Result<Self, Vec<Problem>> {
        let report = Report::new(text);
        let manifest = document(text, &report).and_then(|table| {
            let file = Section::new(&report, String::new(), Place::default(), &table);
            Self::read(&file)
        });
        let problems = report.finish();
        match manifest {
            Some(manifest) if !any_error(&problems) => Ok(manifest),
            _ => Err(problems),
        }
    }

    /// The plugin's id.
    pub fn id(&self) -> &str {
        &self.plugin.id
    }

    /// Every text people see.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        let about = [Some(&self.plugin.name), self.plugin.description.as_ref()];
        let grants = self.grants.iter().map(|g| g.reason.as_ref());
        let permissions = self.permissions.iter().map(|p| p.title.as_ref());
        let views = self.views.iter().map(|v| v.title.as_ref());
        about.into_iter().chain(grants).chain(permissions).chain(views).flatten()
    }

    fn read(file: &Section<'_>) -> Option<Self> {
        let plugin = match file.section("plugin") {
            Some(section) => about::read(&section),
            None => {
                let example = "add:\n[plugin]\nid = \"my-plugin\"\nversion = \"0.1.0\"\napi = \"0.1\"\nname = \"My plugin\"\nlicense = \"MIT\"";
                file.report.error(Place::default(), "has no section [plugin]", example);
                None
            }
        };
        let admin = file.section("admin");
        let each = |key| file.sections(key);
        let read = Self {
            grants: each("grant").iter().filter_map(grant::read).collect(),
            content_types: file.section("content-types").and_then(|s| content_types::read(&s)),
            hooks: each("hook").iter().filter_map(hook::read).collect(),
            subscriptions: each("subscription").iter().filter_map(subscription::read).collect(),
            jobs: each("job").iter().filter_map(jobs::read_job).collect(),
            schedules: each("schedule").iter().filter_map(jobs::read_schedule).collect(),
            routes: each("route").iter().filter_map(route::read).collect(),
            read_policy: file.section("read-policy").and_then(|s| declared::read_policy(&s)),
            indexes: declared::indexes(&each("index")),
            events: each("event").iter().filter_map(declared::event).collect(),
            permissions: each("permission").iter().filter_map(declared::permission).collect(),
            metrics: each("metric").iter().filter_map(declared::metric).collect(),
            settings: file.section("settings").and_then(|s| admin::settings(&s)),
            views: admin.as_ref().map_or_else(Vec::new, |s| {
                let views = s.sections("view").iter().filter_map(admin::view).collect();
                s.finish();
                views
            }),
            limits: file.section("limits").map_or_else(Limits::default, |s| limits::read(&s)),
            plugin: About::default(),
        };
        file.finish();
        // Without an id nothing can be said about what is the plugin's own.
        let read = Self { plugin: plugin?, ..read };
        cross::check(&read, file.report);
        Some(read)
    }
}
