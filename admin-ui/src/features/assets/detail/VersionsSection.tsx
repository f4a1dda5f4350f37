import { Button, FileButton, Group, List, Text, Title } from '@mantine/core';
import { IconReplace } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ASSETS_KEY, type AssetDetail, replaceAsset, restoreVersion } from '@/api/assets';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { announce } from '@/ui/live';

/** Puts another file in its place, or one that was there before. The address stays. */
export function VersionsSection({ file }: { file: AssetDetail }) {
  const { t } = useTranslation('media');
  const queries = useQueryClient();
  const done = (): void => {
    announce(t('versions.replaced'));
    void queries.invalidateQueries({ queryKey: ASSETS_KEY });
  };
  const replace = useMutation({ mutationFn: (chosen: File) => replaceAsset(file.id, chosen), onSuccess: done });
  const restore = useMutation({
    mutationFn: (number: number) => restoreVersion(file.documentId, number),
    onSuccess: done,
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
      <FileButton accept={file.mime} onChange={(chosen) => chosen && replace.mutate(chosen)}>
        {(props) => (
          <Button
            {...props}
            variant="default"
            loading={replace.isPending}
            leftSection={<IconReplace size={16} aria-hidden />}
          >
            {t('versions.replace')}
          </Button>
        )}
      </FileButton>
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
