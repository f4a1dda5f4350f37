import type { Colleague } from '@/api/users';

/** So many people are offered at once. */
const MAX_SUGGESTIONS = 8;

/** What is typed behind an `@` before the caret, where that begins a word. */
export function mentionQueryAt(text: string, caret: number): string | null {
  return /(?:^|[\s(])@([\p{L}\p{N}._+-]{0,40})$/u.exec(text.slice(0, caret))?.[1] ?? null;
}

/** The text with somebody in the place of what is typed behind the `@`, and where the caret goes then. */
export function withMention(text: string, caret: number, email: string): { text: string; caret: number } {
  const from = caret - (mentionQueryAt(text, caret)?.length ?? 0) - 1;
  const named = `@[${email}] `;
  return { text: text.slice(0, from) + named + text.slice(caret), caret: from + named.length };
}

/** Letters without their marks: who types `jose` looks for José as well. */
function foldAccents(text: string): string {
  return text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
}

/** Who may be meant: those whose name or address has a word that begins so. */
export function matchPeople(people: readonly Colleague[], query: string): Colleague[] {
  const needle = foldAccents(query);
  return people
    .filter(
      ({ active, name, email }) =>
        active &&
        foldAccents(`${name} ${email}`)
          .split(/[\s.@_-]+/)
          .some((word, at) => word.startsWith(needle) || (at === 0 && foldAccents(email).startsWith(needle))),
    )
    .slice(0, MAX_SUGGESTIONS);
}

/** A comment as one line of words: people by their names, without the code that a mention is stored as, also where it was cut off. */
export function plainMentions(text: string, people: readonly Colleague[]): string {
  return splitMentions(text, people)
    .map((part) => (part.person ? part.text : part.text.replace(/^@\[(.+)\]$/, '@$1')))
    .join('')
    .replace(/@\[[^\]\n]*$/, '…');
}

/** A comment in parts: text, and people by name. Addresses of nobody stay as they were written. */
export function splitMentions(
  text: string,
  people: readonly Colleague[],
): { key: number; text: string; person: boolean }[] {
  return text.split(/(@\[[^[\]\n]{1,254}\])/).flatMap((part, key) => {
    if (part === '') return [];
    const named = /^@\[(.+)\]$/.exec(part)?.[1]?.trim().toLowerCase();
    const person =
      named === undefined
        ? undefined
        : people.find(({ id, email }) => email.toLowerCase() === named || String(id) === named);
    return [{ key, text: person ? `@${person.name}` : part, person: person !== undefined }];
  });
}
