//! `cairn seal`.

mod verify;

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_access::format_iso;
use cairn_app::OperatorError;
use cairn_app::seal_profiles::audit_profile_change;
use cairn_seals::{KeyMaterial, StoredProfile};
use cairn_store::events::Actor;
use chrono::DateTime;
use clap::Subcommand;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More is not read of a file, in bytes: it would be too large in any case.
const MAX_INPUT_BYTES: u64 = 1 << 20;

/// Arguments of `cairn seal`.
#[derive(Debug, clap::Args)]
pub struct SealArgs {
    #[command(subcommand)]
    command: SealCommand,
}

#[derive(Debug, Subcommand)]
enum SealCommand {
    /// Store a key and its certificates as a named profile, or replace the profile; plugins refer to it in `pdf.seal`
    Set {
        /// The profile's name
        name: String,
        /// A PKCS#12 file (.p12, .pfx) with the key and certificates
        #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "certificates"], required_unless_present = "key")]
        pkcs12: Option<PathBuf>,
        /// The key in PEM format (PKCS#8, encrypted or not)
        #[arg(long, value_name = "FILE", requires = "certificates")]
        key: Option<PathBuf>,
        /// The key's certificate and its chain, in PEM format
        #[arg(long, value_name = "FILE", requires = "key")]
        certificates: Option<PathBuf>,
        /// A file with the password of the PKCS#12 file or key, or `-` for standard input. A trailing line break is ignored
        #[arg(long, value_name = "FILE")]
        password: Option<PathBuf>,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Remove a profile and its key. Existing seals stay valid
    Remove {
        /// The profile's name
        name: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Verify the signatures of a PDF. Succeeds only if it is signed and all signatures are valid
    Verify(verify::VerifyArgs),
    /// List the profiles, the subjects of their certificates and their expiry dates. Keys are never shown
    List {
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

fn command_actor() -> Actor {
    Actor::system("command line")
}

impl SealArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            SealCommand::Set { name, pkcs12, key, certificates, password, tenant, project } => {
                if !cairn_seals::is_name(&name) {
                    return Err(OperatorError(format!(
                        "{name:?} is not a valid profile name; use a name such as contracts"
                    )));
                }
                let password = password.as_deref().map(read_text).transpose()?;
                let password = password.as_deref().map(|text| text.strip_suffix('\n').unwrap_or(text));
                let password = password.map(|text| text.strip_suffix('\r').unwrap_or(text));
                let access = tenant.open_filled(&project.load_context()?).await?;
                let now = access.now().timestamp_millis();
                let material = match (pkcs12, key, certificates) {
                    (Some(file), ..) => {
                        KeyMaterial::from_pkcs12(&read_bytes(&file)?, password.unwrap_or_default(), now)
                    }
                    (None, Some(key), Some(certificates)) => {
                        KeyMaterial::from_pem(&read_text(&certificates)?, &read_text(&key)?, password, now)
                    }
                    _ => {
                        return Err(OperatorError(
                            "specify either --pkcs12, or both --key and --certificates".to_owned(),
                        ));
                    }
                };
                let material = material.map_err(|e| OperatorError(format!("the profile was not saved: {e}")))?;
                let tell = audit_profile_change(command_actor(), "set", &name, Some(material.certificate()), now);
                let stored = cairn_seals::store_profile(&access, &name, &material, tell).await;
                print_line(format_args!("{}", format_profile(&stored.map_err(|e| OperatorError(e.to_string()))?)));
                Ok(())
            }
            SealCommand::Remove { name, tenant, project } => {
                let access = tenant.open_filled(&project.load_context()?).await?;
                let tell =
                    audit_profile_change(command_actor(), "removed", &name, None, access.now().timestamp_millis());
                match cairn_seals::delete_profile(&access, &name, tell)
                    .await
                    .map_err(|e| OperatorError(e.to_string()))?
                {
                    true => {
                        print_line(format_args!("sealing profile {name} removed"));
                        Ok(())
                    }
                    false => Err(OperatorError(format!(
                        "sealing profile {name:?} not found; list the profiles with `cairn seal list`"
                    ))),
                }
            }
            SealCommand::Verify(args) => args.run().await,
            SealCommand::List { tenant, project } => {
                let access = tenant.open_filled(&project.load_context()?).await?;
                for stored_profile in cairn_seals::list_profiles(&access).map_err(|e| OperatorError(e.to_string()))? {
                    print_line(format_args!("{}", format_profile(&stored_profile)));
                }
                Ok(())
            }
        }
    }
}

fn format_profile(profile: &StoredProfile) -> String {
    let until = DateTime::from_timestamp_millis(profile.certificate.not_after).map(format_iso).unwrap_or_default();
    let algorithm = profile.algorithm.map_or_else(
        || "its key was encrypted with another secret key: set the profile again".to_owned(),
        |algorithm| algorithm.to_string(),
    );
    format!("{:31}  {}  until {until}  {algorithm}", profile.name, profile.certificate.subject)
}

fn read_bytes(file: &Path) -> Result<Vec<u8>, OperatorError> {
    read_bytes_up_to(file, MAX_INPUT_BYTES)
}

/// Reads a file that may have so many bytes, or standard input for `-`.
fn read_bytes_limited(file: &Path, limit: u64) -> Result<Vec<u8>, OperatorError> {
    let bytes = read_bytes_up_to(file, limit + 1)?;
    match bytes.len() as u64 > limit {
        true => Err(OperatorError(format!("{}: larger than {} MiB", file.display(), limit >> 20))),
        false => Ok(bytes),
    }
}

fn read_bytes_up_to(file: &Path, most: u64) -> Result<Vec<u8>, OperatorError> {
    let failed = |e: std::io::Error| OperatorError(format!("{}: {e}", file.display()));
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let opened = std::fs::File::open(file).map_err(failed)?;
        opened.take(most).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}

fn read_text(file: &Path) -> Result<String, OperatorError> {
    String::from_utf8(read_bytes(file)?).map_err(|_| OperatorError(format!("{}: expected a text file", file.display())))
}
