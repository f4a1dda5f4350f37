//! Keys of permissions, by which plans and responses are cached.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// Key of cached plans: equal keys mean equal permissions and variables. It knows the permissions without the values of their variables as
/// well: what depends on few variables, or none, is shared by callers who differ in the others.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccessKey {
    whole: Arc<str>,
    permissions: Arc<str>,
}

impl AccessKey {
    /// The key of the same permissions whose variables have these values, which are written in full.
    #[must_use]
    pub fn with_values(&self, values: impl fmt::Display) -> Self {
        Self { whole: format!("{} {values}", self.whole).into(), permissions: self.permissions.clone() }
    }

    /// The key of permissions that are made from these in a way that `suffix` names.
    #[must_use]
    pub fn with_suffix(&self, suffix: impl fmt::Display) -> Self {
        let extend = |key: &str| format!("{key}{suffix}").into();
        Self { whole: extend(&self.whole), permissions: extend(&self.permissions) }
    }

    /// The whole key.
    pub fn whole(&self) -> &Arc<str> {
        &self.whole
    }

    /// The key of the permissions: equal keys mean equal permissions, whose variables may have other values.
    pub fn permissions(&self) -> &str {
        &self.permissions
    }
}

impl From<Arc<str>> for AccessKey {
    fn from(key: Arc<str>) -> Self {
        Self { whole: key.clone(), permissions: key }
    }
}

impl From<&str> for AccessKey {
    fn from(key: &str) -> Self {
        Arc::<str>::from(key).into()
    }
}

impl From<String> for AccessKey {
    fn from(key: String) -> Self {
        Arc::<str>::from(key).into()
    }
}

impl Deref for AccessKey {
    type Target = str;

    fn deref(&self) -> &str {
        &self.whole
    }
}

impl fmt::Display for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_the_same_for_all_values() {
        let role = AccessKey::from("role 3");
        let (ann, bob) = (role.with_values("[\"ann\"]"), role.with_values("[\"bob\"]"));
        assert_eq!((&*ann, ann.permissions()), ("role 3 [\"ann\"]", "role 3"));
        assert!(ann != bob && ann.permissions() == bob.permissions());
        let policed = [&ann, &bob].map(|key| key.with_suffix(" with policies 7"));
        assert_eq!(
            (&*policed[0], policed[0].permissions()),
            ("role 3 [\"ann\"] with policies 7", "role 3 with policies 7")
        );
        // Made from the text, a key has the values among its permissions, and shares nothing.
        let derived: AccessKey = format!("live {ann}").into();
        assert_eq!(derived.permissions(), &*derived);
    }
}
