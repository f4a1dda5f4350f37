//! Paths that files may have in a package.

use super::problem::PackageProblem;
use crate::component::COMPONENT;
use crate::manifest::SETTINGS_SCHEMA;
use crate::names;
use crate::problem::MANIFEST;
use crate::words::quote_input;

/// Longest path, in bytes: what a tar header holds without extensions.
const MAX_PATH_BYTES: usize = 100;
/// Deepest nesting of folders.
const MAX_FOLDER_DEPTH: usize = 8;

/// True if a file of a plugin's folder goes into its package. `path`: relative to the folder, with `/`. Other files
/// (sources, notes) are left out.
pub fn is_packed(path: &str) -> bool {
    match path.split_once('/') {
        Some((folder, _)) => {
            matches!(
                folder,
                "content-types"
                    | "components"
                    | "locales"
                    | "events"
                    | "requests"
                    | "responses"
                    | "templates"
                    | "admin"
                    | "public"
            )
        }
        // The digest list and the signature are made anew.
        None => is_allowed_path(&[path]) && !matches!(path, "digests" | "signature"),
    }
}

/// Refuses a path that leads out of the package, that systems read differently, or that a package may not have.
pub(super) fn check_path(path: &str) -> Result<(), PackageProblem> {
    match refusal_reason(path) {
        None => Ok(()),
        Some(reason) => Err(PackageProblem::Path { path: quote_input(path), reason }),
    }
}

fn refusal_reason(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("it is empty");
    }
    if path.len() > MAX_PATH_BYTES {
        return Some("it is longer than 100 bytes");
    }
    if path.starts_with('/') || path.contains('\\') || path.contains(':') {
        return Some("it is absolute, or contains `\\` or `:`");
    }
    let parts: Vec<&str> = path.split('/').collect();
    if parts.iter().any(|part| matches!(*part, "" | "." | "..")) {
        return Some("it leads out of the package, or has an empty part");
    }
    if parts.len() > MAX_FOLDER_DEPTH {
        return Some("it has too many levels");
    }
    // Trailing spaces, trailing dots and characters outside ASCII do not make the same name on every system.
    let plain =
        |part: &&str| part.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.@+".contains(&b)) && !part.ends_with('.');
    if !parts.iter().all(plain) {
        return Some("its names may contain only letters, digits, `-`, `_`, `.`, `@` and `+`, and must not end in `.`");
    }
    if parts.iter().any(|part| is_device(part)) {
        return Some("one of its names is a reserved device name on some systems");
    }
    if is_allowed_path(&parts) { None } else { Some("a plugin has no file at this path") }
}

/// True if a name is a device on Windows: `con`, `com1.txt` and the like.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    match stem.as_str() {
        "con" | "prn" | "aux" | "nul" => true,
        _ => {
            let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
            numbered.is_some_and(|n| n.len() == 1 && n.bytes().all(|b| b.is_ascii_digit()))
        }
    }
}

fn is_allowed_path(parts: &[&str]) -> bool {
    match parts {
        [
            MANIFEST | COMPONENT | SETTINGS_SCHEMA | "migrations.toml" | "LICENSE" | "sbom.json" | "digests"
            | "signature",
        ] => true,
        ["content-types", name, "schema.json"] => names::is_kebab(name),
        ["components", category, file] => {
            names::is_kebab(category) && file_stem(file, ".json").is_some_and(names::is_kebab)
        }
        ["locales", file] => file_stem(file, ".json").is_some_and(names::is_locale),
        ["events" | "requests" | "responses", file] => file_stem(file, ".json").is_some_and(names::is_dotted),
        ["templates" | "admin" | "public", _, ..] => true,
        _ => false,
    }
}

fn file_stem<'f>(file: &'f str, extension: &str) -> Option<&'f str> {
    file.strip_suffix(extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_not_packed() {
        for packed in ["plugin.toml", "plugin.wasm", "templates/a.html", "content-types/x/other.json"] {
            assert!(is_packed(packed), "{packed}");
        }
        for not in
            ["Cargo.toml", "src/lib.rs", "admin-src/page.ts", "README.md", "digests", "signature", "target/templates/a"]
        {
            assert!(!is_packed(not), "{not}");
        }
    }

    #[test]
    fn unsafe_and_unknown_paths_are_refused() {
        for good in [
            "plugin.toml",
            "plugin.wasm",
            "content-types/deal/schema.json",
            "components/shared/address.json",
            "templates/mail/confirm.html",
            "locales/pt-BR.json",
            "admin/pipeline/index.html",
            "public/scripts/form.js",
            "events/lead-qualified.json",
            "responses/lead.json",
            "requests/lead.json",
            "LICENSE",
            "signature",
        ] {
            assert!(check_path(good).is_ok(), "{good}");
        }
        let deep = format!("admin/{}x", "a/".repeat(8));
        let long = format!("admin/{}", "x".repeat(95));
        for bad in [
            "",
            "/plugin.toml",
            "../plugin.toml",
            "admin/../../x",
            "admin/./x",
            "admin//x",
            "admin/",
            "admin",
            "C:/x",
            "admin\\x",
            "admin/x.",
            "admin/x ",
            "admin/é",
            "admin/a\nb",
            "admin/con",
            "admin/NUL.txt",
            "admin/com1.js",
            "README.md",
            "src/lib.rs",
            "Plugin.toml",
            "locales/en.json.exe",
            "locales/../en.json",
            "content-types/deal/controllers.js",
            "responses/lead.yaml",
            "responses/leads/lead.json",
            "requests/lead.yaml",
            &deep,
            &long,
        ] {
            assert!(check_path(bad).is_err(), "{bad}");
        }
    }
}
