//! Plain values in JavaScript, TypeScript and JSON source files of a Strapi project, read without running any code.

use std::iter::Peekable;
use std::str::Chars;

/// A plain value of a source file.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// A number.
    Number(f64),
    /// A string without escapes.
    Text(String),
    /// Anything else, such as a call or a template.
    Other,
}

/// An object's members in their order; what is not written as `name: value` is left out.
pub type Members = Vec<(String, Literal)>;

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(char),
}

/// The members of the outermost object that is the value of `key`; `None` where there is none. `env`: the environment's variables.
pub fn find_object(source: &str, key: &str, env: &dyn Fn(&str) -> Option<String>) -> Option<Members> {
    let tokens = split_tokens(source);
    let at = with_depth(&tokens)
        .filter(|(i, _)| is_key(tokens.get(*i), key) && tokens.get(i + 1) == Some(&Token::Sign(':')))
        .filter(|(i, _)| tokens.get(i + 2) == Some(&Token::Sign('{')))
        .min_by_key(|(_, depth)| *depth)?
        .0;
    read_members(tokens.get(at + 3..)?, env).map(|(members, _)| members)
}

/// The objects that a method is called with, one by one or as a list: `object.method({ … })`, `object.method([{ … }, { … }])`.
pub fn find_call_objects(source: &str, object: &str, method: &str) -> Vec<Members> {
    let tokens = split_tokens(source);
    let mut objects = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if !is_key(Some(token), object) {
            continue;
        }
        let [Token::Sign('.'), Token::Word(called), Token::Sign('('), arguments @ ..] =
            tokens.get(at + 1..).unwrap_or_default()
        else {
            continue;
        };
        if called != method {
            continue;
        }
        let mut rest = arguments.strip_prefix(&[Token::Sign('[')]).unwrap_or(arguments);
        while let [Token::Sign('{'), inside @ ..] = rest {
            let Some((members, after)) = read_members(inside, &|_| None) else { break };
            objects.push(members);
            rest = after.strip_prefix(&[Token::Sign(',')]).unwrap_or(after);
        }
    }
    objects
}

/// The key of the object that has a member `member` with a string that `is_value` accepts: `key: { member: 'string' }`. The string may be
/// an argument of a call.
pub fn find_owner_key(source: &str, member: &str, is_value: impl Fn(&str) -> bool) -> Option<String> {
    let tokens = split_tokens(source);
    let mut open_objects: Vec<Option<&str>> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('{') => open_objects.push(match tokens.get(at.saturating_sub(2)..at) {
                Some([Token::Word(key) | Token::Text(key), Token::Sign(':')]) => Some(key),
                _ => None,
            }),
            Token::Sign('}') => {
                open_objects.pop();
            }
            token if is_key(Some(token), member) && tokens.get(at + 1) == Some(&Token::Sign(':')) => {
                let (value, _) = until_comma(tokens.get(at + 2..)?)?;
                let accepts = value.iter().any(|token| matches!(token, Token::Text(text) if is_value(text)));
                if accepts && let Some(Some(key)) = open_objects.last() {
                    return Some((*key).to_owned());
                }
            }
            _ => {}
        }
    }
    None
}

/// Reads the members of an object after its opening brace, and returns them with what follows its closing brace.
fn read_members<'t>(mut rest: &'t [Token], env: &dyn Fn(&str) -> Option<String>) -> Option<(Members, &'t [Token])> {
    let mut members = Vec::new();
    loop {
        let value = match rest {
            [Token::Word(name) | Token::Text(name), Token::Sign(':'), value @ ..] => Some((name.clone(), value)),
            [Token::Sign('}'), after @ ..] => return Some((members, after)),
            [] => return None,
            _ => None,
        };
        let (value_tokens, after) = until_comma(value.as_ref().map_or(rest, |(_, value)| value))?;
        if let Some((name, _)) = value {
            members.push((name, parse_literal(value_tokens, env)));
        }
        rest = after;
    }
}

/// True if a value is assigned to that key anywhere.
pub fn mentions_key(source: &str, key: &str) -> bool {
    let tokens = split_tokens(source);
    tokens.windows(2).any(|pair| is_key(pair.first(), key) && pair.get(1) == Some(&Token::Sign(':')))
}

fn is_key(token: Option<&Token>, key: &str) -> bool {
    matches!(token, Some(Token::Word(name) | Token::Text(name)) if name == key)
}

/// Every token with the number of braces that are open before it.
fn with_depth(tokens: &[Token]) -> impl Iterator<Item = (usize, usize)> {
    tokens.iter().enumerate().scan(0_usize, |depth, (i, token)| {
        let before = *depth;
        match token {
            Token::Sign('{') => *depth += 1,
            Token::Sign('}') => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some((i, before))
    })
}

/// The tokens of one value, and what follows its comma; at the end of the object, the closing brace.
fn until_comma(tokens: &[Token]) -> Option<(&[Token], &[Token])> {
    let mut open = 0_usize;
    for (i, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('{' | '[' | '(') => open += 1,
            Token::Sign('}') if open == 0 => return Some((tokens.get(..i)?, tokens.get(i..)?)),
            Token::Sign('}' | ']' | ')') => open = open.saturating_sub(1),
            Token::Sign(',') if open == 0 => return Some((tokens.get(..i)?, tokens.get(i + 1..)?)),
            _ => {}
        }
    }
    None
}

