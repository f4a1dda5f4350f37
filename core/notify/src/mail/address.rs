//! Addresses and names in a mail's headers: nothing in them can begin another header.

use crate::templates::is_break;
use cairn_contact_details::email::clean_email;
use cairn_contact_details::invisible::overrides_direction;
use cairn_contact_details::person_name::clean_name;
use lettre::Address;
use lettre::message::Mailbox;

/// Longest address, in bytes (RFC 5321).
const MAX_ADDRESS_BYTES: usize = 254;
/// Longest part before the `@`, in bytes.
const MAX_LOCAL_PART_BYTES: usize = 64;
/// Longest name, in characters.
const MAX_NAME_CHARS: usize = 200;

/// Why a field of a mail cannot be used; names the field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct MailFieldProblem {
    /// Name of the field: `to`, `toName`, `replyTo`, `from` …
    pub field: &'static str,
    /// The problem, and what is expected.
    pub problem: String,
}

/// Validates an address: returns its domain as ASCII in lower case (`xn--…` for others), the part before the `@` unchanged, without spaces around
/// and characters that nobody sees. Domains are normalised like for name look-ups, so that `post@bücher.example` is equal to its ASCII form. The
/// error describes the problem.
pub(crate) fn parse_address(field: &'static str, text: &str) -> Result<String, MailFieldProblem> {
    let to_problem = |problem: &str| MailFieldProblem { field, problem: problem.to_owned() };
    if text.is_empty() {
        return Err(to_problem("an e-mail address is required"));
    }
    if text.len() > 4 * MAX_ADDRESS_BYTES {
        return Err(to_problem("the e-mail address must have at most 254 bytes"));
    }
    if text.chars().any(is_break) {
        return Err(to_problem("an e-mail address must not contain line breaks or control characters"));
    }
    let cleaned = clean_email(text);
    let (local, domain) =
        cleaned.rsplit_once('@').ok_or_else(|| to_problem("expected an e-mail address such as ann@example.com"))?;
    let domain =
        idna::domain_to_ascii(domain).map_err(|_| to_problem("the domain of the e-mail address is invalid"))?;
    let full_address = format!("{local}@{domain}");
    if full_address.len() > MAX_ADDRESS_BYTES || local.len() > MAX_LOCAL_PART_BYTES {
        return Err(to_problem("the e-mail address must have at most 254 bytes, of which at most 64 before the @"));
    }
    // IP addresses are refused: nobody reads mail there.
    let is_hostname =
        domain.ends_with(|c: char| c.is_ascii_alphabetic() || domain.contains("xn--") && c.is_ascii_digit());
    match Address::new(local, &domain) {
        Ok(_) if is_hostname && (domain.contains('.') || domain == "localhost") => Ok(full_address),
        _ => Err(to_problem("expected an e-mail address such as ann@example.com")),
    }
}

/// Validates a name beside an address: one line, in the order in which it is read. The error describes the problem.
pub(crate) fn parse_name(field: &'static str, text: &str) -> Result<Option<String>, MailFieldProblem> {
    let to_problem = |problem: String| MailFieldProblem { field, problem };
    if text.chars().any(is_break) {
        return Err(to_problem("a name must not contain line breaks or control characters".into()));
    }
    if text.chars().count() > MAX_NAME_CHARS {
        return Err(to_problem(format!("a name can have at most {MAX_NAME_CHARS} characters")));
    }
    // A mail is not held up by how a name is written.
    let text: String = text.chars().filter(|c| !overrides_direction(*c)).collect();
    Ok(Some(clean_name(&text)).filter(|name| !name.is_empty()))
}

/// Parses `Name <address>` or an address alone. The error describes the problem of either.
pub(crate) fn parse_sender(field: &'static str, text: &str) -> Result<(Option<String>, String), MailFieldProblem> {
    match text.trim().strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
        Some((before, inside)) => {
            let display_name = before.trim().trim_matches('"');
            Ok((parse_name(field, display_name)?, parse_address(field, inside.trim())?))
        }
        None => Ok((None, parse_address(field, text.trim())?)),
    }
}

