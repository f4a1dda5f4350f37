import { Anchor, Badge, List, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usagesQuery } from '@/api/assets';
import { entryTarget } from '@/features/content-manager';
import { ErrorMessage } from '@/ui/ErrorMessage';

/** The entries that show a file, each with a link to it. */
export function UsagesSection({ documentId }: { documentId: string }) {
  const { t } = useTranslation('media');
  const usages = useQuery(usagesQuery(documentId));
  const list = usages.data?.data ?? [];
  return (
    <section aria-labelledby="file-usages">
      <Title order={3} id="file-usages" mb="xs">
        {t('usages.title')}
      </Title>
      {usages.error && <ErrorMessage error={usages.error} retry={() => void usages.refetch()} />}
      {usages.isSuccess && list.length === 0 && (
        <Text size="sm" c="dimmed">
          {t('usages.none')}
        </Text>
      )}
      <List size="sm" spacing={4}>
        {list.map((usage) => (
          <List.Item key={`${usage.contentType} ${usage.documentId} ${usage.locale} ${usage.status} ${usage.path}`}>
            <Anchor
              size="sm"
              renderRoot={(props) => (
                <Link {...entryTarget(usage.contentType, usage.documentId, usage.locale ?? undefined)} {...props} />
              )}
            >
              {usage.title ?? usage.documentId}
            </Anchor>{' '}
            <Text span size="xs" c="dimmed">
              {[usage.typeName, usage.path, usage.locale].filter(Boolean).join(' · ')}
            </Text>{' '}
            <Badge size="sm" tt="none" variant="default">
              {t(`usages.${usage.status}`)}
            </Badge>
            {usage.kind === 'text' && (
              <Text span size="xs" c="dimmed">
                {' '}
                {t('usages.text')}
              </Text>
            )}
          </List.Item>
        ))}
      </List>
      {usages.data && !usages.data.meta.complete && (
        <Text size="xs" c="dimmed" mt={4}>
          {t('usages.incomplete')}
        </Text>
      )}
    </section>
  );
}
