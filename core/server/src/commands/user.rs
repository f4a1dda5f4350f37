//! `cairn user`.

use super::{Project, say};
use crate::wiring::{Failure, load_model, open};
use cairn_access::auth::Purpose;
use cairn_access::{AccessControl, SystemClock, settings};
use clap::Subcommand;
use std::io::IsTerminal;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct User {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make an admin user; the password is read from standard input, or from CAIRN_ADMIN_PASSWORD
    CreateAdmin {
        /// The admin's e-mail address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        project: Project,
    },
    /// Print a link (valid once, for 30 minutes) with which a content API user chooses a new password
    ResetLink {
        /// The user's e-mail address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        project: Project,
    },
}

impl User {
    pub(super) async fn run(self) -> Result<(), Failure> {
        match self.command {
            UserCommand::CreateAdmin { email, project } => {
                let (access, _) = opened(&project).await?;
                // The same way as a settings file would: one place decides what an admin user is.
                let file = serde_json::json!({ "adminUsers": [{ "email": email, "password": password()?, "roles": ["super-admin"] }] });
                let parsed = settings::parse(&file.to_string(), access.store().registry(), &|_| None)
                    .map_err(|p| Failure(p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
                let changes = settings::apply(&access, parsed).await.map_err(|e| Failure(e.to_string()))?;
                say(changes.first().map_or("nothing to change", String::as_str));
            }
            UserCommand::ResetLink { email, project } => {
                let (access, public_url) = opened(&project).await?;
                let code =
                    access.create_code(&email, Purpose::ResetPassword).await.map_err(|e| Failure(e.to_string()))?;
                let code = code.ok_or_else(|| Failure(format!("there is no user {email}")))?;
                let base = public_url.trim_end_matches('/');
                say(format_args!("{base}/reset-password?code={code}"));
                say("POST the code to /api/auth/reset-password with password and passwordConfirmation.");
            }
        }
        Ok(())
    }
}

async fn opened(project: &Project) -> Result<(AccessControl, String), Failure> {
    let config = project.config()?;
    crate::logging::start(&config.log.level);
    let url = config.server.public_url.clone().unwrap_or_else(|| format!("http://{}", config.server.listen));
    let registry = load_model(&config)?;
    Ok((open(&config, registry, Arc::new(SystemClock)).await?, url))
}

fn password() -> Result<String, Failure> {
    if let Ok(password) = std::env::var("CAIRN_ADMIN_PASSWORD") {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        return Err(Failure(
            "pipe the password in, or set CAIRN_ADMIN_PASSWORD: it is not read from a terminal, where it would show"
                .into(),
        ));
    }
    let text = std::io::read_to_string(std::io::stdin())
        .map_err(|e| Failure(format!("the password could not be read: {e}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
