import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { personSummaryQuery } from '@/api/personalData';
import { PageTitle } from '@/ui/PageTitle';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { ErasureList } from './ErasureList';
import { PersonSection } from './PersonSection';

/** What is stored about one person: counted, as an archive, and erased. The address stays out of the page's own, which is logged. */
export default function PersonalDataPage() {
  const { t } = useTranslation('personal');
  const [address, setAddress] = useState('');
  const summary = useQuery({ ...personSummaryQuery(address), enabled: address !== '' });
  const problem = problemAt(summary.error, 'address');
  const lookUp = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault();
    const typed = new FormData(event.currentTarget).get('address');
    const next = typeof typed === 'string' ? typed.trim() : '';
    if (next === address) void summary.refetch();
    setAddress(next);
  };
  return (
    <Stack gap="md" maw={860}>
      <PageTitle title={t('title')}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      <Section title={t('person')}>
        <form onSubmit={lookUp} noValidate>
          <Group align="flex-end" gap="sm">
            <TextInput
              name="address"
              type="email"
              label={t('address')}
              description={t('addressHint')}
              error={problem && t('notAnAddress')}
              autoComplete="off"
              style={{ flex: '1 1 16rem' }}
            />
            <Button type="submit" leftSection={<IconSearch size={16} aria-hidden />} loading={summary.isFetching}>
              {t('lookUp')}
            </Button>
          </Group>
        </form>
      </Section>
      {address !== '' && !problem && (
        <QueryState query={summary}>{(found) => <PersonSection key={found.address} summary={found} />}</QueryState>
      )}
      <ErasureList />
    </Stack>
  );
}
