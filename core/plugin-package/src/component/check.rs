//! Checks that a component and its manifest say the same.

use super::contract::{
    EXPORTS, IMPORTS, ImportRequirement, PACKAGE, WITHOUT_SECTION, interface_of, is_supported_version, offers_wasi,
    replacement_hint, version_line,
};
use super::{COMPONENT, ComponentInterfaces, Interface, InterfaceItem};
use crate::grants::{Capability, Scope};
use crate::manifest::{Manifest, SubscriptionTarget};
use crate::names;
use crate::problem::{PluginProblem, SourceLocation};
use crate::words::{nearest_word, quote_input};
use std::collections::BTreeSet;

/// Every difference between what a component imports and exports and what its manifest says: a mismatch is an error with the lines
/// to add, never a hook that does not run. Warnings: a grant nobody uses.
pub fn check_component(manifest: &Manifest, shape: &ComponentInterfaces) -> Vec<PluginProblem> {
    let mut check = ComponentChecker { manifest, problems: Vec::new() };
    for (interface, item) in &shape.imports {
        check.check_import(interface, item);
    }
    for (interface, item) in &shape.exports {
        check.check_export(interface, item);
    }
    check.check_sections(shape);
    check.warn_unused_grants(shape);
    check.problems.sort_by_key(|p| (p.line, p.column));
    check.problems
}

struct ComponentChecker<'m> {
    manifest: &'m Manifest,
    problems: Vec<PluginProblem>,
}

impl ComponentChecker<'_> {
    /// An error of the component itself.
    fn push_component_error(&mut self, message: String, hint: impl Into<String>) {
        self.problems.push(PluginProblem::error(SourceLocation::default(), message, hint).in_file(COMPONENT));
    }

    /// An error of the manifest as a whole.
    fn push_manifest_error(&mut self, message: String, lines: &str) {
        self.problems.push(PluginProblem::error(SourceLocation::default(), message, format!("add:\n{lines}")));
    }

    fn has_grant(&self, capabilities: &[Capability]) -> bool {
        self.manifest.grants.iter().any(|grant| capabilities.contains(&grant.scope.capability()))
    }

    fn check_import(&mut self, interface: &Interface, item: &InterfaceItem) {
        let functions = match item {
            InterfaceItem::Interface(functions) => functions,
            InterfaceItem::Type => return,
            InterfaceItem::Other => {
                let message = format!("imports {}, which Cairn does not provide", quote_input(&interface.to_string()));
                return self.push_component_error(message, "import only interfaces of cairn:plugin");
            }
        };
        if interface.package == PACKAGE {
            return self.check_contract_import(interface, functions);
        }
        let offered = offers_wasi(&interface.package, &interface.name)
            && interface.version.as_ref().is_some_and(|v| v.major == 0 && v.minor == 2);
        if !offered {
            let message = format!("imports {}, which Cairn does not provide", quote_input(&interface.to_string()));
            self.push_component_error(message, replacement_hint(&interface.package, &interface.name));
        }
    }

    fn check_contract_import(&mut self, interface: &Interface, functions: &BTreeSet<String>) {
        let Some((_, need)) = IMPORTS.iter().find(|(name, _)| *name == interface.name) else {
            let hint = nearest_word(&interface.name, IMPORTS.iter().map(|(name, _)| *name));
            let hint = hint.map_or_else(String::new, |near| format!("did you mean {PACKAGE}/{near}?"));
            let message = format!("imports {}, which is not part of the contract", quote_input(&interface.to_string()));
            return self.push_component_error(message, hint);
        };
        if !self.check_version_line(interface) || functions.is_empty() {
            return;
        }
        // Narrowing a subscription of its own publishes nothing.
        if interface.name == "events" && functions.iter().all(|name| name == "narrow") {
            return;
        }
        let message = || format!("plugin.wasm imports {interface}, which requires a grant");
        match need {
            ImportRequirement::Nothing => {}
            ImportRequirement::Grant(capabilities) if self.has_grant(capabilities) => {}
            ImportRequirement::Grant(capabilities) => {
                let first = capabilities.first().copied().map_or_else(String::new, example_grant);
                self.push_manifest_error(message(), &first);
            }
            ImportRequirement::DataGrant
                if self.manifest.content_types.is_some()
                    || self.has_grant(&[Capability::DataRead, Capability::DataWrite]) => {}
            ImportRequirement::DataGrant => {
                let message = format!("{}, or content types of its own", message());
                self.push_manifest_error(message, &example_grant(Capability::DataRead));
            }
        }
    }

    /// True if it is of the line the manifest names; tells of another one.
    fn check_version_line(&mut self, interface: &Interface) -> bool {
        let Some(version) = &interface.version else {
            let message = format!("imports or exports {} without a version", quote_input(&interface.to_string()));
            self.push_component_error(message, format!("build it against {PACKAGE}@0.1"));
            return false;
        };
        let api = &self.manifest.plugin.api;
        if is_supported_version(version) && version_line(version) == *api {
            return true;
        }
        let message = format!("was built for {interface}, but plugin.toml says api = \"{api}\"");
        self.push_component_error(message, format!("build it against {PACKAGE}@{api}"));
        false
    }

    fn check_export(&mut self, interface: &Interface, item: &InterfaceItem) {
        if interface.package != PACKAGE {
            // The JavaScript and Python engines add these exports themselves.
            if matches!(interface.to_string().as_str(), "init" | "exports") {
                return;
            }
            let name = quote_input(&interface.to_string());
            let warning = PluginProblem::warning(
                SourceLocation::default(),
                format!("exports {name}, which Cairn never calls"),
                "",
            );
            self.problems.push(warning.in_file(COMPONENT));
            return;
        }
        let known = || EXPORTS.iter().map(|export| export.name).chain(WITHOUT_SECTION);
        if !known().any(|name| name == interface.name) {
            // The types of an exported interface may come along.
            if matches!(item, InterfaceItem::Interface(functions) if functions.is_empty()) {
                return;
            }
            let hint = nearest_word(&interface.name, known());
            let hint = hint.map_or_else(String::new, |near| format!("did you mean {PACKAGE}/{near}?"));
            let message = format!("exports {}, which is not part of the contract", quote_input(&interface.to_string()));
            return self.push_component_error(message, hint);
        }
        if !self.check_version_line(interface) {
            return;
        }
        let Some(export) = EXPORTS.iter().find(|export| export.name == interface.name) else { return };
        if (export.declared)(self.manifest).is_none() {
            let message = format!("plugin.wasm exports {interface}, but plugin.toml has no {}", export.section);
            let lines = export.example.replace("my-plugin", self.manifest.id());
            self.push_manifest_error(message, &lines);
        }
    }

    fn check_sections(&mut self, shape: &ComponentInterfaces) {
        for export in &EXPORTS {
            let Some(at) = (export.declared)(self.manifest) else { continue };
            let is_exported = shape.exports.keys().any(|i| i.package == PACKAGE && i.name == export.name);
            if !is_exported && (export.needed)(self.manifest) {
                let message = format!(
                    "{} requires the export {PACKAGE}/{}, which plugin.wasm does not have",
                    export.section, export.name
                );
                self.problems.push(PluginProblem::error(at, message, "export it, or remove what requires it"));
            }
        }
    }

    fn warn_unused_grants(&mut self, shape: &ComponentInterfaces) {
        let manifest = self.manifest;
        for grant in &manifest.grants {
            let capability = grant.scope.capability();
            let interface = interface_of(capability);
            let imported = shape.imports.iter().any(|(i, item)| {
                i.package == PACKAGE
                    && i.name == interface
                    && matches!(item, InterfaceItem::Interface(functions) if !functions.is_empty())
            });
            if imported || shown_to(manifest, &grant.scope) {
                continue;
            }
            let message =
                format!("the grant \"{capability}\" is not used: plugin.wasm does not import {PACKAGE}/{interface}");
            self.problems.push(PluginProblem::warning(
                grant.at,
                message,
                "remove it, so that administrators are not asked to allow it",
            ));
        }
    }
}

