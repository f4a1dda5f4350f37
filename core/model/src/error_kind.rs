//! The one table of what a client is told when a request fails: the HTTP status of each kind of error, and its name in the contract's
//! envelope. Crates have error types of their own, each of which says its kind.

/// A kind of error that a response can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// Input that is not valid.
    Validation,
    /// A request that does not fit what is there: a code that is used up, a file that is missing.
    BadRequest,
    /// A page that is not valid.
    Pagination,
    /// A rule of the application that forbids it.
    Application,
    /// A body that is not JSON.
    Syntax,
    /// Credentials that are missing or invalid.
    Unauthorized,
    /// A permission that the caller lacks.
    Forbidden,
    /// Nothing for this caller at that address.
    NotFound,
    /// A method that the address does not have.
    MethodNotAllowed,
    /// A body that arrived too slowly.
    RequestTimeout,
    /// Something else that is in the way of a change.
    Conflict,
    /// Something that was there, and is no longer.
    Gone,
    /// Another version than the one that the client named.
    PreconditionFailed,
    /// A body or a file that is too large.
    TooLarge,
    /// A query that is too long.
    UriTooLong,
    /// A content type that the address does not take.
    UnsupportedMediaType,
    /// Something that another request is using.
    Locked,
    /// A change that has to name the version it is made to.
    PreconditionRequired,
    /// Too many requests.
    TooMany,
    /// A piece of an upload that differs from its checksum.
    ChecksumMismatch,
    /// A fault of Cairn's own.
    Internal,
    /// A plugin that failed.
    Plugin,
    /// Something that works again later.
    Unavailable,
}

impl ErrorKind {
    /// All kinds; of those that share a status, the most usual is first.
    const ALL: [Self; 23] = [
        Self::Validation,
        Self::BadRequest,
        Self::Pagination,
        Self::Application,
        Self::Syntax,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::Conflict,
        Self::Gone,
        Self::PreconditionFailed,
        Self::TooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::Locked,
        Self::PreconditionRequired,
        Self::TooMany,
        Self::ChecksumMismatch,
        Self::Internal,
        Self::Plugin,
        Self::Unavailable,
    ];

    /// The status and the name, which Strapi gives the same kind where it has it. 460 is tus's, for checksums.
    const fn row(self) -> (u16, &'static str) {
        match self {
            Self::Validation => (400, "ValidationError"),
            Self::BadRequest => (400, "BadRequestError"),
            Self::Pagination => (400, "PaginationError"),
            Self::Application => (400, "ApplicationError"),
            Self::Syntax => (400, "SyntaxError"),
            Self::Unauthorized => (401, "UnauthorizedError"),
            Self::Forbidden => (403, "ForbiddenError"),
            Self::NotFound => (404, "NotFoundError"),
            Self::MethodNotAllowed => (405, "MethodNotAllowedError"),
            Self::RequestTimeout => (408, "RequestTimeoutError"),
            Self::Conflict => (409, "ConflictError"),
            Self::Gone => (410, "GoneError"),
            Self::PreconditionFailed => (412, "PreconditionFailedError"),
            Self::TooLarge => (413, "PayloadTooLargeError"),
            Self::UriTooLong => (414, "UriTooLongError"),
            Self::UnsupportedMediaType => (415, "UnsupportedMediaTypeError"),
            Self::Locked => (423, "LockedError"),
            Self::PreconditionRequired => (428, "PreconditionRequiredError"),
            Self::TooMany => (429, "RateLimitError"),
            Self::ChecksumMismatch => (460, "ChecksumMismatchError"),
            Self::Internal => (500, "InternalServerError"),
            Self::Plugin => (502, "PluginError"),
            Self::Unavailable => (503, "ServiceUnavailableError"),
        }
    }

    /// The HTTP status of the response.
    pub const fn status(self) -> u16 {
        self.row().0
    }

    /// `name` in the envelope, which programs compare.
    pub const fn name(self) -> &'static str {
        self.row().1
    }

    /// Finds the kind that a status stands for: for 400 the one for invalid input. `None` for a status that no kind has.
    pub fn from_status(status: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.status() == status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_kind_has_a_name_of_its_own_and_is_found_by_its_status() {
        let names: BTreeSet<_> = ErrorKind::ALL.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), ErrorKind::ALL.len());
        for kind in ErrorKind::ALL {
            let found = ErrorKind::from_status(kind.status()).unwrap();
            assert_eq!(found.status(), kind.status());
            assert!(kind.status() == 400 || found == kind, "{kind:?}");
        }
        assert_eq!(ErrorKind::from_status(400), Some(ErrorKind::Validation));
        assert_eq!(ErrorKind::from_status(200), None);
    }
}
