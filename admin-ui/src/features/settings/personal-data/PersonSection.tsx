import { Button, Group, Stack, Table, Text } from '@mantine/core';
import { IconDownload, IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchPersonArchive, type PersonSummary, startErasure } from '@/api/personalData';
import { downloadBlob } from '@/api/download';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDate, formatNumber } from '@/ui/format';
import { announce } from '@/ui/live';
import { Section } from '../parts/Section';
import { StackedCell, StackedTable } from '../parts/StackedTable';
import { TypeToConfirmDialog } from '../parts/TypeToConfirmDialog';
import { ErasureProgress } from './ErasureProgress';
import { SourceBadge } from './SourceBadge';

/** What is stored about somebody, and what can be done with it. */
export function PersonSection({ summary }: { summary: PersonSummary }) {
  const { t } = useTranslation('personal');
  const { address } = summary;
  const queries = useQueryClient();
  const [asking, setAsking] = useState(false);
  const [started, setStarted] = useState<number>();
  const download = useMutation({
    mutationFn: () => fetchPersonArchive(address),
    onSuccess: (archive) => {
      downloadBlob(`person-${new Date().toISOString().slice(0, 10)}.tar.gz`, archive);
      announce(t('isDownloaded'));
    },
  });
  const erase = async (): Promise<void> => {
    const erasure = await startErasure(address);
    setStarted(erasure.id);
    await queries.invalidateQueries({ queryKey: ['personal-data', 'erasures'] });
  };
  const isOpen = summary.erasure !== null && summary.erasure.state !== 'done';
  const shown = started ?? (isOpen ? summary.erasure?.id : undefined);
  return (
    <Section
      title={address}
      lead={summary.records === 0 ? t('nothing') : t('found', { count: summary.records })}
      actions={
        <Group gap="xs">
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            loading={download.isPending}
            onClick={() => download.mutate()}
          >
            {t('download')}
          </Button>
          <Button
            size="xs"
            color="red"
            variant="light"
            leftSection={<IconTrash size={14} aria-hidden />}
            onClick={() => setAsking(true)}
          >
            {t(isOpen ? 'continue' : 'erase')}
          </Button>
        </Group>
      }
    >
      <Stack gap="md">
        {download.error && <ErrorMessage error={download.error} />}
        {summary.erasure?.state === 'done' && summary.erasure.finishedAt && started === undefined && (
          <Text size="sm">{t('erasedBefore', { date: formatDate(summary.erasure.finishedAt) })}</Text>
        )}
        {shown !== undefined && <ErasureProgress id={shown} />}
        <StackedTable label={t('sources')}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t('source')}</Table.Th>
              <Table.Th>{t('kinds')}</Table.Th>
              <Table.Th ta="end">{t('records')}</Table.Th>
              <Table.Th>{t('state')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {summary.sources.map((source) => (
              <Table.Tr key={source.source}>
                <Table.Th scope="row">{source.name}</Table.Th>
                <StackedCell label={t('kinds')}>
                  {source.kinds.map(({ kind, records }) => `${kind} (${formatNumber(records)})`).join(', ')}
                </StackedCell>
                <StackedCell label={t('records')} end>
                  {formatNumber(source.records)}
                </StackedCell>
                <StackedCell label={t('state')}>
                  <SourceBadge state={source.state} done={t('sourceState.reported')} problem={source.problem} />
                </StackedCell>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </StackedTable>
      </Stack>
      <TypeToConfirmDialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('eraseNamed', { address })}
        word={address}
        action={t('erase')}
        onConfirm={erase}
      >
        {t('eraseText')}
      </TypeToConfirmDialog>
    </Section>
  );
}
