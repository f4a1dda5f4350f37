//! Why a query has no result.

use cairn_search::SearchError;
use cairn_store::StoreError;

/// Why a query has no result.
pub(super) enum IndexQueryError {
    Busy,
    Store(StoreError),
    Search(SearchError),
}

impl From<StoreError> for IndexQueryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SearchError> for IndexQueryError {
    fn from(error: SearchError) -> Self {
        Self::Search(error)
    }
}
