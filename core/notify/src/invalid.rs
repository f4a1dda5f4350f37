//! What is wrong with a body, by its fields.

/// Mistakes of a body: where, and what. Never empty.
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

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The body is wrong.
    #[error("{0}")]
    Invalid(Invalid),
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// A signature is missing, wrong or old.
    #[error("{0}")]
    Signature(&'static str),
    /// The database.
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
