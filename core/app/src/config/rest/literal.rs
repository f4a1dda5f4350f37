//! Objects of plain values in JavaScript, TypeScript and JSON, read without running any code.

use std::iter::Peekable;
use std::str::Chars;

/// A plain value of a source file.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Number(f64),
    Text(String),
    /// Anything else, such as a call or a template.
    Other,
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Word(String),
    Text(String),
    Number(f64),
    Sign(char),
}

/// The members of the outermost object that is the value of `key`; `None` where there is none.
pub(super) fn find_object(
    source: &str,
    key: &str,
    env: &dyn Fn(&str) -> Option<String>,
) -> Option<Vec<(String, Literal)>> {
    let tokens = split_tokens(source);
    let at = with_depth(&tokens)
        .filter(|(i, _)| is_key(tokens.get(*i), key) && tokens.get(i + 1) == Some(&Token::Sign(':')))
        .filter(|(i, _)| tokens.get(i + 2) == Some(&Token::Sign('{')))
        .min_by_key(|(_, depth)| *depth)?
        .0;
    let mut members = Vec::new();
    let mut rest = tokens.get(at + 3..)?;
    loop {
        let value = match rest {
            [Token::Word(name) | Token::Text(name), Token::Sign(':'), value @ ..] => Some((name.clone(), value)),
            [Token::Sign('}'), ..] => return Some(members),
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
pub(super) fn mentions_key(source: &str, key: &str) -> bool {
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
