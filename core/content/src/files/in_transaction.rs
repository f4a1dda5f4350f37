//! Reads of files inside a transaction.

use super::parse_file_ref;
use super::signed_flag::{with_signature, with_signature_each};
use crate::{Content, RequestContext, Result};
use cairn_query::Action;
use cairn_store::Reader;

/// Files that a route of the content API reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileRead {
    /// A bare list: [`Content::find_files`].
    List,
    /// One file, by numeric id or document id: [`Content::find_file`].
    One(String),
}

impl Content {
    /// Returns the body of the response of a route inside a transaction, what that has written included; `None` if there is no such file.
    /// Nothing of it is cached.
    ///
    /// # Errors
    /// The same errors as those of the functions that [`FileRead`] names.
    pub fn read_files_in(
        &self,
        reader: &Reader<'_>,
        context: &RequestContext<'_>,
        read: &FileRead,
    ) -> Result<Option<Vec<u8>>> {
        let access = self.without_private(context.access);
        let context = RequestContext { access: &access, ..self.for_files(context, context.query) };
        match read {
            FileRead::List => {
                let list = self.read_bare_in(reader, &context, Action::Find, None)?;
                list.map(|list| with_signature_each(&list)).transpose()
            }
            FileRead::One(id) => {
                let document = reader.documents().resolve(context.content_type, &parse_file_ref(id), None)?;
                // Read even if the file does not exist, so that permissions and parameters are checked first.
                let document = document.unwrap_or_default();
                let file = self.read_bare_in(reader, &context, Action::FindOne, Some(&document))?;
                file.map(|file| with_signature(&file)).transpose()
            }
        }
    }
}
