//! Paths in the configuration.

use cairn_access::DEFAULT_TENANT;
use std::path::{Path, PathBuf};

/// The path of a program in a variable, where `off` disables it as an empty text in `cairn.toml` does.
pub(super) fn path_or_off(value: String) -> String {
    if value == "off" { String::new() } else { value }
}

/// The configured path of a tenant: `{tenant}` in it stands for the name. One without is the default tenant's alone.
pub(super) fn tenant_place(project: &Path, path: &str, tenant: &str) -> Option<PathBuf> {
    let all = path.contains("{tenant}");
    (all || tenant == DEFAULT_TENANT).then(|| project.join(path.replace("{tenant}", tenant)))
}

/// The folder of a tenant's data.
pub(super) fn tenant_folder(project: &Path, tenant: &str) -> PathBuf {
    project.join("data").join("tenants").join(tenant)
}
