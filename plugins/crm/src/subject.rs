//! The documents that clocks, notices and links of the admin are about.

use crate::model::{Activity, Deal, Lead, Quote};
use cairn_plugin::prelude::*;
use serde::Deserialize;
use std::marker::PhantomData;

/// A lead, deal, quote or activity, by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject<'a> {
    Lead(&'a str),
    Deal(&'a str),
    Quote(&'a str),
    Activity(&'a str),
}

impl<'a> Subject<'a> {
    /// The document's id.
    pub(crate) const fn id(self) -> &'a str {
        match self {
            Self::Lead(id) | Self::Deal(id) | Self::Quote(id) | Self::Activity(id) => id,
        }
    }

    /// Its kind, as keys and payloads name it.
    pub(crate) const fn kind(self) -> &'static str {
        match self {
            Self::Lead(_) => "lead",
            Self::Deal(_) => "deal",
            Self::Quote(_) => "quote",
            Self::Activity(_) => "activity",
        }
    }

    /// Where the admin shows it.
    pub(crate) fn admin_path(self) -> String {
        match self {
            Self::Lead(id) => format!("/admin/content/{}/{id}", Lead::TYPE),
            Self::Deal(id) => format!("/admin/content/{}/{id}", Deal::TYPE),
            Self::Quote(id) => format!("{QUOTES_PAGE}?quote={id}"),
            Self::Activity(id) => format!("/admin/content/{}/{id}", Activity::TYPE),
        }
    }

    /// Checks that the person of this call may read it: whoever may work on something works on what they see.
    ///
    /// # Errors
    /// `Denied` where they may read none of its kind, `NotFound` for one that is not there or that they may not see.
    pub(crate) fn require_visible(self) -> Result<()> {
        let id = self.id();
        let found = match self {
            Self::Lead(_) => find_visible::<Seen<Lead>>(id)?,
            Self::Deal(_) => find_visible::<Seen<Deal>>(id)?,
            Self::Quote(_) => find_visible::<Seen<Quote>>(id)?,
            Self::Activity(_) => find_visible::<Seen<Activity>>(id)?,
        };
        if found { Ok(()) } else { Err(Error::NotFound(id.to_owned())) }
    }
}

/// A document as far as it matters whether it can be seen.
#[derive(Deserialize)]
#[serde(bound = "")]
struct Seen<T> {
    #[serde(skip)]
    of: PhantomData<T>,
}

impl<T: Document> Document for Seen<T> {
    const TYPE: &'static str = T::TYPE;
}

fn find_visible<T: Document>(id: &str) -> Result<bool> {
    let found = data::find::<T>().as_caller().fields(&["createdAt"]).by_ids(&[id])?;
    Ok(found.into_iter().flatten().next().is_some())
}

/// The page of quotes in the admin.
pub(crate) const QUOTES_PAGE: &str = "/admin/plugins/crm/pages/quotes";
