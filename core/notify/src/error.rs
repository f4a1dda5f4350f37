//! Problems of a body, by its fields.

/// Problems of a body: path and message. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidFields(pub Vec<(String, String)>);

impl InvalidFields {
    pub(crate) fn for_field(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self(vec![(field.into(), problem.into())])
    }
}

impl std::fmt::Display for InvalidFields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (i, (field, problem)) in self.0.iter().enumerate() {
            let joint = if i > 0 { "; " } else { "" };
            write!(f, "{joint}{field}: {problem}")?;
        }
        Ok(())
    }
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The body is invalid.
    #[error("{0}")]
    Invalid(InvalidFields),
    /// The mail, template or user does not exist.
    #[error("not found")]
    NotFound,
    /// A signature is missing, wrong or old.
    #[error("{0}")]
    Signature(&'static str),
    /// The database returned an error.
    #[error(transparent)]
    Store(#[from] cairn_store::StoreError),
}

impl From<InvalidFields> for NotifyError {
    fn from(e: InvalidFields) -> Self {
        Self::Invalid(e)
    }
}

impl From<crate::mail::address::MailFieldProblem> for NotifyError {
    fn from(e: crate::mail::address::MailFieldProblem) -> Self {
        Self::Invalid(InvalidFields::for_field(e.field, e.problem))
    }
}
