//! Checks that the files of a plugin fit each other.

use super::{PUBLIC_FOLDER, PackageFiles, public_media_type};
use crate::body_schema::BodySchema;
use crate::component::{self, COMPONENT};
use crate::content_texts;
use crate::event_schema::EventSchema;
use crate::locales;
use crate::manifest::{
    Manifest, ManifestCalendar, REQUESTS_FOLDER, RESPONSES_FOLDER, SETTINGS_SCHEMA, ViewSource, Zone,
};
use crate::problem::{PluginProblem, SourceLocation};
use crate::settings::SettingsSchema;
use crate::words::{list_alternatives, nearest_word};
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// End of the paths of schemas under `content-types/`.
const SCHEMA_SUFFIX: &str = "/schema.json";

/// Fields that every document has beside those of its content type.
const SYSTEM_FIELDS: [&str; 8] =
    ["id", "documentId", "createdAt", "updatedAt", "publishedAt", "createdBy", "updatedBy", "locale"];

/// Kinds of fields by which a document has a place in a calendar.
const DATE_KINDS: [&str; 2] = ["date", "datetime"];

/// Kinds of fields by which an entry of a calendar can be called.
const TITLE_KINDS: [&str; 5] = ["string", "text", "email", "uid", "enumeration"];

pub(super) fn check_package(manifest: &Manifest, files: &PackageFiles) -> Vec<PluginProblem> {
    let mut check = PackageChecker { manifest, files, problems: Vec::new() };
    check.check_component();
    check.check_all_but_component()
}

/// The same but for the component, which is not there.
pub(super) fn check_unbuilt(manifest: &Manifest, files: &PackageFiles) -> Vec<PluginProblem> {
    PackageChecker { manifest, files, problems: Vec::new() }.check_all_but_component()
}

/// Facts from a content type's file that matter here.
struct OwnTypeSchema {
    /// Kinds of its attributes, by name.
    attributes: BTreeMap<String, String>,
    /// Those of them that a unique key can be made of.
    keys: BTreeSet<String>,
    /// Parts of paths its documents are at.
    routes: [String; 2],
}

struct PackageChecker<'c> {
    manifest: &'c Manifest,
    files: &'c PackageFiles,
    problems: Vec<PluginProblem>,
}

