import { useTranslation } from 'react-i18next';
import { formatDateTime, formatRelative } from './format';

/** `3 hours ago`, with the exact time for who points at it and for machines. */
export function RelativeTime({ at }: { at: string | number | Date }) {
  // Redrawn when the language changes.
  useTranslation();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatDateTime(at)}>
      {formatRelative(at)}
    </time>
  );
}
