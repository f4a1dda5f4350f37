//! `cairn plugin`.

use super::{OfTenant, Project, say};
use crate::plugins::{place, read};
use crate::wiring::Failure;
use cairn_access::{AccessControl, iso};
use cairn_plugin_package::package::{Files, Package, check_files, file_name, is_packed, pack};
use cairn_plugin_package::sign::{Candidate, Decision, Installed, KeyPair, Policy, PublicKey, decide};
use cairn_plugin_package::{Grants, Problem, any_error};
use cairn_store::StoreError;
use cairn_store::events::Actor;
use cairn_store::plugins::{LogFilter, PluginRow, PluginState, PluginVersion};
use chrono::DateTime;
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Lines of the log that are shown.
const LINES: i64 = 100;

#[derive(Debug, clap::Args)]
pub(super) struct Plugin {
    #[command(subcommand)]
    command: PluginCommand,
}

#[derive(Debug, Subcommand)]
enum PluginCommand {
    /// Check a plugin's folder: manifest, component, content types, texts; prints every problem with its line
    Check {
        /// The folder with plugin.toml
        #[arg(value_name = "FOLDER", default_value = ".")]
        folder: PathBuf,
    },
    /// Pack a plugin's folder, with its built plugin.wasm, into one file
    Pack {
        /// The folder with plugin.toml
        #[arg(value_name = "FOLDER", default_value = ".")]
        folder: PathBuf,
        /// The key to sign with, as `cairn plugin key` writes it; without it the package is not signed
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// Where to put the package
        #[arg(long, value_name = "FOLDER", default_value = ".")]
        out: PathBuf,
    },
    /// Make a key to sign packages with; prints the public one
    Key {
        /// Where to write the secret key; only its owner can read it
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Show what a package asks for; with --yes grant that, install it and switch it on
    Install {
        /// The package
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Grant what it asks for
        #[arg(long)]
        yes: bool,
        /// Take a package that nobody signed: for plugins of one's own
        #[arg(long)]
        unsigned: bool,
        /// Go back to an older version
        #[arg(long)]
        older: bool,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Print the plugins of a tenant: id, version, state
    List {
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Switch a plugin on; a running server takes it up within a second
    Enable {
        /// Its id
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Switch a plugin off: hooks are gone, events and jobs wait, its content stays
    Disable {
        /// Its id
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Print what a plugin has logged last, newest first
    Logs {
        /// Its id
        id: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
}

impl Plugin {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            PluginCommand::Check { folder } => check(&folder),
            PluginCommand::Pack { folder, key, out } => packed(&folder, key.as_deref(), &out),
            PluginCommand::Key { file } => key(&file),
            PluginCommand::Install { file, yes, unsigned, older, tenant, project } => {
                install(&project, &tenant, &file, Consent { yes, unsigned, older }).await
            }
            PluginCommand::List { tenant, project } => {
                let access = tenant.open_filled(&project.ground()?).await?;
                for row in access.store().read(|r| r.plugins()).map_err(failed)? {
                    let why = row.reason.map(|reason| format!("  {reason}")).unwrap_or_default();
                    say(format_args!("{:31}  {:12}  {}{why}", row.id, row.current.version, row.state.as_str()));
                }
                Ok(())
            }
            PluginCommand::Enable { id, tenant, project } => {
                switch(&tenant.open_filled(&project.ground()?).await?, &id, PluginState::Enabled).await
            }
            PluginCommand::Disable { id, tenant, project } => {
                switch(&tenant.open_filled(&project.ground()?).await?, &id, PluginState::Disabled).await
            }
            PluginCommand::Logs { id, tenant, project } => {
                let access = tenant.open_filled(&project.ground()?).await?;
                let filter = LogFilter { plugin: Some(id), ..LogFilter::default() };
                for row in access.store().read(|r| r.plugin_logs(&filter, LINES)).map_err(failed)? {
                    let at = DateTime::from_timestamp_millis(row.log.at).map(iso).unwrap_or_default();
                    let more = row.log.fields.as_object().filter(|fields| !fields.is_empty());
                    let more = more.map(|fields| format!("  {}", json!(fields))).unwrap_or_default();
                    say(format_args!("{at}  {:5}  {}{more}", row.log.level.as_str(), row.log.message));
                }
                Ok(())
            }
        }
    }
}

/// How far whoever installs goes along.
struct Consent {
    yes: bool,
    unsigned: bool,
    older: bool,
}

fn failed(error: StoreError) -> Failure {
    Failure(error.to_string())
}

fn listed(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}

/// What of a folder goes into a package.
fn files(folder: &Path) -> Result<Files, Failure> {
    fn add(files: &mut Files, root: &Path, folder: &Path) -> Result<(), Failure> {
        let at = |path: &Path, e: &dyn std::fmt::Display| Failure(format!("{}: {e}", path.display()));
        for entry in std::fs::read_dir(folder).map_err(|e| at(folder, &e))? {
            let path = entry.map_err(|e| at(folder, &e))?.path();
            let within = path.strip_prefix(root).unwrap_or(&path);
            let Some(name) = within.to_str() else { return Err(at(&path, &"its name is not UTF-8")) };
            let kind = path.symlink_metadata().map_err(|e| at(&path, &e))?;
            if kind.is_dir() && is_packed(&format!("{name}/x")) {
                add(files, root, &path)?;
            } else if kind.is_file() && is_packed(name) {
                let content = std::fs::read(&path).map_err(|e| at(&path, &e))?;
                files.add(name, content).map_err(|e| at(&path, &e))?;
            }
        }
        Ok(())
    }
    let mut files = Files::new();
    add(&mut files, folder, folder)?;
    Ok(files)
}

fn check(folder: &Path) -> Result<(), Failure> {
    let problems = check_files(&files(folder)?);
    if any_error(&problems) {
        return Err(Failure(format!("{} is not ready to be packed:\n{}", folder.display(), listed(&problems))));
    }
    if !problems.is_empty() {
        say(listed(&problems));
    }
    say("ok");
    Ok(())
}

fn packed(folder: &Path, key: Option<&Path>, out: &Path) -> Result<(), Failure> {
    let at = |path: &Path, e: &dyn std::fmt::Display| Failure(format!("{}: {e}", path.display()));
    let files = files(folder)?;
    let problems = check_files(&files);
    if any_error(&problems) {
        return Err(Failure(format!("{} was not packed:\n{}", folder.display(), listed(&problems))));
    }
    let key = match key {
        None => None,
        Some(path) => {
            let line = std::fs::read_to_string(path).map_err(|e| at(path, &e))?;
            Some(KeyPair::from_secret_line(&line).map_err(|e| at(path, &e))?)
        }
    };
    let bytes = pack(&files, key.as_ref()).map_err(|e| at(folder, &e))?;
    let manifest =
        Package::read(&bytes, &cairn_plugin_package::package::Limits::default()).map_err(|e| at(folder, &e))?;
    let place = out.join(file_name(manifest.manifest()));
    std::fs::write(&place, bytes).map_err(|e| at(&place, &e))?;
    say(place.display());
    Ok(())
}

fn key(file: &Path) -> Result<(), Failure> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let at = |e: std::io::Error| Failure(format!("{}: {e}", file.display()));
    let key = KeyPair::generate();
    // A key that is there is not written over.
    let mut place = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(at)?;
    writeln!(place, "{}", key.secret_line()).map_err(at)?;
    say(key.public());
    Ok(())
}

async fn install(project: &Project, tenant: &OfTenant, file: &Path, consent: Consent) -> Result<(), Failure> {
    let package = read(file)?;
    let problems = package.check();
    if any_error(&problems) {
        return Err(Failure(format!("{} was not installed:\n{}", file.display(), listed(&problems))));
    }
    let manifest = package.manifest();
    let id = manifest.id().to_owned();
    let config = project.config()?;
    let before = {
        let access = tenant.open_filled(&project.ground()?).await?;
        access.store().read(|r| r.plugin(&id)).map_err(failed)?
    };
    let publisher = trusted(package.candidate(), before.as_ref(), &consent)?;
    let asked = Grants::asked(manifest);
    let held = before.as_ref().and_then(|row| serde_json::from_value::<Grants>(row.grants.clone()).ok());
    let widened = held.as_ref().map(|held| !asked.widened_from(held).is_empty());
    if widened.unwrap_or(true) && !consent.yes {
        let all: Vec<String> = asked.sentences().iter().map(|s| format!("  {}", s.english)).collect();
        let all = if all.is_empty() { "  nothing beside its own content".to_owned() } else { all.join("\n") };
        return Err(Failure(format!(
            "{id} {} asks for:\n{all}\nNothing was installed; with --yes this is granted.",
            manifest.plugin.version
        )));
    }
    let unpacked = Unpacked::put(&config.project, &id, file, &package)?;
    // The model with its content types, and the database with their tables; where either refuses nothing is left.
    let opened = match project.ground() {
        Ok(ground) => tenant.open_filled(&ground).await,
        Err(error) => Err(error),
    };
    let access = match opened {
        Ok(access) => access,
        Err(error) => {
            unpacked.undo()?;
            return Err(Failure(format!("{id} was not installed: {error}")));
        }
    };
    unpacked.keep()?;
    let now = access.now().timestamp_millis();
    let version = PluginVersion { version: manifest.plugin.version.to_string(), digest: package.digest().to_string() };
    let row = PluginRow {
        id: id.clone(),
        publisher: publisher.map(|key| key.to_string()),
        state: PluginState::Enabled,
        grants: json!(asked),
        settings: before.as_ref().map_or_else(|| json!({}), |row| row.settings.clone()),
        checkpoint: None,
        previous: before.as_ref().map(|row| row.current.clone()).filter(|previous| *previous != version),
        current: version,
        generation: before.as_ref().map_or(0, |row| row.generation),
        reason: None,
        installed_at: before.as_ref().map_or(now, |row| row.installed_at),
        changed_at: now,
        changed_by: Actor::system("command line"),
    };
    let stored = access.store().write(move |tx| tx.put_plugin(&row, now)).await.map_err(failed)?;
    if stored.is_none() {
        return Err(Failure(format!("{id} was changed by somebody else meanwhile: try again")));
    }
    say(format_args!("{id} {}: installed and switched on", manifest.plugin.version));
    if manifest.content_types.is_some() {
        say("A running server has to be restarted before it serves the plugin's content types.");
    }
    Ok(())
}

fn trusted(
    candidate: Candidate<'_>,
    before: Option<&PluginRow>,
    consent: &Consent,
) -> Result<Option<PublicKey>, Failure> {
    let stored = before.map(|row| {
        let version = row.current.version.parse();
        let pinned = row.publisher.as_deref().map(str::parse::<PublicKey>).transpose();
        version.ok().zip(pinned.ok()).ok_or_else(|| Failure(format!("what is stored of {} cannot be read", row.id)))
    });
    let stored = stored.transpose()?;
    let installed = stored.as_ref().map(|(version, pinned)| Installed { version, pinned: *pinned });
    match decide(&Policy::PinOnFirstUse, consent.unsigned, candidate, installed, &[], consent.older) {
        Decision::Trusted(key) => Ok(key),
        Decision::Refused(refusal) => Err(Failure(format!("nothing was installed: {refusal}"))),
    }
}

/// A package in the project, while it is not certain that it stays.
struct Unpacked {
    folder: PathBuf,
    /// What was there before.
    before: Option<PathBuf>,
}

impl Unpacked {
    fn put(project: &Path, id: &str, file: &Path, package: &Package) -> Result<Self, Failure> {
        let at = |path: &Path, e: std::io::Error| Failure(format!("{}: {e}", path.display()));
        let plugins = project.join("plugins");
        let (folder, begun, aside) =
            (plugins.join(id), plugins.join(format!(".{id}.new")), plugins.join(format!(".{id}.old")));
        // What an installation that was interrupted has left.
        for left in [&begun, &aside] {
            match std::fs::remove_dir_all(left) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(at(left, e)),
                _ => {}
            }
        }
        let write = |name: &str, content: &[u8]| {
            let place = begun.join(name);
            let parent = place.parent().unwrap_or(&begun);
            std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&place, content)).map_err(|e| at(&place, e))
        };
        for (name, content) in package.files().iter() {
            if name == "plugin.toml" || name.starts_with("content-types/") {
                write(name, content)?;
            }
        }
        let kept = place(Path::new(""), id, &package.manifest().plugin.version.to_string());
        let name = kept.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        write(name, &std::fs::read(file).map_err(|e| at(file, e))?)?;
        let before = match std::fs::rename(&folder, &aside) {
            Ok(()) => Some(aside),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => None,
            Err(e) => return Err(at(&folder, e)),
        };
        std::fs::rename(&begun, &folder).map_err(|e| at(&folder, e))?;
        Ok(Self { folder, before })
    }

