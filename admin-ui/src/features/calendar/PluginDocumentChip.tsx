import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { entryTarget } from '@/features/content-manager';
import { NamedIcon } from '@/features/plugins';
import { COLOURS } from '@/views/tones';
import type { PluginItem } from './pluginItems';

/** What a document of a plugin is called in the calendar. */
export function pluginDocumentName({ document }: PluginItem): string {
  return document.title ?? document.documentId;
}

/** A document of a plugin in one line: the sign of its kind, its time, its name. */
export function PluginDocumentChip({ item }: { item: PluginItem }) {
  const { t } = useTranslation('calendar');
  const { calendar, document, number, days } = item;
  const name = pluginDocumentName(item);
  // On later days it does not begin at that time.
  const time = number === 1 ? document.time : null;
  const part = days > 1 ? t('plugin.part', { number, days }) : undefined;
  const more = [calendar.label, part, calendar.pluginName].filter(Boolean).join(' · ');
  const colour = COLOURS[calendar.tone];
  return (
    <span title={[time, name, `(${more})`].filter(Boolean).join(' ')}>
      <span
        role="img"
        aria-label={more}
        style={{ color: colour && `var(--mantine-color-${colour}-text)`, verticalAlign: '-1px', marginInlineEnd: 4 }}
      >
        <NamedIcon name={calendar.icon ?? ''} size={12} />
      </span>
      {time && `${time} `}
      <Link {...entryTarget(calendar.contentType, document.documentId, document.locale)} draggable={false}>
        {name}
      </Link>
    </span>
  );
}
