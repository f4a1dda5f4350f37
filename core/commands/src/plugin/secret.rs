//! `cairn plugin secret`.

use super::super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_access::{AccessControl, format_iso};
use cairn_app::OperatorError;
use cairn_app::plugins::record::audit_secret_event;
use cairn_plugin_host::secrets;
use cairn_plugin_package::Manifest;
use cairn_store::events::Actor;
use cairn_store::{StoreError, WriteTx};
use chrono::DateTime;
use clap::Subcommand;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More is not read of a value, in bytes: it would be too long in any case.
const MAX_SECRET_INPUT_BYTES: u64 = 64 << 10;

#[derive(Debug, clap::Args)]
pub(super) struct SecretArgs {
    #[command(subcommand)]
    command: SecretCommand,
}

#[derive(Debug, Subcommand)]
enum SecretCommand {
    /// Set or replace a secret; its value is read from standard input or a file, never from the command line
    Set {
        /// The plugin's id
        id: String,
        /// The secret's name, as plugin.toml declares it
        name: String,
        /// A file with the value; without it, the value is read from standard input. A line break at the end is removed
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Remove a secret
    Unset {
        /// The plugin's id
        id: String,
        /// The secret's name
        name: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// List the secrets of a plugin and when they were set; values are never shown, of addresses only the host
    List {
        /// The plugin's id
        id: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

/// Has the audit log know of it.
fn audit_secret_change(
    access: &AccessControl,
    suffix: &'static str,
    id: &str,
    name: &str,
) -> impl Fn(&mut WriteTx<'_>) -> Result<(), StoreError> + Clone + Send + Sync + use<> {
    audit_secret_event(Actor::system("command line"), suffix, id, name, access.now().timestamp_millis())
}

impl SecretArgs {
    pub(super) async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            SecretCommand::Set { id, name, file, tenant, project } => {
                let value = read_secret(file.as_deref())?;
                let manifest = installed_manifest(&project, &id)?;
                let access = tenant.open_filled(&project.load_context()?).await?;
                let tell = audit_secret_change(&access, "secret-set", &id, &name);
                let set = secrets::set_secret(&access, &manifest, &name, &value, tell).await;
                set.map_err(|e| OperatorError(format!("the secret was not set: {e}")))?;
                print_line(format_args!("{id}: the secret {name} is set"));
                Ok(())
            }
            SecretCommand::Unset { id, name, tenant, project } => {
                let access = tenant.open_filled(&project.load_context()?).await?;
                let tell = audit_secret_change(&access, "secret-removed", &id, &name);
                match secrets::remove_secret(&access, &id, &name, tell)
                    .await
                    .map_err(|e| OperatorError(e.to_string()))?
                {
                    true => {
                        print_line(format_args!("{id}: the secret {name} is removed"));
                        Ok(())
                    }
                    false => Err(OperatorError(format!(
                        "{id} has no secret {name:?} that is set; run `cairn plugin secret list {id}` to see its secrets"
                    ))),
                }
            }
            SecretCommand::List { id, tenant, project } => {
                let manifest = installed_manifest(&project, &id)?;
                let access = tenant.open_filled(&project.load_context()?).await?;
                for secret in secrets::list_secrets(&access, &manifest).map_err(|e| OperatorError(e.to_string()))? {
                    let since = secret.set_at.and_then(DateTime::from_timestamp_millis).map(format_iso);
                    let since = since.map_or("not set".to_owned(), |at| format!("set {at}"));
                    let use_ = match (secret.declared, secret.host) {
                        (false, _) => "  not used by the installed version".to_owned(),
                        (true, Some(host)) => format!("  address at {host}"),
                        (true, None) if secret.is_address => "  address".to_owned(),
                        (true, None) => String::new(),
                    };
                    print_line(format_args!("{:31}  {since}{use_}", secret.name));
                }
                Ok(())
            }
        }
    }
}

/// The manifest of an installed plugin.
pub(super) fn installed_manifest(project: &ProjectArgs, id: &str) -> Result<Manifest, OperatorError> {
    let none =
        || OperatorError(format!("plugin {id:?} not found; run `cairn plugin list` to see the installed plugins"));
    if id.is_empty() || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(none());
    }
    let place = project.load_config()?.project.join("plugins").join(id).join("plugin.toml");
    let text = match std::fs::read_to_string(&place) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(none()),
        read => read.map_err(|e| OperatorError(format!("{}: {e}", place.display())))?,
    };
    Manifest::parse(&text).map_err(|problems| {
        let problems: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
        OperatorError(format!("{}:\n{}", place.display(), problems.join("\n")))
    })
}

/// Reads a value from a file, or from standard input.
pub(super) fn read_secret(file: Option<&Path>) -> Result<String, OperatorError> {
    let mut value = String::new();
    let read = match file {
        Some(path) => std::fs::File::open(path)
            .and_then(|file| file.take(MAX_SECRET_INPUT_BYTES).read_to_string(&mut value))
            .map_err(|e| OperatorError(format!("{}: {e}", path.display()))),
        None => std::io::stdin()
            .take(MAX_SECRET_INPUT_BYTES)
            .read_to_string(&mut value)
            .map_err(|e| OperatorError(format!("cannot read the value from standard input: {e}"))),
    };
    read?;
    // Editors and `echo` end a text with a line break, which is not part of the secret.
    let end = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(&value).len();
    value.truncate(end);
    Ok(value)
}
