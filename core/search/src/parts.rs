//! Parts of a typed word that are words of their own, and words that several typed ones are together.

use crate::analysis::{TextWord, WordForms};
use crate::compounds::{split_once, split_unlisted};
use crate::verbs::SEPARABLE;

/// Shortest part of a word that is guessed from the words of the index, in bytes.
const MIN_GUESSED_BYTES: usize = 3;
/// Shortest part of a compound that is looked for by itself, in bytes.
const MIN_PART_BYTES: usize = 4;
/// Letters that join the parts of a compound.
const JOINTS: [&str; 4] = ["", "s", "en", "e"];
/// Most words between a verb and the particle that belongs to it.
const MAX_PARTICLE_DISTANCE: usize = 8;

/// Several typed words as one.
#[derive(Debug, Clone)]
pub(crate) struct JoinedWord {
    /// Them in lower case, without accents.
    pub(crate) folded: String,
    /// Their form in each language.
    pub(crate) forms: Vec<String>,
}

/// The ways to split a word into two whose forms are in entries that may be found: each part is marked in these, also where it is alone.
pub(crate) fn guess_parts(
    word: &str,
    forms: &mut WordForms,
    is_indexed: &dyn Fn(&str) -> bool,
    is_visible: &dyn Fn(&str) -> bool,
) -> Vec<[String; 2]> {
    let mut guesses: Vec<[String; 2]> = Vec::new();
    if !word.is_ascii() || word.bytes().any(|byte| byte.is_ascii_digit()) {
        return guesses;
    }
    for at in MIN_GUESSED_BYTES..(word.len() + 1).saturating_sub(MIN_GUESSED_BYTES) {
        let (head, tail) = word.split_at(at);
        let tail = forms.find_form(tail);
        if !is_indexed(&tail) {
            continue;
        }
        let heads = JOINTS.iter().filter_map(|joint| head.strip_suffix(joint)).filter(|h| h.len() >= MIN_GUESSED_BYTES);
        for head in heads.map(|head| forms.find_form(head)).filter(|head| is_indexed(head)).collect::<Vec<_>>() {
            guesses.push([head, tail.clone()]);
        }
    }
    // Few words have such parts, and a look into the index costs less than a search.
    guesses.retain(|parts| parts.iter().all(|part| is_visible(part)));
    guesses
}

/// The parts of a compound that are looked for by themselves where nothing has all of them.
pub(crate) fn list_parts(word: &str) -> Vec<String> {
    let parts = split_once(word);
    let known = match parts.len() {
        0 | 1 => split_unlisted(word).into_iter().map(|(_, tail)| tail).collect(),
        _ => parts,
    };
    known.into_iter().filter(|part| part.len() >= MIN_PART_BYTES).map(str::to_owned).collect()
}

pub(crate) fn join_words(words: &[TextWord], joint: &str, forms: &mut [WordForms]) -> JoinedWord {
    let folded: Vec<&str> = words.iter().map(|word| word.folded.as_str()).collect();
    join_parts(&folded.join(joint), forms)
}

fn join_parts(folded: &str, forms: &mut [WordForms]) -> JoinedWord {
    JoinedWord { folded: folded.to_owned(), forms: forms.iter_mut().map(|forms| forms.find_form(folded)).collect() }
}

/// Words of the index that several typed words are together, each with the positions of these: neighbours (`koffie machine`), and a verb with
/// its particle (`vraag … aan`). `words`: each typed word; `None` where one cannot be joined. `is_minor`: true for one that says little.
pub(crate) fn join_neighbours(
    words: &[Option<String>],
    is_minor: &[bool],
    forms: &mut [WordForms],
    is_indexed: &dyn Fn(&str) -> bool,
) -> Vec<(Vec<usize>, JoinedWord)> {
    let mut found: Vec<(Vec<usize>, JoinedWord)> = Vec::new();
    let mut push_known = |positions: &[usize], text: &str| {
        let joined = join_parts(text, forms);
        if is_indexed(&joined.folded) || joined.forms.iter().any(|form| is_indexed(form)) {
            found.push((positions.to_vec(), joined));
        }
    };
    for (at, pair) in words.windows(2).enumerate() {
        let [Some(first), Some(second)] = pair else { continue };
        for joint in JOINTS {
            push_known(&[at, at + 1], &format!("{first}{joint}{second}"));
        }
        if let Some(Some(third)) = words.get(at + 2) {
            push_known(&[at, at + 1, at + 2], &format!("{first}{second}{third}"));
        }
    }
    for (at, particle) in words.iter().enumerate() {
        let Some(particle) = particle.as_deref().filter(|word| SEPARABLE.contains(word)) else { continue };
        for verb_at in at.saturating_sub(MAX_PARTICLE_DISTANCE)..at {
            let Some(verb) = words[verb_at].as_deref().filter(|_| !is_minor[verb_at]) else { continue };
            // `haalt … weg` is `weghalen`.
            for verb in [Some(verb), verb.strip_suffix('t')].into_iter().flatten() {
                push_known(&[verb_at, at], &format!("{particle}{verb}"));
            }
        }
    }
    found
}
