//! The files of a new plugin in Rust.

use super::Kind;
use serde_json::{Map, Value as Json, json};

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/rust/", $name))
    };
}

/// Name and content of each.
pub(super) fn files(id: &str, kind: Kind) -> Vec<(&'static str, String)> {
    let named = |text: &str| text.replace("__id__", id).replace("__table__", &id.replace('-', "_"));
    let mut files = vec![
        ("Cargo.toml", named(template!("Cargo.toml.txt"))),
        ("plugin.toml", named(&manifest(kind))),
        ("README.md", named(template!("README.md.txt"))),
        (".gitignore", "/target\n/plugin.wasm\n/.cairn\n".to_owned()),
        ("content-types/note/schema.json", named(template!("note.json"))),
        ("locales/en.json", texts(id, kind)),
        ("src/lib.rs", root(id, kind)),
    ];
    if kind.hooks() {
        files.push(("src/hooks.rs", named(template!("src/hooks.rs.txt"))));
        files.push(("tests/hook.toml", named(template!("tests/hook.toml"))));
    }
    if kind.jobs() {
        files.push(("src/jobs.rs", named(template!("src/jobs.rs.txt"))));
        files.push(("tests/jobs.toml", named(template!("tests/jobs.toml"))));
    }
    if kind.routes() {
        files.push(("src/routes.rs", named(template!("src/routes.rs.txt"))));
        files.push(("tests/route.toml", named(template!("tests/route.toml"))));
    }
    if kind.hooks() || kind.jobs() {
        files.push(("src/rules.rs", rules(kind)));
    }
    files
}

fn manifest(kind: Kind) -> String {
    let mut text = template!("base.toml").to_owned();
    for (there, part) in [
        (kind.hooks(), template!("hook.toml")),
        (kind.jobs(), template!("jobs.toml")),
        (kind.routes(), template!("route.toml")),
    ] {
        if there {
            text.push_str(part);
        }
    }
    text
}

fn texts(id: &str, kind: Kind) -> String {
    let mut texts = Map::new();
    let name: String = id.split('-').map(capital).collect::<Vec<_>>().join(" ");
    texts.insert("plugin.name".to_owned(), json!(name));
    if kind.jobs() {
        texts.insert("grant.jobs".to_owned(), json!("Counts the words of notes in the background."));
    }
    format!("{:#}\n", Json::Object(texts))
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

fn root(id: &str, kind: Kind) -> String {
    let mut modules = vec!["types"];
    let mut exports: Vec<&str> = Vec::new();
    for (there, module, exported) in [
        (kind.hooks(), "hooks", &["hooks"][..]),
        (kind.jobs(), "jobs", &["events", "jobs"]),
        (kind.routes(), "routes", &["routes"]),
        (kind.hooks() || kind.jobs(), "rules", &[]),
    ] {
        if there {
            modules.push(module);
            exports.extend(exported);
        }
    }
    modules.sort_unstable();
    let modules: Vec<String> = modules.iter().map(|module| format!("mod {module};")).collect();
    format!(
        "//! The plugin {id}. `plugin.toml` names every way into it.\n\n{}\n\n/// Answers what the host asks: one trait for each kind.\n\
         struct Plugin;\n\n// Each needs a section of plugin.toml, and the other way round.\ncairn_plugin::export!(Plugin: {});\n",
        modules.join("\n"),
        exports.join(", ")
    )
}

fn rules(kind: Kind) -> String {
    let mut text = "//! What needs no host: tested natively, by `cargo test`.\n".to_owned();
    let mut tests = String::new();
    for (there, rule, tested) in [
        (kind.hooks(), template!("src/tidy.rs.txt"), template!("src/tidy_tests.rs.txt")),
        (kind.jobs(), template!("src/words.rs.txt"), template!("src/words_tests.rs.txt")),
    ] {
        if there {
            text.push_str(rule);
            tests.push_str(tested);
        }
    }
    format!("{text}\n#[cfg(test)]\nmod tests {{\n    use super::*;\n{tests}}}\n")
}
