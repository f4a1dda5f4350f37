/** A page somebody was on. */
export interface Visit {
  href: string;
  title: string;
}

const KEPT = 8;

const keyOf = (who: number | string): string => `cairn.recent.${who}`;

/** The pages somebody was on last, on this device; the newest first. */
export function recent(who: number | string): Visit[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(who)) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isVisit) : [];
  } catch {
    return [];
  }
}

/** Keeps a visit. `title` is the document's: the page and, behind the dot, the project. */
export function remember(who: number | string, href: string, title: string): void {
  const visit = { href, title: title.split(' · ')[0] ?? title };
  const others = recent(who).filter((old) => old.href !== href && old.title !== visit.title);
  localStorage.setItem(keyOf(who), JSON.stringify([visit, ...others].slice(0, KEPT)));
}

function isVisit(value: unknown): value is Visit {
  return (
    typeof value === 'object' &&
    value !== null &&
    'href' in value &&
    typeof value.href === 'string' &&
    'title' in value &&
    typeof value.title === 'string' &&
    // Only pages of this application, whoever wrote the storage.
    /^\/(?![/\\])/.test(value.href)
  );
}
