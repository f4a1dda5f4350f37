//! Names of tables and columns, as Strapi 5 derives them from the names of types and attributes: in snake case, joined with `_`, and shortened
//! where PostgreSQL and MySQL would cut them. Strapi 4 joins them in the same way (`layout.rs`).

use sha3::Shake256;
use sha3::digest::ExtendableOutput;

/// Longest name of a table or column.
const MAX_NAME_CHARS: usize = 55;
/// Hexadecimal digits of a hash that stand for the rest of a shortened name.
const HASH_CHARS: usize = 5;

/// A part of a name.
#[derive(Debug, Clone)]
enum NameToken {
    /// A name of a type or attribute, which may be shortened.
    Name(String),
    /// A prefix or suffix of Strapi, which may not.
    Fixed(&'static str),
}

impl NameToken {
    fn len(&self) -> usize {
        match self {
            Self::Name(name) => name.len(),
            Self::Fixed(text) => text.len(),
        }
    }
}

/// The table of a type: its `collectionName` as it is.
pub(super) fn table_name(collection: &str) -> String {
    join(vec![NameToken::Name(collection.to_owned())])
}

/// The table that links a type's rows with their components.
pub(super) fn component_table_name(collection: &str) -> String {
    join(vec![NameToken::Name(collection.to_owned()), NameToken::Fixed("cmps")])
}

/// The join table of a relation.
pub(super) fn join_table_name(table: &str, attribute: &str) -> String {
    join(vec![name(table), name(attribute), NameToken::Fixed("lnk")])
}

/// The join table of a relation to rows of any type.
pub(super) fn morph_table_name(table: &str, attribute: &str) -> String {
    join(vec![name(table), name(attribute), NameToken::Fixed("mph")])
}

/// The column of an attribute.
pub(super) fn column_name(attribute: &str) -> String {
    join(vec![name(attribute)])
}

/// A column with the id of another row: `article_id`.
pub(super) fn id_column_name(of: &str) -> String {
    join(vec![name(of), NameToken::Fixed("id")])
}

/// The column for the other side of a join table whose sides have the same name: `inv_article_id`.
pub(super) fn inverse_id_column_name(of: &str) -> String {
    join(vec![NameToken::Fixed("inv"), name(of), NameToken::Fixed("id")])
}

/// The column with the type of a row: `related_type`.
pub(super) fn type_column_name(of: &str) -> String {
    join(vec![name(of), NameToken::Fixed("type")])
}

/// The column with the order of a relation: `article_ord`.
pub(super) fn order_column_name(of: &str) -> String {
    join(vec![name(of), NameToken::Fixed("ord")])
}

/// The column for the order on the other side of a join table whose sides have the same name: `inv_article_ord`.
pub(super) fn inverse_order_column_name(of: &str) -> String {
    join(vec![NameToken::Fixed("inv"), name(of), NameToken::Fixed("ord")])
}

fn name(text: &str) -> NameToken {
    NameToken::Name(snake_case(text))
}

/// Joins the parts. If they are too long together, what is left of the length is shared out among the names, and each that does not fit ends in
/// a hash of itself.
fn join(tokens: Vec<NameToken>) -> String {
    let separators = tokens.len().saturating_sub(1);
    let whole: usize = tokens.iter().map(NameToken::len).sum::<usize>() + separators;
    let allotted = if whole <= MAX_NAME_CHARS { tokens.iter().map(NameToken::len).collect() } else { allot(&tokens) };
    let parts: Vec<String> = tokens
        .iter()
        .zip(allotted)
        .map(|(token, length)| match token {
            NameToken::Name(name) => shorten(name, length),
            NameToken::Fixed(text) => (*text).to_owned(),
        })
        .collect();
    parts.join("_")
}

/// The length of each token: an equal share for every name, and what short names leave over to the longer ones, a character at a time.
fn allot(tokens: &[NameToken]) -> Vec<usize> {
    let is_name = |token: &NameToken| matches!(token, NameToken::Name(_));
    let fixed: usize = tokens.iter().filter(|token| !is_name(token)).map(NameToken::len).sum();
    let names = tokens.iter().filter(|token| is_name(token)).count().max(1);
    let available = MAX_NAME_CHARS.saturating_sub(fixed + tokens.len().saturating_sub(1));
    let share = available / names;
    let mut surplus = available % names;
    let mut lengths = Vec::new();
    for token in tokens {
        let length = token.len();
        if is_name(token) && length >= share {
            lengths.push(share);
        } else {
            if is_name(token) {
                surplus += share - length;
            }
            lengths.push(length);
        }
    }
    let mut growing: Vec<usize> = (0..tokens.len()).filter(|i| lengths[*i] < tokens[*i].len()).collect();
    while surplus > 0 && !growing.is_empty() {
        growing.retain(|i| {
            let grows = lengths[*i] < tokens[*i].len() && surplus > 0;
            if grows {
                lengths[*i] += 1;
                surplus -= 1;
            }
            grows
        });
    }
    lengths
}

fn shorten(name: &str, length: usize) -> String {
    if name.len() <= length {
        return name.to_owned();
    }
    let kept = length.saturating_sub(HASH_CHARS);
    format!("{}{}", name.get(..kept).unwrap_or(name), &hash_name(name)[..HASH_CHARS])
}

/// The first eight bytes of SHAKE256, in hexadecimal.
fn hash_name(name: &str) -> String {
    let mut hash = [0; 8];
    Shake256::digest_xof(name, &mut hash);
    format!("{:016x}", u64::from_be_bytes(hash))
}

/// A name in snake case: its words in lower case, joined with `_`. A word ends where lower case turns to upper case, at digits, and before the last
/// of several capitals that lower case follows: `HTTPLink2` has `http`, `link` and `2`.
pub(super) fn snake_case(text: &str) -> String {
    let chars: Vec<char> = text.chars().filter(|c| *c != '\'').collect();
    let mut words: Vec<String> = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let end = word_end(&chars, at);
        if end > at {
            words.push(chars[at..end].iter().collect::<String>().to_lowercase());
        }
        at = end.max(at + 1);
    }
    words.join("_")
}

