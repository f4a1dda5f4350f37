import { Button, Group, List, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type AssetDetail, restoreVersion } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { ReplaceButton, useAssetReplaced, useReplaceAsset } from '../ReplaceButton';

/** Puts another file in its place, or one that was there before. The address stays. */
export function VersionsSection({ file }: { file: AssetDetail }) {
  const { t } = useTranslation('media');
  const announceReplaced = useAssetReplaced();
  const replace = useReplaceAsset();
  const restore = useMutation({
    mutationFn: (number: number) => restoreVersion(file.documentId, number),
    onSuccess: announceReplaced,
  });
  const error = replace.error ?? restore.error;
  return (
    <section aria-labelledby="file-versions">
      <Title order={3} id="file-versions" mb={4}>
        {t('versions.title')}
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        {t('versions.lead')}
      </Text>
      {error && <ErrorMessage error={error} title={t('versions.failed')} />}
      <ReplaceButton file={file} replace={replace}>
        {t('versions.replace')}
      </ReplaceButton>
      {file.versions.length > 0 && (
        <List size="sm" mt="xs" spacing={4}>
          {file.versions.map((version) => (
            <List.Item key={version.number}>
              <Group gap="xs">
                <span>
                  {t('versions.one', {
                    number: version.number,
                    at: formatDateTime(version.replacedAt),
                    by: version.replacedBy.name ?? '',
                  })}
                </span>
                <Button
                  size="compact-xs"
                  variant="default"
                  loading={restore.isPending && restore.variables === version.number}
                  onClick={() => restore.mutate(version.number)}
                >
                  {t('versions.restore', { number: version.number })}
                </Button>
              </Group>
            </List.Item>
          ))}
        </List>
      )}
    </section>
  );
}
