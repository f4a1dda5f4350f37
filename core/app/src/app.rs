//! The process: its configuration and its tenants.

use crate::admin_ui::AdminUi;
use crate::config::Config;
use crate::operator_error::OperatorError;
use crate::tenant::Tenant;
use crate::tenants::Tenants;
use crate::wiring::ProcessContext;
use cairn_access::Clock;
use std::sync::Arc;

/// The running application. Handlers do not see it: they get their own [`Tenant`], from which no other tenant can be reached.
pub struct App {
    /// Configuration of the process.
    pub config: Arc<Config>,
    /// Its tenants, open or closed.
    pub tenants: Arc<Tenants>,
    /// The files that `/admin` serves.
    pub admin_ui: Arc<AdminUi>,
}

impl App {
    /// The tenant that every installation has. A change of the content types replaces it.
    pub fn default_tenant(&self) -> Arc<Tenant> {
        self.tenants.default_tenant()
    }

    /// The tenant with that name, opened if need be; `None` where none with that name is in service, or it cannot be opened.
    pub async fn open_tenant(&self, name: &str) -> Option<Arc<Tenant>> {
        self.tenants.by_name(name).await
    }

    /// Number of tenants in service, without the default one.
    pub fn declared_tenants(&self) -> usize {
        self.tenants.in_service_count()
    }

    /// The open tenants, without the default one. A tenant stays open as long as its `Arc` is held.
    pub fn open_tenants(&self) -> Vec<Arc<Tenant>> {
        self.tenants.open_tenants()
    }

    /// Reads the content types that tenants add, and logs their problems. Blocks.
    pub fn check_tenants_types(&self) {
        self.tenants.check_types();
    }

    /// How many times a tenant was opened since the start.
    pub fn tenant_openings(&self) -> u64 {
        self.tenants.opening_count()
    }

    /// Closes the tenants that have been idle for long enough, and those beyond the limit. A running server does so twice a second.
    pub fn close_idle_tenants(&self) {
        self.tenants.close_idle();
    }

    /// Applies a settings file (see `cairn apply`), its tenants included, which takes effect at once. Returns the changes, for people.
    pub async fn apply_settings(
        &self,
        text: &str,
        env: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Vec<String>, OperatorError> {
        self.tenants.apply_settings(text, env).await
    }
}

/// The application of a project.
pub async fn build_app(config: Config, clock: Arc<dyn Clock>) -> Result<Arc<App>, OperatorError> {
    crate::node::process_started_ms();
    let admin_ui = Arc::new(AdminUi::from_config(&config)?);
    let context = ProcessContext::new(config, clock)?;
    let config = context.config.clone();
    let tenants = Tenants::new(context).await?;
    Ok(Arc::new(App { config, tenants, admin_ui }))
}
