import type { CairnApi } from './api.ts';

export interface ThemePicture {
  url: string;
  width: number | null;
  height: number | null;
  alt: string;
}

/** How the site looks, as the tenant has set it. */
export interface Theme {
  name: string;
  accent: string;
  onAccent: string;
  logo: ThemePicture | null;
  picture: ThemePicture | null;
  languages: string[];
  timeZone: string;
}

/** Looks of a tenant that has set none. */
export const DEFAULT_THEME: Theme = {
  name: 'Portal',
  accent: '#1d1f24',
  onAccent: '#ffffff',
  logo: null,
  picture: null,
  languages: ['nl', 'en'],
  timeZone: 'Europe/Amsterdam',
};

/** What Cairn calls a site that nobody has named. */
const UNNAMED = 'Cairn';
const COLOUR = /^#[0-9a-f]{6}$/i;
/** Stands for Cairn's address in those that have none. */
const NOWHERE = 'http://cairn.invalid';
/** How long a theme is used before it is read again. */
const LIFETIME_MILLIS = 60_000;
/** When it is tried again after Cairn gave none. */
const RETRY_MILLIS = 5_000;

/** Reads a response of `GET /api/portal/theme`. Whatever is missing or cannot be used is that of {@link DEFAULT_THEME}. */
export function parseTheme(value: unknown): Theme {
  const theme = isObject(value) ? value : {};
  const colors = isObject(theme.colors) ? theme.colors : {};
  const isPair = isColour(colors.accent) && isColour(colors.onAccent);
  const languages = Array.isArray(theme.locales) ? theme.locales.filter((code) => code === 'nl' || code === 'en') : [];
  return {
    name: parseName(theme.name),
    // Of a pair, one alone could be unreadable on the other's default.
    accent: isPair ? String(colors.accent) : DEFAULT_THEME.accent,
    onAccent: isPair ? String(colors.onAccent) : DEFAULT_THEME.onAccent,
    logo: parsePicture(theme.logo),
    picture: parsePicture(theme.picture),
    languages: languages.length > 0 ? languages : DEFAULT_THEME.languages,
    timeZone: isTimeZone(theme.timeZone) ? theme.timeZone : DEFAULT_THEME.timeZone,
  };
}

function parseName(value: unknown): string {
  const name = typeof value === 'string' ? value.trim() : '';
  return name && name !== UNNAMED ? name : DEFAULT_THEME.name;
}

function parsePicture(value: unknown): ThemePicture | null {
  const url = isObject(value) ? readUpload(value.url) : undefined;
  if (!isObject(value) || !url) return null;
  const size = (side: unknown) => (typeof side === 'number' && side > 0 ? side : null);
  const alt = typeof value.alt === 'string' ? value.alt : '';
  return { url, width: size(value.width), height: size(value.height), alt };
}

/** The address on this site of a public file of Cairn: browsers are sent to no other server. */
function readUpload(address: unknown): string | undefined {
  if (typeof address !== 'string' || !URL.canParse(address, NOWHERE)) return undefined;
  const { protocol, pathname, search } = new URL(address, NOWHERE);
  const isWeb = protocol === 'http:' || protocol === 'https:';
  return isWeb && pathname.startsWith('/uploads/') ? `${pathname}${search}` : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isColour(value: unknown): boolean {
  return typeof value === 'string' && COLOUR.test(value);
}

function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string') return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}

/** The theme of each language, read from Cairn once a minute. While Cairn does not answer, the one before is used. */
export class ThemeCache {
  private readonly themes = new Map<string, { theme: Theme; staleAt: number }>();

  async get(api: CairnApi, now: number): Promise<Theme> {
    const language = api.caller.language;
    const cached = this.themes.get(language);
    if (cached && now < cached.staleAt) return cached.theme;
    const entry = await api.get<{ data?: unknown }>('/portal/theme').then(
      (answer) => ({ theme: parseTheme(answer.data ?? answer), staleAt: now + LIFETIME_MILLIS }),
      () => ({ theme: cached?.theme ?? DEFAULT_THEME, staleAt: now + RETRY_MILLIS }),
    );
    this.themes.set(language, entry);
    return entry.theme;
  }
}
