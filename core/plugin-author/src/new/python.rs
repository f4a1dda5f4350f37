//! The files of a new plugin in Python.

use super::common::{StarterFile, fill_placeholders};
use super::parts::StarterParts;

macro_rules! template {
    ($name:literal) => {
        include_str!(concat!("../../templates/py/", $name))
    };
}

/// Name and content of each that it has beside those of every language. Hooks are not for Python.
pub(super) fn python_files(id: &str, parts: StarterParts) -> Vec<StarterFile> {
    let mut files = vec![
        ("README.md", fill_placeholders(template!("README.md.txt"), id)),
        (".gitignore", "__pycache__/\n/plugin.wasm\n/.plugin.wasm.key\n/.cairn\n/target\n".to_owned()),
        ("src/main.py", main_module(id, parts)),
    ];
    if parts.jobs {
        files.push(("src/work.py", fill_placeholders(template!("src/work.py"), id)));
        files.push(("src/rules.py", template!("src/rules.py").to_owned()));
        files.push(("tests/test_rules.py", template!("tests/test_rules.py").to_owned()));
    }
    if parts.routes {
        files.push(("src/answers.py", template!("src/answers.py").to_owned()));
    }
    files
}

fn main_module(id: &str, parts: StarterParts) -> String {
    let (mut imports, mut tables) = (Vec::new(), String::new());
    for (is_included, import, table) in [
        (parts.routes, "answers", "routes = {\"latest\": answers.latest}\n"),
        (parts.jobs, "work", "subscriptions = {\"notes\": work.notes}\njobs = {\"measure\": work.measure}\n"),
    ] {
        if is_included {
            imports.push(format!("import {import}\n"));
            tables.push_str(table);
        }
    }
    format!(
        "\"\"\"The plugin {id}. plugin.toml names every way into it: each kind of section there has its dict of functions here.\"\"\"\n\n{}\n{tables}",
        imports.concat()
    )
}
