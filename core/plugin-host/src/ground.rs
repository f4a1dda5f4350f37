//! What the plugins of a tenant work on.

use crate::files::FileStore;
use crate::http::Outbound;
use cairn_access::AccessControl;
use cairn_content::Content;
use cairn_notify::Notifier;

/// What the host's capabilities reach, of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Ground {
    /// Its documents.
    pub(crate) content: Content,
    /// Its people, languages, keys and clock.
    pub(crate) access: AccessControl,
    outbound: Outbound,
    files: Option<FileStore>,
    /// Who sends its mails.
    pub(crate) notifier: Option<Notifier>,
}

impl Ground {
    /// `content`: made with these plugins as its hooks. Requests to other hosts lead to public addresses only, and there are no files.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self { content, access, outbound: Outbound::default(), files: None, notifier: None }
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
}
