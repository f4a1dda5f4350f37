//! `cairn doctor`.

use super::{ProjectArgs, TenantNameArgs, declared_tenants, print_line, undeclared_error};
use cairn_access::{AccessControl, DEFAULT_TENANT, SystemClock};
use cairn_app::OperatorError;
use cairn_app::config::Config;
use cairn_app::upload_storage::UploadStorage;
use cairn_app::wiring::{OPEN_REGISTRATION_WARNING, ProcessContext};
use cairn_content::ContentError;
use std::sync::Arc;

/// Arguments of `cairn doctor`.
#[derive(Debug, clap::Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    tenant: TenantNameArgs,
    #[command(flatten)]
    project: ProjectArgs,
}

impl DoctorArgs {
    /// Runs the command; an error is for the terminal.
    pub async fn run(self) -> Result<(), OperatorError> {
        let config = self.project.load_config()?;
        cairn_app::logging::start_logging(&config.log.level);
        print_line(format_args!("ok    configuration: {}", config.project.display()));
        // The leftovers come before any check that can stop: a person who moves a project here wants to see all of them.
        report_strapi_leftovers(&config);
        let context = ProcessContext::new(config, Arc::new(SystemClock))?;
        let types = context.registry().types().iter().filter(|t| t.is_api()).count();
        print_line(format_args!("ok    content types: {types}, components: {}", context.registry().components().len()));
        // Looking at a new project must not create its database.
        if !context.databases.for_tenant(DEFAULT_TENANT)?.exists().map_err(|e| OperatorError(e.to_string()))? {
            return match self.tenant.tenant.as_deref() {
                Some(name) if name != DEFAULT_TENANT => Err(undeclared_error(name)),
                _ => {
                    print_line("ok    no data yet: the first start creates the database");
                    check_file_storage(context.upload_storage(DEFAULT_TENANT)?).await
                }
            };
        }
        if let Some(name) = &self.tenant.tenant {
            let pending = check_schema(&context, name).await?;
            if pending > 0 {
                return report_findings(pending);
            }
            let (access, _) = self.tenant.open_tenant(&context).await?;
            return report_findings(check_tenant(&context, name, access).await?);
        }
        // A schema that no start would change opens nothing.
        let pending = check_schema(&context, DEFAULT_TENANT).await?;
        if pending > 0 {
            return report_findings(pending);
        }
        let default = context.access_once(DEFAULT_TENANT).await?;
        let others = declared_tenants(&default)?;
        let mut findings = check_tenant(&context, DEFAULT_TENANT, default).await?;
        for row in others.iter().filter(|row| row.name != DEFAULT_TENANT) {
            let state = if row.active { "" } else { " (out of service)" };
            print_line(format_args!("\ntenant {}{state}", row.name));
            if !context.databases.for_tenant(&row.name)?.exists().map_err(|e| OperatorError(e.to_string()))? {
                print_line("ok    no data yet: the first request creates the database");
                continue;
            }
            let pending = check_schema(&context, &row.name).await.unwrap_or_else(|e| {
                print_line(format_args!("WRONG {e}"));
                1
            });
            if pending > 0 {
                findings += pending;
                continue;
            }
            // A tenant that cannot be opened must not hide the problems of the next.
            let checked = match context.access_once(&row.name).await {
                Ok(access) => check_tenant(&context, &row.name, access).await,
                Err(e) => Err(e),
            };
            findings += checked.unwrap_or_else(|e| {
                print_line(format_args!("WRONG {e}"));
                1
            });
        }
        report_findings(findings)
    }
}

/// Reports the parts of a Strapi project that do nothing here, by name: no fault of its content.
fn report_strapi_leftovers(config: &Config) {
    for note in &config.rest.notes {
        print_line(format_args!("note  {note}"));
    }
    let code = cairn_app::strapi_code::find_code(&config.project);
    for (kind, places) in code.parts() {
        print_line(format_args!("note  not run by Cairn, {kind}: {}", places.len()));
        for place in places {
            print_line(format_args!("        {place}"));
        }
    }
}

/// Compares the content types with the database of a tenant; how much is wrong.
async fn check_schema(context: &ProcessContext, tenant: &str) -> Result<usize, OperatorError> {
    let place = super::schema::TenantSchema::for_tenant(context, tenant)?;
    let findings = tokio::task::spawn_blocking(move || place.list_findings())
        .await
        .map_err(|e| OperatorError(e.to_string()))??;
    for finding in &findings {
        print_line(format_args!("WRONG {finding}"));
    }
    if findings.is_empty() {
        print_line("ok    schema: content types and tables");
    }
    Ok(findings.len())
}

/// Checks one tenant, and answers how much is wrong with it.
async fn check_tenant(context: &ProcessContext, tenant: &str, access: AccessControl) -> Result<usize, OperatorError> {
    print_line(format_args!("ok    database: {}", access.store().location()));
    let store = access.store().clone();
    let findings =
        tokio::task::spawn_blocking(move || store.check_integrity()).await.map_err(|e| OperatorError(e.to_string()))?;
    let findings = findings.map_err(|e| OperatorError(e.to_string()))?;
    for finding in &findings {
        print_line(format_args!("WRONG {finding}"));
    }
    if findings.is_empty() {
        print_line("ok    integrity: pages, links, counts and versions");
    }
    match access.open_registration() {
        Some(role) => {
            print_line(format_args!("note  registration: {OPEN_REGISTRATION_WARNING}; new users get the role {role}"))
        }
        None => print_line("ok    registration: not public"),
    }
    for difference in access.store().repair_plugin_usage().await.map_err(|e| OperatorError(e.to_string()))? {
        print_line(format_args!("fixed plugin usage: {difference}"));
    }
    check_file_storage(context.upload_storage(tenant)?).await?;
    Ok(findings.len())
}

/// Checks that files can be stored, and prints where.
async fn check_file_storage(uploads: UploadStorage) -> Result<(), OperatorError> {
    let uploads = match uploads {
        UploadStorage::Folder(path) => path,
        UploadStorage::Bucket(bucket) => {
            let place = bucket.to_string();
            let checked = tokio::task::spawn_blocking(move || bucket.check_bucket()).await;
            let checked = checked.map_err(|e| OperatorError(e.to_string()))?;
            checked.map_err(ContentError::from).map_err(|e| OperatorError(format!("{place}: {e}")))?;
            print_line(format_args!("ok    files: {place}"));
            return Ok(());
        }
    };
    match tempfile::Builder::new().prefix(".doctor").tempfile_in(&uploads) {
        Ok(_) => print_line(format_args!("ok    files: {}", uploads.display())),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            print_line("ok    files: the folder will be created at the first start")
        }
        Err(e) => return Err(OperatorError(format!("cannot write to {}: {e}", uploads.display()))),
    }
    Ok(())
}

fn report_findings(findings: usize) -> Result<(), OperatorError> {
    if findings == 0 { Ok(()) } else { Err(OperatorError(format!("{findings} finding(s)"))) }
}
