//! The files of a new plugin in Rust.

use super::common::{StarterFile, fill_placeholders};
use super::parts::StarterParts;

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/rust/", $name))
    };
}

/// Name and content of each that it has beside those of every language.
pub(super) fn rust_files(id: &str, parts: StarterParts) -> Vec<StarterFile> {
    let mut files = vec![
        ("Cargo.toml", fill_placeholders(template!("Cargo.toml.txt"), id)),
        ("README.md", fill_placeholders(template!("README.md.txt"), id)),
        (".gitignore", "/target\n/plugin.wasm\n/.cairn\n".to_owned()),
        ("src/lib.rs", root_module(id, parts)),
    ];
    for (is_included, name, text) in [
        (parts.hooks, "src/hooks.rs", template!("src/hooks.rs.txt")),
        (parts.jobs, "src/jobs.rs", template!("src/jobs.rs.txt")),
        (parts.routes, "src/routes.rs", template!("src/routes.rs.txt")),
    ] {
        if is_included {
            files.push((name, fill_placeholders(text, id)));
        }
    }
    if parts.hooks || parts.jobs {
        files.push(("src/rules.rs", rules_module(parts)));
    }
    files
}

fn root_module(id: &str, parts: StarterParts) -> String {
    let mut modules = vec!["types"];
    let mut exports: Vec<&str> = Vec::new();
    for (is_included, module, exported) in [
        (parts.hooks, "hooks", &["hooks"][..]),
        (parts.jobs, "jobs", &["events", "jobs"]),
        (parts.routes, "routes", &["routes"]),
        (parts.hooks || parts.jobs, "rules", &[]),
    ] {
        if is_included {
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

fn rules_module(parts: StarterParts) -> String {
    let mut text = "//! What needs no host: tested natively, by `cargo test`.\n".to_owned();
    let mut tests = String::new();
    for (is_included, rule, tested) in [
        (parts.hooks, template!("src/tidy.rs.txt"), template!("src/tidy_tests.rs.txt")),
        (parts.jobs, template!("src/words.rs.txt"), template!("src/words_tests.rs.txt")),
    ] {
        if is_included {
            text.push_str(rule);
            tests.push_str(tested);
        }
    }
    format!("{text}\n#[cfg(test)]\nmod tests {{\n    use super::*;\n{tests}}}\n")
}
