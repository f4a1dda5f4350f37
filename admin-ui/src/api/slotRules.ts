import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Schemas } from './schemas';

/** Slots of the calendar that come again and again. */
export type SlotRule = Schemas['SlotRule'];
export type RuleInput = Schemas['RuleInput'];
export type Slot = Schemas['Slot'];
/** What a rule would bring. */
export type RulePreview = Schemas['SlotRulePreview'];

const PATH = '/admin/api/calendar/rules';

export const slotRulesQuery = queryOptions({
  queryKey: ['calendar', 'rules'],
  queryFn: async ({ signal }) => (await request<{ data: SlotRule[] }>('GET', PATH, { signal })).data,
});

/** Makes a rule, or with a number changes what is named of it. */
export async function saveRule(rule: RuleInput, id?: number): Promise<SlotRule> {
  return (
    await request<{ data: SlotRule }>(id === undefined ? 'POST' : 'PUT', id === undefined ? PATH : `${PATH}/${id}`, {
      body: rule,
    })
  ).data;
}

export async function removeRule(id: number): Promise<void> {
  await request('DELETE', `${PATH}/${id}`);
}

/** The next occurrences of a rule that is not kept. */
export function rulePreviewQuery(rule: Pick<RuleInput, 'rule' | 'start' | 'zone' | 'until'>, count: number) {
  return queryOptions({
    queryKey: ['calendar', 'rule-preview', rule, count],
    queryFn: async ({ signal }) =>
      (await request<{ data: RulePreview }>('POST', `${PATH}/preview`, { query: { n: count }, body: rule, signal }))
        .data,
    retry: false,
  });
}

const occurrencePath = (rule: number, local: string): string =>
  `${PATH}/${rule}/occurrences/${encodeURIComponent(local)}`;

/** Cancels one occurrence; answers the slot that stands for it from then on. */
export async function cancelOccurrence(rule: number, local: string): Promise<Slot> {
  return (await request<{ data: Slot }>('DELETE', occurrencePath(rule, local))).data;
}

/** What is to be different about one time. */
export type OccurrenceChange = Pick<Schemas['SlotInput'], 'title' | 'note' | 'when' | 'status'>;

/** Changes one occurrence of a rule, or the slot that stands for it already. */
export async function changeOccurrence(
  at: { rule: number; occurrence: string; slot?: number | null },
  change: OccurrenceChange,
): Promise<void> {
  await request('PUT', at.slot ? `/admin/api/calendar/slots/${at.slot}` : occurrencePath(at.rule, at.occurrence), {
    body: change,
  });
}
