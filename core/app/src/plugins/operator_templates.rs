//! Templates that operators put in the place of a plugin's.

use cairn_notify::PartialTemplate;
use cairn_plugin_package::package::PackageFiles;
use std::path::Path;

/// Largest such template, in bytes.
const MAX_TEMPLATE_BYTES: u64 = 1 << 20;

/// A plugin's texts and templates, with those that the operator has put in their place: of the project in `plugins/<id>/templates/`, of
/// a tenant in `tenants/<tenant>/plugins/<id>/templates/`. One that is broken is told, and the one before it holds.
pub(super) fn with_operators(files: &PackageFiles, project: &Path, tenant: &str, id: &str) -> PackageFiles {
    let mut files = files.clone();
    let own = Path::new("plugins").join(id).join("templates");
    for folder in [project.join(&own), project.join("tenants").join(tenant).join(&own)] {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let (file, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
            let result = read_template(&file)
                .and_then(|content| files.put(&format!("templates/{name}"), content).map_err(|e| e.to_string()));
            if let Err(problem) = result {
                tracing::error!(file = %file.display(), problem, "a template is ignored; the plugin's own template is used");
            }
        }
    }
    files
}

/// The content of a template that an operator wrote, as far as it can be used.
fn read_template(file: &Path) -> Result<Vec<u8>, String> {
    let size = std::fs::metadata(file).map_err(|e| e.to_string())?.len();
    if size > MAX_TEMPLATE_BYTES {
        return Err(format!("has {size} bytes; the limit is {MAX_TEMPLATE_BYTES}"));
    }
    let content = std::fs::read(file).map_err(|e| e.to_string())?;
    if file.extension().is_some_and(|extension| extension == "toml") {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        if !stem.contains('.') {
            return Err("has no locale in its name: use <name>.<locale>.toml".to_owned());
        }
        let text = std::str::from_utf8(&content).map_err(|_| "is not valid UTF-8".to_owned())?;
        PartialTemplate::parse(text)?;
    }
    Ok(content)
}