/// True if the host shows the plugin what a grant is about without being asked: to its hooks, its handlers and its policies.
fn shown_to(manifest: &Manifest, scope: &Scope) -> bool {
    let core = |area: &str| {
        manifest.subscriptions.iter().flat_map(|s| &s.to).any(|(target, _)| match target {
            SubscriptionTarget::Event(event) => event.name.split('.').take(2).eq(["cairn", area]),
            SubscriptionTarget::Documents { .. } => false,
        })
    };
    match scope {
        Scope::DataRead { types, .. } => {
            let hooks = manifest.hooks.iter().flat_map(|hook| hook.on.iter().map(|target| target.uid.as_str()));
            let policies = manifest.read_policy.iter().flat_map(|policy| policy.types.iter().map(String::as_str));
            let subscriptions =
                manifest.subscriptions.iter().flat_map(|s| &s.to).filter_map(|(target, _)| match target {
                    SubscriptionTarget::Documents { uid, .. } => Some(uid.as_str()),
                    SubscriptionTarget::Event(_) => None,
                });
            let views = manifest.views.iter().flat_map(|view| view.types.iter().map(String::as_str));
            let is_referenced = hooks.chain(policies).chain(subscriptions).chain(views).any(|uid| types.contains(uid));
            let owned_by_core = types.iter().any(|uid| names::uid_owner(uid).is_some_and(names::is_core));
            is_referenced || core("document") || core("migrating") || owned_by_core && core("user")
        }
        Scope::FilesRead => core("file"),
        Scope::Mail { .. } => core("mail"),
        _ => false,
    }
}

/// A `[[grant]]` to copy and complete.
fn example_grant(capability: Capability) -> String {
    let scope = match capability {
        Capability::DataRead => "\ntypes = [\"api::article.article\"]",
        Capability::DataWrite => "\ntypes = [\"api::article.article\"]\nactions = [\"update\"]",
        Capability::Http => "\nto = [\"https://api.example.com/v1/*\"]",
        Capability::Secrets => "\nsecrets = [\"webhook-key\"]",
        Capability::Signing => "\nkeys = [\"invoices\"]",
        Capability::Mail | Capability::Notify => "\nmax-per-hour = 100",
        Capability::PdfSeal => "\nprofiles = [\"contracts\"]",
        _ => "",
    };
    format!("[[grant]]\nuse = \"{capability}\"{scope}")
}
