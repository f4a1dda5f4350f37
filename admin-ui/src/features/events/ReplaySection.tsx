import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { replayEvents } from '@/api/events';
import { Section } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FilterForm } from './FilterForm';

/** Delivers events that are kept once more. */
export function ReplaySection({ consumer }: { consumer: string }) {
  const { t } = useTranslation('events');
  const queries = useQueryClient();
  const replay = useMutation({
    mutationFn: (filter: Record<string, string | undefined>) => replayEvents(consumer, filter),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['consumers'] }),
  });
  return (
    <Section title={t('replay.title')} lead={t('replay.lead')}>
      <Stack gap="sm">
        {replay.error && <ErrorMessage error={replay.error} />}
        <FilterForm
          filter={EMPTY_FILTER}
          fields={[
            { name: 'name', label: t('events.name'), placeholder: 'cairn.document.published' },
            { name: 'key', label: t('events.key') },
          ]}
          onChange={(filter) => replay.mutate(filter)}
          submit={t('replay.submit')}
          pending={replay.isPending}
        />
        <span role="status">{replay.isSuccess && t('replay.done', { count: replay.data })}</span>
      </Stack>
    </Section>
  );
}

const EMPTY_FILTER = {};
