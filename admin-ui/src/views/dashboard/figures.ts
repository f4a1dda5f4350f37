import { queryOptions } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { aggregateEntries, listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
import { valueLabelOf } from '@/fields/label';
import { entriesKey } from '../entries/useEntryRows';
import { limitConcurrency } from '../entries/limit';

/** A dashboard asks for many numbers; all at once they would make the server slow for everybody. */
const limiter = limitConcurrency(3);

/** A value, and how many entries have it. */
export interface ValueCount {
  /** `null`: those without one. */
  value: string | null;
  count: number;
}

/** How many entries a query finds. */
export function countQuery(type: ContentType, query: Query) {
  return queryOptions({
    queryKey: [...entriesKey(type.uid), 'figure', query],
    queryFn: ({ signal }) => countEntries(type, query, signal),
  });
}

/** How many entries there are of each value of an enumeration, or of yes and no. */
export function breakdownQuery(type: ContentType, groupBy: string, query: Query) {
  return queryOptions({
    queryKey: [...entriesKey(type.uid), 'figure', groupBy, query],
    queryFn: async ({ signal }): Promise<ValueCount[]> => {
      const groups = await limiter(
        () => aggregateEntries(type, query, { groupBy: [groupBy], measures: ['count'] }, signal),
        signal,
      );
      const counts = new Map(groups.map(({ group, count }) => [valueText(group[groupBy]), count ?? 0]));
      return groupValues(type, groupBy).map((value) => ({ value, count: counts.get(value) ?? 0 }));
    },
  });
}

/** The value of a group as the values of an attribute are written. */
export function valueText(value: string | number | boolean | null | undefined): string | null {
  return value === null || value === undefined ? null : String(value);
}

/** The values that are counted; those without one only where there can be such. */
export function groupValues(type: ContentType, groupBy: string): (string | null)[] {
  const attribute = type.attributes[groupBy];
  const values = attribute?.type === 'boolean' ? ['true', 'false'] : (attribute?.enum ?? []);
  return attribute?.required ? values : [...values, null];
}

/** What a counted value is called: a boolean's are yes and no, `null` is what has none. */
export function useValueName(type: ContentType, groupBy: string): (value: string | null) => string {
  const { t } = useTranslation('views');
  const attribute = type.attributes[groupBy];
  return (value) => {
    if (value === null) return t('board.none');
    if (attribute?.type === 'boolean') return t(value === 'true' ? 'filter.true' : 'filter.false');
    return valueLabelOf(attribute, value);
  };
}

async function countEntries(type: ContentType, query: Query, signal: AbortSignal): Promise<number> {
  const { total } = await limiter(
    () => listEntries(type, { ...query, fields: ['documentId'], pagination: { pageSize: 1 } }, signal),
    signal,
  );
  return total;
}
