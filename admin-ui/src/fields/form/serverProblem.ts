import type { TFunction } from 'i18next';

/** What the server finds wrong with a value: a text of the namespace `fields`, below `problem`, and what it names. */
export interface ServerProblem {
  key:
    | 'required'
    | 'minLength'
    | 'maxLength'
    | 'minItems'
    | 'maxItems'
    | 'tooSmall'
    | 'tooLarge'
    | 'notAnEmail'
    | 'notANumber'
    | 'notAnInteger'
    | 'notOneOf'
    | 'notUid'
    | 'pattern'
    | 'unique'
    | 'wrongKind';
  params?: Record<string, string>;
}

/** The pattern of every slug: the server names it, people need not read it. */
const UID_PATTERN = '/^[A-Za-z0-9-_.~]*$/';

/**
 * The server's sentences about values. Their wording is part of the content API, which Strapi's clients know, so that the admin
 * can tell by it what is meant.
 */
const SENTENCES: [RegExp, (found: string[]) => ServerProblem][] = [
  [/\bmust be defined\.$/, () => ({ key: 'required' })],
  [/\bmust be an? `\w+` type, but the final value was: `(?:null|NaN)`\.$/, () => ({ key: 'required' })],
  [/\bmust be a `number` type, /, () => ({ key: 'notANumber' })],
  [/\bmust be an? `\w+` type, /, () => ({ key: 'wrongKind' })],
  [/\bcannot be empty$/, () => ({ key: 'required' })],
  [/\bmust be at least (\d+) characters$/, ([min = '']) => ({ key: 'minLength', params: { min } })],
  [/\bmust be at most (\d+) characters$/, ([max = '']) => ({ key: 'maxLength', params: { max } })],
  [/\bfield must have at least (\d+) items$/, ([min = '']) => ({ key: 'minItems', params: { min } })],
  [/\bfield must have less than or equal to (\d+) items$/, ([max = '']) => ({ key: 'maxItems', params: { max } })],
  [/\bmust be greater than or equal to (\S+)$/, ([min = '']) => ({ key: 'tooSmall', params: { min } })],
  [/\bmust be less than or equal to (\S+)$/, ([max = '']) => ({ key: 'tooLarge', params: { max } })],
  [/\bmust be a valid email$/, () => ({ key: 'notAnEmail' })],
  [/\bmust be (?:a valid|an) integer$/, () => ({ key: 'notAnInteger' })],
  [
    /\bmust be one of the following values: (.*?)(?:, )?$/,
    ([values = '']) => ({ key: 'notOneOf', params: { values } }),
  ],
  [
    /\bmust match the following: "(.*)"$/,
    ([pattern = '']) => (pattern === UID_PATTERN ? { key: 'notUid' } : { key: 'pattern', params: { pattern } }),
  ],
  [/^This attribute must be unique$/, () => ({ key: 'unique' })],
];

/** What a sentence of the server means; `null` for others, such as those of plugins. */
export function readServerProblem(message: string): ServerProblem | null {
  for (const [sentence, problemOf] of SENTENCES) {
    const found = sentence.exec(message);
    if (found) return problemOf(found.slice(1));
  }
  return null;
}

/** The server's sentence about a value in the reader's words. `t` is that of the namespace `fields`. */
export function serverProblemText(t: TFunction<'fields'>, message: string): string {
  const problem = readServerProblem(message);
  return problem ? t(`problem.${problem.key}`, problem.params ?? {}) : withoutPath(message);
}

/** `sections[0].text must be …` → `Must be …`: the field stands beside it. */
function withoutPath(message: string): string {
  const short = message.replace(/^[\w.[\]]+ (must|is|has)\b/, '$1');
  return short.charAt(0).toUpperCase() + short.slice(1);
}
