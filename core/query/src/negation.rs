//! The two ways in which negations are read.

/// The reading of `$not` and of the operators that negate (`$ne`, `$notIn` …). The origin of a filter decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Negation {
    /// Strapi's reading, which the contract records: below a relation or component a negation is about the related row, and nothing is
    /// known of an empty value, whatever it is compared with. For filters of the content API and of programs.
    Contract,
    /// A negation holds exactly where the condition does not: entries without a related row, and with empty values, are among them. For
    /// conditions of roles, tokens and webhooks, for read policies, and for the lists and saved views of the admin.
    Complement,
}
