import { IconCalendarTime, IconCircleCheck, IconPackage, IconPencil } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@/api/calendar';
import { entryTarget } from '@/features/content-manager';
import { releaseAddress } from '@/features/releases';

const SIGNS = { planned: IconPencil, scheduled: IconCalendarTime, published: IconCircleCheck };

/** The release by which it is scheduled. */
const releaseOf = (entry: CalendarEntry) => (entry.kind === 'scheduled' ? entry.release : null);

/** What an entry of the calendar is called. */
export function calendarEntryName(entry: CalendarEntry): string {
  return entry.title ?? releaseOf(entry)?.name ?? entry.documentId ?? '';
}

/** Something of the calendar in one line: its kind as a sign and a word, its time, its name. */
export function EntryChip({ entry }: { entry: CalendarEntry }) {
  const { t } = useTranslation('calendar');
  const release = releaseOf(entry);
  const Sign = release ? IconPackage : SIGNS[entry.kind];
  const time = entry.localTime.slice(11, 16);
  const name = calendarEntryName(entry);
  const kind = entry.kind === 'scheduled' ? t(`kind.${entry.action}`) : t(`kind.${entry.kind}`);
  const more = [kind, entry.phase, entry.team].filter(Boolean).join(' · ');
  const target =
    entry.contentType && entry.documentId
      ? entryTarget(entry.contentType, entry.documentId, entry.locale)
      : release
        ? releaseAddress.to({ id: String(release.id) })
        : undefined;
  return (
    <span title={`${time} ${name} (${more})`}>
      <Sign size={12} style={{ verticalAlign: '-1px', marginInlineEnd: 4 }} role="img" aria-label={more} />
      {time}{' '}
      {target ? (
        <Link {...target} draggable={false}>
          {name}
        </Link>
      ) : (
        name
      )}
    </span>
  );
}
