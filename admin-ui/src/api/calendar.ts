import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** Something of the content calendar. */
export type CalendarEntry = Schemas['CalendarEntry'];

/** A slot, or an occurrence of a rule that no slot stands for yet. */
export type PlannedEntry = Extract<CalendarEntry, { kind: 'planned' }>;
/** What was published. */
export type PublishedEntry = Extract<CalendarEntry, { kind: 'published' }>;

/** A kind of entry that a plugin adds to the calendar, with its documents in the days that were asked for. */
export type PluginCalendar = Schemas['PluginCalendar'];
/** A document of a plugin in the calendar. */
export type PluginDocument = Schemas['DatedDocument'];

type CalendarDay = Schemas['CalendarDay'];

export interface Calendar {
  days: CalendarDay[];
  /** Publications before this moment are left out, as there are too many. */
  publishedFrom: string | null;
}

/** Which days, and what of them. */
export interface CalendarRange {
  from: string;
  to: string;
  zone: string;
  kinds?: string;
  phase?: string;
  owner?: string;
  team?: string;
  contentType?: string;
}

/** A slot as it is planned or changed; a key that is missing stays as it is. */
export type SlotChange = Schemas['SlotInput'];

const PATH = '/admin/api/calendar';

export function calendarQuery(range: CalendarRange) {
  return queryOptions({
    queryKey: ['calendar', range],
    queryFn: async ({ signal }): Promise<Calendar> => {
      const { data, meta } = await request<{ data: CalendarDay[]; meta: Schemas['CalendarMeta'] }>('GET', PATH, {
        query: { ...range },
        signal,
      });
      return { days: data, publishedFrom: meta.publishedFrom };
    },
  });
}

/** Which days of the documents of plugins, and which kinds of them are not read. */
export interface PluginCalendarRange {
  from: string;
  to: string;
  zone: string;
  contentType?: string;
  /** `bookings.events,desk.tickets`. */
  hidden?: string;
}

export function pluginCalendarsQuery(range: PluginCalendarRange) {
  return queryOptions({
    queryKey: ['calendar', 'plugins', range],
    queryFn: async ({ signal }): Promise<PluginCalendar[]> =>
      (await request<{ data: PluginCalendar[] }>('GET', `${PATH}/plugin-documents`, { query: { ...range }, signal }))
        .data,
  });
}

export async function planSlot(
  slot: SlotChange & { title: string; when: { localTime: string; zone: string } },
): Promise<void> {
  await request('POST', `${PATH}/slots`, { body: slot });
}

/** Moves an entry to another local time in a zone: its slot, one occurrence of a rule, or its schedule. */
export async function moveEntry(entry: CalendarEntry, localTime: string, zone: string): Promise<void> {
  if (entry.kind === 'scheduled' && entry.schedule) {
    await request('PUT', `/admin/api/schedules/${entry.schedule}`, { body: { localTime, zone } });
  } else if (entry.kind === 'planned' && entry.slot) {
    await request('PUT', `${PATH}/slots/${entry.slot}`, { body: { when: { localTime, zone } } });
  } else if (entry.kind === 'planned' && entry.rule && entry.occurrence) {
    await request('PUT', `${PATH}/rules/${entry.rule}/occurrences/${encodeURIComponent(entry.occurrence)}`, {
      body: { when: { localTime, zone } },
    });
  } else {
    throw new Error('what was published stays on its day');
  }
}
