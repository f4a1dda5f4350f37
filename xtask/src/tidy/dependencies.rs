//! Dependencies between crates (docs/architecture.md draws them), and the users of each outside crate.

use super::problems::TidyProblems;
use crate::process;
use anyhow::Result;
use serde_json::Value;

/// Dependencies permitted to each crate of `core/`. `testkit` is a dev-dependency of anyone.
const ALLOWED_DEPENDENCIES: [(&str, &[&str]); 37] = [
    ("cairn-model", &[]),
    ("cairn-contact-details", &[]),
    ("cairn-i18n", &[]),
    ("cairn-search", &[]),
    ("cairn-pades", &[]),
    ("cairn-pdf-protocol", &[]),
    ("cairn-plugin-package", &[]),
    ("cairn-plugin-build", &[]),
    // Plugins of this repository are compiled as those of others are.
    ("xtask", &["cairn-plugin-build"]),
    ("cairn-type-generator", &["cairn-model"]),
    ("cairn-plugin-author", &["cairn-plugin-package", "cairn-type-generator", "cairn-model"]),
    ("cairn-query", &["cairn-model"]),
    ("cairn-graphql", &["cairn-query", "cairn-model"]),
    ("cairn-store", &["cairn-contact-details", "cairn-query", "cairn-model"]),
    ("cairn-strapi-import", &["cairn-store", "cairn-model"]),
    ("cairn-access", &["cairn-contact-details", "cairn-store", "cairn-query", "cairn-model"]),
    ("cairn-content-openapi", &["cairn-access", "cairn-query", "cairn-type-generator", "cairn-model"]),
    ("cairn-seals", &["cairn-access", "cairn-store", "cairn-query", "cairn-model"]),
    ("cairn-assets", &["cairn-store", "cairn-query", "cairn-model"]),
    (
        "cairn-content",
        &["cairn-contact-details", "cairn-access", "cairn-assets", "cairn-store", "cairn-query", "cairn-model"],
    ),
    ("cairn-events", &["cairn-access", "cairn-store", "cairn-query", "cairn-model"]),
    (
        "cairn-settings",
        &["cairn-contact-details", "cairn-events", "cairn-access", "cairn-store", "cairn-query", "cairn-model"],
    ),
    (
        "cairn-notify",
        &[
            "cairn-contact-details",
            "cairn-i18n",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-editorial",
        &[
            "cairn-content",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-library",
        &[
            "cairn-content",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-licensing",
        &[
            "cairn-content",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-plugin-host",
        &[
            "cairn-i18n",
            "cairn-pades",
            "cairn-pdf-protocol",
            "cairn-plugin-package",
            "cairn-search",
            "cairn-seals",
            "cairn-content",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-plugin-test",
        &[
            "cairn-contact-details",
            "cairn-plugin-author",
            "cairn-plugin-host",
            "cairn-pades",
            "cairn-plugin-package",
            "cairn-seals",
            "cairn-content",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-app",
        &[
            "cairn-contact-details",
            "cairn-graphql",
            "cairn-model",
            "cairn-pades",
            "cairn-query",
            "cairn-seals",
            "cairn-settings",
            "cairn-store",
            "cairn-content",
            "cairn-events",
            "cairn-notify",
            "cairn-editorial",
            "cairn-library",
            "cairn-licensing",
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-access",
            "cairn-assets",
        ],
    ),
    (
        "cairn-commands",
        &[
            "cairn-app",
            "cairn-contact-details",
            "cairn-model",
            "cairn-pades",
            "cairn-query",
            "cairn-seals",
            "cairn-settings",
            "cairn-store",
            "cairn-strapi-import",
            "cairn-content",
            "cairn-plugin-author",
            "cairn-plugin-build",
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-plugin-test",
            "cairn-type-generator",
            "cairn-access",
            "cairn-assets",
        ],
    ),
    (
        "cairn-http",
        &[
            "cairn-events",
            "cairn-settings",
            "cairn-app",
            "cairn-model",
            "cairn-query",
            "cairn-store",
            "cairn-content",
            "cairn-notify",
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-access",
            "cairn-assets",
        ],
    ),
    (
        "cairn-content-api",
        &[
            "cairn-app",
            "cairn-graphql",
            "cairn-http",
            "cairn-model",
            "cairn-query",
            "cairn-settings",
            "cairn-store",
            "cairn-content-openapi",
            "cairn-content",
            "cairn-events",
            "cairn-library",
            "cairn-licensing",
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-access",
            "cairn-assets",
        ],
    ),
    (
        "cairn-editing-api",
        &[
            "cairn-contact-details",
            "cairn-app",
            "cairn-http",
            "cairn-model",
            "cairn-query",
            "cairn-settings",
            "cairn-store",
            "cairn-content",
            "cairn-events",
            "cairn-editorial",
            "cairn-library",
            "cairn-licensing",
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-access",
            "cairn-assets",
        ],
    ),
    (
        "cairn-administration-api",
        &[
            "cairn-app",
            "cairn-http",
            "cairn-query",
            "cairn-seals",
            "cairn-settings",
            "cairn-store",
            "cairn-content",
            "cairn-events",
            "cairn-notify",
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-access",
        ],
    ),
    (
        "cairn-router",
        &[
            "cairn-app",
            "cairn-http",
            "cairn-content-api",
            "cairn-editing-api",
            "cairn-administration-api",
            "cairn-model",
            "cairn-query",
            "cairn-settings",
            "cairn-access",
        ],
    ),
    (
        "cairn-server",
        &[
            "cairn-router",
            "cairn-commands",
            "cairn-app",
            "cairn-plugin-package",
            "cairn-content",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
        ],
    ),
    (
        "cairn-testkit",
        &[
            "cairn-plugin-host",
            "cairn-plugin-package",
            "cairn-server",
            "cairn-editorial",
            "cairn-library",
            "cairn-licensing",
            "cairn-notify",
            "cairn-settings",
            "cairn-events",
            "cairn-content",
            "cairn-access",
            "cairn-assets",
            "cairn-store",
            "cairn-query",
            "cairn-model",
            "cairn-content-api",
            "cairn-content-openapi",
        ],
    ),
];

/// The crates that know what HTTP is.
const HTTP_CRATES: &[&str] =
    &["cairn-http", "cairn-content-api", "cairn-editing-api", "cairn-administration-api", "cairn-router"];

/// Outside crates that not everybody may use, with those that may.
const CRATE_OWNERS: [(&str, &[&str]); 23] = [
    ("async-graphql", &["cairn-graphql"]),
    // Strapi's database is read by the importer; Cairn's own by the store alone.
    ("rusqlite", &["cairn-store", "cairn-strapi-import"]),
    ("libsqlite3-sys", &["cairn-store"]),
    ("sqlx", &["cairn-store", "cairn-strapi-import"]),
    ("axum", HTTP_CRATES),
    ("tower", HTTP_CRATES),
    ("tower-http", HTTP_CRATES),
    ("argon2", &["cairn-access"]),
    ("bcrypt", &["cairn-access"]),
    ("scrypt", &["cairn-strapi-import"]),
    ("schemars", &["cairn-settings"]),
    ("lettre", &["cairn-notify"]),
    ("file-format", &["cairn-assets"]),
    ("image", &["cairn-assets"]),
    ("fast_image_resize", &["cairn-assets"]),
    ("jpeg-encoder", &["cairn-assets"]),
    ("ravif", &["cairn-assets"]),
    ("webp", &["cairn-assets"]),
    ("aws-sdk-s3", &["cairn-assets"]),
    ("tantivy", &["cairn-search"]),
    ("wasmtime", &["cairn-plugin-host"]),
    ("typst", &["cairn-pdf-program"]),
    ("lopdf", &["cairn-pdf-program"]),
];

/// Crates that do no I/O and know no async runtime.
const PURE_CRATES: [&str; 4] = ["cairn-contact-details", "cairn-model", "cairn-pades", "cairn-query"];
/// Crates that those may not use.
const IMPURE_CRATES: [&str; 4] = ["tokio", "futures-util", "reqwest", "ureq"];

/// Arrows between our own crates that point upwards or sideways. Returns an error if `cargo metadata` fails.
pub(super) fn check_directions() -> Result<TidyProblems> {
    Ok(wrong_directions(&load_edges()?))
}

/// Outside crates used by another than their owner, and impure ones in pure crates. Returns an error if `cargo metadata` fails.
pub(super) fn check_owners() -> Result<TidyProblems> {
    Ok(wrong_owners(&load_edges()?))
}

/// `from` depends on `to`.
pub(crate) struct DependencyEdge {
    pub(crate) from: String,
    pub(crate) to: String,
    /// For its tests alone.
    pub(crate) dev: bool,
}

fn wrong_directions(edges: &[DependencyEdge]) -> TidyProblems {
    let internal_edges = edges.iter().filter(|edge| edge.to.starts_with("cairn-"));
    internal_edges
        .filter_map(|DependencyEdge { from, to, dev }| {
            let Some((_, allowed)) = ALLOWED_DEPENDENCIES.iter().find(|(name, _)| name == from) else {
                return Some(format!("{from} depends on {to}, which is not in the table of {}", file!()));
            };
            let testkit = *dev && to == "cairn-testkit";
            // A crate's own benches and tests may name the crate itself.
            (!testkit && from != to && !allowed.contains(&to.as_str()))
                .then(|| format!("{from} must not depend on {to}"))
        })
        .collect()
}

fn wrong_owners(edges: &[DependencyEdge]) -> TidyProblems {
    let mut problems = Vec::new();
    for DependencyEdge { from, to, .. } in edges.iter().filter(|edge| !edge.dev) {
        if let Some((_, owners)) =
            CRATE_OWNERS.iter().find(|(name, owners)| name == to && !owners.contains(&from.as_str()))
        {
            problems.push(format!("{from} uses {to}, which only {} may use", owners.join(", ")));
        }
        if PURE_CRATES.contains(&from.as_str()) && IMPURE_CRATES.contains(&to.as_str()) {
            problems.push(format!("{from} must be pure, but uses {to}"));
        }
    }
    problems
}

/// Loads the dependencies of the packages of the workspace, as cargo knows them. Returns an error if `cargo metadata` fails.
pub(crate) fn load_edges() -> Result<Vec<DependencyEdge>> {
    let text = process::run_output(process::cargo_command().args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text)?;
    let mut edges = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            edges.push(DependencyEdge {
                from: package["name"].as_str().unwrap_or_default().to_owned(),
                to: dependency["name"].as_str().unwrap_or_default().to_owned(),
                dev: dependency["kind"] == "dev",
            });
        }
    }
    Ok(edges)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edge(from: &str, to: &str, dev: bool) -> [DependencyEdge; 1] {
        [DependencyEdge { from: from.to_owned(), to: to.to_owned(), dev }]
    }

    #[test]
    fn dependencies_point_to_lower_layers() {
        assert!(wrong_directions(&edge("cairn-content", "cairn-store", false)).is_empty());
        assert!(wrong_directions(&edge("cairn-query", "cairn-testkit", true)).is_empty());
        assert_eq!(wrong_directions(&edge("cairn-store", "cairn-access", false)).len(), 1);
        assert!(wrong_directions(&edge("cairn-http", "cairn-app", false)).is_empty());
        assert_eq!(wrong_directions(&edge("cairn-app", "cairn-http", false)).len(), 1);
        assert_eq!(wrong_directions(&edge("cairn-store", "cairn-access", true)).len(), 1);
        assert_eq!(wrong_directions(&edge("cairn-store", "cairn-testkit", false)).len(), 1);
        assert_eq!(wrong_directions(&edge("cairn-new", "cairn-model", false)).len(), 1);
    }

    #[test]
    fn drivers_are_used_only_by_their_owner() {
        assert!(wrong_owners(&edge("cairn-store", "rusqlite", false)).is_empty());
        assert_eq!(wrong_owners(&edge("cairn-app", "rusqlite", false)).len(), 1);
        assert_eq!(wrong_owners(&edge("cairn-app", "axum", false)).len(), 1);
        assert_eq!(wrong_owners(&edge("cairn-content", "axum", false)).len(), 1);
        assert_eq!(wrong_owners(&edge("cairn-query", "tokio", false)).len(), 1);
        assert!(wrong_owners(&edge("cairn-server", "image", true)).is_empty());
    }
}
