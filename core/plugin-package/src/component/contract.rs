//! The contract: interfaces to import, with the grants they need, and interfaces to export, with their sections.

use super::ComponentInterfaces;
use crate::grants::Capability;
use crate::manifest::{Manifest, ViewSource};
use crate::package::{PUBLIC_FOLDER, PackageFiles};
use crate::problem::SourceLocation;
use semver::{Version, VersionReq};

/// Name of the contract's package.
pub(super) const PACKAGE: &str = "cairn:plugin";

/// The entry in the manifest that an imported interface needs.
pub(super) enum ImportRequirement {
    /// The interface needs no entry.
    Nothing,
    /// One of these grants.
    Grant(&'static [Capability]),
    /// One of these grants, or content types of its own.
    DataGrant,
}

/// Interfaces a plugin may import, by name.
pub(super) const IMPORTS: [(&str, ImportRequirement); 27] = [
    ("types", ImportRequirement::Nothing),
    ("clock", ImportRequirement::Nothing),
    ("preview", ImportRequirement::Nothing),
    ("random", ImportRequirement::Nothing),
    ("i18n", ImportRequirement::Nothing),
    ("zones", ImportRequirement::Nothing),
    ("public-files", ImportRequirement::Nothing),
    ("settings", ImportRequirement::Nothing),
    ("log", ImportRequirement::Nothing),
    ("data", ImportRequirement::DataGrant),
    ("calendar", ImportRequirement::Grant(&[Capability::Calendar])),
    ("kv", ImportRequirement::Grant(&[Capability::Kv])),
    ("policies", ImportRequirement::Grant(&[Capability::Policies])),
    ("events", ImportRequirement::Grant(&[Capability::EventsPublish])),
    ("jobs", ImportRequirement::Grant(&[Capability::Jobs])),
    ("search", ImportRequirement::Grant(&[Capability::Search])),
    ("files", ImportRequirement::Grant(&[Capability::FilesRead, Capability::FilesWrite])),
    ("http-client", ImportRequirement::Grant(&[Capability::Http])),
    ("secrets", ImportRequirement::Grant(&[Capability::Secrets])),
    ("signing", ImportRequirement::Grant(&[Capability::Signing])),
    ("mail", ImportRequirement::Grant(&[Capability::Mail, Capability::Notify])),
    // Mail, notices and PDFs name a type of it, so some guest languages import it whole with them.
    (
        "templates",
        ImportRequirement::Grant(&[Capability::Templates, Capability::Mail, Capability::Notify, Capability::PdfRender]),
    ),
    ("pdf", ImportRequirement::Grant(&[Capability::PdfRender, Capability::PdfFill, Capability::PdfSeal])),
    ("audit", ImportRequirement::Grant(&[Capability::Audit])),
    ("groups", ImportRequirement::Grant(&[Capability::Groups])),
    ("people", ImportRequirement::Grant(&[Capability::People])),
    ("users", ImportRequirement::Grant(&[Capability::UsersInvite])),
];

/// The interface of a capability.
pub(super) const fn interface_of(capability: Capability) -> &'static str {
    match capability {
        Capability::DataRead | Capability::DataWrite => "data",
        Capability::Kv => "kv",
        Capability::EventsPublish => "events",
        Capability::Policies => "policies",
        Capability::Jobs => "jobs",
        Capability::Search => "search",
        Capability::FilesRead | Capability::FilesWrite => "files",
        Capability::Http => "http-client",
        Capability::Secrets => "secrets",
        Capability::Signing => "signing",
        Capability::Mail | Capability::Notify => "mail",
        Capability::Templates => "templates",
        Capability::PdfRender | Capability::PdfFill | Capability::PdfSeal => "pdf",
        Capability::Audit => "audit",
        Capability::Calendar => "calendar",
        Capability::Groups => "groups",
        Capability::People => "people",
        Capability::UsersInvite => "users",
    }
}

/// An interface that a plugin may export, and the section it belongs to.
pub(super) struct ContractExport {
    /// The interface's name.
    pub(super) name: &'static str,
    /// Name of the section, and an example of it.
    pub(super) section: &'static str,
    pub(super) example: &'static str,
    /// Position of the first such section; `None`: there is none.
    pub(super) declared: fn(&Manifest) -> Option<SourceLocation>,
    /// True if the section needs the export.
    pub(super) needed: fn(&Manifest) -> bool,
}

