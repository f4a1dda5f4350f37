//! `docs/plugins/manifest.md`: made of what the reader of a manifest knows of each key, and of what each means. Never edited by hand:
//! `UPDATE=1 cargo test -p cairn-plugin-package reference` writes it anew.

use super::super::Manifest;
use crate::grants::Capability;
use crate::manifest::{HookAction, Phase};
use crate::problem::{KeyFact, ProblemReport, SourceLocation};
use crate::strict_toml::{TomlSection, parse_document};
use crate::units;
use crate::words::list_alternatives;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A manifest in which every key is there: the examples of the page are parts of it.
const EXAMPLE: &str = include_str!("reference.toml");
const MEANINGS: &str = include_str!("meanings.toml");
/// Names that authors give, where keys are names.
const NAMES: [(&str, &str); 2] = [
    ("content-types.subscriber", "content-types.<type>"),
    ("plugin.requires.plugins.esign", "plugin.requires.plugins.<id>"),
];
/// Prefixes of keys that the reader looks at value by value: they belong to nobody.
const FREE: [&str; 3] = ["calendar.filter.", "hook.when.filter.", "index.fields."];

#[derive(Default)]
struct KeyReference {
    required: bool,
    default: Option<String>,
    kinds: Vec<String>,
}

/// Every key of the manifest, in the order in which it is read.
fn collect_keys() -> Vec<(String, KeyReference)> {
    let report = ProblemReport::new(EXAMPLE);
    let table = parse_document(EXAMPLE, &report).expect("the example is TOML");
    Manifest::read_sections(&TomlSection::new(&report, String::new(), SourceLocation::default(), &table));
    let facts = report.facts.borrow().clone();
    assert_eq!(report.finish(), [], "the example has no problems");
    let mut keys: Vec<(String, KeyReference)> = Vec::new();
    for (name, fact) in facts {
        let name = NAMES.iter().fold(name, |name, (example_name, text)| name.replace(example_name, text));
        if FREE.iter().any(|free| name.starts_with(free)) {
            continue;
        }
        let at = keys.iter().position(|(known, _)| *known == name);
        let at = match (at, &fact) {
            (Some(at), _) => at,
            // A value without a key is the name of a table.
            (None, KeyFact::Value(_)) => continue,
            (None, _) => {
                keys.push((name, KeyReference::default()));
                keys.len() - 1
            }
        };
        let key = &mut keys[at].1;
        match fact {
            KeyFact::Known => {}
            KeyFact::Required(_) => key.required = true,
            KeyFact::Default(default) => key.default = Some(default),
            KeyFact::Value(kind) if key.kinds.contains(&kind) => {}
            KeyFact::Value(kind) => key.kinds.push(kind),
        }
    }
    keys
}

/// The sections, as authors write them, in the order in which they are read: `[plugin]`, `[[hook]]`.
fn list_sections(keys: &[(String, KeyReference)]) -> Vec<(String, String)> {
    let mut sections: Vec<(String, String)> = Vec::new();
    for (name, _) in keys.iter().filter(|(name, _)| name.contains('.')) {
        let first = name.split('.').next().unwrap_or_default();
        let section = if first == "admin" { "admin.view" } else { first };
        if sections.iter().any(|(known, _)| known == section) || name == "admin.view" {
            continue;
        }
        let list = EXAMPLE.contains(&format!("[[{section}]]"));
        sections.push((section.to_owned(), if list { format!("[[{section}]]") } else { format!("[{section}]") }));
    }
    sections
}

fn load_meanings() -> BTreeMap<String, String> {
    toml::from_str(MEANINGS).expect("meanings.toml is a table of texts")
}

/// Meaning of a key: as `meanings.toml` has it, else the comment of the only field of that name.
fn find_meaning(meanings: &BTreeMap<String, String>, name: &str) -> Option<String> {
    if let Some(text) = meanings.get(name) {
        return Some(text.clone());
    }
    let field = format!("pub {}:", name.rsplit('.').next().unwrap_or_default().replace('-', "_"));
    let mut found = Vec::new();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/manifest")).ok()?.flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for at in (0..lines.len()).filter(|at| lines[*at].starts_with(&field)) {
            let comment = lines[..at].iter().rev().take_while(|line| line.starts_with("///"));
            let mut comment: Vec<&str> = comment.map(|line| line.trim_start_matches('/').trim()).collect();
            comment.reverse();
            found.push(comment.join(" "));
        }
    }
    match found.as_slice() {
        [only] if !only.is_empty() => Some(only.clone()),
        _ => None,
    }
}

