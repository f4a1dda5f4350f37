//! Masking of secrets in answers, so that a host that repeats what it was sent does not tell the plugin.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use memchr::memmem::Finder;
use percent_encoding::percent_decode_str;
use std::collections::BTreeSet;
use url::{Position, Url};

/// Replacement of each byte of a secret: nothing moves, and no length is another.
const MASK: u8 = b'*';

/// Shortest part of an address that is masked if it is no ordinary word, in bytes.
const MIN_PART_BYTES: usize = 8;
/// Shortest part of an address that is masked whatever it is, in bytes.
const MIN_WORD_BYTES: usize = 16;

/// The texts that give an address away where they are repeated: all of it, its host, and what its path and query consist of, except for
/// short words, which are in ordinary responses too.
pub(crate) fn address_parts(url: &Url) -> Vec<String> {
    let below_host = &url[Position::BeforePath..Position::AfterQuery];
    let segments = url.path_segments().into_iter().flatten().map(str::to_owned);
    let query = url.query_pairs().flat_map(|(name, value)| [name.into_owned(), value.into_owned()]);
    let encoded_query = url.query().into_iter().flat_map(|query| query.split(['&', '='])).map(str::to_owned);
    let below_host = [below_host, url.path(), url.query().unwrap_or_default()].map(str::to_owned);
    let parts = below_host.into_iter().chain(segments).chain(query).chain(encoded_query);
    let parts = parts.flat_map(|part| [percent_decode_str(&part).decode_utf8_lossy().into_owned(), part]);
    let whole = [Some(url.as_str()), url.host_str()].into_iter().flatten().map(str::to_owned);
    whole.chain(parts.filter(|part| is_telling(part))).collect()
}

/// True for a part that is hardly in a response by chance.
fn is_telling(part: &str) -> bool {
    let is_word = part.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'/' | b'-' | b'_'));
    part.len() >= if is_word { MIN_WORD_BYTES } else { MIN_PART_BYTES }
}

/// Finds secrets, as they are and as they are commonly written elsewhere: in addresses, in JSON, in base64.
#[derive(Default)]
pub(crate) struct SecretScrubber(Vec<Finder<'static>>);

impl SecretScrubber {
    pub(crate) fn new<'a>(secrets: impl Iterator<Item = &'a str>) -> Self {
        let mut forms = BTreeSet::new();
        for secret in secrets.filter(|secret| !secret.is_empty()) {
            forms.insert(secret.to_owned());
            forms.insert(url::form_urlencoded::byte_serialize(secret.as_bytes()).collect());
            forms.insert(
                url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>().replace('+', "%20"),
            );
            forms.insert(serde_json::Value::from(secret).to_string().trim_matches('"').to_owned());
            forms.insert(STANDARD_NO_PAD.encode(secret));
            forms.insert(URL_SAFE_NO_PAD.encode(secret));
            forms.insert(secret.bytes().map(|byte| format!("{byte:02x}")).collect());
        }
        // The longest first: one may be a part of another.
        let mut forms: Vec<String> = forms.into_iter().collect();
        forms.sort_by_key(|form| std::cmp::Reverse(form.len()));
        Self(forms.into_iter().map(|form| Finder::new(form.as_bytes()).into_owned()).collect())
    }

    /// Masks all of them.
    pub(crate) fn mask_bytes(&self, text: &mut [u8]) {
        for finder in &self.0 {
            let mut from = 0;
            while let Some(at) = text.get(from..).and_then(|rest| finder.find(rest)) {
                let (start, end) = (from + at, from + at + finder.needle().len());
                if let Some(found) = text.get_mut(start..end) {
                    found.fill(MASK);
                }
                from = end;
            }
        }
    }

    /// As [`Self::mask_bytes`], of a text.
    pub(crate) fn mask_text(&self, text: &str) -> String {
        let mut bytes = text.as_bytes().to_vec();
        self.mask_bytes(&mut bytes);
        // Whole letters were masked: what stays is a text.
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_addresses_are_masked_and_words_are_not() {
        let address = "https://hooks.example.com:8443/services/T0AB12CD3/Xy+z%2F9%20Kq?sig=a%2Fb%3Dc-98765&sv=1.0";
        let parts = address_parts(&Url::parse(address).unwrap());
        let scrub = SecretScrubber::new(parts.iter().map(String::as_str));
        for text in [
            address,
            "no such host: hooks.example.com",
            "Cannot POST /services/T0AB12CD3/Xy+z%2F9%20Kq",
            "T0AB12CD3",
            "Xy+z/9 Kq",
            "a/b=c-98765",
            "a%2Fb%3Dc-98765",
            "sig=a%2Fb%3Dc-98765&sv=1.0",
            &STANDARD_NO_PAD.encode("T0AB12CD3"),
        ] {
            let scrubbed = scrub.mask_text(text);
            for part in ["hooks.example", "T0AB", "Xy+z", "9 Kq", "98765", &STANDARD_NO_PAD.encode("T0AB12CD3")] {
                assert!(!scrubbed.contains(part), "{text}: {scrubbed}");
            }
            assert!(scrubbed.contains("****") && scrubbed.len() == text.len(), "{text}: {scrubbed}");
        }
        for text in ["services", "/", "1.0", "sig", "ok"] {
            assert_eq!(scrub.mask_text(text), text);
        }
    }

    #[test]
    fn secrets_are_masked_in_every_common_encoding() {
        let secret = "pa\"ss wörd/+=\\";
        let scrub = SecretScrubber::new([secret, "other-key"].into_iter());
        for text in [
            format!("<{secret}>"),
            format!("key={}", url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>()),
            serde_json::json!({ "headers": { "authorization": format!("Bearer {secret}") } }).to_string(),
            format!("{secret}{secret} other-key"),
            base64::engine::general_purpose::STANDARD.encode(secret),
            secret.bytes().map(|b| format!("{b:02x}")).collect(),
        ] {
            let scrubbed = scrub.mask_text(&text);
            assert_eq!(scrubbed.len(), text.len(), "{text}");
            for part in ["wörd", "ss w", "other", "6f6465", &STANDARD_NO_PAD.encode(secret)[..10]] {
                assert!(!scrubbed.contains(part), "{text} {scrubbed}");
            }
            assert!(scrubbed.contains("****"), "{text} {scrubbed}");
        }
        assert_eq!(scrub.mask_text("nothing of it"), "nothing of it");
        assert_eq!(SecretScrubber::new([""].into_iter()).mask_text("ab"), "ab");
    }
}
