//! Permissions of routes: what users and tokens need besides being admitted.

use super::RouteMatch;
use crate::tenant::plugins::Plugins;
use cairn_content::{Refusal, RefusalKind};
use serde_json::json;

impl Plugins {
    /// Checks the permission that a route needs, if any; `has` says whether the caller has that permission of the route's plugin.
    ///
    /// # Errors
    /// The refusal, which names the permission by its title in `locale`.
    pub fn check_route_permission(
        &self,
        route_match: &RouteMatch,
        locale: &str,
        has: impl FnOnce(&str) -> bool,
    ) -> Result<(), Refusal> {
        let RouteMatch { plugin, route, .. } = route_match;
        let Some(permission) = route.permission.as_deref() else { return Ok(()) };
        if has(permission) {
            return Ok(());
        }
        let title = self.permission_title(plugin, permission, locale);
        Err(Refusal {
            kind: RefusalKind::Forbidden,
            message: format!("This requires the permission \"{title}\""),
            details: json!({ "action": format!("plugin::{plugin}.{permission}"), "title": title }),
        })
    }

    /// The title of a permission that a plugin declares; its name where it has none.
    fn permission_title(&self, plugin: &str, permission: &str, locale: &str) -> String {
        let generation = self.find_generation(plugin);
        let title = generation.as_ref().and_then(|generation| {
            let declared = generation.manifest.permissions.iter().find(|declared| declared.name == permission)?;
            Some(generation.translations.resolve_text(&declared.title.as_ref()?.value, locale).to_owned())
        });
        title.unwrap_or_else(|| permission.to_owned())
    }
}
