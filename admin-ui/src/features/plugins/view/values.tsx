import { Anchor, Code } from '@mantine/core';
import type { ReactNode } from 'react';
import { StateBadge } from '@/features/settings';
import { formatDate, formatDateTime, formatDuration, formatNumber } from '@/ui/format';
import { BADGES } from '@/views/tones';
import type { ValueItem } from './types';

function formatDateOrText(value: unknown, format: (at: string) => string): string {
  const text = String(value);
  return Number.isNaN(Date.parse(text)) ? text : format(text);
}

/** A number as the reader's language writes it; what is none stays as it is. */
function formatNumberOrText(value: unknown, options: Intl.NumberFormatOptions): string {
  // Money is decimal text.
  const number = typeof value === 'number' ? value : Number(value);
  return value === '' || Number.isNaN(number) ? String(value) : formatNumber(number, options);
}

/** A value as its format says, and nothing but a value: what is no address of the web is not made a link. */
export function valueOf(
  { value, format = 'text', currency, tone = 'neutral' }: ValueItem,
  words: { yes: string; no: string },
  zone?: string,
): ReactNode {
  if (value === null || value === '') return null;
  if (typeof value === 'boolean') return value ? words.yes : words.no;
  switch (format) {
    case 'number':
      return formatNumberOrText(value, {});
    case 'money':
      return formatNumberOrText(value, currency ? { style: 'currency', currency } : { minimumFractionDigits: 2 });
    case 'percent':
      return formatNumberOrText(value, { style: 'percent', maximumFractionDigits: 1 });
    case 'date':
      // A day is the same everywhere.
      return formatDateOrText(value, (at) =>
        formatDate(at, { dateStyle: 'medium', ...(at.length === 10 ? { timeZone: 'UTC' } : {}) }),
      );
    case 'datetime':
      return formatDateOrText(value, (at) => formatDateTime(at, zone));
    case 'duration':
      return Number.isNaN(Number(value)) ? String(value) : formatDuration(Number(value));
    case 'email':
      return (
        <Anchor inherit href={`mailto:${encodeURIComponent(String(value)).replaceAll('%40', '@')}`}>
          {value}
        </Anchor>
      );
    case 'link':
      return String(value).startsWith('https://') ? (
        <Anchor inherit href={String(value)} target="_blank" rel="noopener noreferrer">
          {value}
        </Anchor>
      ) : (
        value
      );
    case 'badge':
      return <StateBadge tone={BADGES[tone]}>{value}</StateBadge>;
    case 'code':
      return <Code>{value}</Code>;
    case 'text':
      return value;
  }
}
