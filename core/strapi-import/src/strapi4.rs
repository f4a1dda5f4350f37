//! Archives of Strapi 4 in the form of Strapi 5: everything that reads them further knows this form alone.
//!
//! Strapi 4 has a row for every locale of an entry, and relations between these rows; a row is a draft or published. Strapi 5 has documents: rows
//! in several locales share a document id, and a published row has a draft beside it. Strapi's own migration makes ids at random. Here they
//! follow from type and row, so that every reading of the same content has the same documents.

mod documents;
mod inventory;
mod rewriter;

use crate::archive::Archive;
use crate::error::ImportError;
use crate::member_writer::MemberWriter;
use crate::survey::{Survey, survey_archive};
use documents::group_all_rows;
use inventory::Inventory;
use rewriter::Rewriter;

/// Surveys an archive of Strapi 4 or 5. Returns it in the form of Strapi 5, with the survey.
pub fn survey_any_version(archive: &Archive) -> Result<(Archive, Survey), ImportError> {
    match survey_archive(archive) {
        Ok(survey) => Ok((archive.clone(), survey)),
        Err(ImportError::FormerVersion(_)) => {
            let upgraded = upgrade_archive(archive)?;
            let survey = survey_archive(&upgraded)?;
            Ok((upgraded, survey))
        }
        Err(e) => Err(e),
    }
}

/// Writes the content of an archive of Strapi 4 to a temporary file, in the form of Strapi 5. The files of the media library stay where they are.
pub(crate) fn upgrade_archive(archive: &Archive) -> Result<Archive, ImportError> {
    let inventory = Inventory::read(archive)?;
    let mut notes = inventory.describe();
    let documents = group_all_rows(&inventory, &mut notes);
    let mut members = MemberWriter::new()?;
    Rewriter::new(&inventory, &documents, &mut members).rewrite(archive)?;
    let file = members.finish(&inventory.metadata)?;
    Ok(Archive::of_upgraded(file, archive, notes))
}

#[cfg(test)]
mod tests;
