import { queryOptions } from '@tanstack/react-query';
import { request } from './client';

/** Something of the content calendar. Replaced by the generated type once the route is described. */
export interface CalendarEntry {
  kind: 'planned' | 'scheduled' | 'published';
  at: string;
  localTime: string;
  title: string | null;
  contentType: string | null;
  documentId: string | null;
  locale: string | null;
  phase: string | null;
  owner: number | null;
  team: string | null;
  /** Of what is planned: its slot, or the rule and the occurrence that no slot stands for yet. */
  slot?: number | null;
  rule?: number | null;
  occurrence?: string | null;
  status?: string;
  slotZone?: string;
  /** Of what is scheduled. */
  action?: 'publish' | 'unpublish';
  schedule?: number | null;
  release?: { id: number; name: string } | null;
}

export interface CalendarDay {
  date: string;
  entries: CalendarEntry[];
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
export interface SlotChange {
  title?: string;
  contentType?: string | null;
  phase?: string | null;
  team?: string | null;
  note?: string | null;
  when?: { localTime: string; zone: string };
}

const PATH = '/admin/api/calendar';

export function calendarQuery(range: CalendarRange) {
  return queryOptions({
    queryKey: ['calendar', range],
    queryFn: async ({ signal }) => (await request<{ data: CalendarDay[] }>('GET', PATH, { query: { ...range }, signal })).data,
  });
}

export async function planSlot(slot: SlotChange & { title: string; when: { localTime: string; zone: string } }): Promise<void> {
  await request('POST', `${PATH}/slots`, { body: slot });
}

export async function removeSlot(id: number): Promise<void> {
  await request('DELETE', `${PATH}/slots/${id}`);
}

/** Moves an entry to another local time in a zone: its slot, one occurrence of a rule, or its schedule. */
export async function moveEntry(entry: CalendarEntry, localTime: string, zone: string): Promise<void> {
  if (entry.kind === 'scheduled' && entry.schedule) {
    await request('PUT', `/admin/api/schedules/${entry.schedule}`, { body: { localTime, zone } });
  } else if (entry.slot) {
    await request('PUT', `${PATH}/slots/${entry.slot}`, { body: { when: { localTime, zone } } });
  } else if (entry.rule && entry.occurrence) {
    await request('PUT', `${PATH}/rules/${entry.rule}/occurrences/${encodeURIComponent(entry.occurrence)}`, { body: { when: { localTime, zone } } });
  } else {
    throw new Error('what was published stays on its day');
  }
}