/// The key by which an address is suppressed, however it is spelled.
pub(crate) fn suppression_key(address: &str) -> String {
    parse_address("address", address).unwrap_or_else(|_| address.to_owned()).to_lowercase()
}

pub(crate) fn parse_mailbox(
    field: &'static str,
    display_name: Option<&str>,
    text: &str,
) -> Result<Mailbox, MailFieldProblem> {
    let address = parse_address(field, text)?;
    let display_name = display_name.map(|n| parse_name(field, n)).transpose()?.flatten();
    let address: Address =
        address.parse().map_err(|_| MailFieldProblem { field, problem: "expected an e-mail address".into() })?;
    Ok(Mailbox::new(display_name, address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_names_cannot_inject_headers() {
        for bad in [
            "ann@example.com\r\nBcc: eve@example.com",
            "ann@example.com\n",
            "ann\0@example.com",
            "\"ann\r\n\"@example.com",
            "ann@exam\rple.com",
            "ann@example.com\u{2028}x",
            "ann@example.com\u{85}",
        ] {
            let problem = parse_address("to", bad).unwrap_err();
            assert!(
                problem.to_string().starts_with("to: ") && problem.problem.contains("line breaks"),
                "{bad:?}: {problem}"
            );
        }
        for bad in ["Ann\r\nBcc: eve@example.com", "Ann\u{2029}", "\u{1b}[2J", &"x".repeat(201)] {
            assert_eq!(parse_name("toName", bad).unwrap_err().field, "toName", "{bad:?}");
        }
        assert_eq!(parse_name("toName", "  Ånn \"the boss\" <x> ").unwrap().as_deref(), Some("Ånn \"the boss\" <x>"));
        assert_eq!(parse_name("toName", " ").unwrap(), None);
        assert_eq!(parse_name("toName", "\u{200b}\u{202e}").unwrap(), None);
        assert_eq!(parse_name("toName", "\u{202e}Ann\u{feff}").unwrap().as_deref(), Some("Ann"));
    }

    #[test]
    fn invalid_addresses_are_refused_and_domains_normalized() {
        for bad in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@example",
            "a b@example.com",
            "ann@exa mple.com",
            "ann@-example.com",
            "ann@example..com",
            "ann,eve@example.com",
            "<ann@example.com>",
            "ann@example.com, eve@example.com",
            "Ann <ann@example.com>",
            "ann@[127.0.0.1]",
            "ann@xn--a.example",
            &format!("{}@example.com", "x".repeat(65)),
            &format!("a@{}.com", "x.".repeat(200)),
            &"@".repeat(100_000),
        ] {
            assert!(parse_address("to", bad).is_err(), "{bad:?}");
        }
        for (good, is) in [
            ("ann@example.com", "ann@example.com"),
            ("Ann.B+c@Example.COM", "Ann.B+c@example.com"),
            ("post@bücher.example", "post@xn--bcher-kva.example"),
            (" \u{202a}post@exam\u{200b}ple.com\u{202c}", "post@example.com"),
            ("δοκιμή@example.com", "δοκιμή@example.com"),
            ("o'neil@example.com", "o'neil@example.com"),
            ("root@localhost", "root@localhost"),
        ] {
            assert_eq!(parse_address("to", good).unwrap(), is);
        }
    }

    #[test]
    fn senders_are_parsed_with_and_without_a_name() {
        let both = parse_sender("from", "Mr. DJ <post@mrdj.nl>").unwrap();
        assert_eq!(both, (Some("Mr. DJ".into()), "post@mrdj.nl".into()));
        assert_eq!(parse_sender("from", "\"A, B\" <a@b.nl>").unwrap().0.as_deref(), Some("A, B"));
        assert_eq!(parse_sender("from", "post@mrdj.nl").unwrap(), (None, "post@mrdj.nl".into()));
        assert!(parse_sender("from", "Mr. DJ").is_err());
        for same in ["Ann@Bücher.example", "ann@xn--bcher-kva.example", "\u{feff}ANN@BÜCHER.example"] {
            assert_eq!(suppression_key(same), "ann@xn--bcher-kva.example");
        }
        assert_eq!(
            (suppression_key("Ann@Example.com"), suppression_key("Ann")),
            ("ann@example.com".into(), "ann".into())
        );
    }
}
