//! Results of a verification.

/// Verdict on a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Intact, and by a certificate that is trusted.
    Valid,
    /// Broken: the document or the signature was changed, or contradicts itself.
    Invalid,
    /// Intact as far as it can be checked, but something is missing: trust, a supported algorithm, a time at which the certificate
    /// was valid.
    Unknown,
}

impl Verdict {
    /// The word for it: `valid`, `invalid` or `unknown`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Invalid => "invalid",
            Self::Unknown => "unknown",
        }
    }

    /// The worse of two.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Invalid, _) | (_, Self::Invalid) => Self::Invalid,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Valid, Self::Valid) => Self::Valid,
        }
    }
}

/// PAdES baseline level that was found. Data for later verification (B-LT, B-LTA) is not evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureLevel {
    /// Basic signature.
    BB,
    /// Signature with a time stamp of a trusted authority.
    BT,
}

/// Findings about one signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureReport {
    /// Verdict on the signature.
    pub verdict: Verdict,
    /// Name of the certificate's owner, `CN=…, O=…`; empty where the certificate cannot be found.
    pub signer: String,
    /// Time of the time stamp, in milliseconds since 1970; `None` without one that is trusted.
    pub stamped_at: Option<i64>,
    /// Level; `None`: not a baseline signature.
    pub level: Option<SignatureLevel>,
    /// Reasons for the verdict, and what was not checked.
    pub notes: Vec<String>,
}

impl SignatureReport {
    pub(crate) fn of(verdict: Verdict, note: impl Into<String>) -> Self {
        Self { verdict, signer: String::new(), stamped_at: None, level: None, notes: vec![note.into()] }
    }

    pub(crate) fn worsen(&mut self, verdict: Verdict, note: impl Into<String>) {
        self.verdict = self.verdict.and(verdict);
        self.notes.push(note.into());
    }
}
