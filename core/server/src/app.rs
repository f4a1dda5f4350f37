//! The process: its configuration and its tenants.

use crate::admin_ui::AdminUi;
use crate::config::Config;
use crate::tenant::Tenant;
use crate::tenants::Tenants;
use crate::wiring::Failure;
use std::sync::Arc;

/// The running application. Handlers do not see it: they get their own [`Tenant`], and from there is no way to another.
pub struct App {
    /// Settings of the process.
    pub config: Arc<Config>,
    pub(crate) tenants: Arc<Tenants>,
    pub(crate) admin_ui: Arc<AdminUi>,
}

impl App {
    /// The tenant that every installation has. A change of the content types puts another in its place.
    pub fn default_tenant(&self) -> Arc<Tenant> {
        self.tenants.default_tenant()
    }

    /// The tenant of that name, opened if need be; `None` where there is none in service, or it does not open.
    pub async fn tenant(&self, name: &str) -> Option<Arc<Tenant>> {
        self.tenants.by_name(name).await
    }

    /// How many tenants beside the default one are in service.
    pub fn declared_tenants(&self) -> usize {
        self.tenants.declared()
    }

    /// The tenants that are open, without the default one. Whoever keeps one keeps it open.
    pub fn open_tenants(&self) -> Vec<Arc<Tenant>> {
        self.tenants.open()
    }

    /// Reads the content types that tenants add, and logs what is wrong with them. Blocks.
    pub(crate) fn check_tenants_types(&self) {
        self.tenants.check_types();
    }

    /// How often a tenant was opened since the start.
    pub fn tenant_openings(&self) -> u64 {
        self.tenants.openings()
    }

    /// Closes the tenants that were idle for long enough, and those beyond the limit. A running server does so by itself,
    /// twice a second.
    pub fn close_idle_tenants(&self) {
        self.tenants.sweep();
    }

    /// Applies a settings file (see `cairn apply`), its tenants included, and takes it up at once. What changed, for people.
    pub async fn apply(
        &self,
        text: &str,
        env: &(dyn Fn(&str) -> Option<String> + Sync),
    ) -> Result<Vec<String>, Failure> {
        self.tenants.apply(text, env).await
    }
}
