//! What the plugins of a tenant work on.

use crate::chance::{Chance, Seed};
use crate::files::FileStore;
use crate::http::Outbound;
use crate::limits::Export;
use crate::pdf::PdfProgram;
use crate::sealers::Sealer;
use crate::search::Search;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_notify::Notifier;
use cairn_plugin_package::manifest::Quotas;
use std::sync::Arc;

/// What the host's capabilities reach, of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Ground {
    /// Its documents.
    pub(crate) content: Content,
    /// Its people, languages, keys and clock.
    pub(crate) access: AccessControl,
    outbound: Outbound,
    files: Option<FileStore>,
    search: Option<Search>,
    pdf: Option<PdfProgram>,
    sealer: Option<Arc<dyn Sealer>>,
    /// Who sends its mails.
    pub(crate) notifier: Option<Notifier>,
    seed: Option<Seed>,
    quotas: Quotas,
}

impl Ground {
    /// `content`: made with these plugins as its hooks. Requests to other hosts lead to public addresses only, and there are no files and no
    /// searches.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self {
            content,
            access,
            outbound: Outbound::default(),
            files: None,
            pdf: None,
            sealer: None,
            search: None,
            notifier: None,
            seed: None,
            quotas: Quotas::default(),
        }
    }

    /// The same, with another way out.
    #[must_use]
    pub fn with_outbound(self, outbound: Outbound) -> Self {
        Self { outbound, ..self }
    }

    /// The same, with files.
    #[must_use]
    pub fn with_files(self, files: FileStore) -> Self {
        Self { files: Some(files), ..self }
    }

    /// The same, with searches. What is put into indexes is stored without as well.
    #[must_use]
    pub fn with_search(self, search: Search) -> Self {
        Self { search: Some(search), ..self }
    }

    /// With how much a plugin may have that asks for nothing, where that is not Cairn's own default.
    #[must_use]
    pub fn with_quotas(self, quotas: Quotas) -> Self {
        Self { quotas, ..self }
    }

    pub(crate) fn quotas(&self) -> &Quotas {
        &self.quotas
    }

    pub(crate) fn search(&self) -> Option<&Search> {
        self.search.as_ref()
    }

    /// The same, with a program that makes PDFs.
    #[must_use]
    pub fn with_pdf(self, pdf: PdfProgram) -> Self {
        Self { pdf: Some(pdf), ..self }
    }

    pub(crate) fn pdf(&self) -> Option<&PdfProgram> {
        self.pdf.as_ref()
    }

    /// The same, with who makes seals.
    #[must_use]
    pub fn with_sealer(self, sealer: Arc<dyn Sealer>) -> Self {
        Self { sealer: Some(sealer), ..self }
    }

    pub(crate) fn sealer(&self) -> Option<&Arc<dyn Sealer>> {
        self.sealer.as_ref()
    }

    pub(crate) fn outbound(&self) -> &Outbound {
        &self.outbound
    }

    pub(crate) fn files(&self) -> Option<&FileStore> {
        self.files.as_ref()
    }

    /// Now, in milliseconds.
    pub(crate) fn now(&self) -> i64 {
        self.access.now().timestamp_millis()
    }

    /// With the one who sends its mails, by whom templates know what the site is called and where it is. Mails are asked for without
    /// as well.
    #[must_use]
    pub fn with_notifier(self, notifier: Notifier) -> Self {
        Self { notifier: Some(notifier), ..self }
    }

    /// With chance made of a seed, for tests of plugins: what they draw can be foretold.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed: Some(Seed::new(seed)), ..self }
    }

    /// What the next call of an entry of a plugin draws from.
    pub(crate) fn chance(&self, export: Export, name: &str) -> Chance {
        self.seed.as_ref().map_or_else(Chance::default, |seed| seed.next(export, name))
    }
}
