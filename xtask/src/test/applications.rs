//! The applications: plugins that are products of their own, each a suite with everything that tests it.
//!
//! A test says itself that it belongs to one: a test of a crate is in a module `applications::<id>`, a browser test has
//! `// @module-tag <id>` in its first line. In the gate an application has [`super::budgets::APPLICATION_SECONDS`].

use super::outcome::SuiteOutcome;
use super::tier::Tier;
use super::{admin, crates};
use crate::paths;
use anyhow::Result;

/// An application: the id of its plugin, and what it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Application {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
}

/// All of them. To add one: a line here, and its tag in `admin-ui/e2e/vitest.config.ts`.
pub(super) const APPLICATIONS: [Application; 6] = [
    Application { id: "crm", title: "the CRM" },
    Application { id: "esign", title: "e-signing" },
    Application { id: "journey", title: "the journey" },
    Application { id: "kb", title: "the knowledge base" },
    Application { id: "portal", title: "the customer portal" },
    Application { id: "together", title: "the applications together" },
];

impl Application {
    /// The application of that plugin, if it is one.
    pub(super) fn find(id: &str) -> Option<Self> {
        APPLICATIONS.into_iter().find(|application| application.id == id)
    }

    /// Runs its tests of the crates on the PostgreSQL database of that URL, or on SQLite with its browser tests. Returns an error if a runner
    /// cannot be started.
    pub(super) fn run(self, tier: Tier, url: Option<&str>) -> Result<SuiteOutcome> {
        let mut tally = crates::run_application(tier, self.id, url)?;
        if url.is_none()
            && self.has_browser_tests()?
            && let SuiteOutcome::Ran(goals) = admin::browser_goals(tier, None, Some(self.id))?
        {
            tally += goals;
        }
        Ok(SuiteOutcome::Ran(tally))
    }

    /// True if a browser test says that it belongs to it. A run that finds none counts as a failure.
    fn has_browser_tests(self) -> Result<bool> {
        let tag = format!("// @module-tag {}\n", self.id);
        for entry in std::fs::read_dir(paths::repository_root().join("admin-ui/e2e"))? {
            let file = entry?.path();
            if file.extension().is_some_and(|e| e == "ts") && std::fs::read_to_string(&file)?.starts_with(&tag) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
