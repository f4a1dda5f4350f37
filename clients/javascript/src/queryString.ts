/** How deep a query may be nested: Cairn refuses more brackets in a name. A query that contains itself ends here, too. */
const MAX_DEPTH = 40;

/** Conditions that nothing meets, as nothing is null and is not, and that everything meets. */
const NEVER = { $null: true, $notNull: true };
const ALWAYS = { $not: NEVER };

/**
 * Writes a query as Strapi's clients do: `filters[title][$eq]=Dune&populate[0]=author`. Throws a `TypeError` for what could not be read back as it
 * was meant: names with brackets, functions, maps, dates that are none.
 *
 * In filters `null` becomes `$null` or `$notNull`, since a query string has no other way to say it; and `$in` with an empty list matches nothing:
 * written as other clients do, it would be left out and match everything.
 */
export function toQueryString(query: object): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    appendValue(parts, encodeName(name, name), name, name === 'filters' ? rewriteFilters(value, name) : value, 1);
  }
  return parts.join('&');
}

/** Adds the parameters of a value. `key`: its name as it is sent; `place`: as messages show it. */
function appendValue(parts: string[], key: string, place: string, value: unknown, depth: number): void {
  if (depth > MAX_DEPTH) throw new TypeError(`${place.slice(0, 60)}…: the query is nested more than ${MAX_DEPTH} levels deep`);
  switch (kindOf(value)) {
    case 'Undefined':
      return;
    case 'Array':
      (value as unknown[])
        .filter((item) => item !== undefined)
        .forEach((item, index) => appendValue(parts, `${key}[${index}]`, `${place}[${index}]`, item, depth + 1));
      return;
    case 'Object':
      for (const [name, item] of Object.entries(value as object)) {
        const inner = `${place}.${name}`;
        const rewritten = name === 'filters' ? rewriteFilters(item, inner) : item;
        appendValue(parts, `${key}[${encodeName(name, inner)}]`, inner, rewritten, depth + 1);
      }
      return;
    default:
      parts.push(`${key}=${encodeText(writeScalar(value, place), place)}`);
  }
}

function writeScalar(value: unknown, place: string): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint' || Number.isFinite(value)) return String(value);
  if (kindOf(value) === 'Date' && !Number.isNaN((value as Date).getTime())) return (value as Date).toISOString();
  const what = typeof value === 'number' ? value : kindOf(value) === 'Date' ? 'an invalid date' : `a ${kindOf(value)}`;
  throw new TypeError(`${place}: ${what} cannot be sent in a query`);
}

/** `Date`, `Map`, `Object` and so on, also of values from another window or sandbox, which `instanceof` does not know. */
function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** Writes a name, unless a server would read it as several: one that comes from a visitor must not add parameters. */
function encodeName(name: string, place: string): string {
  if (name === '') throw new TypeError(`${place}: a name is empty`);
  if (/[[\]]/.test(name)) throw new TypeError(`${place}: names have no brackets`);
  return encodeText(name, place);
}

function encodeText(text: string, place: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    throw new TypeError(`${place}: the text has half a character (a lone surrogate)`);
  }
}

function rewriteFilters(filters: unknown, place: string, depth = 1): unknown {
  // What is wrong with these is said when they are written.
  if (kindOf(filters) !== 'Object' || depth > MAX_DEPTH) return filters;
  const conditions: [string, unknown][] = [];
  let isAlwaysTrue = false;
  for (const [name, value] of Object.entries(filters as object)) {
    const inner = `${place}.${name}`;
    if (Array.isArray(value) && value.length === 0) {
      if (name === '$in') return NEVER;
      if (name === '$notIn') isAlwaysTrue = true;
      else if (name.startsWith('$')) throw new TypeError(`${inner}: the list is empty`);
      else conditions.push([name, NEVER]);
    } else if (Array.isArray(value)) {
      conditions.push([name, value.map((item, index) => rewriteItem(item, `${inner}[${index}]`, depth))]);
    } else if (value === null) {
      conditions.push(rewriteNull(name, inner));
    } else if (value !== undefined) {
      conditions.push([name, rewriteFilters(value, inner, depth + 1)]);
    }
  }
  return isAlwaysTrue && conditions.length === 0 ? ALWAYS : Object.fromEntries(conditions);
}

function rewriteNull(name: string, place: string): [string, unknown] {
  if (name === '$eq') return ['$null', true];
  if (name === '$ne') return ['$notNull', true];
  if (name.startsWith('$')) throw new TypeError(`${place}: null cannot be compared; use $null or $notNull`);
  return [name, { $null: true }];
}

function rewriteItem(item: unknown, place: string, depth: number): unknown {
  if (item === null) throw new TypeError(`${place}: null cannot be in a list; use $null`);
  return rewriteFilters(item, place, depth + 1);
}
