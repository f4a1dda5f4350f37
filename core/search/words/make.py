"""Prints the words that Dutch compounds begin with (h) and end with (t): see README.md beside this file."""

import sys
import unicodedata
from collections import Counter

import snowballstemmer

# Words that begin many listed words without being a part that anybody looks for, or that are parts of other words by chance.
NO_HEADS = set("""aan achteraf acht aft arm beg bek bes best bet bij blaas con der des dis door drie droog een eer eet eigen eind ere fijn fout ges gek
gesp goed gok groen groot haar halve half heen her hoog ink ins kant ken klein kort lang les los mark mars mede mee mei meer midden mis nauw
onaf onder ongelijk ont oor open oud over overs plat pre pro ras ratel recht rechts rood samen schei schel schoon snel spie spin sta
staatsie staf stap stud tegen tel tien tiend toe tussen twee uit vaal vals ver verg vers vet vier vijf voer vol voor voort wan was weder weer weg
wegge wel wezen wijs wit zelf zij zit zwart""".split())
# Words that end compounds, which the dictionary does not mark.
MORE_TAILS = set("""adviesbureau app diameter erts kade kit korps lens nier scene schipper set spier stadium stempel strip transactie
woordenboek""".split())
MORE_HEADS = set("app cookie dj inlog kop lak rit set speler zit".split())
# Listed compounds that a word has to begin to be a head: three letters are more often a chance.
MIN_COMPOUNDS, MIN_COMPOUNDS_SHORT = 10, 40

stem = snowballstemmer.stemmer("dutch").stemWord


def fold(word: str) -> str:
    letters = unicodedata.normalize("NFKD", word).lower()
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def is_plain(word: str) -> bool:
    return word.isascii() and word.isalpha()


def read_dictionary(path: str) -> tuple[set[str], set[str], set[str], set[str]]:
    """All words, nouns, heads and tails, by the flags of the dictionary: Y and Z are of nouns, C of compounds."""
    words, nouns, heads, tails = set(), set(), set(), set()
    with open(path, encoding="utf-8") as lines:
        next(lines)
        for line in lines:
            written, _, text = line.strip().partition("/")
            word = fold(written)
            if not is_plain(word) or written[0].isupper():
                continue
            flags = {text[at : at + 2] for at in range(0, len(text), 2)}
            words.add(word)
            if any(flag[0] in "YZ" for flag in flags):
                nouns.add(word)
            if flags & {"Ca", "Cb", "Cd", "Ce", "Ch"}:
                heads.add(word)
            if "Cc" in flags:
                tails.add(word)
    return words, nouns, heads, tails


def count_heads(words: set[str], known: set[str], heads: set[str], tail_stems: set[str]) -> Counter[str]:
    """How many of the words begin with a listed word that is no head, and end with a tail."""
    begun: Counter[str] = Counter()
    for word in words:
        for at in range(3, len(word) - 3):
            head = word[:at]
            bases = [head, head.removesuffix("s"), head.removesuffix("en"), head.removesuffix("e")]
            if head in known and not heads.intersection(bases) and stem(word[at:]) in tail_stems:
                begun[head] += 1
    return begun


def main() -> None:
    known, nouns, heads, tails = read_dictionary(sys.argv[1])
    with open(sys.argv[2], encoding="utf-8") as lines:
        inflected = {fold(line.strip()) for line in lines if line.strip() and not line[0].isupper()}
    inflected = {word for word in inflected if is_plain(word)}
    begun = count_heads(inflected, known, heads, {stem(tail) for tail in tails})
    often = {w for w, n in begun.items() if n >= (MIN_COMPOUNDS if len(w) > 3 else MIN_COMPOUNDS_SHORT)}
    heads |= ((often & nouns) - NO_HEADS) | MORE_HEADS
    tails = {tail for tail in tails | MORE_TAILS if len(tail) >= 3}
    tail_stems = {stem(tail) for tail in tails}
    tails |= {word for word in known | inflected if len(word) >= 3 and stem(word) in tail_stems}
    for word in sorted(heads | tails):
        print(word, ("h" if word in heads else "") + ("t" if word in tails else ""))


if __name__ == "__main__":
    main()
