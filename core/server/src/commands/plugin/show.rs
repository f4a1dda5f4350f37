//! What there is to see of packages and plugins.

use super::{failed, listed, say};
use crate::plugins::consent::{self, signer};
use crate::plugins::packages::{self, Texts};
use crate::wiring::Failure;
use cairn_access::{AccessControl, iso};
use cairn_plugin_package::sign::Signed;
use cairn_plugin_package::{Grants, any_error};
use cairn_store::plugins::{LogFilter, PluginState};
use chrono::DateTime;
use serde_json::{Value as Json, json};
use std::path::Path;

/// Lines of the log that are shown.
const LINES: i64 = 100;

pub(super) fn time(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms).map(iso).unwrap_or_default()
}

/// `cairn plugin verify`.
pub(super) fn verify(file: &Path) -> Result<(), Failure> {
    let package = packages::read(file)?;
    let problems = package.check();
    let manifest = package.manifest();
    let signed = match package.signed() {
        Signed::By(key) => format!("signed by {key}"),
        Signed::Unsigned => "not signed".to_owned(),
        Signed::Wrong => {
            return Err(Failure(format!(
                "{}: the signature does not match the content: the package was changed after signing, or the signature belongs to another package",
                file.display()
            )));
        }
    };
    if let (Some(publisher), Signed::By(key)) = (manifest.plugin.publisher, package.signed())
        && publisher != key
    {
        return Err(Failure(format!(
            "{}: it is signed by {key}, but its plugin.toml names the publisher {publisher}",
            file.display()
        )));
    }
    if any_error(&problems) {
        return Err(Failure(format!("{}:\n{}", file.display(), listed(&problems))));
    }
    if !problems.is_empty() {
        say(listed(&problems));
    }
    say(format_args!("{} {}: {signed}", manifest.id(), manifest.plugin.version));
    say(format_args!("sha256 {}", package.digest()));
    Ok(())
}

/// `cairn plugin inspect`.
pub(super) fn inspect(file: &Path, as_json: bool) -> Result<(), Failure> {
    let package = packages::read(file)?;
    let (manifest, texts) = (package.manifest(), Texts::of(package.manifest(), package.files(), None));
    let asked = Grants::asked(manifest);
    let types = packages::own_types(manifest.id(), package.files());
    let files: Vec<(&str, usize)> = package.files().iter().map(|(path, content)| (path, content.len())).collect();
    let routes = || manifest.routes.iter().map(|r| (r.method.as_str(), format!("/api/{}{}", manifest.id(), r.path)));
    let reach = consent::reach(&package, &asked);
    let runs = [
        ("hook", manifest.hooks.iter().map(|h| h.name.as_str()).collect::<Vec<_>>()),
        ("subscription", manifest.subscriptions.iter().map(|s| s.name.as_str()).collect()),
        ("job", manifest.jobs.iter().map(|j| j.name.as_str()).collect()),
        ("schedule", manifest.schedules.iter().map(|s| s.name.as_str()).collect()),
        ("view", manifest.views.iter().map(|v| v.name.as_str()).collect()),
    ];
    if as_json {
        let all = json!({
            "id": manifest.id(),
            "version": manifest.plugin.version.to_string(),
            "api": manifest.plugin.api,
            "name": texts.show(&manifest.plugin.name.value),
            "license": manifest.plugin.license,
            "publisher": signer(&package).map(|key| key.to_string()),
            "digest": package.digest().to_string(),
            "grants": asked,
            "contentTypes": types.iter().map(|t| &t.uid).collect::<Vec<_>>(),
            "routes": routes().map(|(method, path)| json!({ "method": method, "path": path })).collect::<Vec<_>>(),
            "does": reach.lines().iter().map(|line| json!({ "kind": line.kind, "sentence": line.english })).collect::<Vec<_>>(),
            "runs": runs.iter().map(|(kind, names)| ((*kind).to_owned(), json!(names))).collect::<serde_json::Map<_, _>>(),
            "files": files.iter().map(|(path, size)| json!({ "path": path, "bytes": size })).collect::<Vec<_>>(),
        });
        say(all);
        return Ok(());
    }
    say(format_args!("{} {}  {}", manifest.id(), manifest.plugin.version, texts.show(&manifest.plugin.name.value)));
    match signer(&package) {
        Some(key) => say(format_args!("signed by {key}")),
        None => say("not signed, or the signature is invalid: run `cairn plugin verify`"),
    }
    say(format_args!("sha256 {}", package.digest()));
    say("asks for:");
    if asked.list().is_empty() {
        say("  nothing besides its own content");
    }
    for sentence in asked.sentences() {
        let optional = if sentence.optional { " (optional)" } else { "" };
        let reason = sentence.reason.map(|reason| format!(": {}", texts.show(&reason))).unwrap_or_default();
        say(format_args!("  {}{optional}{reason}", sentence.english));
    }
    for owned in &types {
        say(format_args!("content type {}  {}", owned.uid, owned.display_name));
    }
    say("on its own:");
    for line in reach.lines() {
        say(format_args!("  {}", line.english));
    }
    for (method, path) in routes() {
        say(format_args!("route {method} {path}"));
    }
    for (kind, names) in runs {
        for name in names {
            say(format_args!("{kind} {name}"));
        }
    }
    for (path, size) in files {
        say(format_args!("{size:10}  {path}"));
    }
    Ok(())
}

/// `cairn plugin list`.
pub(super) fn list(access: &AccessControl, as_json: bool) -> Result<(), Failure> {
    for row in access.store().read(|r| r.plugins()).map_err(failed)? {
        if as_json {
            say(json!({
                "id": row.id,
                "version": row.current.version,
                "digest": row.current.digest,
                "publisher": row.publisher,
                "state": row.state.as_str(),
                "reason": row.reason,
                "previous": row.previous.map(|previous| previous.version),
                "installedAt": time(row.installed_at),
                "changedAt": time(row.changed_at),
            }));
        } else if row.state != PluginState::Removed {
            let why = row.reason.map(|reason| format!("  {reason}")).unwrap_or_default();
            say(format_args!("{:31}  {:12}  {}{why}", row.id, row.current.version, row.state.as_str()));
        }
    }
    Ok(())
}

/// `cairn plugin logs`.
pub(super) fn logs(access: &AccessControl, id: String, as_json: bool) -> Result<(), Failure> {
    let filter = LogFilter { plugin: Some(id), ..LogFilter::default() };
    for row in access.store().read(|r| r.plugin_logs(&filter, LINES)).map_err(failed)? {
        let (at, level) = (time(row.log.at), row.log.level.as_str());
        if as_json {
            let line: Json = json!({
                "id": row.id,
                "at": at,
                "level": level,
                "message": row.log.message,
                "fields": row.log.fields,
                "call": row.log.call,
            });
            say(line);
            continue;
        }
        let more = row.log.fields.as_object().filter(|fields| !fields.is_empty());
        let more = more.map(|fields| format!("  {}", json!(fields))).unwrap_or_default();
        say(format_args!("{at}  {level:5}  {}{more}", row.log.message));
    }
    Ok(())
}
