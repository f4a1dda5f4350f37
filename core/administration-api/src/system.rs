//! How the server is, and which tenants it has.

use cairn_access::DEFAULT_TENANT;
use cairn_access::action_types::SystemRead;
use cairn_http::error::WireError;
use cairn_http::extract::require::Require;
use cairn_http::extract::tenant::CurrentTenant;
use cairn_http::openapi::response_types::{Data, List};
use cairn_http::openapi::router::AreaRouter;
use cairn_http::routes;
use cairn_http::system_health::{Health, load_health};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) fn routes() -> AreaRouter {
    AreaRouter::default().routes(routes!(health)).routes(routes!(tenants))
}

/// How the server is: its database, its disk, what waits and what failed. Of this tenant, as far as it is the tenant's.
#[utoipa::path(get, path = "/admin/api/health")]
async fn health(CurrentTenant(tenant): CurrentTenant, _: Require<SystemRead>) -> Result<Data<Health>, WireError> {
    Ok(Data { data: load_health(&tenant)? })
}

/// A tenant of this server.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TenantOverview {
    name: String,
    /// Name of the tenant, for people.
    display_name: Option<String>,
    /// By which it is reached; none of the default tenant, where it answers at all others.
    hosts: Vec<String>,
    /// False: it was taken out of service, its data stays.
    active: bool,
    /// It is the one that was asked.
    current: bool,
}

/// The tenants of this server; from the default tenant only.
#[utoipa::path(get, path = "/admin/api/tenants")]
async fn tenants(
    CurrentTenant(tenant): CurrentTenant,
    _: Require<SystemRead>,
) -> Result<List<TenantOverview>, WireError> {
    if &*tenant.name != DEFAULT_TENANT {
        return Err(WireError::not_found());
    }
    let rows = tenant.content.store().read(|r| r.tenants().list())?;
    let mut all: Vec<TenantOverview> = rows
        .into_iter()
        .map(|row| TenantOverview {
            current: row.name == DEFAULT_TENANT,
            name: row.name,
            display_name: row.display_name,
            hosts: row.hosts,
            active: row.active,
        })
        .collect();
    if !all.iter().any(|tenant| tenant.current) {
        let name = DEFAULT_TENANT.to_owned();
        all.insert(0, TenantOverview { name, display_name: None, hosts: Vec::new(), active: true, current: true });
    }
    Ok(List { data: all })
}
