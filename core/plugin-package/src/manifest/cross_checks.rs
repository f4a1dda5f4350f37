//! Checks across sections: names that are there twice, or missing, and sections without the grant they need.

use super::items::choice_reference;
use super::{
    AdminView, Auth, BodyForm, EventName, Manifest, ManifestRoute, SubscriptionTarget, ViewKind, Zone, choice_checks,
};
use crate::address::AddressPattern;
use crate::grants::{Capability, Scope};
use crate::names;
use crate::problem::{ProblemReport, SourceLocation};
use crate::words::nearest_word;
use std::collections::{BTreeSet, HashMap};

pub(super) fn check_sections(m: &Manifest, report: &ProblemReport<'_>) {
    let check = CrossChecker { m, report };
    check.check_names();
    choice_checks::check_choices(m, report);
    check.check_schedules();
    check.check_routes();
    check.check_own_events();
    check.check_permissions();
    check.check_secrets();
    check.check_signing_keys();
    check.check_types();
    check.check_subscriptions();
    check.check_calendars();
    check_document_views(m, report);
    check.check_needed_grants();
}

struct CrossChecker<'m, 'r, 't> {
    m: &'m Manifest,
    report: &'r ProblemReport<'t>,
}

impl CrossChecker<'_, '_, '_> {
    fn push_error(&self, at: SourceLocation, message: impl Into<String>, hint: impl Into<String>) {
        self.report.push_error(at, message, hint);
    }

    fn check_names(&self) {
        let m = self.m;
        self.check_unique("[[choice]]", m.choices.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[hook]]", m.hooks.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[subscription]]", m.subscriptions.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[job]]", m.jobs.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[schedule]]", m.schedules.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[route]]", m.routes.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[index]]", m.indexes.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[permission]]", m.permissions.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[metric]]", m.metrics.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[admin.view]]", m.views.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[signing-key]]", m.signing_keys.iter().map(|s| (s.name.as_str(), s.at)));
        self.check_unique("[[calendar]]", m.calendars.iter().map(|s| (s.name.as_str(), s.at)));
        let events: Vec<(String, SourceLocation)> =
            m.events.iter().map(|e| (format!("{}@{}", e.name, e.version), e.at)).collect();
        self.check_unique("[[event]]", events.iter().map(|(name, at)| (name.as_str(), *at)));
        let pages = m.views.iter().filter_map(|v| Some((v.path.as_deref()?, v.at)));
        self.check_unique("[[admin.view]] with the path", pages);
        if let Some(settings) = &m.settings {
            self.check_unique("secret", settings.secrets.iter().map(|s| (s.as_str(), settings.at)));
        }
    }

    fn check_unique<'n>(&self, subject: &str, names: impl Iterator<Item = (&'n str, SourceLocation)>) {
        let mut locations: HashMap<&str, SourceLocation> = HashMap::new();
        for (name, at) in names {
            match locations.get(name) {
                Some(first) => {
                    let message = format!("{subject} \"{name}\" already exists in line {}", first.line);
                    self.push_error(at, message, "give one of them another name");
                }
                None => {
                    locations.insert(name, at);
                }
            }
        }
    }

    fn check_schedules(&self) {
        for schedule in &self.m.schedules {
            if self.m.jobs.iter().any(|job| job.name == schedule.job) {
                continue;
            }
            let hint = match nearest_word(&schedule.job, self.m.jobs.iter().map(|job| job.name.as_str())) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add:\n[[job]]\nname = \"{}\"", schedule.job),
            };
            self.push_error(
                schedule.at,
                format!("[[schedule]] refers to the job \"{}\", which is not declared", schedule.job),
                hint,
            );
        }
        let zone = self.m.schedules.iter().find(|s| matches!(s.zone, Zone::Setting(_)));
        if let Some(schedule) = zone.filter(|_| self.m.settings.as_ref().is_none_or(|s| s.schema.is_none())) {
            let hint = "add:\n[settings]\nschema = \"settings.schema.json\"";
            self.push_error(
                schedule.at,
                "[[schedule]] takes its time zone from a setting, but the plugin has no settings",
                hint,
            );
        }
    }

    fn check_routes(&self) {
        let mut by_shape: HashMap<String, &ManifestRoute> = HashMap::new();
        for route in &self.m.routes {
            // Parameters stand for the same requests, whatever their names.
            let parts = route.path.split('/').map(|part| match part.strip_prefix('{') {
                Some(name) if name.starts_with('*') => "{*}",
                Some(_) => "{}",
                None => part,
            });
            let shape = format!("{} {}", route.method, parts.collect::<Vec<_>>().join("/"));
            if let Some(other) = by_shape.get(&shape) {
                let message = format!(
                    "[[route]] \"{}\" handles the same requests as \"{}\" in line {}",
                    route.name, other.name, other.at.line
                );
                self.push_error(route.at, message, "change the path or the method of one of them");
                continue;
            }
            by_shape.insert(shape, route);
        }
        let providers: Vec<_> = self.m.routes.iter().filter_map(|r| Some((r.provides?.as_str(), r.at))).collect();
        self.check_unique("[[route]] that provides", providers.into_iter());
    }

    fn check_own_events(&self) {
        let id = self.m.id();
        for event in self.m.events.iter().filter(|e| e.name.split('.').next() != Some(id)) {
            let rest = event.name.split_once('.').map_or(event.name.as_str(), |(_, rest)| rest);
            let message = format!("[[event]] \"{}\" does not begin with the plugin's id", event.name);
            self.push_error(event.at, message, format!("write name = \"{id}.{rest}\""));
        }
    }

    fn check_permissions(&self) {
        // Routes without authentication are skipped: their permission is reported elsewhere.
        let routes = self.m.routes.iter().filter(|r| !r.admits(Auth::None));
        let routes = routes.filter_map(|r| Some((r.permission.as_deref()?, "[[route]]", r.at)));
        let views = self.m.views.iter().filter_map(|v| Some((v.permission.as_deref()?, "[[admin.view]]", v.at)));
        for (permission, subject, at) in routes.chain(views) {
            if self.m.permissions.iter().any(|p| p.name == permission) {
                continue;
            }
            let hint = match nearest_word(permission, self.m.permissions.iter().map(|p| p.name.as_str())) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add:\n[[permission]]\nname = \"{permission}\""),
            };
            self.push_error(
                at,
                format!("{subject} requires the permission \"{permission}\", which is not declared"),
                hint,
            );
        }
    }

    fn check_secrets(&self) {
        let declared: BTreeSet<&str> =
            self.m.settings.iter().flat_map(|s| s.secrets.iter().map(String::as_str)).collect();
        for grant in &self.m.grants {
            let (secrets, addresses): (&BTreeSet<String>, Vec<&str>) = match &grant.scope {
                Scope::Http { to, secrets, .. } => (secrets, to.iter().filter_map(AddressPattern::secret).collect()),
                Scope::Secrets { secrets } => (secrets, Vec::new()),
                _ => continue,
            };
            // A secret in a header becomes known to hosts other than that of its address.
            for secret in secrets.iter().filter(|secret| self.m.is_address_secret(secret)) {
                self.push_error(
                    grant.at,
                    format!(
                        "[[grant]] has the secret \"{secret}\" in `secrets`, which is an address to send requests to"
                    ),
                    "remove it: an address cannot also be sent in a header or signed with",
                );
            }
            if let Scope::Http { to, secrets, .. } = &grant.scope
                && !secrets.is_empty()
                && to.len() == addresses.len()
            {
                self.push_error(
                    grant.at,
                    "[[grant]] has `secrets`, which are not sent to addresses that are secrets",
                    "remove `secrets`",
                );
            }
            let names = secrets.iter().map(String::as_str).chain(addresses);
            for secret in names.filter(|name| !declared.contains(name)) {
                let hint = match nearest_word(secret, declared.iter().copied()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("add:\n[settings]\nsecrets = [\"{secret}\"]"),
                };
                self.push_error(
                    grant.at,
                    format!("[[grant]] refers to the secret \"{secret}\", which is not declared"),
                    hint,
                );
            }
        }
    }

    fn check_signing_keys(&self) {
        let declared = || self.m.signing_keys.iter().map(|key| key.name.as_str());
        for grant in &self.m.grants {
            let Scope::Signing { keys } = &grant.scope else { continue };
            for key in keys.iter().filter(|key| self.m.signing_key(key).is_none()) {
                let hint = match nearest_word(key, declared()) {
                    Some(near) => format!("did you mean \"{near}\"?"),
                    None => format!("add:\n[[signing-key]]\nname = \"{key}\"\nalgorithm = \"es256\""),
                };
                let message = format!("[[grant]] refers to the signing key \"{key}\", which is not declared");
                self.push_error(grant.at, message, hint);
            }
        }
    }

    /// Other plugins whose types and events are named must be required.
    fn check_types(&self) {
        let m = self.m;
        for grant in &m.grants {
            let (Scope::DataRead { types, .. } | Scope::DataWrite { types, .. }) = &grant.scope else { continue };
            for uid in types {
                match names::uid_owner(uid) {
                    Some(owner) if owner == m.id() => {
                        let message = format!("[[grant]] names {uid}, which belongs to this plugin");
                        self.push_error(grant.at, message, "remove it: a plugin needs no grant for its own documents");
                    }
                    Some(owner) => self.check_required_plugin(owner, uid, grant.at),
                    None => {}
                }
            }
        }
        let hooks = m.hooks.iter().flat_map(|h| h.on.iter().map(|t| (t.uid.as_str(), t.at, "[[hook]]")));
        let policies =
            m.read_policy.iter().flat_map(|p| p.types.iter().map(|uid| (uid.as_str(), p.at, "[read-policy]")));
        for (uid, at, subject) in hooks.chain(policies) {
            self.check_readable(uid, at, subject);
        }
    }

    fn check_subscriptions(&self) {
        let m = self.m;
        for subscription in &m.subscriptions {
            for (target, at) in &subscription.to {
                match target {
                    SubscriptionTarget::Documents { uid, .. } => self.check_readable(uid, *at, "[[subscription]]"),
                    SubscriptionTarget::Event(event) if event.publisher() == "cairn" => {
                        self.check_core_event(event, *at)
                    }
                    SubscriptionTarget::Event(event) if event.publisher() == m.id() => self.check_own_event(event, *at),
                    SubscriptionTarget::Event(event) => {
                        self.check_required_plugin(event.publisher(), &event.to_string(), *at)
                    }
                }
            }
        }
    }

    fn check_own_event(&self, event: &EventName, at: SourceLocation) {
        if self.m.events.iter().any(|e| event.matches_event(&e.name, e.version)) {
            return;
        }
        let hint = match nearest_word(&event.name, self.m.events.iter().map(|e| e.name.as_str())) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None => format!("add:\n[[event]]\nname = \"{}\"", event.name),
        };
        self.push_error(
            at,
            format!("[[subscription]] refers to the event \"{event}\", which the plugin does not declare"),
            hint,
        );
    }

    /// Events of the core carry data, so they need the grant that reads the same by asking.
    fn check_core_event(&self, event: &EventName, at: SourceLocation) {
        const AREAS: [&str; 5] = ["document", "file", "mail", "migrating", "user"];
        // The others of this area are about people and tokens, which no grant covers.
        const CALENDAR_CHANGED: &str = "cairn.settings.calendar-changed";
        let area = event.name.split('.').nth(1).unwrap_or_default();
        let granted = |capability| self.m.grants.iter().any(|g| g.scope.capability() == capability);
        let need = match area {
            "document" | "migrating" if self.m.content_types.is_none() && !granted(Capability::DataRead) => {
                "use = \"data.read\"\ntypes = [\"api::article.article\"]"
            }
            "settings" if event.name != CALENDAR_CHANGED || event.any_below => {
                return self.push_error(
                    at,
                    format!("[[subscription]] refers to \"{event}\", which Cairn does not publish to plugins"),
                    format!("of the settings there is \"{CALENDAR_CHANGED}\""),
                );
            }
            "settings" if !granted(Capability::Calendar) => "use = \"calendar\"",
            "settings" => return,
            "file" if !granted(Capability::FilesRead) => "use = \"files.read\"",
            "mail" if !granted(Capability::Mail) => "use = \"mail\"",
            "user" if !self.may_read("plugin::users-permissions.user") => {
                "use = \"data.read\"\ntypes = [\"plugin::users-permissions.user\"]"
            }
            known if AREAS.contains(&known) => return,
            _ => {
                let hint = match nearest_word(area, AREAS) {
                    Some(near) => format!("did you mean \"cairn.{near}.*\"?"),
                    None => format!("write one of cairn.{}.*", AREAS.join(".*, cairn.")),
                };
                return self.push_error(
                    at,
                    format!("[[subscription]] refers to \"{event}\", which Cairn does not publish"),
                    hint,
                );
            }
        };
        self.push_error(
            at,
            format!("[[subscription]] to \"{event}\" requires a grant"),
            format!("add:\n[[grant]]\n{need}"),
        );
    }

    /// Others' documents come to a hook or handler only where they could be read.
    fn check_readable(&self, uid: &str, at: SourceLocation, subject: &str) {
        let owner = if choice_reference(uid).is_some() { Some("") } else { names::uid_owner(uid) };
        let Some(owner) = owner.filter(|owner| *owner != self.m.id()) else {
            if self.m.content_types.is_none() {
                let message = format!("{subject} refers to {uid}, but the plugin has no content types");
                self.push_error(at, message, "add:\n[content-types]\ndir = \"content-types\"");
            }
            return;
        };
        self.check_required_plugin(owner, uid, at);
        if !self.may_read(uid) {
            let message = format!("{subject} refers to {uid}, which the plugin is not granted to read");
            self.push_error(at, message, format!("add:\n[[grant]]\nuse = \"data.read\"\ntypes = [\"{uid}\"]"));
        }
    }

    fn may_read(&self, uid: &str) -> bool {
        self.m.grants.iter().any(|g| matches!(&g.scope, Scope::DataRead { types, .. } if types.contains(uid)))
    }

    fn check_required_plugin(&self, owner: &str, subject: &str, at: SourceLocation) {
        let needs = !owner.is_empty() && owner != self.m.id() && !names::is_core(owner);
        if needs && !self.m.plugin.requires.plugins.contains_key(owner) {
            let message = format!("{subject} belongs to the plugin \"{owner}\", which plugin.toml does not require");
            self.push_error(at, message, format!("add:\n[plugin.requires.plugins]\n{owner} = \"^1\""));
        }
    }

    /// People see in the calendar what they may read, so it needs no grant; for the same reason it has no documents of others.
    fn check_calendars(&self) {
        for calendar in &self.m.calendars {
            let uid = &calendar.content_type;
            if names::uid_owner(uid) == Some(self.m.id()) {
                self.check_readable(uid, calendar.at, &format!("[[calendar]] \"{}\"", calendar.name));
                continue;
            }
            let message = format!("[[calendar]] \"{}\" refers to {uid}, which is not the plugin's own", calendar.name);
            let hint =
                format!("a calendar shows content types of the plugin: type = \"plugin::{}.event\"", self.m.id());
            self.push_error(calendar.at, message, hint);
        }
    }

    /// Sections that make no sense without a grant.
    fn check_needed_grants(&self) {
        let first_event = self.m.events.first().map(|e| (e.at, "[[event]]", Capability::EventsPublish));
        let first_index = self.m.indexes.first().map(|i| (i.at, "[[index]]", Capability::Search));
        let body_file = self.m.routes.iter().find(|route| route.body.form == BodyForm::File);
        let mut grants = self.m.grants.iter().map(|g| g.scope.capability());
        let reads_files = grants.any(|capability| matches!(capability, Capability::FilesRead | Capability::FilesWrite));
        if let Some(route) = body_file.filter(|_| !reads_files) {
            let message = format!("[[route]] \"{}\" receives its body as a file, which requires a grant", route.name);
            self.push_error(route.at, message, "add:\n[[grant]]\nuse = \"files.read\"");
        }
        for (at, subject, capability) in first_event.into_iter().chain(first_index) {
            if !self.m.grants.iter().any(|g| g.scope.capability() == capability) {
                let message = format!("{subject} requires a grant");
                self.push_error(at, message, format!("add:\n[[grant]]\nuse = \"{capability}\""));
            }
        }
    }
}