impl PackageChecker<'_> {
    fn push_error(&mut self, at: SourceLocation, message: String, hint: impl Into<String>) {
        self.problems.push(PluginProblem::error(at, message, hint));
    }

    fn push_file_error(&mut self, file: String, message: impl Into<String>) {
        self.problems.push(PluginProblem::error(SourceLocation::default(), message, "").in_file(file));
    }

    /// All but the component.
    fn check_all_but_component(mut self) -> Vec<PluginProblem> {
        let types = self.read_own_types();
        self.check_named_types(&types);
        self.check_calendars(&types);
        self.check_routes(&types);
        self.check_event_schemas();
        self.check_request_schemas();
        self.check_response_schemas();
        self.check_frames();
        self.check_public_files();
        let texts = self.check_settings();
        let locales = locales::check_texts(self.manifest, &texts, self.files);
        self.problems.extend(locales);
        self.problems.extend(content_texts::check_content_texts(self.files));
        self.problems
    }

    fn check_component(&mut self) {
        match component::inspect_component(self.files.get(COMPONENT).unwrap_or_default()) {
            Ok(shape) => self.problems.extend(component::check_component(self.manifest, &shape)),
            Err(problem) => self.push_file_error(COMPONENT.to_owned(), problem.to_string()),
        }
    }

    /// The plugin's own types by name. What is in their schemas is checked when they are loaded; here only what the manifest names.
    fn read_own_types(&mut self) -> BTreeMap<String, OwnTypeSchema> {
        let mut types = BTreeMap::new();
        for (path, content) in self.files.iter_below("content-types/") {
            let Some(name) = path.strip_suffix(SCHEMA_SUFFIX) else { continue };
            match serde_json::from_slice::<Map<String, Json>>(content) {
                Ok(schema) => {
                    types.insert(name.to_owned(), parse_own_type(&schema));
                }
                Err(error) => {
                    self.push_file_error(format!("content-types/{path}"), format!("is not a JSON object: {error}"))
                }
            }
        }
        let at = self.manifest.content_types.as_ref().map(|c| c.at);
        match at {
            None if !types.is_empty() => {
                let hint = "add:\n[content-types]\ndir = \"content-types\"";
                self.push_error(
                    SourceLocation::default(),
                    "content-types/ contains files, but plugin.toml has no section [content-types]".into(),
                    hint,
                );
            }
            Some(at) if types.is_empty() => {
                let hint = "add content-types/<type>/schema.json, or remove the section";
                self.push_error(
                    at,
                    "[content-types] is declared, but content-types/ contains no content types".into(),
                    hint,
                );
            }
            _ => {}
        }
        types
    }

    /// Names of the plugin's own types, and of their fields, wherever the manifest has them.
    fn check_named_types(&mut self, types: &BTreeMap<String, OwnTypeSchema>) {
        let manifest = self.manifest;
        for (name, own) in manifest.content_types.iter().flat_map(|c| &c.types) {
            let Some(schema) = self.find_own_type(types, name, own.at, "[content-types]") else { continue };
            let retention = own.retention.iter().map(|retention| &retention.field);
            for field in own.unique.iter().flatten().chain(retention) {
                self.check_field(schema, name, field, own.at);
            }
            for field in own.unique.iter().flatten().filter(|field| schema.attributes.contains_key(*field)) {
                self.check_key_field(schema, name, field, own.at);
            }
            for field in own.unique.iter().flatten().filter(|field| SYSTEM_FIELDS.contains(&field.as_str())) {
                let message = format!("`unique` of \"{name}\" names \"{field}\", which Cairn manages itself");
                self.push_error(own.at, message, "a key must consist of fields of the content type");
            }
        }
        let prefix = format!("plugin::{}.", manifest.id());
        let own = |uid: &str| uid.strip_prefix(&prefix).map(str::to_owned);
        for hook in &manifest.hooks {
            for target in &hook.on {
                let Some(name) = own(&target.uid) else { continue };
                let Some(own_type_schema) = self.find_own_type(types, &name, target.at, "[[hook]]") else { continue };
                let paths = hook.select.iter().filter_map(|path| path.split('.').next());
                for field in paths.chain(hook.when.changed.iter().map(String::as_str)) {
                    self.check_field(own_type_schema, &name, field, hook.at);
                }
            }
        }
        let policies = manifest.read_policy.iter().flat_map(|p| p.types.iter().map(|uid| (uid, p.at, "[read-policy]")));
        let views = manifest.views.iter().flat_map(|v| v.types.iter().map(|uid| (uid, v.at, "[[admin.view]]")));
        for (uid, at, subject) in policies.chain(views) {
            if let Some(name) = own(uid) {
                self.find_own_type(types, &name, at, subject);
            }
        }
        for subscription in &manifest.subscriptions {
            for (target, at) in &subscription.to {
                if let crate::manifest::SubscriptionTarget::Documents { uid, .. } = target
                    && let Some(name) = own(uid)
                {
                    self.find_own_type(types, &name, *at, "[[subscription]]");
                }
            }
        }
    }

    /// Fields of calendars: that they are there, and of a kind that a calendar can show.
    fn check_calendars(&mut self, types: &BTreeMap<String, OwnTypeSchema>) {
        let manifest = self.manifest;
        let prefix = format!("plugin::{}.", manifest.id());
        for calendar in &manifest.calendars {
            let Some(name) = calendar.content_type.strip_prefix(&prefix) else { continue };
            let Some(schema) = self.find_own_type(types, name, calendar.at, "[[calendar]]") else { continue };
            let start = self.check_calendar_field(schema, calendar, "start", &calendar.start, &DATE_KINDS);
            if let Some(end) = &calendar.end {
                // A day has no moment at which it could end.
                let same = start.map_or(DATE_KINDS.to_vec(), |kind| vec![kind]);
                self.check_calendar_field(schema, calendar, "end", end, &same);
            }
            if let Some(title) = &calendar.title {
                self.check_calendar_field(schema, calendar, "title", title, &TITLE_KINDS);
            }
            let filtered = calendar.filter.iter().flat_map(Map::keys).filter(|field| !field.starts_with('$'));
            for field in filtered {
                self.check_field(schema, name, field, calendar.at);
            }
        }
    }

    /// The kind of a field of a calendar, if it is one of these.
    fn check_calendar_field<'k>(
        &mut self,
        schema: &OwnTypeSchema,
        calendar: &ManifestCalendar,
        key: &str,
        field: &str,
        kinds: &[&'k str],
    ) -> Option<&'k str> {
        let found = schema.attributes.get(field);
        if let Some(kind) = kinds.iter().copied().find(|kind| found.is_some_and(|found| found == kind)) {
            return Some(kind);
        }
        let subject = format!("`{key}` of [[calendar]] \"{}\" names \"{field}\"", calendar.name);
        let fitting = schema.attributes.iter().filter(|(_, kind)| kinds.contains(&kind.as_str()));
        let fitting: Vec<&str> = fitting.map(|(name, _)| name.as_str()).collect();
        let hint = match nearest_word(field, fitting.iter().copied()) {
            Some(near) => format!("did you mean \"{near}\"?"),
            None if fitting.is_empty() => {
                format!(
                    "add a field of the type {} to {}",
                    list_alternatives(kinds.iter().copied()),
                    calendar.content_type
                )
            }
            None => format!("write {}", list_alternatives(fitting)),
        };
        let message = match found {
            None => format!("{subject}, which {} does not have", calendar.content_type),
            Some(kind) => {
                format!("{subject}, which is of the type \"{kind}\", not {}", list_alternatives(kinds.iter().copied()))
            }
        };
        self.push_error(calendar.at, message, hint);
        None
    }

    fn find_own_type<'t>(
        &mut self,
        types: &'t BTreeMap<String, OwnTypeSchema>,
        name: &str,
        at: SourceLocation,
        subject: &str,
    ) -> Option<&'t OwnTypeSchema> {
        let schema = types.get(name);
        if schema.is_none() {
            let hint = match nearest_word(name, types.keys().map(String::as_str)) {
                Some(near) => format!("did you mean \"{near}\"?"),
                None => format!("add content-types/{name}{SCHEMA_SUFFIX}"),
            };
            self.push_error(
                at,
                format!("{subject} names the content type \"{name}\", which is not in the package"),
                hint,
            );
        }
        schema
    }

    /// Keys are indexes of the database: of values that are compared as a whole, in columns of their own.
    fn check_key_field(&mut self, schema: &OwnTypeSchema, name: &str, field: &str, at: SourceLocation) {
        if schema.keys.contains(field) {
            return;
        }
        let message = format!("`unique` of \"{name}\" names \"{field}\", which cannot be part of a key");
        let hint = "a key can contain plain values (no json, blocks or password), single files, and relations to one document that are \
                    stored on this side";
        self.push_error(at, message, hint);
    }

    fn check_field(&mut self, schema: &OwnTypeSchema, name: &str, field: &str, at: SourceLocation) {
        if SYSTEM_FIELDS.contains(&field) || schema.attributes.contains_key(field) {
            return;
        }
        let hint = nearest_word(field, schema.attributes.keys().map(String::as_str));
        let hint = hint.map_or_else(String::new, |near| format!("did you mean \"{near}\"?"));
        self.push_error(at, format!("the content type \"{name}\" has no field \"{field}\""), hint);
    }

    /// The content API of the plugin's types and its routes share `/api/<id>/`.
    fn check_routes(&mut self, types: &BTreeMap<String, OwnTypeSchema>) {
        for route in &self.manifest.routes {
            let first = route.path.trim_start_matches('/').split('/').next().unwrap_or_default();
            if let Some((name, _)) = types.iter().find(|(_, own)| own.routes.iter().any(|segment| segment == first)) {
                let message = format!("[[route]] \"{}\" conflicts with the content API of \"{name}\"", route.name);
                self.push_error(route.at, message, "change its path");
            }
        }
    }

    fn check_event_schemas(&mut self) {
        for event in &self.manifest.events {
            let Some(path) = &event.schema else { continue };
            let Some(content) = self.files.get(path) else {
                self.push_error(
                    event.at,
                    format!("the schema {path} is not in the package"),
                    "add the file, or remove `schema`",
                );
                continue;
            };
            if let Err(problem) = EventSchema::parse(content) {
                self.push_file_error(path.clone(), problem);
            }
        }
    }

    fn check_request_schemas(&mut self) {
        let manifest = self.manifest;
        let named = manifest.routes.iter().filter_map(|route| Some((route.at, route.body.schema.as_deref()?)));
        self.check_body_schemas(named, REQUESTS_FOLDER, |content| BodySchema::parse_request(content).map(drop));
    }

    fn check_response_schemas(&mut self) {
        let manifest = self.manifest;
        let responses = manifest.routes.iter().flat_map(|route| &route.responses);
        let named = responses.filter_map(|response| Some((response.at, response.schema.as_deref()?)));
        self.check_body_schemas(named, RESPONSES_FOLDER, |content| BodySchema::parse_response(content).map(drop));
    }

    /// Checks the files with schemas of bodies that routes name, and that its folder has no others.
    fn check_body_schemas<'m>(
        &mut self,
        schemas: impl Iterator<Item = (SourceLocation, &'m str)>,
        folder: &str,
        parse: fn(&[u8]) -> Result<(), String>,
    ) {
        let mut named = BTreeSet::new();
        for (at, path) in schemas {
            let Some(content) = self.files.get(path) else {
                let message = format!("the schema {path} is not in the package");
                self.push_error(at, message, "add the file, or remove `schema`");
                continue;
            };
            // A form may serve several routes: its problems are told once.
            if named.insert(path)
                && let Err(problem) = parse(content)
            {
                self.push_file_error(path.to_owned(), problem);
            }
        }
        for (name, _) in self.files.iter_below(folder) {
            let path = format!("{folder}{name}");
            if !named.contains(path.as_str()) {
                self.push_file_error(path, "exists, but no route of the manifest names it");
            }
        }
    }

    fn check_frames(&mut self) {
        for view in &self.manifest.views {
            if let ViewSource::Frame(path) = &view.source
                && self.files.get(path).is_none()
            {
                self.push_error(view.at, format!("the page {path} is not in the package"), "");
            }
        }
    }

    fn check_public_files(&mut self) {
        for (path, _) in self.files.iter_below(PUBLIC_FOLDER) {
            if public_media_type(path).is_none() {
                self.push_file_error(
                    format!("{PUBLIC_FOLDER}{path}"),
                    "is of no kind that browsers are served: HTML, JavaScript, CSS, JSON, text, images and WOFF2 fonts are",
                );
            }
        }
    }

    /// Gives the keys of texts in the schema.
    fn check_settings(&mut self) -> BTreeSet<String> {
        let content = self.files.get(SETTINGS_SCHEMA);
        let settings = self.manifest.settings.as_ref();
        let (content, settings) = match (content, settings.filter(|s| s.schema.is_some())) {
            (Some(content), Some(settings)) => (content, settings),
            (None, Some(settings)) => {
                self.push_error(settings.at, format!("the file {SETTINGS_SCHEMA} is not in the package"), "");
                return BTreeSet::new();
            }
            (Some(_), None) => {
                let hint = format!("add:\n[settings]\nschema = \"{SETTINGS_SCHEMA}\"");
                self.push_error(
                    SourceLocation::default(),
                    format!("{SETTINGS_SCHEMA} exists, but the manifest does not name it"),
                    hint,
                );
                return BTreeSet::new();
            }
            (None, None) => return BTreeSet::new(),
        };
        let schema = match SettingsSchema::parse(content, &settings.secrets) {
            Ok(schema) => schema,
            Err(problems) => {
                for problem in problems {
                    self.push_file_error(SETTINGS_SCHEMA.to_owned(), problem.to_string());
                }
                return BTreeSet::new();
            }
        };
        for schedule in &self.manifest.schedules {
            if let Zone::Setting(name) = &schedule.zone
                && !schema.has(name)
            {
                let hint = format!(
                    "add it to {SETTINGS_SCHEMA}: \"{name}\": {{ \"type\": \"string\", \"format\": \"timezone\" }}"
                );
                self.push_error(
                    schedule.at,
                    format!("[[schedule]] takes its time zone from \"{name}\", which is not a setting"),
                    hint,
                );
            }
        }
        schema.text_keys()
    }
}

