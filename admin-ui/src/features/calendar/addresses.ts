import { defineAddress } from '@/app/address';
import type { CalendarMode } from '@/views/calendar/days';

/** The part of the content calendar that is shown. */
export interface CalendarSearch {
  mode?: CalendarMode;
  /** A day of what is shown. */
  day?: string;
  phase?: string;
  /** Number of an administrator, or `me`. */
  owner?: string;
  team?: string;
  type?: string;
  kinds?: string[];
  /** Kinds of documents of plugins that are switched off: `bookings.events`. */
  hidden?: string[];
}

/** The kinds of line in the calendar. */
export const KINDS = ['planned', 'scheduled', 'published'] as const;

const MODES: readonly CalendarMode[] = ['month', 'week', 'agenda'];

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

/** The content calendar. */
export const calendarAddress = defineAddress({
  path: '/calendar',
  search: (raw): CalendarSearch => ({
    mode: MODES.find((mode) => mode === raw.mode),
    day: typeof raw.day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(raw.day) ? raw.day : undefined,
    phase: readText(raw.phase),
    owner: readText(raw.owner),
    team: readText(raw.team),
    type: readText(raw.type),
    hidden: Array.isArray(raw.hidden)
      ? raw.hidden.filter((kind): kind is string => typeof kind === 'string')
      : undefined,
    kinds: Array.isArray(raw.kinds) ? KINDS.filter((kind) => (raw.kinds as unknown[]).includes(kind)) : undefined,
  }),
});

/** Rules of slots that come again and again. */
export const rulesAddress = defineAddress({ path: '/calendar/rules' });

/** A rule that is not there yet. `new` is no number: it hides none of them. */
export const newRuleAddress = defineAddress({ path: '/calendar/rules/new' });

/** One rule. */
export const ruleAddress = defineAddress({ path: '/calendar/rules/$id' });
