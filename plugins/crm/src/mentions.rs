//! Mentions of colleagues in a text, and whom they mean. `@Bart` and `@bart.de.vries` name somebody by the beginning of their name,
//! `@"Bart de Vries"` by a name with spaces, `@[7]` by their number. E-mail addresses, addresses of the web and code mention nobody.

use cairn_plugin::people::Person as Colleague;
use serde::{Deserialize, Serialize};

/// Most people that one activity can mention.
pub(crate) const MAX_MENTIONS: usize = 20;
/// Longest name that a mention can have, in characters.
const MAX_NAME_CHARS: usize = 100;
/// Longest scheme of a web address, in bytes: `https`.
const MAX_SCHEME_BYTES: usize = 20;
/// Most people that a mention which fits several is said to fit.
const MAX_SUGGESTIONS: usize = 10;

/// A mention in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mention {
    /// As it is written, with the `@`.
    pub(crate) written: String,
    pub(crate) target: MentionTarget,
}

/// The person that a mention names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MentionTarget {
    /// The first words of a name, in small letters; at least one.
    Words(Vec<String>),
    /// The id of an admin user.
    Id(String),
}

impl Mention {
    /// The same for all ways to write the same: what a stored mention is recognised by.
    pub(crate) fn key(&self) -> String {
        match &self.target {
            MentionTarget::Words(words) => words.join(" "),
            MentionTarget::Id(id) => format!("[{id}]"),
        }
    }
}

/// A mention as the activity keeps it: the id stays whatever the person is called later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredMention {
    /// The id of the admin user.
    pub(crate) id: String,
    /// The key of the mention in the text.
    pub(crate) word: String,
}

/// The outcome of looking up a mention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resolution {
    /// This admin user.
    Found(String),
    /// Nobody.
    Unknown,
    /// Several people: how to write each of them.
    Ambiguous(Vec<String>),
}

/// The mentions of a text, each once, in their order. It stops after one more than an activity can have.
pub(crate) fn find_mentions(text: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    let (mut rest, mut before): (&str, Option<char>) = (text, None);
    while let Some(next) = rest.chars().next() {
        let mut read = next.len_utf8();
        if next == '`' {
            read = code_len(rest, before.is_none_or(|c| c == '\n'));
        } else if next == '@' && may_precede(before) {
            if let Some((mention, bytes)) = read_mention(rest) {
                if found.iter().all(|known| known.target != mention.target) {
                    found.push(mention);
                }
                if found.len() > MAX_MENTIONS {
                    break;
                }
                read = bytes;
            }
        } else if !before.is_some_and(char::is_alphanumeric)
            && let Some(bytes) = web_address_len(rest)
        {
            read = bytes;
        }
        let (done, left) = rest.split_at(read);
        (before, rest) = (done.chars().next_back(), left);
    }
    found
}

/// The words of a name, in small letters: what is between them does not matter. The host splits names in the same way.
fn split_words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// True for a character behind which a mention can begin. Behind a letter, `@` is part of an address.
fn may_precede(before: Option<char>) -> bool {
    before.is_none_or(|c| c.is_whitespace() || "([{<\"'“‘„«,;:!?*–—|".contains(c))
}

/// The bytes of code at the start of a text: what is between two runs of as many backticks. A run of three or more that begins a line and
/// is never closed opens a block up to the end; others are characters like any.
fn code_len(text: &str, begins_line: bool) -> usize {
    let run = |text: &str| text.bytes().take_while(|byte| *byte == b'`').count();
    let opening = run(text);
    let mut at = opening;
    while let Some(gap) = text[at..].find('`') {
        let closing = run(&text[at + gap..]);
        at += gap + closing;
        if closing == opening {
            return at;
        }
    }
    if opening >= 3 && begins_line { text.len() } else { opening }
}

