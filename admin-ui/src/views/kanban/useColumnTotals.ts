import { useQuery } from '@tanstack/react-query';
import { aggregateEntries, type EntryGroup } from '@/api/content';
import { formatAmount, formatNumber } from '@/ui/format';
import { valueText } from '../dashboard/figures';
import type { BoardSum, KanbanViewDef } from '../definition';
import type { EntriesViewProps } from '../EntriesViewProps';
import { entriesKey } from '../entries/useEntryRows';
import { resolveField, STAGE_FIELD } from '../fieldPath';

/** The totals of the columns of a board by their values, asked for at once; `undefined` where there is none to show. */
export function useColumnTotals({
  model,
  type,
  definition,
  query,
}: EntriesViewProps<KanbanViewDef>): (value: string | null) => string | undefined {
  const { groupBy, sum } = definition;
  const isRelation = resolveField(model, type, groupBy)?.attribute.type === 'relation';
  const groupField = isRelation ? `${groupBy}.documentId` : groupBy;
  const { data } = useQuery({
    queryKey: [...entriesKey(type.uid), 'totals', groupField, sum, query],
    enabled: sum !== undefined && groupBy !== STAGE_FIELD,
    queryFn: ({ signal }) =>
      aggregateEntries(
        type,
        query,
        {
          groupBy: [groupField, ...(sum?.currencyField ? [sum.currencyField] : [])],
          measures: sum ? ['count', `sum.${sum.field}`] : ['count'],
        },
        signal,
      ),
  });
  return (value) => {
    if (!data || !sum) return undefined;
    const groups = data.filter(({ group }) => valueText(group[groupField]) === value);
    return groups.length > 0 ? formatTotal(sum, groups) : undefined;
  };
}

/** The total of the groups of a column; each currency by itself where they differ. */
function formatTotal(sum: BoardSum, groups: readonly EntryGroup[]): string {
  const totals = new Map<string, number>();
  for (const { group, sum: sums } of groups) {
    const currency = (sum.currencyField ? valueText(group[sum.currencyField]) : sum.currency) ?? '';
    totals.set(currency, (totals.get(currency) ?? 0) + Number(sums?.[sum.field] ?? 0));
  }
  const amounts = [...totals].toSorted(([a], [b]) => (a < b ? -1 : 1));
  // Documents without an amount have none in any currency.
  const filled = amounts.filter(([, amount]) => amount !== 0);
  return (filled.length > 0 ? filled : amounts.slice(0, 1))
    .map(([currency, amount]) => (sum.format === 'money' ? formatAmount(amount, currency) : formatNumber(amount)))
    .join(' + ');
}
