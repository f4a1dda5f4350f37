//! Descriptions of the content API, one for each set of permissions: anybody may ask for one, and for a model with many types making it takes as
//! long as many reads.

use bytes::Bytes;
use moka::sync::Cache;

/// Bytes of the descriptions that a tenant keeps.
const MAX_BYTES: u64 = 32 << 20;

/// The descriptions of one tenant, as JSON texts.
pub struct ApiDescriptions {
    entries: Cache<String, Bytes>,
}

impl Default for ApiDescriptions {
    fn default() -> Self {
        let weigh = |key: &String, text: &Bytes| u32::try_from(key.len() + text.len()).unwrap_or(u32::MAX);
        Self { entries: Cache::builder().weigher(weigh).max_capacity(MAX_BYTES).build() }
    }
}

impl ApiDescriptions {
    /// Returns the description for a set of permissions, made with `make` if it is not kept. Of all who ask for it at a time one makes it, and
    /// the others wait. Blocks.
    pub fn get_or_make(&self, permissions: &str, make: impl FnOnce() -> Vec<u8>) -> Bytes {
        self.entries.get_with_by_ref(permissions, || make().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_set_of_permissions_has_its_description_which_is_made_once() {
        let descriptions = ApiDescriptions::default();
        assert_eq!(descriptions.get_or_make("a", || b"1".to_vec()), "1");
        assert_eq!(descriptions.get_or_make("b", || b"2".to_vec()), "2");
        assert_eq!(descriptions.get_or_make("a", || b"3".to_vec()), "1");
    }
}
