import { Anchor, CloseButton, Group, Skeleton, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Entry, readEntry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { labelOf } from '@/fields/label';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { titleOf } from '@/views/cells/Card';
import { ValueCell } from '@/views/cells/EntryCell';
import { StatusBadge } from '@/views/cells/StatusBadge';
import { leadsToMany, readableFields } from '@/views/fieldPath';
import { entryTarget } from '../addresses';
import classes from './EntryList.module.css';

interface Props {
  type: ContentType;
  entry: Entry;
  locale: string | undefined;
  close: () => void;
}

/** An entry beside the list, to look at: the keyboard stays in the list, and what is shown follows it. */
export function PeekPanel({ type, entry, locale, close }: Props) {
  const { t } = useTranslation(['list', 'common']);
  const { documentId } = entry;
  const { data, error, refetch } = useQuery({
    queryKey: ['content', type.uid, 'peek', documentId, locale],
    queryFn: ({ signal }) => readEntry(type, documentId, { locale, signal }),
  });
  return (
    <aside className={classes.peek} aria-label={t('list:peek.title')}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xs">
        <Title order={2} size="h3">
          {titleOf(type, entry)}
        </Title>
        <CloseButton size={28} aria-label={t('common:close')} onClick={close} />
      </Group>
      <Group gap="xs" my="xs">
        {type.draftAndPublish && data?.state && <StatusBadge status={data.state.status} />}
        <Anchor size="sm" renderRoot={(props) => <Link {...entryTarget(type.uid, documentId, locale)} {...props} />}>
          {t('list:row.open')}
        </Anchor>
      </Group>
      {error && <ErrorMessage error={error} retry={() => void refetch()} />}
      {!data && !error && (
        <DelayedContent>
          <Skeleton h={200} />
        </DelayedContent>
      )}
      {data && (
        <dl className={classes.values}>
          {readableFields(type).map((name) => {
            const attribute = type.attributes[name];
            return (
              attribute && (
                <div key={name}>
                  <Text component="dt" size="xs" c="dimmed">
                    {labelOf(name, attribute)}
                  </Text>
                  <dd>
                    <ValueCell attribute={attribute} value={data.entry[name]} many={leadsToMany(attribute)} />
                  </dd>
                </div>
              )
            );
          })}
        </dl>
      )}
    </aside>
  );
}
