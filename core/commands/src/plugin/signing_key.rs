//! `cairn plugin signing-key`.

use super::super::{ProjectArgs, TenantNameArgs, print_line};
use super::secret::{installed_manifest, read_secret};
use cairn_access::{AccessControl, format_iso};
use cairn_app::OperatorError;
use cairn_app::plugins::record::audit_signing_key_event;
use cairn_plugin_host::signing_keys::{self, PublicSigningKey, SigningKeyState};
use cairn_plugin_package::Manifest;
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct SigningKeyArgs {
    #[command(subcommand)]
    command: SigningKeyCommand,
}

// A signing key of a plugin. No doc comment: it would take the place of those of the commands.
#[derive(Debug, clap::Args)]
struct KeyArgs {
    /// The plugin's id
    id: String,
    /// The key's name, as plugin.toml declares it
    name: String,
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

#[derive(Debug, Subcommand)]
enum SigningKeyCommand {
    /// Make a key, in place of the one that is there; of that one the public half is kept
    Generate(KeyArgs),
    /// Import a private key in PEM format (PKCS#8, not encrypted), in place of the one that is there
    Import {
        /// A file with the key; without it, the key is read from standard input
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        #[command(flatten)]
        key: KeyArgs,
    },
    /// Show the public half, in PEM format or as a JSON Web Key. The private half is never shown
    Show {
        /// As a JSON Web Key Set, which also has the keys before this one
        #[arg(long)]
        jwks: bool,
        #[command(flatten)]
        key: KeyArgs,
    },
    /// Remove a key, and the public halves of those before it
    Remove(KeyArgs),
    /// List the signing keys of a plugin, their ids and when they were set
    List {
        /// The plugin's id
        id: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl KeyArgs {
    async fn open(&self) -> Result<(Manifest, AccessControl), OperatorError> {
        let manifest = installed_manifest(&self.project, &self.id)?;
        Ok((manifest, self.tenant.open_filled(&self.project.load_context()?).await?))
    }

    /// Has the audit log know of it.
    fn audit_change(
        &self,
        access: &AccessControl,
        suffix: &'static str,
    ) -> impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + use<> {
        let (by, now) = (Actor::system("command line"), access.now().timestamp_millis());
        audit_signing_key_event(by, suffix, &self.id, &self.name, now)
    }

    fn print_set(&self, key: &PublicSigningKey) {
        print_line(format_args!("{}: the signing key {} is set; its id is {}", self.id, self.name, key.kid));
    }

    fn missing(&self) -> OperatorError {
        let Self { id, name, .. } = self;
        OperatorError(format!(
            "{id} has no signing key {name:?} that is set; run `cairn plugin signing-key list {id}` to see its keys"
        ))
    }
}

impl SigningKeyArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        let not_set = |error: signing_keys::SigningKeyError| OperatorError(format!("the key was not set: {error}"));
        match self.command {
            SigningKeyCommand::Generate(key) => {
                let (manifest, access) = key.open().await?;
                let tell = key.audit_change(&access, "signing-key-set");
                let made = signing_keys::generate_key(&access, &manifest, &key.name, tell).await;
                key.print_set(&made.map_err(not_set)?);
                Ok(())
            }
            SigningKeyCommand::Import { file, key } => {
                let pem = read_secret(file.as_deref())?;
                let (manifest, access) = key.open().await?;
                let tell = key.audit_change(&access, "signing-key-set");
                let imported = signing_keys::import_key(&access, &manifest, &key.name, &pem, tell).await;
                key.print_set(&imported.map_err(not_set)?);
                Ok(())
            }
            SigningKeyCommand::Show { jwks, key } => {
                let (manifest, access) = key.open().await?;
                let states = signing_keys::list_keys(&access, &manifest).map_err(|e| OperatorError(e.to_string()))?;
                let state = states.into_iter().find(|state| state.name == key.name).ok_or_else(|| key.missing())?;
                let current = state.current.ok_or_else(|| key.missing())?;
                if jwks {
                    let keys: Vec<_> = std::iter::once(current).chain(state.earlier).map(|key| key.jwk).collect();
                    print_line(format_args!("{:#}", serde_json::json!({ "keys": keys })));
                } else {
                    print_line(format_args!("{}", current.pem.trim_end()));
                }
                Ok(())
            }
            SigningKeyCommand::Remove(key) => {
                let access = key.tenant.open_filled(&key.project.load_context()?).await?;
                let tell = key.audit_change(&access, "signing-key-removed");
                let removed = signing_keys::remove_key(&access, &key.id, &key.name, tell).await;
                if !removed.map_err(|e| OperatorError(e.to_string()))? {
                    return Err(key.missing());
                }
                print_line(format_args!("{}: the signing key {} is removed", key.id, key.name));
                Ok(())
            }
            SigningKeyCommand::List { id, tenant, project } => {
                let manifest = installed_manifest(&project, &id)?;
                let access = tenant.open_filled(&project.load_context()?).await?;
                for state in signing_keys::list_keys(&access, &manifest).map_err(|e| OperatorError(e.to_string()))? {
                    print_line(format_args!("{:31}  {}", state.name, describe_state(&state)));
                }
                Ok(())
            }
        }
    }
}

fn describe_state(state: &SigningKeyState) -> String {
    let Some(key) = &state.current else { return "not set".to_owned() };
    let since = DateTime::from_timestamp_millis(key.created_at).map(format_iso).unwrap_or_default();
    let use_ = match (state.algorithm, state.usable) {
        (None, _) => "not used by the installed version".to_owned(),
        (Some(_), false) => "cannot be used: make or import it again".to_owned(),
        (Some(algorithm), true) => algorithm.to_string(),
    };
    let earlier = match state.earlier.len() {
        0 => String::new(),
        count => format!("  {count} before it"),
    };
    format!("set {since}  {}  {use_}{earlier}", key.kid)
}
