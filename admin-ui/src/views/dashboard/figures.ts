import { queryOptions } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { listEntries, type Query } from '@/api/content';
import type { ContentType } from '@/api/model';
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
      const values = groupValues(type, groupBy);
      const { filters, ...rest } = query;
      const counts = await Promise.all(
        values.map((value) => {
          const one = { [groupBy]: value === null ? { $null: true } : { $eq: value } };
          return countEntries(type, { ...rest, filters: filters ? { $and: [filters, one] } : one }, signal);
        }),
      );
      return values.map((value, at) => ({ value, count: counts[at] ?? 0 }));
    },
  });
}

/** The values that are counted; those without one only where there can be such. */
function groupValues(type: ContentType, groupBy: string): (string | null)[] {
  const attribute = type.attributes[groupBy];
  const values = attribute?.type === 'boolean' ? ['true', 'false'] : (attribute?.enum ?? []);
  return attribute?.required ? values : [...values, null];
}

/** What a counted value is called: a boolean's are yes and no, `null` is what has none. */
export function useValueName(type: ContentType, groupBy: string): (value: string | null) => string {
  const { t } = useTranslation('views');
  const yesOrNo = type.attributes[groupBy]?.type === 'boolean';
  return (value) => {
    if (value === null) return t('board.none');
    return yesOrNo ? t(value === 'true' ? 'filter.true' : 'filter.false') : value;
  };
}

async function countEntries(type: ContentType, query: Query, signal: AbortSignal): Promise<number> {
  const { total } = await limiter(
    () => listEntries(type, { ...query, fields: ['documentId'], pagination: { pageSize: 1 } }, signal),
    signal,
  );
  return total;
}