/// Lists the texts that have to be written so that the page says everything.
fn find_gaps(keys: &[(String, KeyReference)]) -> Vec<String> {
    let meanings = load_meanings();
    let mut gaps = Vec::new();
    for (name, key) in keys.iter().filter(|(name, _)| name.contains('.') && name != "admin.view") {
        if key.kinds.is_empty() {
            gaps.push(format!(
                "reference.toml has no `{name}`: write it there, so that its kind and an example are known"
            ));
        }
        if find_meaning(&meanings, name).is_none() {
            gaps.push(format!("meanings.toml says nothing of `{name}`"));
        }
    }
    let sections = list_sections(keys);
    for (_, title) in sections.iter().filter(|(_, title)| !meanings.contains_key(title)) {
        gaps.push(format!("meanings.toml says nothing of `{title}`"));
    }
    for stale in meanings.keys() {
        let known = keys.iter().any(|(name, _)| name == stale) || sections.iter().any(|(_, title)| title == stale);
        if !known {
            gaps.push(format!("meanings.toml tells of `{stale}`, which the manifest has not"));
        }
    }
    gaps
}

/// The value of a key in words: `list of "create" or "update"`.
fn format_kind(key: &KeyReference) -> String {
    // A key with a short form says so in its meaning.
    let kinds: Vec<&str> =
        key.kinds.iter().map(String::as_str).filter(|kind| *kind != "text" || key.kinds.len() == 1).collect();
    match kinds.as_slice() {
        ["list"] if key.kinds.len() > 1 => "list of texts".to_owned(),
        ["list", of @ ..] => format!("list: {}", of.join(" or ")),
        _ => kinds.join(" or "),
    }
}

/// A default as authors would write it.
fn format_default(key: &KeyReference) -> String {
    let Some(default) = &key.default else { return String::new() };
    let is = |prefix: &str| key.kinds.iter().any(|kind| kind.starts_with(prefix));
    let formatted = if is("duration") {
        // Rust shows the units that the manifest has, and fractions, which no default has.
        units::parse_duration(&default.replace("0ns", "0ms"))
            .map_or_else(|| default.clone(), |span| format!("\"{}\"", units::format_duration(span)))
    } else if is("size") {
        default.parse::<u64>().map_or_else(|_| default.clone(), |bytes| format!("\"{}\"", units::format_size(bytes)))
    } else if is("number") {
        default.trim_end_matches(".0").to_owned()
    } else if default == "Named(UTC)" {
        "\"UTC\"".to_owned()
    } else if default.starts_with("VersionReq") {
        "\"*\"".to_owned()
    } else if default.starts_with(|c: char| c.is_ascii_uppercase()) {
        // A word, as Rust calls it.
        let dashed = default.char_indices().fold(String::new(), |mut word, (at, c)| {
            if at > 0 && c.is_ascii_uppercase() {
                word.push('-');
            }
            word.push(c.to_ascii_lowercase());
            word
        });
        format!("\"{dashed}\"")
    } else {
        default.clone()
    };
    format!("`{formatted}`")
}

/// The parts of the example that begin with this section.
fn section_examples(title: &str) -> String {
    let parts = EXAMPLE.split("\n\n").map(str::trim);
    let below = title.trim_end_matches(']').to_owned() + ".";
    let own =
        parts.filter(|part| part.starts_with(title) || (title.starts_with("[content") && part.starts_with(&below)));
    own.collect::<Vec<_>>().join("\n\n")
}

fn escape_table_cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn render_page() -> String {
    let (keys, meanings) = (collect_keys(), load_meanings());
    let mut page = HEAD.to_owned();
    for (section, title) in list_sections(&keys) {
        let _ = write!(page, "\n## `{title}`\n\n{}\n", meanings.get(&title).map_or("", String::as_str));
        let _ = write!(
            page,
            "\n```toml\n{}\n```\n\n| key | value | default | |\n| --- | --- | --- | --- |\n",
            section_examples(&title)
        );
        let below = format!("{section}.");
        for (name, key) in &keys {
            let Some(short) = name.strip_prefix(&below) else { continue };
            let default = if key.required { "**required**".to_owned() } else { format_default(key) };
            let meaning = find_meaning(&meanings, name).unwrap_or_default();
            let _ = writeln!(
                page,
                "| `{short}` | {} | {default} | {} |",
                escape_table_cell(&format_kind(key)),
                escape_table_cell(&meaning)
            );
        }
        match section.as_str() {
            "grant" => page.push_str(&render_capabilities()),
            "hook" => page.push_str(&render_phases()),
            "subscription" => page.push_str(&render_events()),
            _ => {}
        }
    }
    page
}

