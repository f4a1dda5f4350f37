import { Alert, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Dependents } from '@/api/contentUsers';
import { TextLink } from '@/features/settings';
import { entryTarget } from '@/features/content-manager';

/** What is bound to a user: what is under way, and the entries that refer to them. */
export function DependentsList({ dependents }: { dependents: Dependents }) {
  const { t } = useTranslation('siteUsers');
  // Draft and published version, and each language, are one entry to a reader.
  const entries = [
    ...new Map(dependents.entries.map((entry) => [`${entry.contentType} ${entry.documentId}`, entry])).values(),
  ];
  return (
    <>
      {dependents.obstacle && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('bound.underWay')} mb="sm">
          <Text size="sm">{dependents.obstacle}</Text>
        </Alert>
      )}
      {dependents.obstacleHidden && (
        <Alert color="yellow" icon={<IconAlertTriangle aria-hidden />} title={t('bound.underWay')} mb="sm">
          <Text size="sm">{t('bound.hidden')}</Text>
        </Alert>
      )}
      {entries.length > 0 && (
        <>
          <Text size="sm">{t('bound.entries', { count: entries.length })}</Text>
          <ul style={{ margin: '0.25rem 0 0', paddingInlineStart: '1.1rem' }}>
            {entries.map((entry) => (
              <li key={`${entry.contentType} ${entry.documentId}`}>
                <Text size="sm" span>
                  {entry.typeName}:{' '}
                </Text>
                <TextLink {...entryTarget(entry.contentType, entry.documentId, entry.locale)}>
                  {entry.title ?? entry.documentId}
                </TextLink>
              </li>
            ))}
          </ul>
        </>
      )}
      {!dependents.complete && (
        <Text size="sm" c="dimmed" mt="xs">
          {t('bound.more')}
        </Text>
      )}
      {entries.length === 0 && dependents.complete && !dependents.obstacle && !dependents.obstacleHidden && (
        <Text size="sm">{t('bound.nothing')}</Text>
      )}
    </>
  );
}
