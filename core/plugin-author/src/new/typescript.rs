//! The files of a new plugin in TypeScript.

use super::common::{StarterFile, fill_placeholders};
use super::parts::StarterParts;

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/ts/", $name))
    };
}

/// Name and content of each that it has beside those of every language.
pub(super) fn typescript_files(id: &str, parts: StarterParts) -> Vec<StarterFile> {
    let mut files = vec![
        ("package.json", fill_placeholders(template!("package.json"), id)),
        ("tsconfig.json", template!("tsconfig.json").to_owned()),
        (".npmrc", template!("npmrc.txt").to_owned()),
        ("README.md", fill_placeholders(template!("README.md.txt"), id)),
        (".gitignore", "/node_modules\n/plugin.wasm\n/.plugin.wasm.key\n/.cairn\n/target\n".to_owned()),
        ("src/main.ts", main_module(id, parts)),
    ];
    for (is_included, name, text) in [
        (parts.hooks, "src/hooks.ts", template!("src/hooks.ts")),
        (parts.jobs, "src/jobs.ts", template!("src/jobs.ts")),
        (parts.routes, "src/routes.ts", template!("src/routes.ts")),
    ] {
        if is_included {
            files.push((name, fill_placeholders(text, id)));
        }
    }
    if parts.hooks || parts.jobs {
        files.push(("src/rules.ts", rules_module(parts)));
        files.push(("test/rules.test.ts", test_module(parts)));
    }
    files
}

fn main_module(id: &str, parts: StarterParts) -> String {
    let mut text = format!(
        "// The plugin {id}. plugin.toml names every way into it: each kind of section there has its table of functions here.\n\n"
    );
    for (is_included, line) in [
        (parts.hooks, "export { hooks } from \"./hooks.js\";\n"),
        (parts.jobs, "export { jobs, subscriptions } from \"./jobs.js\";\n"),
        (parts.routes, "export { routes } from \"./routes.js\";\n"),
    ] {
        if is_included {
            text.push_str(line);
        }
    }
    text
}

fn rules_module(parts: StarterParts) -> String {
    let mut text = "// What needs no host: tested by `npm test`, in test/.\n".to_owned();
    for (is_included, rule) in
        [(parts.hooks, template!("src/tidy.ts.txt")), (parts.jobs, template!("src/words.ts.txt"))]
    {
        if is_included {
            text.push_str(rule);
        }
    }
    text
}

fn test_module(parts: StarterParts) -> String {
    let mut names = Vec::new();
    let mut tests = String::new();
    for (is_included, name, test) in
        [(parts.hooks, "tidy", template!("test/tidy.ts.txt")), (parts.jobs, "words", template!("test/words.ts.txt"))]
    {
        if is_included {
            names.push(name);
            tests.push_str(test);
        }
    }
    let names = names.join(", ");
    format!(
        "import assert from \"node:assert/strict\";\nimport {{ test }} from \"node:test\";\nimport {{ {names} }} from \"../src/rules.js\";\n{tests}"
    )
}
