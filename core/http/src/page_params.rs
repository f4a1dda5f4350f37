//! Pages of lists of the admin API: by the number of the last entry that was seen.

use utoipa::IntoParams;

/// Entries of a page, where no number is asked for.
pub const DEFAULT_PAGE_SIZE: i64 = 50;
/// Entries of a page at most.
pub const MAX_PAGE_SIZE: i64 = 100;

/// Part of a list that is requested.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, IntoParams)]
#[serde(default)]
#[into_params(parameter_in = Query)]
pub struct PageParams {
    /// Entries with smaller numbers only.
    pub before: Option<i64>,
    /// Entries at most: 1 to 100, 50 where it is left out.
    limit: Option<i64>,
}

impl PageParams {
    /// Number of entries of the page.
    pub fn limit(self) -> i64 {
        self.limit.unwrap_or(DEFAULT_PAGE_SIZE).clamp(1, MAX_PAGE_SIZE)
    }

    /// How to go on after these rows: where there may be more, before the number of the last.
    pub fn next_before<T>(self, rows: &[T], number: impl Fn(&T) -> i64) -> Option<i64> {
        (rows.len() as i64 == self.limit()).then(|| rows.last().map(number)).flatten()
    }
}
