//! Addresses of private files: whoever may read an entry that shows one gets a signed address that expires.

use super::sql::Address;
use memchr::memmem;

/// The beginning of a private file's address.
const PRIVATE: &[u8] = b"/uploads/private/";

/// Signs the addresses of private files.
pub trait FileLinks: Send + Sync {
    /// The query that is appended to the address of the named file, from its `?` on: ASCII that needs no escaping in JSON.
    fn query(&self, name: &str) -> String;
}

/// Signs the addresses in what was written from `begun` on. Without such an address, costs a search for its beginning.
pub(super) fn sign(out: &mut Vec<u8>, begun: usize, address: Address, links: Option<&dyn FileLinks>) {
    let Some(links) = links else { return };
    // In JSON it is the value of a member `url`, with or without a blank before it.
    let own = |text: &[u8], at: usize| match address {
        Address::Text => at == 1,
        Address::Json => {
            let before = text[..at].strip_suffix(b"\"").unwrap_or_default();
            before.strip_suffix(b" ").unwrap_or(before).ends_with(b"\"url\":")
        }
    };
    let mut from = begun;
    while let Some(found) = memmem::find(&out[from..], PRIVATE) {
        let at = from + found;
        let name = at + PRIVATE.len();
        let Some(length) = out[name..].iter().position(|b| *b == b'"') else { return };
        let end = name + length;
        from = end;
        if !own(&out[begun..], at - begun) {
            continue;
        }
        let Ok(text) = std::str::from_utf8(&out[name..end]) else { continue };
        // What is to be made of it comes first.
        let query = match text.split_once('?') {
            None => links.query(text),
            Some((text, _)) => format!("&{}", links.query(text).trim_start_matches('?')),
        };
        from += query.len();
        out.splice(end..end, query.into_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Named;

    impl FileLinks for Named {
        fn query(&self, name: &str) -> String {
            format!("?for={name}")
        }
    }

    fn signed(text: &str, address: Address) -> String {
        let mut out = b"before /uploads/private/x\"".to_vec();
        let begun = out.len();
        out.extend_from_slice(text.as_bytes());
        sign(&mut out, begun, address, Some(&Named));
        String::from_utf8(out.split_off(begun)).unwrap()
    }

    #[test]
    fn addresses_of_private_files_are_signed_and_nothing_else() {
        assert_eq!(signed(r#""/uploads/private/a.png""#, Address::Text), r#""/uploads/private/a.png?for=a.png""#);
        assert_eq!(signed(r#""/uploads/private/a?w=1""#, Address::Text), r#""/uploads/private/a?w=1&for=a""#);
        for other in [r#""/uploads/a.png""#, r#""x /uploads/private/a.png""#, r#""""#, "null", r#""/uploads/private/"#]
        {
            assert_eq!(signed(other, Address::Text), other);
        }
        assert_eq!(
            signed(
                r#"{"s":{"name":"/uploads/private/n","url":"/uploads/private/b"},"m":{"url": "/uploads/private/c"}}"#,
                Address::Json
            ),
            r#"{"s":{"name":"/uploads/private/n","url":"/uploads/private/b?for=b"},"m":{"url": "/uploads/private/c?for=c"}}"#
        );
    }
}
