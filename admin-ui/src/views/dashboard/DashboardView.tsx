import { ActionIcon, Card, Group, Title, Tooltip } from '@mantine/core';
import { IconChartBarOff, IconRefresh } from '@tabler/icons-react';
import { useIsFetching } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import { contentTypeOf } from '@/api/model';
import { EmptyState } from '@/ui/EmptyState';
import { type DashboardViewDef, type DashboardWidgetDef, labelText } from '../definition';
import { buildEntryQuery, type Viewer } from '../entries/entryQuery';
import { entriesKey, useEntriesChanged } from '../entries/useEntryRows';
import classes from './Dashboard.module.css';
import { EntriesWidget } from './EntriesWidget';
import { Breakdown, Count } from './Figures';

/** Where what is shown on a dashboard leads to. */
export interface EntryNavigation {
  /** The address of an entry's page. */
  href: (uid: string, entry: Entry) => string;
  open: (uid: string, entry: Entry) => void;
}

interface Props extends EntryNavigation {
  definition: DashboardViewDef;
  reader: Viewer;
}

/** Numbers, charts and lists of several types on one page. */
export function DashboardView({ definition, reader, href, open }: Props) {
  const { t } = useTranslation('views');
  if (definition.widgets.length === 0) {
    return (
      <EmptyState icon={IconChartBarOff} title={t('dashboard.empty')}>
        {t('dashboard.emptyHint')}
      </EmptyState>
    );
  }
  return (
    <div className={classes.grid}>
      {definition.widgets.map((widget) => (
        <Widget key={widget.id} widget={widget} reader={reader} href={href} open={open} />
      ))}
    </div>
  );
}

/** A widget in its card; each is asked for anew by itself. */
function Widget({ widget, reader, href, open }: { widget: DashboardWidgetDef; reader: Viewer } & EntryNavigation) {
  const { t, i18n } = useTranslation('views');
  const { show } = widget;
  const changed = useEntriesChanged();
  const fetching = useIsFetching({ queryKey: entriesKey(show.type) }) > 0;
  const title = labelText(widget.label, i18n.resolvedLanguage ?? 'en') ?? '';
  return (
    <Card withBorder padding="md" role="group" data-span={widget.span ?? 1} aria-labelledby={`widget-${widget.id}`}>
      <Group justify="space-between" wrap="nowrap" mb="xs" gap="xs">
        <Title order={2} size="h3" id={`widget-${widget.id}`}>
          {title}
        </Title>
        <Tooltip label={t('dashboard.refresh', { title })}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={28}
            loading={fetching}
            aria-label={t('dashboard.refresh', { title })}
            onClick={() => void changed(show.type)}
          >
            <IconRefresh size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      </Group>
      <WidgetContent show={show} title={title} reader={reader} href={href} open={open} />
    </Card>
  );
}

/** What a widget shows, without its card. */
export function WidgetContent({
  show,
  title,
  reader,
  href,
  open,
}: { show: DashboardWidgetDef['show']; title: string; reader: Viewer } & EntryNavigation) {
  const type = contentTypeOf(reader.model, show.type);
  const query = useMemo(() => (type ? buildEntryQuery(type, show, reader) : {}), [type, show, reader]);
  if (!type) return null;
  switch (show.kind) {
    case 'count':
      return <Count type={type} found={query} />;
    case 'breakdown':
      return show.groupBy ? <Breakdown type={type} groupBy={show.groupBy} query={query} caption={title} /> : null;
    default:
      return (
        <EntriesWidget
          model={reader.model}
          type={type}
          definition={show}
          query={query}
          href={(entry) => href(type.uid, entry)}
          open={(entry) => open(type.uid, entry)}
          locale={type.localized ? (show.locale ?? reader.locale) : undefined}
        />
      );
  }
}
