//! Problems of a body, by its fields.

/// Problems of a body: path and message. Never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid(pub Vec<(String, String)>);

impl Invalid {
    pub(crate) fn one(field: impl Into<String>, problem: impl Into<String>) -> Self {
        Self(vec![(field.into(), problem.into())])
    }
}

impl std::fmt::Display for Invalid {
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
pub enum Refusal {
    /// The body is invalid.
    #[error("{0}")]
    Invalid(Invalid),
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

impl From<Invalid> for Refusal {
    fn from(e: Invalid) -> Self {
        Self::Invalid(e)
    }
}

impl From<crate::address::FieldProblem> for Refusal {
    fn from(e: crate::address::FieldProblem) -> Self {
        Self::Invalid(Invalid::one(e.field, e.problem))
    }
}
