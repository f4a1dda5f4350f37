import { defineRoute } from '@/app/route';

/** What the content calendar shows, in its address. */
export interface CalendarSearch {
  mode: 'month' | 'week' | 'agenda';
  /** A day of what is shown. */
  day?: string;
  phase?: string;
  /** Number of an administrator, or `me`. */
  owner?: string;
  team?: string;
  type?: string;
  kinds?: string[];
}

export const KINDS = ['planned', 'scheduled', 'published'] as const;

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined;
}

export const calendarRoute = defineRoute({
  path: '/calendar',
  layout: 'app',
  title: 'calendar:title',
  search: (raw): CalendarSearch => ({
    mode: raw.mode === 'week' || raw.mode === 'agenda' ? raw.mode : 'month',
    day: typeof raw.day === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(raw.day) ? raw.day : undefined,
    phase: readText(raw.phase),
    owner: readText(raw.owner),
    team: readText(raw.team),
    type: readText(raw.type),
    kinds: Array.isArray(raw.kinds) ? KINDS.filter((kind) => (raw.kinds as unknown[]).includes(kind)) : undefined,
  }),
  page: () => import('./CalendarPage'),
});

/** What comes again and again. */
export const rulesRoute = defineRoute({
  path: '/calendar/rules',
  layout: 'app',
  title: 'calendar:rule.title',
  needs: ['calendar.read'],
  page: () => import('./rules/RulesPage'),
});

/** Before the page of one of them: `new` is no number. */
export const newRuleRoute = defineRoute({
  path: '/calendar/rules/new',
  layout: 'app',
  title: 'calendar:rule.new',
  needs: ['calendar.manage'],
  page: () => import('./rules/RulePage'),
});

export const ruleRoute = defineRoute({
  path: '/calendar/rules/$id',
  layout: 'app',
  title: 'calendar:rule.title',
  needs: ['calendar.read'],
  page: () => import('./rules/RulePage'),
});
