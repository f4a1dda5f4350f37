//! The suites, and what is known of each before it runs.

use super::applications::Application;
use crate::database::Database;

/// Part of the tests that runs and is reported by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Suite {
    /// Formatting and lints, by a compilation of everything that the other suites run.
    Compile,
    /// Formatting and lints alone.
    Lint,
    Tidy,
    /// Known vulnerabilities in dependencies.
    Advisories,
    /// The guest library, the guests of the host's tests, the example plugins.
    Plugins,
    /// The program that makes PDFs.
    Pdf,
    /// The tests of all crates; on PostgreSQL only those of crates that open a store.
    Workspace(Database),
    Crate(String, Database),
    /// The tests of some crates.
    Crates(Vec<String>, Database),
    /// An application: the scenarios of its plugin, its story over HTTP and in a browser.
    Application(Application, Database),
    /// Lints, types and unit tests of the admin UI.
    Admin,
    /// The admin UI's end-to-end tests in a browser; on PostgreSQL those that depend on the database.
    E2e(Database),
    /// The customers' site of `examples/portal`.
    PortalSite,
    Mail(Database),
    S3,
    Tus(Database),
    Conformance(Database),
    /// GraphQL compared with what Strapi's plugin answered.
    GraphqlContract,
    Client(Database),
    /// The package of `clients/javascript`.
    JavascriptClient,
    /// A large project of a real Strapi is imported.
    StrapiImport,
    /// Public clients of Strapi, from npm and PyPI.
    Clients,
    Crash(Database),
    /// Figures that grow a little with every change: `cargo xtask bench --budget`.
    Budget,
}

impl Suite {
    /// True if it runs the product as its users do, browsers and kills included: the longest suites.
    pub(super) fn drives_product(&self) -> bool {
        matches!(
            self,
            Self::Application(..)
                | Self::E2e(_)
                | Self::PortalSite
                | Self::Mail(_)
                | Self::S3
                | Self::Tus(_)
                | Self::Crash(_)
        )
    }

    pub(super) fn database_kind(&self) -> Option<Database> {
        match self {
            Self::Compile
            | Self::Lint
            | Self::Tidy
            | Self::Advisories
            | Self::Plugins
            | Self::Pdf
            | Self::Admin
            | Self::PortalSite
            | Self::S3
            | Self::GraphqlContract
            | Self::StrapiImport
            | Self::JavascriptClient
            | Self::Clients
            | Self::Budget => None,
            Self::Workspace(database)
            | Self::Application(_, database)
            | Self::Crate(_, database)
            | Self::Crates(_, database)
            | Self::E2e(database)
            | Self::Mail(database)
            | Self::Tus(database)
            | Self::Conformance(database)
            | Self::Client(database)
            | Self::Crash(database) => Some(*database),
        }
    }

    pub(super) fn title(&self) -> String {
        let title = match self {
            Self::Compile => "rustfmt, compilation and clippy".to_owned(),
            Self::Lint => "rustfmt and clippy".to_owned(),
            Self::Tidy => "tidy".to_owned(),
            Self::Advisories => "known vulnerabilities of dependencies".to_owned(),
            Self::Plugins => "plugins, natively and as components".to_owned(),
            Self::Pdf => "the program that makes PDFs".to_owned(),
            Self::Workspace(_) => "the crates' tests".to_owned(),
            Self::Crate(name, _) => format!("{name}'s tests"),
            Self::Crates(names, _) => format!("the tests of {}", names.join(", ")),
            Self::Application(application, _) => application.title.to_owned(),
            Self::Admin => "the admin UI".to_owned(),
            Self::E2e(_) => "the admin UI in a browser".to_owned(),
            Self::PortalSite => "the customers' site".to_owned(),
            Self::Mail(_) => "mail to a real server".to_owned(),
            Self::S3 => "files in a real object store, conformance on it included".to_owned(),
            Self::Tus(_) => "uploads in pieces, with the server killed".to_owned(),
            Self::Conformance(_) => "conformance with Strapi's recorded answers".to_owned(),
            Self::GraphqlContract => "GraphQL beside Strapi's recorded answers".to_owned(),
            Self::StrapiImport => "a large import from Strapi".to_owned(),
            Self::Client(_) => "Strapi's own JavaScript client".to_owned(),
            Self::JavascriptClient => "the JavaScript client".to_owned(),
            Self::Clients => "public clients of Strapi".to_owned(),
            Self::Crash(_) => "crash".to_owned(),
            Self::Budget => "what has grown since the last time".to_owned(),
        };
        // SQLite is where everything runs unless something else is said.
        if self.database_kind() == Some(Database::Postgres) { format!("{title} on PostgreSQL") } else { title }
    }

    /// True if a failure may be chance, and its runner has no second try for single tests: servers, browsers and mails of other programs.
    pub(super) fn is_tried_again(&self) -> bool {
        matches!(
            self,
            Self::PortalSite
                | Self::Mail(_)
                | Self::S3
                | Self::Tus(_)
                | Self::Conformance(_)
                | Self::GraphqlContract
                | Self::Client(_)
                | Self::JavascriptClient
                | Self::Clients
                | Self::Crash(_)
        )
    }
}
