-- Tenants of an installation. Only the default tenant's database has rows in these two; its own row is there once it
-- has hosts or a display name. state: active or removed.
CREATE TABLE cairn_tenants (
  id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, display_name TEXT, state TEXT NOT NULL,
  created_at TEXT NOT NULL, updated_at TEXT NOT NULL
);

-- Names by which tenants in service are reached: lower case, without port. One host leads to one tenant.
CREATE TABLE cairn_tenant_hosts (host TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, position INTEGER NOT NULL);
CREATE INDEX cairn_tenant_hosts_tenant ON cairn_tenant_hosts (tenant, position);