/// The bytes of a web address at the start of a text, up to the next space.
fn web_address_len(text: &str) -> Option<usize> {
    let is_of_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    let scheme = text.bytes().take(MAX_SCHEME_BYTES).take_while(is_of_scheme).count();
    let has_www = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("www."));
    let is_address = has_www || (scheme > 0 && text[scheme..].starts_with("://"));
    is_address.then(|| text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The mention at the start of a text that begins with `@`, and its bytes.
fn read_mention(text: &str) -> Option<(Mention, usize)> {
    let rest = &text[1..];
    // The line is cut at the longest name: a long text may have many mentions.
    let line = truncate(rest, MAX_NAME_CHARS + 2).split('\n').next().unwrap_or_default();
    let opening = rest.chars().next()?;
    let (name, bytes) = match opening {
        '"' | '“' | '„' | '«' => {
            let inner = &line[opening.len_utf8()..];
            // A missing closing quote does not undo the mention: the name then ends with the line.
            let name = inner.split(['"', '”', '“', '»']).next().unwrap_or_default();
            let name = truncate(name, MAX_NAME_CHARS);
            let closing = inner[name.len()..].chars().next().filter(|c| matches!(c, '"' | '”' | '“' | '»'));
            (name, opening.len_utf8() + name.len() + closing.map_or(0, char::len_utf8))
        }
        '[' => {
            let name = line[1..].split_once(']')?.0;
            if let Ok(id) = name.trim().parse::<u64>() {
                let written = format!("@[{id}]");
                return Some((Mention { written, target: MentionTarget::Id(id.to_string()) }, name.len() + 3));
            }
            (name, name.len() + 2)
        }
        c if c.is_alphabetic() => {
            let end = line.find(|c: char| !c.is_alphanumeric() && !matches!(c, '.' | '_' | '-')).unwrap_or(line.len());
            // A handle of another network, or the name of a package.
            if rest[end..].starts_with(['@', '/']) {
                return None;
            }
            let name = truncate(&line[..end], MAX_NAME_CHARS).trim_end_matches(['.', '_', '-']);
            (name, name.len())
        }
        _ => return None,
    };
    let words = split_words(name);
    let written = text[..=bytes].trim_end().to_owned();
    (!words.is_empty()).then_some((Mention { written, target: MentionTarget::Words(words) }, bytes + 1))
}

/// The first characters of a text, so many at most.
fn truncate(text: &str, most: usize) -> &str {
    text.char_indices().nth(most).map_or(text, |(end, _)| &text[..end])
}

/// Finds the person that a mention means, among people who may be meant. A whole name counts before the beginning of a longer one.
pub(crate) fn resolve_mention(mention: &Mention, people: &[Colleague]) -> Resolution {
    let words = match &mention.target {
        MentionTarget::Id(id) => {
            let found = people.iter().find(|person| person.id == *id && person.active);
            return found.map_or(Resolution::Unknown, |person| Resolution::Found(person.id.clone()));
        }
        MentionTarget::Words(words) => words,
    };
    let named = people.iter().filter(|person| person.active);
    let named = named.filter_map(|person| Some((person, split_words(person.name.as_deref()?))));
    let fitting: Vec<_> = named.filter(|(_, name)| name.starts_with(words)).collect();
    let whole: Vec<_> = fitting.iter().filter(|(_, name)| name == words).collect();
    let fitting: Vec<_> = if whole.is_empty() { fitting.iter().collect() } else { whole };
    match fitting.as_slice() {
        [] => Resolution::Unknown,
        [(person, _)] => Resolution::Found(person.id.clone()),
        several => {
            let suggest = |(person, name): &&(&Colleague, Vec<String>)| {
                let shown = person.name.as_deref().unwrap_or_default().trim();
                let is_only = several.iter().filter(|(_, other)| other == name).count() == 1;
                match is_only && !shown.contains(['"', '”', '“', '»']) {
                    true => format!("@\"{shown}\""),
                    false => format!("@[{}] ({shown})", person.id),
                }
            };
            Resolution::Ambiguous(several.iter().take(MAX_SUGGESTIONS).map(suggest).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        find_mentions(text).iter().map(Mention::key).collect()
    }

    #[test]
    fn names_are_mentioned_with_and_without_quotes() {
        for (text, expected) in [
            ("@Bart", &["bart"][..]),
            ("Vraag het @Bart.", &["bart"]),
            ("@bart.de.vries, bel even", &["bart de vries"]),
            ("@\"Bart de Vries\" en @“Eva Smit” en @„Jan Jansen“", &["bart de vries", "eva smit", "jan jansen"]),
            ("(@Anne-Marie) (@anne_marie)", &["anne marie"]),
            ("@[7] en @[ 08 ] en @[0] en @[Bart de Vries]", &["[7]", "[8]", "[0]", "bart de vries"]),
            ("@Bart's offerte: @Eva! @Élise?", &["bart", "eva", "élise"]),
            ("@bart @BART @\"bart\"", &["bart"]),
            ("eerst\n@Bart\n@Eva", &["bart", "eva"]),
            ("@\"Bart de Vries\nen dan", &["bart de vries"]),
        ] {
            assert_eq!(keys(text), expected, "{text}");
        }
        let written: Vec<String> =
            find_mentions("@Bart. @\"Eva Smit\" @[07] @„Jan“ @\"Open ").into_iter().map(|one| one.written).collect();
        assert_eq!(written, ["@Bart", "@\"Eva Smit\"", "@[7]", "@„Jan“", "@\"Open"]);
    }

    #[test]
    fn what_only_looks_like_a_mention_is_none() {
        for text in [
            "",
            "@",
            "@ Bart",
            "x@y.nl",
            "sanne.de-vries+dj@example.nl en bart@example.com.",
            "2@15 euro, om @10:00, @3pm",
            "@@bart",
            "https://example.com/@bart en http://user:x,@host/ www.example.com/?q=,@bart WWW.x.nl,@bart",
            "zie(https://example.com/,@bart)",
            "medium.com/@bart",
            "@bart@mastodon.social",
            "npm i @angular/core",
            "`@bart` en ``a ` @bart``",
            "```\n@bart\n```",
            "tekst\n```css\n@media print { }",
            "@[]",
            "@[",
            "@\"\" @\" \" @\"!\"",
            "@-bart @_bart @.bart",
        ] {
            assert!(keys(text).is_empty(), "{text}: {:?}", keys(text));
        }
    }

    #[test]
    fn mentions_beside_code_and_addresses_count() {
        for (text, expected) in [
            ("`code` @Bart `meer`", &["bart"][..]),
            ("een losse ` en @Bart", &["bart"]),
            ("een losse ``` en @Bart", &["bart"]),
            ("```\ncode\n```\n@Bart", &["bart"]),
            ("https://example.com/x @Bart", &["bart"]),
            ("@Bart:https://example.com", &["bart"]),
            ("mail x@y.nl naar @Bart", &["bart"]),
        ] {
            assert_eq!(keys(text), expected, "{text}");
        }
    }

    #[test]
    fn long_and_strange_texts_end() {
        let many: String = (0..5_000).map(|n| format!("@a{n} ")).collect();
        assert_eq!(find_mentions(&many).len(), MAX_MENTIONS + 1);
        assert_eq!(keys(&format!("@{}", "é".repeat(20_000))), ["é".repeat(MAX_NAME_CHARS)]);
        assert_eq!(keys(&format!("@\"{}\"", "é ".repeat(10_000)))[0].chars().count(), MAX_NAME_CHARS - 1);
        assert!(keys(&format!("@[{}]", "9".repeat(20_000))).is_empty());
        // Runs of backticks of ever other lengths, and words that might all begin an address.
        let runs: String = (1..200).map(|n| format!("{} ", "`".repeat(n))).collect();
        assert!(keys(&runs).is_empty());
        assert!(keys(&"a-".repeat(10_000)).is_empty());
        for odd in ["@\u{0}", "@\u{301}", "@\"\u{1f600}\"", "\u{1f600}@", "@é`", "`é@", "@\"é", "w", "wwé", "@“"]
        {
            let _ = find_mentions(odd);
        }
    }

    fn colleague(id: &str, name: &str) -> Colleague {
        let name = Some(name.to_owned()).filter(|name| !name.is_empty());
        Colleague { id: id.to_owned(), name, roles: Vec::new(), active: true }
    }

    fn resolve(text: &str, people: &[Colleague]) -> Resolution {
        resolve_mention(&find_mentions(text)[0], people)
    }

    #[test]
    fn names_mean_whom_they_begin() {
        let people = [
            colleague("1", "Bart de Vries"),
            colleague("2", "Eva Smit"),
            colleague("3", "Anne-Marie O'Brien"),
            colleague("4", ""),
            Colleague { active: false, ..colleague("5", "Jan Jansen") },
        ];
        for (text, id) in [
            ("@bart", "1"),
            ("@bart.de.vries", "1"),
            ("@\"Bart de\"", "1"),
            ("@anne", "3"),
            ("@\"Anne-Marie O'Brien\"", "3"),
            ("@[4]", "4"),
        ] {
            assert_eq!(resolve(text, &people), Resolution::Found(id.to_owned()), "{text}");
        }
        for text in ["@bar", "@vries", "@bart.smit", "@jan", "@[5]", "@[9]"] {
            assert_eq!(resolve(text, &people), Resolution::Unknown, "{text}");
        }
        assert_eq!(resolve("@bart", &[]), Resolution::Unknown);
    }

    #[test]
    fn several_people_are_told_apart() {
        let people = [
            colleague("1", "Bart de Vries"),
            colleague("2", "Bart Smit"),
            colleague("3", "Bart Smit"),
            colleague("4", "Eva"),
            colleague("5", "Eva Jansen"),
        ];
        let several = |list: &[&str]| Resolution::Ambiguous(list.iter().map(|one| (*one).to_owned()).collect());
        assert_eq!(resolve("@bart", &people), several(&["@\"Bart de Vries\"", "@[2] (Bart Smit)", "@[3] (Bart Smit)"]));
        assert_eq!(resolve("@bart.smit", &people), several(&["@[2] (Bart Smit)", "@[3] (Bart Smit)"]));
        // A whole name is meant before a longer one that begins so.
        assert_eq!(resolve("@eva", &people), Resolution::Found("4".to_owned()));
        assert_eq!(resolve("@eva.jansen", &people), Resolution::Found("5".to_owned()));
        let crowd: Vec<Colleague> = (0..50).map(|n| colleague(&n.to_string(), &format!("Bart X{n}"))).collect();
        assert!(matches!(resolve("@bart", &crowd), Resolution::Ambiguous(list) if list.len() == MAX_SUGGESTIONS));
    }
}
