import { List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { formatNumber } from '@/ui/format';
import { PUBLICATION_STATES } from '@/views/review/editorial';
import { countPublicationStates } from './bulk';

/** Entries that are looked at beforehand; of more the numbers would come later than the decision. */
const MAX_COUNTED = 2000;

interface Props {
  kind: 'publish' | 'unpublish';
  type: ContentType;
  ids: readonly string[];
  locale: string | undefined;
}

/** How those that are chosen stand, and so to how many something happens. */
export function PublicationStateCounts({ kind, type, ids, locale }: Props) {
  const { t } = useTranslation(['list', 'common']);
  const language = type.localized ? locale : undefined;
  const { data } = useQuery({
    queryKey: ['content', type.uid, 'standings', ids, language],
    enabled: ids.length <= MAX_COUNTED,
    staleTime: 0,
    queryFn: ({ signal }) => countPublicationStates(type, ids, language, signal),
  });
  if (!data) return null;
  const untouched = kind === 'publish' ? data.published : data.draft;
  return (
    <div role="status">
      <List size="sm" listStyleType="none">
        {PUBLICATION_STATES.filter((publicationState) => data[publicationState] > 0).map((standing) => (
          <List.Item key={standing}>
            {formatNumber(data[standing])} · {t(`common:status.${standing}`)}
          </List.Item>
        ))}
      </List>
      {untouched > 0 && (
        <Text size="sm" c="dimmed">
          {t(`list:bulk.untouched.${kind}`, { count: untouched })}
        </Text>
      )}
    </div>
  );
}
