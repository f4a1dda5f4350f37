import type { Language } from './texts.ts';

/** Regions whose conventions the site follows. */
const REGIONS: Record<Language, string> = { nl: 'nl-NL', en: 'en-GB' };

/** Writes days, times, amounts and sizes in a language, in the time zone of the tenant. */
export class Format {
  private readonly region: string;

  constructor(
    language: Language,
    readonly timeZone: string,
  ) {
    this.region = REGIONS[language];
  }

  /** A day: `2026-03-01`, or the day of a time in the zone. Empty for what is no time. */
  day(text: string | null | undefined): string {
    const date = parse(text);
    // A day has no zone; one of another west of it would be the day before.
    const timeZone = text?.length === 10 ? 'UTC' : this.timeZone;
    return date ? new Intl.DateTimeFormat(this.region, { dateStyle: 'long', timeZone }).format(date) : '';
  }

  /** A day and a time with the short name of the zone, such as "1 March 2026 at 17:00 CET". */
  time(text: string | null | undefined): string {
    const date = parse(text);
    if (!date) return '';
    const { timeZone } = this;
    const at = new Intl.DateTimeFormat(this.region, { dateStyle: 'long', timeStyle: 'short', timeZone }).format(date);
    return `${at}\u00a0${this.zoneName(date, 'short')}`;
  }

  /** An amount of money, with cents also where there are none: amounts stand in one column, and beside each other. */
  money(amount: number, currency: string | null | undefined): string {
    const code = currency && /^[A-Z]{3}$/.test(currency) ? currency : 'EUR';
    return new Intl.NumberFormat(this.region, { style: 'currency', currency: code }).format(amount);
  }

  /** A whole number. */
  count(value: number): string {
    return new Intl.NumberFormat(this.region).format(value);
  }

  /** A number with as many decimals as its size needs. */
  value(value: number): string {
    const size = Math.abs(value);
    const maximumFractionDigits = size >= 100 ? 0 : size >= 1 ? 1 : 3;
    return new Intl.NumberFormat(this.region, { maximumFractionDigits }).format(value);
  }

  /** A number with its unit, as the unit is written; a dash for none. */
  measure(value: number | null, unit: string | null | undefined): string {
    if (value === null) return '–';
    return unit ? `${this.value(value)}\u00a0${unit}` : this.value(value);
  }

  /** A distance in kilometres. */
  distance(kilometres: number): string {
    return this.measure(kilometres, 'km');
  }

  /** A duration in words, such as "2 min 5 s". */
  duration(seconds: number): string {
    const whole = Math.round(seconds);
    const parts = [
      { value: Math.floor(whole / 3_600), unit: 'hour' },
      { value: Math.floor(whole / 60) % 60, unit: 'minute' },
      { value: whole % 60, unit: 'second' },
    ];
    const shown = parts.filter(({ value }) => value > 0);
    return (shown.length > 0 ? shown : parts.slice(-1))
      .map(({ value, unit }) =>
        new Intl.NumberFormat(this.region, { style: 'unit', unit, unitDisplay: 'short' }).format(value),
      )
      .join(' ');
  }

  /** A time since a beginning, such as `2:05`. */
  clock(seconds: number): string {
    const whole = Math.round(seconds);
    const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor(whole / 60) % 60];
    const two = (value: number) => String(value).padStart(2, '0');
    return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }

  /** A month with its year, from `2026-03`. */
  month(text: string | null | undefined): string {
    const date = parse(text);
    if (!date) return '';
    return new Intl.DateTimeFormat(this.region, { month: 'long', year: 'numeric', timeZone: 'UTC' }).format(date);
  }

  /** The size of a file, from kilobytes. */
  size(kilobytes: number): string {
    const isLarge = kilobytes >= 1_000;
    const unit = isLarge ? 'megabyte' : 'kilobyte';
    const value = isLarge ? kilobytes / 1_000 : Math.max(1, kilobytes);
    const maximumFractionDigits = isLarge && value < 10 ? 1 : 0;
    return new Intl.NumberFormat(this.region, { style: 'unit', unit, maximumFractionDigits }).format(value);
  }

  /** The name of the zone at a time. */
  zoneName(date: Date, length: 'short' | 'long'): string {
    const { timeZone } = this;
    const parts = new Intl.DateTimeFormat(this.region, { timeZone, timeZoneName: length }).formatToParts(date);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone;
  }
}

function parse(text: string | null | undefined): Date | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
