//! Parts of Dutch compounds: `productieschema` is `productie` and `schema`. Which words compounds begin and end with is in `words/dutch.txt`.

use std::cmp::Ordering;
use std::ops::Range;

/// One word a line, in the order of its bytes, folded; then `h` if compounds begin with it (head), `t` if they end with it (tail).
const WORDS: &str = include_str!("../words/dutch.txt");

/// Longest word that is looked at, in bytes.
const MAX_BYTES: usize = 60;
/// Shortest word that may be a compound, in bytes.
const MIN_BYTES: usize = 7;
/// Shortest first and last part, in bytes.
const MIN_HEAD: usize = 2;
const MIN_TAIL: usize = 3;
/// Parts of at least this many bytes may be compounds themselves.
const MIN_NESTED: usize = 9;
/// Prefixes of nouns such as `aanbetaling`, which are not parts that anybody looks for.
const PARTICLES: [&str; 12] = ["aan", "af", "bij", "door", "mee", "na", "op", "over", "terug", "toe", "uit", "voor"];
/// Shortest noun after one of these.
const MIN_AFTER_PARTICLE: usize = 6;

/// All parts of a folded word: those of [`split_once`], and their own parts.
pub(crate) fn split_compound(word: &str) -> Vec<&str> {
    let mut parts = split_once(word);
    let nested: Vec<&str> =
        parts.iter().filter(|part| part.len() >= MIN_NESTED).flat_map(|part| split_once(part)).collect();
    parts.extend(nested);
    parts
}

/// The parts that a folded word (letters without accents, in lower case) consists of, in their order; nothing if it is no compound. A head is
/// without the letters that join it to what follows.
pub(crate) fn split_once(word: &str) -> Vec<&str> {
    let is_word = (MIN_BYTES..=MAX_BYTES).contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if !is_word {
        return Vec::new();
    }
    if let Some(split) = find_split(word) {
        return split.parts.into_iter().map(|at| &word[at]).collect();
    }
    let nouns = PARTICLES.iter().filter_map(|particle| word.strip_prefix(particle));
    nouns
        .filter(|noun| noun.len() >= MIN_AFTER_PARTICLE && (noun.ends_with("ing") || noun.ends_with("ingen")))
        .find(|noun| find_roles(noun).tail)
        .into_iter()
        .collect()
}

/// Shortest head and tail of [`split_unlisted`], in bytes.
const MIN_UNLISTED_HEAD: usize = 4;
const MIN_KNOWN_TAIL: usize = 5;

/// The head and the tail of a folded word that is not listed but ends with a listed tail: `jongleur` and `kegels`. `None` where
/// [`split_once`] knows better.
pub(crate) fn split_unlisted(word: &str) -> Option<(&str, &str)> {
    let is_long = (MIN_UNLISTED_HEAD + MIN_KNOWN_TAIL..=MAX_BYTES).contains(&word.len());
    if !is_long || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return None;
    }
    if find_roles(word) != Roles::default() || !split_once(word).is_empty() {
        return None;
    }
    let splits = (MIN_UNLISTED_HEAD..=word.len() - MIN_KNOWN_TAIL).map(|at| word.split_at(at));
    // The longest tail; `buitengesloten` has no locks in it.
    let is_head = |head: &str| head.contains(['a', 'e', 'i', 'o', 'u']) && !head.ends_with("ge");
    splits.filter(|(head, _)| is_head(head)).find(|(_, tail)| find_roles(tail).tail)
}

/// A way to split what is left of a word.
#[derive(Debug, Clone)]
struct Split {
    parts: Vec<Range<usize>>,
    /// Heads that are joined by letters of their own.
    joints: usize,
    /// Length of the shortest part, in bytes.
    shortest: usize,
}

impl Split {
    /// Fewer parts are more likely, then fewer joints, then parts of similar length.
    fn compare(&self, other: &Self) -> Ordering {
        let fewer = self.parts.len().cmp(&other.parts.len());
        fewer.then(self.joints.cmp(&other.joints)).then(other.shortest.cmp(&self.shortest))
    }
}

