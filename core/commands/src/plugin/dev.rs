//! `cairn plugin dev`.

use super::super::{ProjectArgs, TenantNameArgs};
use super::build::PluginBuilder;
use super::errors::from_store_error;
use super::install::{InstallOptions, install_plugin};
use super::{author, print_line};
use cairn_access::{AccessControl, format_iso};
use cairn_app::OperatorError;
use cairn_app::plugins::consent::GrantChoice;
use cairn_plugin_package::{Choices, Manifest};
use cairn_store::plugins::{CallFilter, LogFilter};
use chrono::DateTime;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the folder, the log and failed calls are checked for changes.
const POLL_INTERVAL: Duration = Duration::from_millis(200);
/// How long nothing may change before the plugin is built, since editors write several files.
const QUIET_TIME: Duration = Duration::from_millis(100);
/// Log lines that are printed at once.
const MAX_PRINTED_LINES: i64 = 200;

#[derive(Debug, clap::Args)]
pub(super) struct DevArgs {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Build and install it once, then exit
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl DevArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        let folder =
            self.folder.canonicalize().map_err(|e| OperatorError(format!("{}: {e}", self.folder.display())))?;
        let builder = PluginBuilder::for_folder(&folder)?;
        print_line(format_args!("building {}", builder.describe()));
        let mut built = scan_folder(&folder);
        if let Err(problem) = self.build_and_install(&folder, &builder).await {
            if self.once {
                return Err(problem);
            }
            print_line(format_args!("{problem}\nwaiting for changes"));
        }
        if self.once {
            return Ok(());
        }
        let mut printed = PrintedSoFar::default();
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(POLL_INTERVAL) => {}
            }
            // The project may have no database yet, or be another's for a moment: the next look shows what this one missed.
            if let Err(error) = self.print_news(&folder, &mut printed).await {
                tracing::debug!(%error, "the log cannot be read");
            }
            let now = scan_folder(&folder);
            if now == built {
                continue;
            }
            built = wait_until_quiet(&folder, now).await;
            printed.access = None;
            if let Err(problem) = self.build_and_install(&folder, &builder).await {
                print_line(format_args!("{problem}\nthe previous version keeps running"));
            }
        }
    }

    /// Builds, packs and installs the plugin. Where one of these fails the project runs the version it ran before.
    async fn build_and_install(&self, folder: &Path, builder: &PluginBuilder) -> Result<(), OperatorError> {
        let began = Instant::now();
        tokio::task::block_in_place(|| builder.build(true))?;
        let compiled = began.elapsed();
        let out = tempfile::tempdir().map_err(|e| OperatorError(format!("cannot create a temporary folder: {e}")))?;
        let package = author::pack_into(folder, None, out.path())?;
        let (chosen, choices) = (GrantChoice::All, Choices::default());
        let options = InstallOptions { yes: true, unsigned: true, older: true, chosen, choices };
        install_plugin(&self.project, &self.tenant, &package, options).await?;
        let (compiled, all) = (compiled.as_millis(), began.elapsed().as_millis());
        print_line(format_args!("compiled in {compiled} ms, installed after {all} ms"));
        Ok(())
    }

    /// Prints what the plugin has logged, and which calls failed, since the last look.
    async fn print_news(&self, folder: &Path, printed: &mut PrintedSoFar) -> Result<(), OperatorError> {
        let id = read_manifest(folder)?.id().to_owned();
        if printed.access.is_none() {
            printed.access = Some(self.tenant.open_filled(&self.project.load_context()?).await?);
        }
        let Some(access) = &printed.access else { return Ok(()) };
        let filter = LogFilter { plugin: Some(id.clone()), after: printed.line, ..LogFilter::default() };
        let calls = CallFilter { plugin: Some(id), ..CallFilter::default() };
        let (lines, failures) = access
            .store()
            .read(|r| {
                Ok::<_, cairn_store::StoreError>((
                    r.plugin_logs().list(&filter, MAX_PRINTED_LINES)?,
                    r.plugin_calls().list(&calls, MAX_PRINTED_LINES)?,
                ))
            })
            .map_err(from_store_error)?;
        let first = printed.line.is_none();
        printed.line = Some(lines.first().map_or(printed.line.unwrap_or(0), |line| line.id));
        for line in lines.iter().rev().filter(|_| !first) {
            let at = DateTime::from_timestamp_millis(line.log.at).map(format_iso).unwrap_or_default();
            let fields = line.log.fields.as_object().filter(|fields| !fields.is_empty());
            let fields = fields.map(|fields| format!("  {}", serde_json::json!(fields))).unwrap_or_default();
            print_line(format_args!("{at}  {:5}  {}{fields}", line.log.level.as_str(), line.log.message));
        }
        for call in failures.iter().rev() {
            if printed.calls.insert(call.id.clone()) && !first {
                let at = DateTime::from_timestamp_millis(call.at).map(format_iso).unwrap_or_default();
                let kind = call.kind.as_str();
                print_line(format_args!("{at}  FAILED {}:{}  {kind}: {}", call.export, call.name, call.message));
            }
        }
        Ok(())
    }
}