/// The exports that have sections; [`WITHOUT_SECTION`] has the others.
pub(super) const EXPORTS: [ContractExport; 7] = [
    ContractExport {
        name: "hooks",
        section: "[[hook]]",
        example: "[[hook]]\nname = \"check-title\"\non = [\"plugin::my-plugin.thing:update\"]",
        declared: |m| m.hooks.first().map(|s| s.at),
        needed: |_| true,
    },
    ContractExport {
        name: "event-handler",
        section: "[[subscription]]",
        example: "[[subscription]]\nname = \"things\"\nto = [\"plugin::my-plugin.thing:*\"]",
        declared: |m| m.subscriptions.first().map(|s| s.at),
        needed: |_| true,
    },
    ContractExport {
        name: "job-handler",
        section: "[[job]]",
        example: "[[job]]\nname = \"send-reminder\"",
        declared: |m| m.jobs.first().map(|s| s.at),
        needed: |_| true,
    },
    ContractExport {
        name: "batch-job-handler",
        section: "[[job]] with `batch`",
        example: "[[job]]\nname = \"send-reminder\"\nbatch = 200",
        declared: |m| m.jobs.iter().find(|job| job.batch.is_some()).map(|s| s.at),
        needed: |_| true,
    },
    ContractExport {
        name: "http-handler",
        section: "[[route]]",
        example: "[[route]]\nname = \"intake\"\nmethod = \"POST\"\npath = \"/intake\"\nauth = \"user\"",
        declared: |m| m.routes.first().map(|s| s.at),
        needed: |_| true,
    },
    ContractExport {
        name: "read-policy",
        section: "[read-policy]",
        example: "[read-policy]\ntypes = [\"plugin::my-plugin.thing\"]",
        declared: |m| m.read_policy.as_ref().map(|s| s.at),
        needed: |_| true,
    },
    ContractExport {
        name: "admin",
        section: "[[admin.view]]",
        example: "[[admin.view]]\nname = \"overview\"\nkind = \"page\"\npath = \"/overview\"\nsource = \"declarative\"",
        declared: |m| m.views.first().map(|s| s.at),
        // A frame is a page of the package: the plugin is not asked for it.
        needed: |m| m.views.iter().any(|view| view.source == ViewSource::Declarative),
    },
];

/// The exports that need no section.
pub(super) const WITHOUT_SECTION: [&str; 2] = [LIFECYCLE, PRIVACY];
const LIFECYCLE: &str = "lifecycle";
const PRIVACY: &str = "privacy";

/// Parts of a package that no section of its manifest declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct UndeclaredParts {
    /// It takes part in being installed, upgraded, switched on and off, and uninstalled.
    pub lifecycle: bool,
    /// It reports and erases what it has about a person.
    pub privacy: bool,
    /// It has files that everybody may load.
    pub public_files: bool,
}

impl UndeclaredParts {
    /// Those of a package with these files, whose component exports these interfaces; `None` where it cannot be read.
    pub fn of_package(files: &PackageFiles, interfaces: Option<&ComponentInterfaces>) -> Self {
        let exports = interfaces.map(|interfaces| &interfaces.exports);
        let has = |name: &str| {
            exports.is_some_and(|exports| exports.keys().any(|one| one.package == PACKAGE && one.name == name))
        };
        Self {
            lifecycle: has(LIFECYCLE),
            privacy: has(PRIVACY),
            public_files: files.iter_below(PUBLIC_FOLDER).next().is_some(),
        }
    }
}

/// True if the host supports this version of the contract.
pub(super) fn is_supported_version(version: &Version) -> bool {
    VersionReq::parse("~0.1").is_ok_and(|line| line.matches(version))
}

/// The compatibility line of a version: `0.1` of `0.1.3`, `2` of `2.1.0`.
pub(super) fn version_line(version: &Version) -> String {
    if version.major == 0 { format!("0.{}", version.minor) } else { version.major.to_string() }
}

/// True if an interface of WASI is offered; those that are need no grant and give access to nothing outside.
pub(super) fn offers_wasi(package: &str, interface: &str) -> bool {
    match package {
        "wasi:io" | "wasi:clocks" | "wasi:random" => true,
        "wasi:cli" => {
            matches!(interface, "environment" | "exit" | "stdin" | "stdout" | "stderr")
                || interface.starts_with("terminal-")
        }
        _ => false,
    }
}

/// Hint at the replacement for an interface that is not offered.
pub(super) fn replacement_hint(package: &str, interface: &str) -> &'static str {
    match (package, interface) {
        ("wasi:filesystem" | "wasi:blobstore", _) => {
            "plugins have no file system; use cairn:plugin/files for files, cairn:plugin/kv for small state, and cairn:plugin/data for documents"
        }
        ("wasi:sockets" | "wasi:http" | "wasi:tls", _) => {
            "plugins cannot open connections; send requests with cairn:plugin/http-client, and receive them with [[route]]"
        }
        ("wasi:keyvalue", _) => "use cairn:plugin/kv",
        ("wasi:sql" | "wasi:sqlite" | "wasi:postgres", _) => "use cairn:plugin/data",
        ("wasi:config", _) => "use cairn:plugin/settings",
        ("wasi:logging" | "wasi:otel", _) => "use cairn:plugin/log",
        ("wasi:messaging", _) => "use cairn:plugin/events and [[subscription]]",
        ("wasi:cli", "run" | "command") => "build a library, not a program: Cairn calls a plugin's exports",
        _ => "plugins may only import interfaces of cairn:plugin, and of WASI cli, io, clocks and random",
    }
}
