//! Names of tenants.

/// The default tenant, which exists in every installation.
pub const DEFAULT_TENANT: &str = "default";

/// True if a text can be a tenant's name: `[a-z][a-z0-9-]{0,30}`. Such a name is safe as the name of a folder.
pub fn is_tenant_name(name: &str) -> bool {
    name.len() <= 31
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenant_names_are_validated() {
        for good in ["a", "default", "mrdj", "a-1", "a-", &"a".repeat(31)] {
            assert!(is_tenant_name(good), "{good}");
        }
        for bad in ["", "A", "1a", "-a", ".", "..", "a/b", "a.b", "a_b", "a b", "é", "a\0", &"a".repeat(32)] {
            assert!(!is_tenant_name(bad), "{bad}");
        }
    }
}