/// Record of what has been printed already.
#[derive(Default)]
struct PrintedSoFar {
    /// The project since the last installation.
    access: Option<AccessControl>,
    line: Option<i64>,
    calls: std::collections::HashSet<String>,
}

fn read_manifest(folder: &Path) -> Result<Manifest, OperatorError> {
    let place = folder.join("plugin.toml");
    let text = std::fs::read_to_string(&place).map_err(|e| OperatorError(format!("{}: {e}", place.display())))?;
    Manifest::parse(&text)
        .map_err(|problems| OperatorError(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// A file as it is compared: path, size and time of its last change.
type FileStamp = (PathBuf, u64, Option<std::time::SystemTime>);

/// The files a plugin is made of: all but hidden ones and the output of builds. A file deleted meanwhile is left out.
fn scan_folder(folder: &Path) -> Vec<FileStamp> {
    const LEFT_BEHIND: [&str; 6] =
        ["target", "node_modules", "__pycache__", "plugin.wasm", "Cargo.lock", "package-lock.json"];
    let mut stamps = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let Ok(about) = entry.metadata() else { continue };
            if name.starts_with('.') || LEFT_BEHIND.contains(&&*name) {
                continue;
            }
            match about.is_dir() {
                true => folders.push(entry.path()),
                false => stamps.push((entry.path(), about.len(), about.modified().ok())),
            }
        }
    }
    stamps.sort();
    stamps
}

/// Waits until nothing changes any more.
async fn wait_until_quiet(folder: &Path, mut now: Vec<FileStamp>) -> Vec<FileStamp> {
    loop {
        tokio::time::sleep(QUIET_TIME).await;
        let next = scan_folder(folder);
        if next == now {
            return now;
        }
        now = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scan_ignores_build_output_and_detects_source_changes() {
        let dir = tempfile::tempdir().unwrap();
        let write_file = |name: &str, text: &str| {
            let place = dir.path().join(name);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, text).unwrap();
        };
        write_file("src/lib.rs", "one");
        let first = scan_folder(dir.path());
        for built in ["target/x", "plugin.wasm", ".cairn/sdk/lib.rs", "Cargo.lock", "node_modules/y/z", ".git/HEAD"] {
            write_file(built, "built");
        }
        assert_eq!(scan_folder(dir.path()), first);
        write_file("src/lib.rs", "two, and longer");
        let second = scan_folder(dir.path());
        assert_ne!(second, first);
        write_file("content-types/note/schema.json", "{}");
        assert_ne!(scan_folder(dir.path()), second);
        assert!(scan_folder(&dir.path().join("gone")).is_empty());
    }
}
