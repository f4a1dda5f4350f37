import { Anchor, Card, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconCopyOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { duplicatesQuery } from '@/api/assets';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatBytes, formatDate } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import classes from './Assets.module.css';
import { libraryAddress } from './addresses';
import { Thumbnail } from './Thumbnail';

/** Files that are the same, byte for byte. */
export default function DuplicatesPage() {
  const { t } = useTranslation('media');
  const duplicates = useQuery(duplicatesQuery);
  return (
    <>
      <PageTitle title={t('duplicates.title')}>
        <Text size="sm" c="dimmed">
          {t('duplicates.lead')}
        </Text>
      </PageTitle>
      {duplicates.error && <ErrorMessage error={duplicates.error} retry={() => void duplicates.refetch()} />}
      {duplicates.isPending && (
        <DelayedContent>
          <Skeleton h={160} />
        </DelayedContent>
      )}
      {duplicates.data?.length === 0 && (
        <EmptyState icon={IconCopyOff} title={t('duplicates.none')}>
          {t('duplicates.noneHint')}
        </EmptyState>
      )}
      <Stack gap="sm">
        {duplicates.data?.map((group) => (
          <Card withBorder key={group.sha256} padding="sm">
            <Text size="sm" fw={500} mb={4}>
              {t('duplicates.group', { count: group.files.length, wasted: formatBytes(group.wasted) })}
            </Text>
            {group.files.map((file) => (
              <Group key={file.documentId} gap="sm" wrap="nowrap" py={4}>
                <div className={classes.small}>
                  <Thumbnail file={file} />
                </div>
                <Anchor
                  size="sm"
                  className={classes.grow}
                  renderRoot={(props) => <Link {...libraryAddress.to({}, { file: file.documentId })} {...props} />}
                >
                  {file.name}
                </Anchor>
                <Text size="xs" c="dimmed">
                  {[file.folder?.name, formatDate(file.addedAt)].filter(Boolean).join(' · ')}
                </Text>
              </Group>
            ))}
          </Card>
        ))}
      </Stack>
    </>
  );
}
