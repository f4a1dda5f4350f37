import { Anchor, Badge, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AssetUsage } from '@/api/assets';
import { entryTarget, useFieldName } from '@/features/content-manager';

/** Entries that show files, each with a link to it. `newTab`: for dialogs, which are to stay. */
export function AssetUsageList({ usages, newTab = false }: { usages: readonly AssetUsage[]; newTab?: boolean }) {
  const { t } = useTranslation('media');
  const fieldName = useFieldName();
  return (
    <List size="sm" spacing={4}>
      {usages.map((usage) => (
        <List.Item
          key={`${usage.file} ${usage.contentType} ${usage.documentId} ${usage.locale} ${usage.status} ${usage.path}`}
        >
          <Anchor
            size="sm"
            renderRoot={(props) => (
              <Link
                {...entryTarget(usage.contentType, usage.documentId, usage.locale ?? undefined)}
                {...(newTab ? { target: '_blank' } : {})}
                {...props}
              />
            )}
          >
            {usage.title ?? usage.documentId}
          </Anchor>{' '}
          <Text span size="xs" c="dimmed">
            {[usage.typeName, fieldName(usage.contentType, usage.path), usage.locale].filter(Boolean).join(' · ')}
          </Text>{' '}
          <Badge size="sm" variant="default">
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
  );
}
