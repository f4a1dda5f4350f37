//! Commands that show packages and plugins.

use super::errors::{format_problems, from_store_error};
use super::print_line;
use cairn_access::{AccessControl, format_iso};
use cairn_app::OperatorError;
use cairn_app::plugins::consent::{self, package_signer};
use cairn_app::plugins::packages::{self, PluginTexts};
use cairn_plugin_package::manifest::{ManifestChoice, NeededAttribute};
use cairn_plugin_package::sign::SignatureStatus;
use cairn_plugin_package::{Grants, PluginReach, has_errors};
use cairn_store::plugins::{LogFilter, PluginState};
use chrono::DateTime;
use serde_json::{Value as Json, json};
use std::path::Path;

/// Lines of the log that are shown.
const MAX_PRINTED_LINES: i64 = 100;

pub(super) fn format_time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(format_iso).unwrap_or_default()
}

/// `cairn plugin verify`.
pub(super) fn verify_package(file: &Path) -> Result<(), OperatorError> {
    let package = packages::read_package(file)?;
    let problems = package.check();
    let manifest = package.manifest();
    let signed = match package.signature_status() {
        SignatureStatus::By(key) => format!("signed by {key}"),
        SignatureStatus::Unsigned => "not signed".to_owned(),
        SignatureStatus::Wrong => {
            return Err(OperatorError(format!(
                "{}: the signature does not match the content: the package was changed after signing, or the signature belongs to another package",
                file.display()
            )));
        }
    };
    if let (Some(publisher), SignatureStatus::By(key)) = (manifest.plugin.publisher, package.signature_status())
        && publisher != key
    {
        return Err(OperatorError(format!(
            "{}: it is signed by {key}, but its plugin.toml names the publisher {publisher}",
            file.display()
        )));
    }
    if has_errors(&problems) {
        return Err(OperatorError(format!("{}:\n{}", file.display(), format_problems(&problems))));
    }
    if !problems.is_empty() {
        print_line(format_problems(&problems));
    }
    print_line(format_args!("{} {}: {signed}", manifest.id(), manifest.plugin.version));
    print_line(format_args!("sha256 {}", package.digest()));
    Ok(())
}

/// `cairn plugin inspect`.
pub(super) fn inspect_package(file: &Path, as_json: bool) -> Result<(), OperatorError> {
    let package = packages::read_package(file)?;
    let (manifest, texts) = (package.manifest(), PluginTexts::for_language(package.manifest(), package.files(), None));
    // Unresolved: choices are named where their values will stand.
    let grants = Grants::from_manifest(manifest);
    let types = packages::package_content_types(manifest.id(), package.files(), &texts);
    let files: Vec<(&str, usize)> = package.files().iter().map(|(path, content)| (path, content.len())).collect();
    let routes = || manifest.routes.iter().map(|r| (r.method.as_str(), format!("/api/{}{}", manifest.id(), r.path)));
    let reach = PluginReach::from_manifest(manifest, &grants, consent::undeclared_parts(&package));
    let runs = [
        ("hook", manifest.hooks.iter().map(|h| h.name.as_str()).collect::<Vec<_>>()),
        ("subscription", manifest.subscriptions.iter().map(|s| s.name.as_str()).collect()),
        ("job", manifest.jobs.iter().map(|j| j.name.as_str()).collect()),
        ("schedule", manifest.schedules.iter().map(|s| s.name.as_str()).collect()),
        ("view", manifest.views.iter().map(|v| v.name.as_str()).collect()),
        ("calendar", manifest.calendars.iter().map(|c| c.name.as_str()).collect()),
    ];
    if as_json {
        let all = json!({
            "id": manifest.id(),
            "version": manifest.plugin.version.to_string(),
            "api": manifest.plugin.api,
            "name": texts.resolve_text(&manifest.plugin.name.value),
            "license": manifest.plugin.license,
            "publisher": package_signer(&package).map(|key| key.to_string()),
            "digest": package.digest().to_string(),
            "grants": grants,
            "choices": manifest.choices.iter().map(|choice| choice_json(choice, &texts)).collect::<Vec<_>>(),
            "contentTypes": types.iter().map(|t| &t.uid).collect::<Vec<_>>(),
            "routes": routes().map(|(method, path)| json!({ "method": method, "path": path })).collect::<Vec<_>>(),
            "does": reach.lines().iter().map(|line| json!({ "kind": line.kind, "sentence": line.english })).collect::<Vec<_>>(),
            "runs": runs.iter().map(|(kind, names)| ((*kind).to_owned(), json!(names))).collect::<serde_json::Map<_, _>>(),
            "files": files.iter().map(|(path, size)| json!({ "path": path, "bytes": size })).collect::<Vec<_>>(),
        });
        print_line(all);
        return Ok(());
    }
    print_line(format_args!(
        "{} {}  {}",
        manifest.id(),
        manifest.plugin.version,
        texts.resolve_text(&manifest.plugin.name.value)
    ));
    match package_signer(&package) {
        Some(key) => print_line(format_args!("signed by {key}")),
        None => print_line("not signed, or the signature is invalid: run `cairn plugin verify`"),
    }
    print_line(format_args!("sha256 {}", package.digest()));
    print_line("asks for:");
    if grants.list().is_empty() {
        print_line("  nothing besides its own content");
    }
    for sentence in grants.sentences() {
        let optional = if sentence.optional { " (optional)" } else { "" };
        let reason = sentence.reason.map(|reason| format!(": {}", texts.resolve_text(&reason))).unwrap_or_default();
        print_line(format_args!("  {}{optional}{reason}", sentence.english));
    }
    for choice in &manifest.choices {
        let title = choice.title.as_ref().map(|title| format!("  {}", texts.resolve_text(&title.value)));
        let needs = format_needs(choice);
        let needs = if needs.is_empty() { String::new() } else { format!("; needs {}", needs.join(", ")) };
        print_line(format_args!("choice {} ({}{needs}){}", choice.name, choice.kind, title.unwrap_or_default()));
    }
    for owned in &types {
        print_line(format_args!("content type {}  {}", owned.uid, owned.display_name));
    }
    print_line("on its own:");
    for line in reach.lines() {
        print_line(format_args!("  {}", line.english));
    }
    for (method, path) in routes() {
        print_line(format_args!("route {method} {path}"));
    }
    for (kind, names) in runs {
        for name in names {
            print_line(format_args!("{kind} {name}"));
        }
    }
    for (path, size) in files {
        print_line(format_args!("{size:10}  {path}"));
    }
    Ok(())
}

