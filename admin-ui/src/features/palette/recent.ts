import type { PaletteItem } from './items';

/** A page somebody was on. */
export interface Visit {
  href: string;
  title: string;
}

const MAX_RECENT = 8;

const keyOf = (userId: number | string): string => `cairn.recent.${userId}`;

/** The pages somebody was on last, on this device; the newest first. */
export function recentVisits(userId: number | string): Visit[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(userId)) ?? '[]');
    return Array.isArray(stored) ? stored.filter(isVisit) : [];
  } catch {
    return [];
  }
}

/** Keeps a visit. `title` is the document's: the page and, behind the dot, the project. */
export function saveVisit(userId: number | string, href: string, title: string): void {
  const visit = { href, title: title.split(' · ')[0] ?? title };
  const others = recentVisits(userId).filter((old) => old.href !== href && old.title !== visit.title);
  localStorage.setItem(keyOf(userId), JSON.stringify([visit, ...others].slice(0, MAX_RECENT)));
}

/** What a page belongs to, by its address: the line that leads nearest above it, for its icon and its name. */
export function placeOf(visit: Visit, lines: readonly PaletteItem[]): Pick<PaletteItem, 'icon' | 'detail'> {
  const path = decodeURI(visit.href.split(/[?#]/)[0] ?? '');
  let nearest: { item: PaletteItem; length: number } | undefined;
  for (const item of lines) {
    const address = pathOf(item.target);
    if (address === undefined || address.length <= (nearest?.length ?? 0)) continue;
    if (path === address || path.startsWith(`${address}/`)) nearest = { item, length: address.length };
  }
  if (!nearest) return {};
  const { icon, title } = nearest.item;
  return { ...(icon ? { icon } : {}), ...(title === visit.title ? {} : { detail: title }) };
}

/** `/content/$uid` with its parameters. */
function pathOf(target: PaletteItem['target']): string | undefined {
  if (typeof target !== 'object') return undefined;
  return target.to.replaceAll(/\$(\w+)/g, (_, name: string) => target.params[name] ?? '');
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
