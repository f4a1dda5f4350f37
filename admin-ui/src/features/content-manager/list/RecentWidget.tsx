import { Anchor, Group, List, Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { listEntries } from '@/api/content';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { StatusBadge } from '@/views/cells/StatusBadge';
import { entryTarget } from '../routes';
import { useModel } from './useModel';

/** Entries of one type that are looked at, and shown in all. */
const EACH = 5;
const SHOWN = 8;

/** What was worked on last and is not published as it stands. */
export default function RecentWidget() {
  const { t } = useTranslation('list');
  const { model, error } = useModel();
  const types = model?.contentTypes.filter(({ kind, can, draftAndPublish }) => kind === 'collectionType' && can.find && draftAndPublish) ?? [];
  const lists = useQueries({
    queries: types.map((type) => ({
      queryKey: ['content', type.uid, 'recent'],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        listEntries(
          type,
          { sort: ['updatedAt:desc'], fields: [type.titleField ?? 'documentId', 'updatedAt'], pagination: { pageSize: EACH, withCount: false }, ...(type.localized ? { locale: '*' } : {}) },
          signal,
        ),
    })),
  });
  const drafts = types
    .flatMap((type, at) => (lists[at]?.data?.entries ?? []).map((entry) => ({ type, entry, state: lists[at]?.data?.states[entry.documentId] })))
    .filter(({ state }) => state && state.status !== 'published')
    .toSorted((a, b) => String(b.entry.updatedAt).localeCompare(String(a.entry.updatedAt)))
    .slice(0, SHOWN);
  const failed = error ?? lists.find((list) => list.error)?.error;
  if (failed && drafts.length === 0) return <ErrorMessage error={failed} />;
  if (drafts.length === 0) return <Text c="dimmed">{t('widget.empty')}</Text>;
  return (
    <List listStyleType="none" spacing={6}>
      {drafts.map(({ type, entry, state }) => (
        <List.Item key={`${type.uid} ${entry.documentId} ${entry.locale}`} styles={{ itemWrapper: { width: '100%' }, itemLabel: { flex: 1, minWidth: 0 } }}>
          <Group justify="space-between" wrap="nowrap" gap="xs">
            <Anchor size="sm" truncate lh="1.5rem" renderRoot={(props) => <Link {...entryTarget(type.uid, entry.documentId, entry.locale)} {...props} />}>
              {String((type.titleField && entry[type.titleField]) || entry.documentId)}
            </Anchor>
            <Group gap="xs" wrap="nowrap">
              {state && <StatusBadge status={state.status} />}
              <Text size="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
                {type.info.displayName} · <RelativeTime at={String(entry.updatedAt)} />
              </Text>
            </Group>
          </Group>
        </List.Item>
      ))}
    </List>
  );
}
