//! Forms of strong and irregular Dutch verbs: `gekozen` and `koos` are forms of `kiezen`, `aangevraagd` of `aanvragen`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// One verb a line: infinitive, past in singular and plural, participle.
const VERBS: &str = include_str!("../words/strong-verbs.txt");

/// Past forms that are more often another word: `stal`, `sloot`, `voer`. They are known with a prefix only.
const HOMONYMS: &str = "at bad baden beet bond bonden boog bogen borg boden dong school scholen gold las lag lagen leed leden leek leken loog mat \
    maten negen neeg reden reet regen reten rook roken rees sloot sloten sleep slepen sloop slopen schoot schoof schoven spleet spleten stal \
    stalen steeg stegen stoof stoven streek streken trad voer voeren vocht wees week weken weet weten wezen wond wonden zei kloof kloven \
    gedragen gelegen geweten gevangen genegen geleden bleek bleken golden stoten goot goten genoten werden geboden vroeg hees";
/// Past forms that are another word with a prefix too: `invoer`, `afspraken`, `uitgaven`.
const NOUNS: [&str; 14] = [
    "voer", "voeren", "school", "scholen", "regen", "week", "weken", "reden", "gaven", "spraken", "braken", "lagen",
    "namen", "staken",
];
/// Words that only look like a form with a prefix.
const EXCEPTIONS: [&str; 3] = ["aandacht", "verdacht", "verslagen"];
/// Prefixes that leave the participle without `ge`.
const INSEPARABLE: [&str; 12] = ["be", "door", "er", "her", "mis", "om", "onder", "ont", "over", "ver", "vol", "weer"];
/// Prefixes that stand before the `ge` of the participle, and behind the verb in a sentence.
pub(crate) const SEPARABLE: [&str; 36] = [
    "aan", "achter", "af", "bij", "binnen", "bloot", "dicht", "door", "goed", "in", "klaar", "kwijt", "langs", "los",
    "mee", "na", "neer", "om", "onder", "op", "open", "over", "plaats", "rond", "samen", "schoon", "tegen", "terug",
    "toe", "uit", "vast", "vol", "voor", "voort", "weg", "vrij",
];

/// The infinitive of each form that stands by itself, and of each that follows a prefix.
struct VerbForms {
    alone: HashMap<&'static str, &'static str>,
    prefixed: HashMap<&'static str, &'static str>,
}

static FORMS: LazyLock<VerbForms> = LazyLock::new(|| {
    let mut forms = VerbForms { alone: HashMap::new(), prefixed: HashMap::new() };
    for line in VERBS.lines() {
        let mut words = line.split_ascii_whitespace();
        let Some(infinitive) = words.next() else { continue };
        for form in words.filter(|form| *form != infinitive) {
            if !NOUNS.contains(&form) {
                forms.prefixed.entry(form).or_insert(infinitive);
            }
            if !HOMONYMS.split_ascii_whitespace().any(|other| other == form) && !NOUNS.contains(&form) {
                forms.alone.entry(form).or_insert(infinitive);
            }
        }
    }
    forms
});

/// The infinitive of a folded word that is a form of a strong verb; `None` if it is none, or the infinitive.
pub(crate) fn find_infinitive(word: &str) -> Option<Cow<'static, str>> {
    if EXCEPTIONS.contains(&word) {
        return None;
    }
    find_form(word).or_else(|| {
        // Participles are inflected like adjectives: `verkochte`.
        let base = word.strip_suffix('e').filter(|base| base.ends_with(['d', 't']))?;
        find_form(base)
    })
}

fn find_form(word: &str) -> Option<Cow<'static, str>> {
    if let Some(infinitive) = FORMS.alone.get(word) {
        return Some(Cow::Borrowed(*infinitive));
    }
    let separable = SEPARABLE.iter().filter_map(|prefix| Some((*prefix, word.strip_prefix(prefix)?)));
    let found =
        separable.filter_map(|(prefix, rest)| Some((prefix, *FORMS.prefixed.get(rest)?))).max_by_key(|(p, _)| p.len());
    let found = found.or_else(|| {
        let inseparable = INSEPARABLE.iter().filter_map(|prefix| Some((*prefix, word.strip_prefix(prefix)?)));
        inseparable
            .filter_map(|(prefix, rest)| Some((prefix, find_past_or_participle(rest)?)))
            .max_by_key(|(p, _)| p.len())
    });
    found.map(|(prefix, infinitive)| Cow::Owned(format!("{prefix}{infinitive}")))
}

/// The infinitive of what follows an inseparable prefix: a past form, or a participle without its `ge`.
fn find_past_or_participle(rest: &str) -> Option<&'static str> {
    let known = FORMS.prefixed.get(rest).filter(|_| !rest.starts_with("ge")).copied();
    known.or_else(|| FORMS.prefixed.get(format!("ge{rest}").as_str()).copied().filter(|infinitive| *infinitive != rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_forms_have_their_infinitive() {
        for (form, infinitive) in [
            ("zwom", "zwemmen"),
            ("gezwommen", "zwemmen"),
            ("koos", "kiezen"),
            ("verkochte", "verkopen"),
            ("verkocht", "verkopen"),
            ("aangevraagd", "aanvragen"),
            ("opgezegd", "opzeggen"),
            ("overleden", "overlijden"),
            ("verloren", "verliezen"),
            ("afgesloten", "afsluiten"),
            ("ontbonden", "ontbinden"),
            ("verbroken", "verbreken"),
            ("teruggebracht", "terugbrengen"),
            ("ingesproken", "inspreken"),
            ("vertrokken", "vertrekken"),
        ] {
            assert_eq!(find_infinitive(form).as_deref(), Some(infinitive), "{form}");
        }
    }

    #[test]
    fn other_words_stay_as_they_are() {
        for word in [
            "stal",
            "sloot",
            "voer",
            "invoer",
            "rook",
            "regen",
            "kiezen",
            "verkopen",
            "betalen",
            "lever",
            "school",
            "",
            "fiets",
            "onderwijs",
            "afspraken",
            "uitgaven",
            "aandacht",
        ] {
            assert_eq!(find_infinitive(word), None, "{word}");
        }
    }

    #[test]
    fn verbs_have_four_forms() {
        for line in VERBS.lines() {
            assert_eq!(line.split_ascii_whitespace().count(), 4, "{line}");
        }
    }
}
