import { Button, Drawer, Group, Select, Stack, Tabs, Text, TextInput } from '@mantine/core';
import { IconMail } from '@tabler/icons-react';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MAIL_STATES, type MailState, mailsQuery, mailDetailQuery, resendMail } from '@/api/mail';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { DescriptionList } from '../parts/DescriptionList';
import { JsonBlock } from '../parts/JsonBlock';
import { PagedTable } from '../parts/PagedTable';
import { QueryState } from '../parts/QueryState';
import { StateBadge, type BadgeTone } from '@/ui/StateBadge';
import { TextLink } from '../parts/TextLink';
import { mailAddress } from '../addresses';
import { MailFrame } from './MailFrame';

const TONES: Record<MailState, BadgeTone> = {
  waiting: 'waiting',
  sent: 'good',
  test: 'off',
  bounced: 'bad',
  suppressed: 'warning',
  failed: 'bad',
};

/** What was mailed, and what became of it. */
export function SentMails() {
  const { t } = useTranslation(['settings', 'common']);
  const { state, to, mail } = mailAddress.useSearch();
  const setSearch = mailAddress.useSetSearch();
  const pages = useInfiniteQuery(mailsQuery({ state, to }));
  const [address, setAddress] = useState(to ?? '');
  return (
    <Stack gap="sm">
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          setSearch({ to: address.trim() || undefined });
        }}
      >
        <Group align="flex-end" gap="xs">
          <Select
            label={t('mail.stateOf')}
            data={MAIL_STATES.map((value) => ({ value, label: t(`mail.state.${value}`) }))}
            value={state ?? null}
            onChange={(value) => setSearch({ state: (value as MailState | null) ?? undefined })}
            placeholder={t('common:all')}
            clearable
            clearButtonProps={{ 'aria-label': t('form.clear') }}
            w={200}
          />
          <TextInput
            label={t('mail.to')}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            w={{ base: '100%', xs: 240 }}
          />
          <Button type="submit">{t('common:search')}</Button>
          <Button variant="default" loading={pages.isRefetching} onClick={() => void pages.refetch()}>
            {t('rows.refresh')}
          </Button>
        </Group>
      </form>
      <PagedTable
        pages={pages}
        label={t('mail.sent')}
        keyOf={(row) => row.id}
        columns={[
          { label: t('mail.when'), render: (row) => <RelativeTime at={row.at} /> },
          {
            label: t('mail.stateOf'),
            render: (row) => <StateBadge tone={TONES[row.state]}>{t(`mail.state.${row.state}`)}</StateBadge>,
          },
          { label: t('mail.to'), render: (row) => row.to, breaks: true },
          {
            label: t('mail.subject'),
            render: (row) => (
              <TextLink {...mailAddress.to({}, { tab: 'sent', state, to, mail: row.id })}>
                {row.subject ?? t('mail.noSubject')}
              </TextLink>
            ),
          },
        ]}
        empty={
          <EmptyState icon={IconMail} title={t(state || to ? 'mail.noSuch' : 'mail.none')}>
            {t('mail.noneHint')}
          </EmptyState>
        }
      />
      <Drawer
        opened={mail !== undefined}
        onClose={() => setSearch({ mail: undefined })}
        size="xl"
        title={t('mail.one')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {mail !== undefined && <MailDetails id={mail} />}
      </Drawer>
    </Stack>
  );
}

function MailDetails({ id }: { id: number }) {
  const { t } = useTranslation('settings');
  const queries = useQueryClient();
  const mail = useQuery(mailDetailQuery(id));
  const again = useMutation({
    mutationFn: () => resendMail(id),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['mails'] }),
  });
  return (
    <QueryState query={mail}>
      {(found) => (
        <Stack gap="md">
          <Group justify="space-between">
            <StateBadge tone={TONES[found.state]}>{t(`mail.state.${found.state}`)}</StateBadge>
            {['bounced', 'suppressed', 'failed'].includes(found.state) && (
              <Button size="xs" variant="default" loading={again.isPending} onClick={() => again.mutate()}>
                {t('mail.sendAgain')}
              </Button>
            )}
          </Group>
          {again.error && <ErrorMessage error={again.error} />}
          <DescriptionList
            facts={[
              [t('mail.subject'), found.subject],
              [t('mail.to'), found.toName ? `${found.toName} <${found.to}>` : found.to],
              [t('mail.when'), formatDateTime(found.at)],
              [t('mail.ended'), found.endedAt && formatDateTime(found.endedAt)],
              [t('mail.template'), t(`mail.templateNames.${found.template}`, { defaultValue: found.template })],
              [t('mail.problem'), found.error],
            ]}
          />
          {found.html || found.text ? (
            <Tabs defaultValue={found.html ? 'html' : 'text'} keepMounted={false}>
              <Tabs.List mb="xs">
                {found.html && <Tabs.Tab value="html">{t('mail.asSeen')}</Tabs.Tab>}
                {found.text && <Tabs.Tab value="text">{t('mail.asText')}</Tabs.Tab>}
                {found.headers && <Tabs.Tab value="headers">{t('mail.headers')}</Tabs.Tab>}
              </Tabs.List>
              <Tabs.Panel value="html">{found.html && <MailFrame html={found.html} />}</Tabs.Panel>
              <Tabs.Panel value="text">
                {found.text && <JsonBlock value={found.text} label={t('mail.asText')} />}
              </Tabs.Panel>
              <Tabs.Panel value="headers">
                <JsonBlock
                  value={(found.headers ?? []).map(([name, value]) => `${name}: ${value}`).join('\n')}
                  label={t('mail.headers')}
                />
              </Tabs.Panel>
            </Tabs>
          ) : (
            <Text size="sm" c="dimmed">
              {t('mail.bodyGone')}
            </Text>
          )}
        </Stack>
      )}
    </QueryState>
  );
}