/// The likeliest way to split a word into two parts or more. The time it takes grows with the square of its length.
fn find_split(word: &str) -> Option<Split> {
    // The best way to split what begins at each byte.
    let mut best: Vec<Option<Split>> = vec![None; word.len() + 1];
    for start in (0..=word.len().saturating_sub(MIN_TAIL)).rev() {
        if start > 0 && find_roles(&word[start..]).tail {
            let tail = start..word.len();
            best[start] = Some(Split { shortest: tail.len(), parts: vec![tail], joints: 0 });
            continue;
        }
        for end in start + MIN_HEAD..=word.len() - MIN_TAIL {
            let Some(rest) = &best[end] else { continue };
            let Some(base) = head_base(&word[start..end]) else { continue };
            let parts = std::iter::once(start..start + base).chain(rest.parts.iter().cloned()).collect();
            let split = Split {
                parts,
                joints: rest.joints + usize::from(start + base < end),
                shortest: rest.shortest.min(base),
            };
            if best[start].as_ref().is_none_or(|known| split.compare(known).is_lt()) {
                best[start] = Some(split);
            }
        }
    }
    best.swap_remove(0)
}

/// Length of a head without the letters that join it (`bruilofts`, `gasten`); `None` if nothing begins with it.
fn head_base(text: &str) -> Option<usize> {
    if find_roles(text).head {
        return Some(text.len());
    }
    let joints = ["s", "en", "n", "e"];
    let base =
        joints.iter().filter_map(|joint| text.strip_suffix(joint)).find(|base| base.len() > 2 && find_roles(base).head);
    // In the plural the base may be spelt otherwise: `huizen`, `pannen`.
    base.map(str::len).or_else(|| (text.ends_with("en") && find_roles(text).tail).then_some(text.len()))
}

/// Where in compounds a word may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Roles {
    head: bool,
    tail: bool,
}

/// Looks a word up; neither where it is not listed.
fn find_roles(word: &str) -> Roles {
    let bytes = WORDS.as_bytes();
    let (mut from, mut to) = (0, bytes.len());
    while from < to {
        let middle = from + (to - from) / 2;
        let start = bytes[..middle].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        let end = bytes[middle..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |at| middle + at);
        let (key, roles) = WORDS[start..end].split_once(' ').unwrap_or_default();
        match key.cmp(word) {
            Ordering::Less => from = end + 1,
            Ordering::Greater => to = start,
            Ordering::Equal => return Roles { head: roles.contains('h'), tail: roles.contains('t') },
        }
    }
    Roles::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_listed_in_order() {
        let keys: Vec<&str> = WORDS.lines().filter_map(|line| line.split_once(' ')).map(|(key, _)| key).collect();
        assert!(keys.len() > 40_000 && keys.is_sorted(), "{}", keys.len());
        assert_eq!(find_roles("schema"), Roles { head: true, tail: true });
        if let Some((first_key, last_key)) = keys.first().zip(keys.last()) {
            assert_ne!(find_roles(first_key), Roles::default());
            assert_ne!(find_roles(last_key), Roles::default());
        }
        assert_eq!(find_roles(""), Roles::default());
        assert_eq!(find_roles("zzzz"), Roles::default());
    }

    #[test]
    fn compounds_are_split_into_their_parts() {
        for (word, parts) in [
            ("productieschema", &["productie", "schema"][..]),
            ("onderhoudsbeurten", &["onderhoud", "beurten"]),
            ("bruiloftsfeest", &["bruiloft", "feest"]),
            ("gastenlijst", &["gast", "lijst"]),
            ("schijfrem", &["schijf", "rem"]),
            ("aanbetaling", &["betaling"]),
            ("aanbetalingsfactuur", &["aanbetaling", "factuur", "betaling"]),
            ("productieschemawijziging", &["productie", "schema", "wijziging"]),
        ] {
            assert_eq!(split_compound(word), parts, "{word}");
        }
    }

    #[test]
    fn known_tails_are_found_after_unknown_heads() {
        assert_eq!(split_unlisted("jongleerkegels"), Some(("jongleer", "kegels")));
        for word in ["onderhoud", "verzekering", "productieschema", "buitengesloten", "kegels", "", "xyzkegels"] {
            assert_eq!(split_unlisted(word), None, "{word}");
        }
    }

    #[test]
    fn words_that_only_look_like_compounds_stay_whole() {
        for word in
            ["onderhoud", "bestelling", "techniek", "apparatuur", "verzekering", "materiaal", "garantie", "kalender"]
        {
            assert_eq!(split_compound(word), Vec::<&str>::new(), "{word}");
        }
        for word in ["", "a", "é", "schéma", "PRODUCTIESCHEMA", "f22", "productie schema"] {
            assert_eq!(split_compound(word), Vec::<&str>::new(), "{word}");
        }
        assert_eq!(split_compound(&"schema".repeat(1_000)), Vec::<&str>::new());
        assert!(split_compound(&"schema".repeat(10)).len() >= 10);
    }
}
