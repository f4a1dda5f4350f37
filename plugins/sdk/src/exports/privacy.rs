//! Data of a plugin about one person: reported to them, and erased.

use crate::{Call, DocumentRef, FileId, Instant, Result, panic};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[doc(hidden)]
pub mod raw {
    #![allow(missing_docs, clippy::all, reason = "generated")]
    wit_bindgen::generate!({
        inline: "package cairn:sdk; world privacy { export cairn:plugin/privacy@0.1.0; }",
        path: "../wit/v0.1",
        with: { "cairn:plugin/types@0.1.0": crate::bindings::types },
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq, Clone],
    });
}

pub use raw::exports::cairn::plugin::privacy::{ErasureStep, Person, PersonalRecord, ReportPage, RetainedRecord};

/// One person's data. Both functions are called until they return no `next`.
pub trait Privacy {
    /// Where the next page or step goes on.
    type Cursor: Serialize + DeserializeOwned;

    /// A page of what the plugin has about a person. Stores nothing. `cursor`: what the page before returned; none on the first.
    ///
    /// # Errors
    /// The report then says that this plugin's part is missing.
    fn report(call: &Call, person: &Person, cursor: Option<Self::Cursor>) -> Result<ReportPage>;

    /// A step of erasing it, in a transaction of its own. Erasing what is erased already does nothing; what stays is named each time.
    /// `cursor`: what the step before returned; none on the first.
    ///
    /// # Errors
    /// The step is rolled back, and the erasure is not complete.
    fn erase(call: &Call, person: &Person, cursor: Option<Self::Cursor>) -> Result<ErasureStep>;
}

impl PersonalRecord {
    /// One thing that is stored about a person. `kind`: a text for people, or `t:` and its key in `locales/`. `title` tells it from others
    /// of its kind.
    ///
    /// # Errors
    /// Where `data` is no JSON.
    pub fn new(kind: impl Into<String>, title: impl Into<String>, data: &impl Serialize) -> Result<Self> {
        Ok(Self { kind: kind.into(), title: title.into(), data: serde_json::to_string(data)? })
    }
}

impl RetainedRecord {
    /// One thing that stays, and why. `kind` and `reason`: texts for people, or `t:` and their keys in `locales/`. `until`: none where that
    /// is not known.
    pub fn new(
        kind: impl Into<String>,
        title: impl Into<String>,
        reason: impl Into<String>,
        until: Option<Instant>,
    ) -> Self {
        Self { kind: kind.into(), title: title.into(), reason: reason.into(), until }
    }
}

impl ReportPage {
    /// A page. `next`: the cursor of the next one; none at the end.
    ///
    /// # Errors
    /// Where `next` is no JSON.
    pub fn new(records: Vec<PersonalRecord>, next: Option<&impl Serialize>) -> Result<Self> {
        Ok(Self { records, next: to_cursor(next)? })
    }
}

impl ErasureStep {
    /// A step. `erased`: documents that were deleted, or are no longer about the person, whose history goes as well. `next`: the cursor of
    /// the next one; none at the end.
    ///
    /// # Errors
    /// Where `next` is no JSON.
    pub fn new(erased: Vec<DocumentRef>, retained: Vec<RetainedRecord>, next: Option<&impl Serialize>) -> Result<Self> {
        Ok(Self { erased, files: Vec::new(), retained, next: to_cursor(next)? })
    }

    /// The same with files that the plugin created and that are about the person: they are deleted for good.
    #[must_use]
    pub fn with_files(self, files: Vec<FileId>) -> Self {
        Self { files, ..self }
    }
}

fn to_cursor(next: Option<&impl Serialize>) -> Result<Option<String>> {
    Ok(next.map(serde_json::to_string).transpose()?)
}

fn from_cursor<T: DeserializeOwned>(cursor: Option<&str>) -> Result<Option<T>> {
    Ok(cursor.map(serde_json::from_str).transpose()?)
}

/// Joins the plugin's trait to the generated one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Adapter<T>(std::marker::PhantomData<T>);

impl<T: Privacy> raw::exports::cairn::plugin::privacy::Guest for Adapter<T> {
    fn report(call: Call, person: Person, cursor: Option<String>) -> Result<ReportPage> {
        panic::report();
        T::report(&call, &person, from_cursor(cursor.as_deref())?)
    }

    fn erase(call: Call, person: Person, cursor: Option<String>) -> Result<ErasureStep> {
        panic::report();
        T::erase(&call, &person, from_cursor(cursor.as_deref())?)
    }
}