/// A page for one document takes the place of its form: each type has at most one, and only its own plugin says which.
fn check_document_views(m: &Manifest, report: &ProblemReport<'_>) {
    let mut first_views: HashMap<&str, &AdminView> = HashMap::new();
    for view in m.views.iter().filter(|view| view.kind == ViewKind::Document) {
        let error = |message: String, hint: String| {
            report.push_error(view.at, format!("[[admin.view]] \"{}\" refers to {message}", view.name), hint);
        };
        for uid in &view.types {
            if names::uid_owner(uid) != Some(m.id()) {
                let example = format!("types = [\"plugin::{}.deal\"]", m.id());
                error(
                    format!("{uid}, which is not the plugin's own"),
                    format!(
                        "kind = \"document\" shows content types of the plugin: {example}; others can have a panel"
                    ),
                );
            } else if m.content_types.is_none() {
                let hint = "add:\n[content-types]\ndir = \"content-types\"".to_owned();
                error(format!("{uid}, but the plugin has no content types"), hint);
            } else if let Some(first) = first_views.get(uid.as_str()) {
                let message = format!("{uid}, which \"{}\" in line {} shows already", first.name, first.at.line);
                error(message, "remove it from one of them".to_owned());
            } else {
                first_views.insert(uid, view);
            }
        }
    }
}
