import i18next from 'i18next';

/**
 * The language of the admin UI as it is written where the reader lives: with British English in the browser, English has
 * its days before its months and its hours up to 24. The first tag of the browser with a region counts, whatever stands
 * before it in another language.
 */
export function readerLocale(): string {
  const language = i18next.resolvedLanguage ?? 'en';
  // Without a browser, as in most tests, nobody says where the reader lives.
  const tags = globalThis.navigator?.languages ?? [];
  return tags.find((tag) => tag.startsWith(`${language}-`) && isLocale(tag)) ?? language;
}

/** Browsers take names of the system as they are, such as `en-US@posix`, which `Intl` refuses. */
function isLocale(tag: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(tag).length > 0;
  } catch {
    return false;
  }
}

/**
 * Dates and numbers in the reader's own notation and time zone, from the browser's own tables. Making a formatter costs
 * more than using it, so each is kept.
 */
const formatters = new Map<string, unknown>();

function cachedFormatter<Formatter>(kind: string, options: object, make: (locale: string) => Formatter): Formatter {
  const locale = readerLocale();
  const key = `${kind} ${locale} ${JSON.stringify(options)}`;
  const formatter = (formatters.get(key) as Formatter | undefined) ?? make(locale);
  formatters.set(key, formatter);
  return formatter;
}

function dateFormatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return cachedFormatter('date', options, (locale) => new Intl.DateTimeFormat(locale, options));
}

/** The time zone of whoever reads. */
export const LOCAL_ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone;

type DateInput = string | number | Date;

/** `21 Nov 2026`. */
export function formatDate(moment: DateInput, options: Intl.DateTimeFormatOptions = { dateStyle: 'medium' }): string {
  return dateFormatter(options).format(new Date(moment));
}

/** `21 Nov 2026, 14:05`. */
export function formatDateTime(moment: DateInput, timeZone?: string): string {
  return dateFormatter({ dateStyle: 'medium', timeStyle: 'short', timeZone }).format(new Date(moment));
}

/** `14:05`. */
export function formatTime(moment: DateInput, timeZone?: string): string {
  return dateFormatter({ timeStyle: 'short', timeZone }).format(new Date(moment));
}

const RELATIVE_UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600_000],
  ['month', 2_629_800_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `3 hours ago`, `in 2 days`, `now`. Show the exact time with it (`RelativeTime` does). */
export function formatRelative(moment: DateInput, now: DateInput = Date.now()): string {
  const relative = cachedFormatter(
    'relative',
    {},
    (locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }),
  );
  const distance = new Date(moment).getTime() - new Date(now).getTime();
  for (const [unit, length] of RELATIVE_UNITS) {
    if (Math.abs(distance) >= length) return relative.format(Math.round(distance / length), unit);
  }
  return relative.format(0, 'second');
}

/** `1,234.5`. */
export function formatNumber(value: number, options: Intl.NumberFormatOptions = {}): string {
  return cachedFormatter('number', options, (locale) => new Intl.NumberFormat(locale, options)).format(value);
}

/** Milliseconds as hours and minutes, or what is the largest of it: `2 days`, `3 hr 20 min`. */
export function formatDuration(millis: number): string {
  const units = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1000, 'second'],
  ] as const;
  const at = units.findIndex(([size]) => Math.abs(millis) >= size);
  if (at < 0) return formatNumber(Math.round(millis), { style: 'unit', unit: 'millisecond', unitDisplay: 'short' });
  let rest = Math.round(millis / 1000) * 1000;
  const parts: string[] = [];
  for (const [size, unit] of units.slice(at, at + 2)) {
    const count = Math.trunc(rest / size);
    rest -= count * size;
    if (count !== 0) parts.push(formatNumber(count, { style: 'unit', unit, unitDisplay: 'short' }));
  }
  return parts.join(' ');
}

/** How an amount is written: with its currency, or with two digits where that is not known. */
export function moneyOptions(currency: string | undefined): Intl.NumberFormatOptions {
  return currency ? { style: 'currency', currency } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
}

/** `€ 1,512.50`, or `1,512.50` where the currency is not known. */
function formatMoney(amount: number, currency?: string): string {
  return formatNumber(amount, moneyOptions(currency));
}

/** A code of ISO 4217, as `Intl` takes it. */
const CURRENCY = /^[A-Z]{3}$/;

/** An amount in a currency that is stored beside it: what is no code of one stands behind the amount as it is. */
export function formatAmount(amount: number, currency: unknown): string {
  if (typeof currency !== 'string' || currency === '') return formatMoney(amount);
  return CURRENCY.test(currency) ? formatMoney(amount, currency) : `${formatMoney(amount)} ${currency}`;
}

/** `668 bytes`, `1.2 MB`. */
export function formatBytes(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return formatNumber(bytes / 1000 ** step, {
    style: 'unit',
    unit: units[step],
    // In short, a byte has no plural.
    unitDisplay: step === 0 ? 'long' : 'short',
    maximumFractionDigits: step === 0 ? 0 : 1,
  });
}

/** `a, b and c`. */
export function formatList(words: readonly string[]): string {
  return cachedFormatter('list', {}, (locale) => new Intl.ListFormat(locale, { type: 'conjunction' })).format(words);
}

/** The words of which one is enough, as a sentence has them: `a, b or c`. */
export function formatAlternatives(words: readonly string[]): string {
  return cachedFormatter('alternatives', {}, (locale) => new Intl.ListFormat(locale, { type: 'disjunction' })).format(
    words,
  );
}

/** The name of a content language in the language of the admin UI: `nl` is `Dutch`. */
export function languageName(code: string): string {
  try {
    return (
      cachedFormatter('language', {}, (locale) => new Intl.DisplayNames(locale, { type: 'language' })).of(code) ?? code
    );
  } catch {
    return code;
  }
}