/// The attributes that a choice needs: `phases`, `phases:json`.
fn format_needs(choice: &ManifestChoice) -> Vec<String> {
    let one = |needed: &NeededAttribute| match &needed.kind {
        Some(kind) => format!("{}:{kind}", needed.name),
        None => needed.name.clone(),
    };
    choice.needs.iter().map(one).collect()
}

fn choice_json(choice: &ManifestChoice, texts: &PluginTexts) -> Json {
    json!({
        "name": choice.name,
        "kind": choice.kind,
        "title": choice.title.as_ref().map(|title| texts.resolve_text(&title.value)),
        "needs": format_needs(choice),
    })
}

/// `cairn plugin list`.
pub(super) fn list_plugins(access: &AccessControl, as_json: bool) -> Result<(), OperatorError> {
    for row in access.store().read(|r| r.plugins().list()).map_err(from_store_error)? {
        if as_json {
            print_line(json!({
                "id": row.id,
                "version": row.current.version,
                "digest": row.current.digest,
                "publisher": row.publisher,
                "state": row.state.as_str(),
                "reason": row.reason,
                "previous": row.previous.map(|previous| previous.version.version),
                "installedAt": format_time(row.installed_at),
                "changedAt": format_time(row.changed_at),
            }));
        } else if row.state != PluginState::Removed {
            let why = row.reason.map(|reason| format!("  {reason}")).unwrap_or_default();
            print_line(format_args!("{:31}  {:12}  {}{why}", row.id, row.current.version, row.state.as_str()));
        }
    }
    Ok(())
}

/// `cairn plugin logs`.
pub(super) fn print_logs(access: &AccessControl, id: String, as_json: bool) -> Result<(), OperatorError> {
    let filter = LogFilter { plugin: Some(id), ..LogFilter::default() };
    for row in access.store().read(|r| r.plugin_logs().list(&filter, MAX_PRINTED_LINES)).map_err(from_store_error)? {
        let (at, level) = (format_time(row.log.at), row.log.level.as_str());
        if as_json {
            let line: Json = json!({
                "id": row.id,
                "at": at,
                "level": level,
                "message": row.log.message,
                "fields": row.log.fields,
                "call": row.log.call,
            });
            print_line(line);
            continue;
        }
        let fields = row.log.fields.as_object().filter(|fields| !fields.is_empty());
        let fields_text = fields.map(|fields| format!("  {}", json!(fields))).unwrap_or_default();
        print_line(format_args!("{at}  {level:5}  {}{fields_text}", row.log.message));
    }
    Ok(())
}