fn parse_own_type(schema: &Map<String, Json>) -> OwnTypeSchema {
    let attributes = schema.get("attributes").and_then(Json::as_object);
    let info = |key: &str| {
        let name = schema.get("info").and_then(|info| info.get(key)).and_then(Json::as_str);
        name.unwrap_or_default().to_owned()
    };
    let kind = |attribute: &Json| attribute["type"].as_str().unwrap_or_default().to_owned();
    OwnTypeSchema {
        attributes: attributes.into_iter().flatten().map(|(name, a)| (name.clone(), kind(a))).collect(),
        keys: attributes.into_iter().flatten().filter(|(_, a)| can_be_key(a)).map(|(name, _)| name.clone()).collect(),
        routes: [info("singularName"), info("pluralName")],
    }
}

/// As `cairn_model::Attribute::can_be_key`, of an attribute in a schema file.
fn can_be_key(attribute: &Json) -> bool {
    let text = |key: &str| attribute.get(key).and_then(Json::as_str);
    match text("type").unwrap_or_default() {
        "password" | "json" | "blocks" | "component" | "dynamiczone" => false,
        "media" => attribute.get("multiple") != Some(&Json::Bool(true)),
        "relation" => match text("relation") {
            Some("manyToOne") => true,
            Some("oneToOne") => text("mappedBy").is_none(),
            _ => false,
        },
        _ => true,
    }
}
