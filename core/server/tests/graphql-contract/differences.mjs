// What two answers differ in, and the differences that are known, with their reasons.
import fs from 'node:fs';

/** Differences between two values of JSON: place, what Strapi answered and what the server answered, both as texts. */
export function differences(want, got, at = '', found = []) {
  const kind = (value) => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);
  if (kind(want) !== kind(got) || !['list', 'object'].includes(kind(want))) {
    if (want !== got) found.push({ at: at || '.', want: describe(want), got: describe(got) });
    return found;
  }
  if (Array.isArray(want)) {
    for (let i = 0; i < Math.max(want.length, got.length); i++) differences(want[i], got[i], `${at}[${i}]`, found);
    return found;
  }
  for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) differences(want[key], got[key], at ? `${at}.${key}` : key, found);
  return found;
}

function describe(value) {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

/** The list of known differences: `cases` and `at` are patterns in which `*` stands for anything, `got` is what the server answers there. */
export class Differences {
  constructor(file) {
    this.entries = JSON.parse(fs.readFileSync(file, 'utf8')).map((entry) => {
      for (const key of ['cases', 'at', 'reason']) if (!entry[key]?.length) throw new Error(`${file}: an entry without ${key}: ${JSON.stringify(entry)}`);
      const cases = entry.cases.map((pattern) => ({ pattern, matches: toExpression(pattern), isUsed: false }));
      return { ...entry, cases, place: toExpression(entry.at), gotPlace: entry.got === undefined ? null : toExpression(entry.got) };
    });
  }

  /** Returns true if the difference is listed. */
  explain(id, { at, got }) {
    let isListed = false;
    for (const { cases, place, gotPlace } of this.entries) {
      if (!place.test(at) || (gotPlace && !gotPlace.test(got))) continue;
      for (const one of cases) {
        if (!one.matches.test(id)) continue;
        one.isUsed = true;
        isListed = true;
      }
    }
    return isListed;
  }

  unused() {
    return this.entries.flatMap(({ at, cases }) => cases.filter(({ isUsed }) => !isUsed).map(({ pattern }) => `${pattern} at ${at}`));
  }
}

function toExpression(pattern) {
  return new RegExp(`^${pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's');
}
