import type { Language } from '.';

interface Term {
  /** The word that texts have. */
  word: string;
  /** Words that mean the same and are not used, as regular expressions of whole words. */
  not: readonly string[];
  /** Only in texts whose keys match: elsewhere the words mean something else. */
  keys?: RegExp;
}

/** One word for one thing, in each language: `docs/glossary.md`, and phrases that nobody would say. `texts.test.ts` checks all texts. */
const GLOSSARY: Record<Language, readonly Term[]> = {
  en: [
    { word: 'trash', not: ['(recycle )?bin'] },
    { word: 'restore', not: ['br(ing|ings|ought) (it |them )?back', 'put back'] },
    { word: 'e-mail', not: ['emails?'] },
    { word: 'collection type, single type', not: ['collections', 'single pages?'] },
    { word: 'permission', not: ['(has|have|lacks?|needs?|gives?|grants?|lost|your) (the |a |any |no )?rights?'] },
    { word: 'slug', not: ['names? in addresses'] },
    { word: 'image, video', not: ['films?', 'pictures'] },
    { word: 'permanently', not: ['for good'] },
    { word: 'is published, is sent', not: ['go(es)? out', 'went out'] },
    { word: 'access', not: ['you may not (see|read)'] },
    { word: 'notify', not: ['(is|are|was|were|be) told', 'tells? of'] },
    { word: 'appears here', not: ['(will )?stands? here'] },
    { word: 'fix', not: ['put (it |that |this )?right'] },
    { word: 'anyway', not: ['all the same'] },
    { word: 'automatically', not: ['saved by itself'] },
    { word: 'match', not: ['nothing fits', 'no \\w+ fits?'] },
    { word: 'continue', not: ['to go on'] },
  ],
  nl: [
    { word: 'contenttype', not: ['inhoudstypen?', 'content-types?', 'contenttypes'] },
    { word: 'content-API', not: ['inhouds-api'] },
    { word: 'inhoud', not: ['je content'] },
    { word: 'focuspunt', not: ['brandpunt'] },
    { word: 'offline halen', not: ['publicatie intrekken', 'publicatie ingetrokken', 'depubliceren'] },
    { word: 'stap', not: ['fasen?'], keys: /stage|workflow|obstacle/i },
    { word: 'goedkeuring', not: ['akkoord(en)?(?! (te )?ga)'] },
    { word: 'beoordeling, beoordelingsproces', not: ['reviews?', '(review)?workflows?'] },
    { word: 'opmerking', not: ['reacties?'] },
    { word: 'voorbeeld', not: ['voorvertoning'] },
    { word: 'collectietype, enkelvoudig type', not: ['verzamelingen', "losse pagina['’]s", 'enkele? typen?'] },
    { word: 'slug', not: ['naam in adressen'] },
    { word: 'afbeelding, video', not: ['films?', "foto['’]?s?"] },
    { word: 'je', not: ['u', 'uw'] },
    { word: 'beheer', not: ['(deze|de) admin', 'beheeromgeving'] },
    { word: 'niet beschikbaar, bestaat niet', not: ['is er niet(?! meer)'] },
  ],
};

/** What a search finds a kind of field by has every word that somebody may type. */
const NOT_CHECKED = /^builder:kindWords\.|keywords$|words$/i;

/** The words of a text that its language's glossary does not have. */
export function wordsNotUsed(language: Language, key: string, text: string): string[] {
  if (NOT_CHECKED.test(key)) return [];
  const plain = text.replaceAll(/\{\{[^}]*\}\}|<[^>]*>/g, ' ');
  return GLOSSARY[language].flatMap(({ word, not, keys }) =>
    keys && !keys.test(key)
      ? []
      : not
          .flatMap(
            (each) => new RegExp(`(?<![\\p{L}\\p{N}-])(?:${each})(?![\\p{L}\\p{N}-])`, 'iu').exec(plain)?.[0] ?? [],
          )
          .map((found) => `“${found}” is “${word}”: ${text}`),
  );
}