fn render_capabilities() -> String {
    let mut table =
        "\n### Capabilities\n\n| `use` | what it allows | additional keys |\n| --- | --- | --- |\n".to_owned();
    let source = include_str!("../../grants/scope.rs");
    for capability in Capability::ALL {
        let word = capability.as_str();
        let at = source.find(&format!("= \"{word}\",")).unwrap_or_default();
        let comment = source[..at].rfind("///").map_or("", |from| &source[from..at]);
        let comment = comment.lines().next().unwrap_or_default().trim_start_matches('/').trim();
        let keys: Vec<String> = capability.scope_keys().iter().map(|key| format!("`{key}`")).collect();
        let _ = writeln!(table, "| `{word}` | {comment} | {} |", keys.join(", "));
    }
    table
}

fn render_phases() -> String {
    let mut table = PHASES.to_owned();
    for action in HookAction::ALL {
        let runs = |phase: Phase| if phase.runs_for(*action) { "yes" } else { "no" };
        let _ = writeln!(table, "| `{action}` | {} | {} |", runs(Phase::Prepare), runs(Phase::Before));
    }
    table.push_str(PHASES_NOTES);
    table
}

fn render_events() -> String {
    let actions = list_alternatives(HookAction::ALL.iter().map(|action| action.as_str())).replace('"', "`");
    EVENTS.replace("{actions}", &actions)
}

const HEAD: &str = "# plugin.toml

<!-- Generated by a test in core/plugin-package from the manifest reader. To update: UPDATE=1 cargo test -p cairn-plugin-package reference -->

This page lists every section and key of a plugin's manifest. Cairn refuses an unknown key and suggests the one you probably meant; `cairn plugin check` lists every problem with its line.

* Durations are a whole number and a unit: `ms`, `s`, `m`, `h`, `d`. Sizes use `B`, `KiB`, `MiB`, `GiB`.
* Names are lowercase letters, digits and single `-`, at most 50 characters.
* Content types are named by their uid: `api::article.article`, `plugin::crm.deal`.
* A text that people see is plain text, or `t:` and a key of `locales/<locale>.json`.
";

const PHASES: &str = "
### Which phase runs when

| action | `prepare` | `before` |
| --- | --- | --- |
";

const PHASES_NOTES: &str = "
A manifest that names an action for which its phase never runs is refused. In addition:

* `prepare` does not run for writes inside a transaction by plugins, nor for users of the API (`plugin::users-permissions.user`). A rule that has to hold for every write belongs in `before`.
* A write to the other side of a relation is an `update` of each document that stores a link, as is the loss of a one-to-one target. More in [README.md](README.md#changes-from-the-other-side-of-a-relation). `prepare` does not run for it.
* Hooks do not run for files, roles and locales. Use a subscription.
* `publish` also runs for a write that publishes at once, after `create` or `update`.
";

const EVENTS: &str = "
### Events

| `to` | event |
| --- | --- |
| `plugin::crm.deal:create`, `api::article.article:publish` … | a change to a document of that type: {actions}, or `*` for all of them. Content types of others need a `data.read` grant |
| `plugin::upload.file:*`, `plugin::users-permissions.user:*` | the same for files and for users of the API |
| `choice:pages:publish` … | the same for the content types that the operator chose |
| `crm.lead.qualified`, `crm.lead.qualified@1`, `crm.lead.*` | an `[[event]]` of this plugin, or of a plugin that `requires` names; with `@`, only that version |
| `cairn.document.created`, `updated`, `deleted`, `published`, `unpublished`, `draft-discarded` | the same as the actions, for all types that the plugin may read: its own, and those that a `data.read` grant names (for files also `files.read`) |
| `cairn.mail.bounced`, `cairn.mail.suppressed` | a mail could not be delivered; an address receives no more mail. Requires the grant `mail` |
| `cairn.settings.calendar-changed` | an operator added, changed or removed a calendar of working time: `name`, and `removed` if it is gone. Requires the grant `calendar` |

An event of a document contains `contentType`, `documentId`, `locale` and `status`, but not the content: the handler reads the current state of the document.
";

#[test]
fn reference_describes_every_key() {
    let keys = collect_keys();
    assert!(keys.len() > 100, "{}", keys.len());
    let gaps = find_gaps(&keys);
    assert!(gaps.is_empty(), "in core/plugin-package/src/manifest/tests/:\n{}", gaps.join("\n"));
}

#[test]
fn reference_page_is_up_to_date() {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugins/manifest.md");
    let page = render_page();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&place, &page).unwrap();
    }
    let existing = std::fs::read_to_string(&place).unwrap_or_default();
    assert!(
        existing == page,
        "docs/plugins/manifest.md is not what the manifest's reader knows: UPDATE=1 cargo test -p cairn-plugin-package reference"
    );
}
