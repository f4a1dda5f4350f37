//! `cairn seal`.

use super::{OfTenant, Project, say};
use crate::seal_profiles::telling;
use crate::wiring::Failure;
use cairn_access::iso;
use cairn_seals::{Kept, Material};
use cairn_store::events::Actor;
use chrono::DateTime;
use clap::Subcommand;
use std::io::Read;
use std::path::{Path, PathBuf};

/// More is not read of a file, in bytes: it would be too large in any case.
const READ: u64 = 1 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Seal {
    #[command(subcommand)]
    command: SealCommand,
}

#[derive(Debug, Subcommand)]
enum SealCommand {
    /// Keep a key with its certificates under a name, in the place of what has it; plugins name it in `pdf.seal`
    Set {
        /// The profile's name
        name: String,
        /// A PKCS#12 file (.p12, .pfx) with key and certificates
        #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "certificates"], required_unless_present = "key")]
        pkcs12: Option<PathBuf>,
        /// The key in PEM (PKCS#8, encrypted or not)
        #[arg(long, value_name = "FILE", requires = "certificates")]
        key: Option<PathBuf>,
        /// The key's certificate and those above it, in PEM
        #[arg(long, value_name = "FILE", requires = "key")]
        certificates: Option<PathBuf>,
        /// A file with the password of the file or key; `-`: standard input. A line break at its end is not part of it
        #[arg(long, value_name = "FILE")]
        password: Option<PathBuf>,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Remove a profile and its key. What it sealed stays sealed
    Remove {
        /// The profile's name
        name: String,
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
    /// Print the profiles, whose certificates they have, and until when; keys are shown by nothing
    List {
        #[command(flatten)]
        tenant: OfTenant,
        #[command(flatten)]
        project: Project,
    },
}

fn by() -> Actor {
    Actor::system("command line")
}

impl Seal {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            SealCommand::Set { name, pkcs12, key, certificates, password, tenant, project } => {
                if !cairn_seals::is_name(&name) {
                    return Err(Failure(format!("{name:?} is no name for a profile: expected one such as contracts")));
                }
                let password = password.as_deref().map(text).transpose()?;
                let password = password.as_deref().map(|text| text.strip_suffix('\n').unwrap_or(text));
                let password = password.map(|text| text.strip_suffix('\r').unwrap_or(text));
                let access = tenant.open_filled(&project.ground()?).await?;
                let now = access.now().timestamp_millis();
                let material = match (pkcs12, key, certificates) {
                    (Some(file), ..) => Material::of_pkcs12(&bytes(&file)?, password.unwrap_or_default(), now),
                    (None, Some(key), Some(certificates)) => {
                        Material::of_pem(&text(&certificates)?, &text(&key)?, password, now)
                    }
                    _ => return Err(Failure("name --pkcs12, or --key and --certificates".to_owned())),
                };
                let material = material.map_err(|e| Failure(format!("nothing was set: {e}")))?;
                let tell = telling(by(), "set", &name, Some(material.certificate()), now);
                let kept = cairn_seals::keep(&access, &name, &material, tell).await;
                say(format_args!("{}", line(&kept.map_err(|e| Failure(e.to_string()))?)));
                Ok(())
            }
            SealCommand::Remove { name, tenant, project } => {
                let access = tenant.open_filled(&project.ground()?).await?;
                let tell = telling(by(), "removed", &name, None, access.now().timestamp_millis());
                match cairn_seals::forget(&access, &name, tell).await.map_err(|e| Failure(e.to_string()))? {
                    true => {
                        say(format_args!("the sealing profile {name} is removed"));
                        Ok(())
                    }
                    false => Err(Failure(format!(
                        "there is no sealing profile {name:?}; `cairn seal list` shows which there are"
                    ))),
                }
            }
            SealCommand::List { tenant, project } => {
                let access = tenant.open_filled(&project.ground()?).await?;
                for kept in cairn_seals::list(&access).map_err(|e| Failure(e.to_string()))? {
                    say(format_args!("{}", line(&kept)));
                }
                Ok(())
            }
        }
    }
}

fn line(kept: &Kept) -> String {
    let until = DateTime::from_timestamp_millis(kept.certificate.not_after).map(iso).unwrap_or_default();
    let algorithm = kept.algorithm.map_or_else(
        || "its key was sealed by an installation with another secret key: hand it in anew".to_owned(),
        |algorithm| algorithm.to_string(),
    );
    format!("{:31}  {}  until {until}  {algorithm}", kept.name, kept.certificate.subject)
}

fn bytes(file: &Path) -> Result<Vec<u8>, Failure> {
    let failed = |e: std::io::Error| Failure(format!("{}: {e}", file.display()));
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().take(READ).read_to_end(&mut bytes).map_err(failed)?;
    } else {
        let opened = std::fs::File::open(file).map_err(failed)?;
        opened.take(READ).read_to_end(&mut bytes).map_err(failed)?;
    }
    Ok(bytes)
}

fn text(file: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(file)?).map_err(|_| Failure(format!("{}: expected text", file.display())))
}
