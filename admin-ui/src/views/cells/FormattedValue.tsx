import type { Entry } from '@/api/content';
import { formatAmount } from '@/ui/format';
import { StateBadge } from '@/ui/StateBadge';
import { type ResolvedField, valueAt } from '../fieldPath';
import type { ColumnFormat } from '../table/columns';
import { BADGES } from '../tones';
import { Countdown } from './Countdown';
import { ValueCell } from './EntryCell';
import { PersonName } from './PersonName';

interface Props {
  entry: Entry;
  field: string;
  at: ResolvedField;
  format: ColumnFormat | undefined;
}

/** The value of a field: as its column says, else as its kind shows it. */
export function FormattedValue({ entry, field, at, format }: Props) {
  const value = valueAt(entry, field);
  const plain = <ValueCell attribute={at.attribute} value={value} many={at.many} />;
  if (!format || value === null || value === undefined || typeof value === 'object') return plain;
  switch (format.kind) {
    case 'values': {
      const label = format.labels.get(String(value));
      return label ? <StateBadge tone={BADGES[label.tone]}>{label.text}</StateBadge> : plain;
    }
    case 'money': {
      // Decimals are texts.
      const amount = value === '' ? Number.NaN : Number(value);
      const currency = format.currencyField ? valueAt(entry, format.currencyField) : format.currency;
      return Number.isFinite(amount) ? formatAmount(amount, currency) : plain;
    }
    case 'countdown': {
      const isStopped = format.stoppedBy !== undefined && hasValue(valueAt(entry, format.stoppedBy));
      return isStopped || Number.isNaN(Date.parse(String(value))) ? plain : <Countdown until={String(value)} />;
    }
    case 'user':
      return value === '' ? plain : <PersonName id={String(value)} />;
  }
}

function hasValue(value: unknown): boolean {
  return value !== null && value !== undefined && value !== '';
}
