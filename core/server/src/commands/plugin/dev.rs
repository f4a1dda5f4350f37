//! `cairn plugin dev`.

use super::super::{OfTenant, Project};
use super::build::Builder;
use super::install::{Said, install};
use super::{author, failed, say};
use crate::plugins::consent::Chosen;
use crate::wiring::Failure;
use cairn_access::{AccessControl, iso};
use cairn_plugin_package::Manifest;
use cairn_store::plugins::{CallFilter, LogFilter};
use chrono::DateTime;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the folder, the log and failed calls are checked for changes.
const LOOK: Duration = Duration::from_millis(200);
/// How long nothing may change before the plugin is built, since editors write several files.
const QUIET: Duration = Duration::from_millis(100);
/// Log lines that are printed at once.
const LINES: i64 = 200;

#[derive(Debug, clap::Args)]
pub(super) struct Dev {
    /// The folder with plugin.toml
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// Build and install it once, then exit
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    tenant: OfTenant,
    #[command(flatten)]
    project: Project,
}

impl Dev {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let folder = self.folder.canonicalize().map_err(|e| Failure(format!("{}: {e}", self.folder.display())))?;
        let builder = Builder::of(&folder)?;
        say(format_args!("building {}", builder.describe()));
        let mut built = state(&folder);
        if let Err(problem) = self.round(&folder, &builder).await {
            if self.once {
                return Err(problem);
            }
            say(format_args!("{problem}\nwaiting for changes"));
        }
        if self.once {
            return Ok(());
        }
        let mut told = Told::default();
        loop {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => return Ok(()),
                () = tokio::time::sleep(LOOK) => {}
            }
            // The project may have no database yet, or be another's for a moment: the next look shows what this one missed.
            if let Err(error) = self.tell(&folder, &mut told).await {
                tracing::debug!(%error, "the log cannot be read");
            }
            let now = state(&folder);
            if now == built {
                continue;
            }
            built = settled(&folder, now).await;
            told.access = None;
            if let Err(problem) = self.round(&folder, &builder).await {
                say(format_args!("{problem}\nthe previous version keeps running"));
            }
        }
    }

    /// Builds, packs and installs the plugin. Where one of these fails the project runs the version it ran before.
    async fn round(&self, folder: &Path, builder: &Builder) -> Result<(), Failure> {
        let began = Instant::now();
        tokio::task::block_in_place(|| builder.build(true))?;
        let compiled = began.elapsed();
        let out = tempfile::tempdir().map_err(|e| Failure(format!("cannot create a temporary folder: {e}")))?;
        let package = author::pack_into(folder, None, out.path())?;
        let said = Said { yes: true, unsigned: true, older: true, chosen: Chosen::All };
        install(&self.project, &self.tenant, &package, said).await?;
        let (compiled, all) = (compiled.as_millis(), began.elapsed().as_millis());
        say(format_args!("compiled in {compiled} ms, installed after {all} ms"));
        Ok(())
    }

    /// Prints what the plugin has logged, and which calls failed, since the last look.
    async fn tell(&self, folder: &Path, told: &mut Told) -> Result<(), Failure> {
        let id = manifest(folder)?.id().to_owned();
        if told.access.is_none() {
            told.access = Some(self.tenant.open_filled(&self.project.ground()?).await?);
        }
        let Some(access) = &told.access else { return Ok(()) };
        let filter = LogFilter { plugin: Some(id.clone()), after: told.line, ..LogFilter::default() };
        let calls = CallFilter { plugin: Some(id), ..CallFilter::default() };
        let (lines, failures) = access
            .store()
            .read(|r| {
                Ok::<_, cairn_store::StoreError>((r.plugin_logs(&filter, LINES)?, r.plugin_calls(&calls, LINES)?))
            })
            .map_err(failed)?;
        let first = told.line.is_none();
        told.line = Some(lines.first().map_or(told.line.unwrap_or(0), |line| line.id));
        for line in lines.iter().rev().filter(|_| !first) {
            let at = DateTime::from_timestamp_millis(line.log.at).map(iso).unwrap_or_default();
            let fields = line.log.fields.as_object().filter(|fields| !fields.is_empty());
            let fields = fields.map(|fields| format!("  {}", serde_json::json!(fields))).unwrap_or_default();
            say(format_args!("{at}  {:5}  {}{fields}", line.log.level.as_str(), line.log.message));
        }
        for call in failures.iter().rev() {
            if told.calls.insert(call.id.clone()) && !first {
                let at = DateTime::from_timestamp_millis(call.at).map(iso).unwrap_or_default();
                let kind = call.kind.as_str();
                say(format_args!("{at}  FAILED {}:{}  {kind}: {}", call.export, call.name, call.message));
            }
        }
        Ok(())
    }
}

/// What has been printed already.
#[derive(Default)]
struct Told {
    /// The project since the last installation.
    access: Option<AccessControl>,
    line: Option<i64>,
    calls: std::collections::HashSet<String>,
}

fn manifest(folder: &Path) -> Result<Manifest, Failure> {
    let place = folder.join("plugin.toml");
    let text = std::fs::read_to_string(&place).map_err(|e| Failure(format!("{}: {e}", place.display())))?;
    Manifest::parse(&text)
        .map_err(|problems| Failure(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))
}

/// A file as it is compared: path, size and time of its last change.
type Seen = (PathBuf, u64, Option<std::time::SystemTime>);

/// The files a plugin is made of: all but hidden ones and the output of builds. A file deleted meanwhile is left out.
fn state(folder: &Path) -> Vec<Seen> {
    const LEFT_BEHIND: [&str; 6] =
        ["target", "node_modules", "__pycache__", "plugin.wasm", "Cargo.lock", "package-lock.json"];
    let mut seen = Vec::new();
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
                false => seen.push((entry.path(), about.len(), about.modified().ok())),
            }
        }
    }
    seen.sort();
    seen
}

/// Waits until nothing changes any more.
async fn settled(folder: &Path, mut now: Vec<Seen>) -> Vec<Seen> {
    loop {
        tokio::time::sleep(QUIET).await;
        let next = state(folder);
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
    fn what_is_built_is_no_change_and_what_is_written_is() {
        let dir = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            let place = dir.path().join(name);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            std::fs::write(place, text).unwrap();
        };
        put("src/lib.rs", "one");
        let first = state(dir.path());
        for built in ["target/x", "plugin.wasm", ".cairn/sdk/lib.rs", "Cargo.lock", "node_modules/y/z", ".git/HEAD"] {
            put(built, "built");
        }
        assert_eq!(state(dir.path()), first);
        put("src/lib.rs", "two, and longer");
        let second = state(dir.path());
        assert_ne!(second, first);
        put("content-types/note/schema.json", "{}");
        assert_ne!(state(dir.path()), second);
        assert!(state(&dir.path().join("gone")).is_empty());
    }
}
