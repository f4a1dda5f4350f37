//! `cairn user`.

use super::{ProjectArgs, TenantNameArgs, print_line};
use cairn_access::DEFAULT_TENANT;
use cairn_access::auth::CodePurpose;
use cairn_app::OperatorError;
use cairn_app::tenant::{TenantAddress, resolve_address};
use cairn_settings as settings;
use clap::Subcommand;
use std::io::IsTerminal;

/// Arguments of `cairn user`.
#[derive(Debug, clap::Args)]
pub struct UserArgs {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Create an admin user; the password is read from standard input or CAIRN_ADMIN_PASSWORD
    CreateAdmin {
        /// The admin's e-mail address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
    /// Print a link with which a content API user can choose a new password; it works once, for 30 minutes
    ResetLink {
        /// The user's e-mail address
        #[arg(long)]
        email: String,
        #[command(flatten)]
        tenant: TenantNameArgs,
        #[command(flatten)]
        project: ProjectArgs,
    },
}

impl UserArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        match self.command {
            UserCommand::CreateAdmin { email, tenant, project } => {
                let (access, _) = tenant.open_tenant(&project.load_context()?).await?;
                // The same way as a settings file would: one place decides what an admin user is.
                let file = serde_json::json!({ "adminUsers": [{ "email": email, "password": read_password()?, "roles": ["super-admin"] }] });
                let parsed = settings::parse_settings(&file.to_string(), access.store().registry(), &|_| None)
                    .map_err(|p| OperatorError(p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
                let changes =
                    settings::apply_settings(&access, parsed).await.map_err(|e| OperatorError(e.to_string()))?;
                print_line(changes.first().map_or("nothing to change", String::as_str));
            }
            UserCommand::ResetLink { email, tenant, project } => {
                let context = project.load_context()?;
                let (access, row) = tenant.open_tenant(&context).await?;
                let host = row.as_ref().and_then(|row| row.hosts.first());
                let name = tenant.tenant.as_deref().unwrap_or(DEFAULT_TENANT);
                let TenantAddress { public_url, listen } =
                    resolve_address(name, &context.config.server, host.map(String::as_str));
                let url = public_url.unwrap_or_else(|| format!("http://{listen}"));
                let code = access
                    .create_code(&email, CodePurpose::ResetPassword)
                    .await
                    .map_err(|e| OperatorError(e.to_string()))?;
                let code = code.ok_or_else(|| OperatorError(format!("user {email} not found")))?;
                let base = url.trim_end_matches('/');
                print_line(format_args!("{base}/reset-password?code={code}"));
                print_line(
                    "Send the code in a POST request to /api/auth/reset-password, with password and passwordConfirmation.",
                );
            }
        }
        Ok(())
    }
}

fn read_password() -> Result<String, OperatorError> {
    if let Some(password) = std::env::var("CAIRN_ADMIN_PASSWORD").ok().filter(|password| !password.is_empty()) {
        return Ok(password);
    }
    if std::io::stdin().is_terminal() {
        return Err(OperatorError(
            "pass the password on standard input or set CAIRN_ADMIN_PASSWORD: it is not read from a terminal, where it would be visible"
                .into(),
        ));
    }
    let text = std::io::read_to_string(std::io::stdin())
        .map_err(|e| OperatorError(format!("cannot read the password: {e}")))?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