/// A plain value, or a call such as `env('NAME', plain)`.
fn parse_literal(tokens: &[Token], env: &dyn Fn(&str) -> Option<String>) -> Literal {
    use Token::{Number, Sign, Text, Word};
    let (name, default, is_number) = match tokens {
        [Number(number)] => return Literal::Number(*number),
        [Text(text)] => return Literal::Text(text.clone()),
        // TypeScript's `'date' as const`.
        [Text(text), Word(word), ..] if word == "as" => return Literal::Text(text.clone()),
        [Word(env), Sign('('), Text(name), Sign(','), default @ .., Sign(')')] if env == "env" => {
            (name, default, false)
        }
        [Word(env), Sign('.'), Word(kind), Sign('('), Text(name), Sign(','), default @ .., Sign(')')]
            if env == "env" && matches!(kind.as_str(), "int" | "float") =>
        {
            (name, default, true)
        }
        _ => return Literal::Other,
    };
    match (env(name), default) {
        (Some(input), _) if is_number => input.trim().parse().map_or(Literal::Other, Literal::Number),
        (Some(env_value), _) => Literal::Text(env_value),
        (None, [Number(number)]) => Literal::Number(*number),
        (None, [Text(text)]) => Literal::Text(text.clone()),
        (None, _) => Literal::Other,
    }
}

fn split_tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '/' if chars.next_if_eq(&'/').is_some() => while chars.next_if(|c| *c != '\n').is_some() {},
            '/' if chars.next_if_eq(&'*').is_some() => skip_comment(&mut chars),
            '"' | '\'' | '`' => tokens.extend(read_string(&mut chars, c)),
            c if c.is_ascii_digit() => tokens.push(read_number(&mut chars, c)),
            c if is_word(c) => {
                let mut word = String::from(c);
                while let Some(c) = chars.next_if(|c| is_word(*c)) {
                    word.push(c);
                }
                tokens.push(Token::Word(word));
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$')
}

fn skip_comment(chars: &mut Peekable<Chars<'_>>) {
    while let Some(c) = chars.next() {
        if c == '*' && chars.next_if_eq(&'/').is_some() {
            return;
        }
    }
}

/// A text without escapes; one with escapes or embedded code becomes a token that stands for nothing.
fn read_string(chars: &mut Peekable<Chars<'_>>, quote: char) -> Option<Token> {
    let (mut text, mut plain) = (String::new(), true);
    while let Some(c) = chars.next() {
        match c {
            c if c == quote => return Some(if plain { Token::Text(text) } else { Token::Sign('`') }),
            '\\' => {
                chars.next();
                plain = false;
            }
            '$' if quote == '`' && chars.peek() == Some(&'{') => plain = false,
            c => text.push(c),
        }
    }
    None
}

fn read_number(chars: &mut Peekable<Chars<'_>>, first: char) -> Token {
    let mut digits = String::from(first);
    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.')) {
        if c != '_' {
            digits.push(c);
        }
    }
    digits.parse().map_or(Token::Sign('0'), Token::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_calls_are_read_in_every_form() {
        let text = |text: &str| Literal::Text(text.to_owned());
        let day = vec![("name".to_owned(), text("day")), ("type".to_owned(), text("date"))];
        for source in [
            "strapi.customFields.register({ name: 'day', type: 'date' });",
            "register({ strapi }: { strapi: Core.Strapi }) { strapi.customFields.register({ name: `day`, type: 'date' as const, }) }",
            "const { customFields } = strapi; customFields.register([{ name: \"day\", type: \"date\" }])",
        ] {
            assert_eq!(find_call_objects(source, "customFields", "register"), std::slice::from_ref(&day), "{source}");
        }
        let two = "customFields.register([{ name: 'a', plugin: PLUGIN }, { name: 'b', size: { default: 6 } }])";
        assert_eq!(
            find_call_objects(two, "customFields", "register"),
            [
                vec![("name".to_owned(), text("a")), ("plugin".to_owned(), Literal::Other)],
                vec![("name".to_owned(), text("b")), ("size".to_owned(), Literal::Other)],
            ]
        );
        for source in [
            "",
            "customFields.register(",
            "customFields.register({",
            "customFields.get({a: 1})",
            "// customFields.register({a: 1})",
        ] {
            assert!(find_call_objects(source, "customFields", "register").is_empty(), "{source}");
        }
    }

    #[test]
    fn owner_keys_are_found_by_a_member() {
        let is_tools = |text: &str| text.ends_with("src/plugins/tools");
        for source in [
            "module.exports = { 'shop-tools': { enabled: true, resolve: './src/plugins/tools' } }",
            "export default ({ env }) => ({ other: { resolve: 'x' }, 'shop-tools': { config: { a: 1 }, resolve: path.join('./src/plugins/tools') } })",
            "{\"shop-tools\": {\"resolve\": \"src/plugins/tools\"}}",
        ] {
            assert_eq!(find_owner_key(source, "resolve", is_tools).as_deref(), Some("shop-tools"), "{source}");
        }
        for source in ["", "{ resolve: 'src/plugins/tools' }", "a: { resolve: 'src/plugins/tools", "} } resolve: {"] {
            assert_eq!(find_owner_key(source, "resolve", is_tools), None, "{source}");
        }
    }
}
