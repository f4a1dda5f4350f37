//! What the plugins of a tenant work on.

use cairn_access::AccessControl;
use cairn_content::Content;

/// What the host's capabilities reach, of one tenant. Cloning is cheap.
#[derive(Clone)]
pub struct Ground {
    /// Its documents.
    pub(crate) content: Content,
    /// Its people, languages, keys and clock.
    pub(crate) access: AccessControl,
}

impl Ground {
    /// `content`: made with these plugins as its hooks.
    pub fn new(content: Content, access: AccessControl) -> Self {
        Self { content, access }
    }
}