    fn undo(self) -> Result<(), Failure> {
        let at = |e: std::io::Error| Failure(format!("{}: {e}", self.folder.display()));
        std::fs::remove_dir_all(&self.folder).map_err(at)?;
        match &self.before {
            Some(before) => std::fs::rename(before, &self.folder).map_err(at),
            None => Ok(()),
        }
    }

    fn keep(self) -> Result<(), Failure> {
        match self.before {
            Some(before) => std::fs::remove_dir_all(&before).map_err(|e| Failure(format!("{}: {e}", before.display()))),
            None => Ok(()),
        }
    }
}

async fn switch(access: &AccessControl, id: &str, state: PluginState) -> Result<(), Failure> {
    let found = access.store().read(|r| r.plugin(id)).map_err(failed)?;
    let row = found
        .ok_or_else(|| Failure(format!("there is no plugin {id:?} here; `cairn plugin list` shows which there are")))?;
    let now = access.now().timestamp_millis();
    let changed_by = Actor::system("command line");
    let row = PluginRow { state, reason: None, changed_at: now, changed_by, ..row };
    let stored = access.store().write(move |tx| tx.put_plugin(&row, now)).await.map_err(failed)?;
    match stored {
        Some(_) => {
            say(format_args!("{id}: {}", state.as_str()));
            Ok(())
        }
        None => Err(Failure(format!("{id} was changed by somebody else meanwhile: try again"))),
    }
}
