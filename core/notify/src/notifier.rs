//! The notifier of one tenant: its identity, its keys, and the process's mail server.

use crate::mail::mailer::{MailMode, Mailer};
use crate::site::{Site, site_values};
use cairn_access::AccessControl;
use cairn_events::unix_millis;
use cairn_store::Store;
use serde_json::Value as Json;
use std::io;
use std::sync::Arc;

/// The notifications and mails of one tenant; cheap to clone.
#[derive(Clone)]
pub struct Notifier {
    inner: Arc<Inner>,
    files: Option<Arc<ReadFile>>,
}

/// Reads all bytes of a file by its blob key. `None`: it does not exist.
type ReadFile = dyn Fn(&str) -> io::Result<Option<Vec<u8>>> + Send + Sync;

struct Inner {
    tenant: Arc<str>,
    access: AccessControl,
    mailer: Arc<Mailer>,
    site: Box<dyn Fn() -> Site + Send + Sync>,
}

impl Notifier {
    /// Creates the notifier of a tenant. `site` is called whenever something is sent.
    pub fn new(
        tenant: Arc<str>,
        access: AccessControl,
        mailer: Arc<Mailer>,
        site: impl Fn() -> Site + Send + Sync + 'static,
    ) -> Self {
        Self { inner: Arc::new(Inner { tenant, access, mailer, site: Box::new(site) }), files: None }
    }

    /// Adds access to the files that are attached to mails. `read` blocks.
    #[must_use]
    pub fn with_files(self, read: impl Fn(&str) -> io::Result<Option<Vec<u8>>> + Send + Sync + 'static) -> Self {
        Self { files: Some(Arc::new(read)), ..self }
    }

    /// The function that reads files, if there is one.
    pub(crate) fn file_reader(&self) -> Option<Arc<ReadFile>> {
        self.files.clone()
    }

    /// Name of the tenant.
    pub fn tenant(&self) -> &str {
        &self.inner.tenant
    }

    /// Returns whether mails are sent, or only kept and shown.
    pub fn mode(&self) -> MailMode {
        self.inner.mailer.mode()
    }

    /// Name and address of the tenant's site.
    pub fn site(&self) -> Site {
        (self.inner.site)()
    }

    /// Name and address of the sender of the tenant's mails.
    pub fn sender(&self) -> (Option<String>, String) {
        let own = cairn_settings::mail_identity(&self.inner.access);
        let (name, address) = self.inner.mailer.from();
        match &own.from {
            Some(from) => (own.from_name.clone(), from.clone()),
            None => (own.from_name.clone().or(name.map(str::to_owned)), address.to_owned()),
        }
    }

    /// The present time in milliseconds.
    pub fn now(&self) -> i64 {
        unix_millis(self.inner.access.now())
    }

    pub(crate) fn access(&self) -> &AccessControl {
        &self.inner.access
    }

    pub(crate) fn mailer(&self) -> &Mailer {
        &self.inner.mailer
    }

    /// Database of the tenant.
    pub fn store(&self) -> &Store {
        self.inner.access.store()
    }

    /// `site` for templates: with the tenant's theme.
    pub(crate) fn site_values(&self) -> Json {
        site_values(&self.inner.access, Some(&self.site()))
    }
}
