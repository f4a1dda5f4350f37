//! The services of a tenant that its plugins use.

use crate::contract::plugin_export::PluginExport;
use crate::services::entropy::{Entropy, EntropySeed};
use crate::services::files::FileStore;
use crate::services::http::OutboundHttp;
use crate::services::pdf::PdfProgram;
use crate::services::sealer::Sealer;
use crate::services::search::PluginSearch;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_notify::Notifier;
use cairn_pades::TrustAnchors;
use cairn_plugin_package::manifest::Quotas;
use std::sync::Arc;

/// The services of one tenant that the host's capabilities use. Cloning is cheap.
#[derive(Clone)]
pub struct HostContext {
    /// The tenant's documents.
    pub(crate) content: Content,
    /// The tenant's users, languages, keys and clock.
    pub(crate) access: AccessControl,
    outbound: OutboundHttp,
    files: Option<FileStore>,
    search: Option<PluginSearch>,
    pdf: Option<PdfProgram>,
    sealer: Option<Arc<dyn Sealer>>,
    /// Trust anchors of signatures, beside those of the tenant's sealing profiles.
    trust: Arc<TrustAnchors>,
    /// Sends the tenant's mails; `None`: they are only queued.
    pub(crate) notifier: Option<Notifier>,
    seed: Option<EntropySeed>,
    quotas: Quotas,
}

impl HostContext {
    /// Creates the services around `content`, whose hooks are these plugins. Requests may go to public addresses only;
    /// there are no files and no searches.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self {
            content,
            access,
            outbound: OutboundHttp::default(),
            files: None,
            pdf: None,
            sealer: None,
            trust: Arc::default(),
            search: None,
            notifier: None,
            seed: None,
            quotas: Quotas::default(),
        }
    }

    /// Sets how requests to other hosts are sent.
    #[must_use]
    pub fn with_outbound(self, outbound: OutboundHttp) -> Self {
        Self { outbound, ..self }
    }

    /// Adds the store of files.
    #[must_use]
    pub fn with_files(self, files: FileStore) -> Self {
        Self { files: Some(files), ..self }
    }

    /// Adds searches. Without them, entries of search indexes are stored all the same.
    #[must_use]
    pub fn with_search(self, search: PluginSearch) -> Self {
        Self { search: Some(search), ..self }
    }

    /// Sets the quotas of plugins that ask for none, in place of Cairn's defaults.
    #[must_use]
    pub fn with_quotas(self, quotas: Quotas) -> Self {
        Self { quotas, ..self }
    }

    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    pub(crate) fn search(&self) -> Option<&PluginSearch> {
        self.search.as_ref()
    }

    /// Adds the program that makes PDFs.
    #[must_use]
    pub fn with_pdf(self, pdf: PdfProgram) -> Self {
        Self { pdf: Some(pdf), ..self }
    }

    pub(crate) fn pdf(&self) -> Option<&PdfProgram> {
        self.pdf.as_ref()
    }

    /// Adds the implementation that makes seals.
    #[must_use]
    pub fn with_sealer(self, sealer: Arc<dyn Sealer>) -> Self {
        Self { sealer: Some(sealer), ..self }
    }

    pub(crate) fn sealer(&self) -> Option<&Arc<dyn Sealer>> {
        self.sealer.as_ref()
    }

    /// Adds the certificates that signatures of PDFs are trusted by, beside those of the tenant's sealing profiles.
    #[must_use]
    pub fn with_trust(self, trust: Arc<TrustAnchors>) -> Self {
        Self { trust, ..self }
    }

    pub(crate) fn trust(&self) -> &TrustAnchors {
        &self.trust
    }

    pub(crate) fn outbound(&self) -> &OutboundHttp {
        &self.outbound
    }

    pub(crate) fn files(&self) -> Option<&FileStore> {
        self.files.as_ref()
    }

    /// Current time in milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        self.access.now().timestamp_millis()
    }

    /// Adds the notifier, from which templates take the name and the address of the site. Mails can be queued without it.
    #[must_use]
    pub fn with_notifier(self, notifier: Notifier) -> Self {
        Self { notifier: Some(notifier), ..self }
    }

    /// Draws random numbers from a seed, for tests of plugins that need predictable ones.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed: Some(EntropySeed::new(seed)), ..self }
    }

    /// The source of random numbers for the next call of an entry of a plugin.
    pub(crate) fn entropy_for(&self, export: PluginExport, name: &str) -> Entropy {
        self.seed.as_ref().map_or_else(Entropy::default, |seed| seed.entropy_for(export, name))
    }
}