/// The end of the word that begins at an index; the index itself if none does.
fn word_end(chars: &[char], at: usize) -> usize {
    let is = |i: usize, test: fn(&char) -> bool| chars.get(i).is_some_and(test);
    let run = |from: usize, test: fn(&char) -> bool| (from..chars.len()).find(|i| !is(*i, test)).unwrap_or(chars.len());
    let (upper, lower, digit) = (
        (|c| c.is_uppercase()) as fn(&char) -> bool,
        (|c| c.is_lowercase()) as fn(&char) -> bool,
        (|c| c.is_ascii_digit()) as fn(&char) -> bool,
    );
    if is(at, digit) {
        let end = run(at, digit);
        return ordinal_end(chars, at, end).unwrap_or(end);
    }
    if is(at, lower) || is(at, upper) && is(at + 1, lower) {
        return run(at + 1, lower);
    }
    let end = run(at, upper);
    // The last capital begins the next word.
    if end > at + 1 && is(end, lower) { end - 1 } else { end }
}

/// The end of an ordinal such as `1st`, which is one word.
fn ordinal_end(chars: &[char], at: usize, digits_end: usize) -> Option<usize> {
    let suffix: String = chars.get(digits_end..digits_end + 2)?.iter().collect();
    let last = chars.get(digits_end.checked_sub(1)?)?;
    let is_upper = suffix.chars().all(char::is_uppercase);
    let expected = match last {
        '1' => "st",
        '2' => "nd",
        '3' => "rd",
        _ => "th",
    };
    let same_case = is_upper || suffix.chars().all(char::is_lowercase);
    if at >= digits_end || !same_case || !suffix.eq_ignore_ascii_case(expected) {
        return None;
    }
    let end = digits_end + 2;
    let ends = chars.get(end).is_none_or(|next| match next {
        '_' => true,
        next if is_upper => next.is_lowercase() || !next.is_alphanumeric(),
        next => next.is_uppercase() || !next.is_alphanumeric(),
    });
    ends.then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_hashed_with_shake256() {
        assert_eq!(hash_name(""), "46b9dd2b0ba88d13");
        assert_eq!(hash_name("123456789"), "24347b9c4b6da2fc");
        assert!(hash_name(&"a".repeat(300)) != hash_name(&"a".repeat(301)));
    }

    #[test]
    fn names_become_snake_case() {
        for (text, expected) in [
            ("metaTitle", "meta_title"),
            ("HTTPLink2", "http_link_2"),
            ("address2line", "address_2_line"),
            ("SEO", "seo"),
            ("already_snake_case", "already_snake_case"),
            ("release-action", "release_action"),
            ("_a__b", "a_b"),
            ("oEmbed", "o_embed"),
            ("h1", "h_1"),
            ("x1Y2", "x_1_y_2"),
            ("the1stPlace", "the_1st_place"),
            ("the1sts", "the_1_sts"),
            ("isOK", "is_ok"),
        ] {
            assert_eq!(snake_case(text), expected, "{text}");
        }
    }

    #[test]
    fn long_names_are_shortened_with_hashes() {
        assert_eq!(shorten("1234567890", 9), "1234cd65a");
        assert_eq!(shorten("1234567_9012345", 13), "1234567_47b4e");
        assert_eq!(join_table_name("articles", "tags"), "articles_tags_lnk");
        let long = join_table_name("components_page_sections_with_long_names", "relatedArticlesOfTheSection");
        assert_eq!(long.len(), MAX_NAME_CHARS);
        assert!(long.ends_with("_lnk"), "{long}");
        assert_eq!(inverse_id_column_name("author"), "inv_author_id");
    }
}
