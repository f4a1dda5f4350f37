import { useTranslation } from 'react-i18next';
import { formatDateTime, formatRelative } from './format';
import { useZone } from './zone';

/** `3 hours ago`, with the exact time for who points at it and for machines. */
export function RelativeTime({ at }: { at: string | number | Date }) {
  // Redrawn when the language changes.
  useTranslation();
  const zone = useZone();
  return (
    <time dateTime={new Date(at).toISOString()} title={formatDateTime(at, zone)}>
      {formatRelative(at)}
    </time>
  );
}
