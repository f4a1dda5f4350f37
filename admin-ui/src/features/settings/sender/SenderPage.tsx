import { Alert, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type MailStatus, mailStatusQuery } from '@/api/mail';
import { saveSenderSettings, type SenderSettings, senderSettingsQuery } from '@/api/projectSettings';
import { PageTitle } from '@/ui/PageTitle';
import { emptyToNull } from '../parts/changedSettings';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { SettingsForm } from '../parts/SettingsForm';
import { TextLink } from '../parts/TextLink';
import { useSettings } from '../parts/useSettings';
import { mailAddress } from '../addresses';

/** Who the mails of this project are from. */
export default function SenderPage() {
  const { t } = useTranslation('project');
  const settings = useQuery(senderSettingsQuery);
  const status = useQuery(mailStatusQuery).data;
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('sender.title')}>
        <Text size="sm" c="dimmed">
          {t('sender.lead')}
        </Text>
      </PageTitle>
      {status?.mode === 'test' && (
        <Alert color="yellow" title={t('sender.test')}>
          {t('sender.testHint')}
        </Alert>
      )}
      {status?.held && (
        <Alert color="yellow" title={t('sender.heldNow')}>
          {t('sender.heldNowHint')}
        </Alert>
      )}
      <QueryState query={settings}>{(found) => <SenderSettingsForm stored={found} status={status} />}</QueryState>
      <TextLink {...mailAddress.to({}, { tab: 'status' })}>{t('sender.toMail')}</TextLink>
    </Stack>
  );
}

function SenderSettingsForm({ stored, status }: { stored: SenderSettings; status: MailStatus | undefined }) {
  const { t } = useTranslation('project');
  const queries = useQueryClient();
  // The name is the project's as well, which the session tells.
  const { draft, change, dirty, save } = useSettings(stored, senderSettingsQuery.queryKey, saveSenderSettings, () =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['session'] }),
      queries.invalidateQueries({ queryKey: ['mail', 'status'] }),
    ]),
  );
  const field = (name: Exclude<keyof SenderSettings, 'held'>) => ({
    label: t(`sender.${name}`),
    value: draft[name] ?? '',
    onChange: (event: { currentTarget: { value: string } }) =>
      change({ [name]: emptyToNull(event.currentTarget.value) }),
    error: problemAt(save.error, name),
  });
  // What holds while nothing is said here, as far as it is known: what is said replaces it in the status.
  const usual = stored.fromName || stored.from ? undefined : status?.from;
  const effective = {
    name: draft.fromName ?? usual?.name ?? status?.from.name ?? '',
    address: draft.from ?? usual?.address ?? status?.from.address ?? '',
  };
  return (
    <SettingsForm
      onSubmit={() => save.mutate()}
      pending={save.isPending}
      error={save.error}
      saved={save.isSuccess}
      dirty={dirty}
    >
      <TextInput
        {...field('fromName')}
        description={t('sender.fromNameHint')}
        placeholder={usual?.name ?? undefined}
        maxLength={100}
      />
      <TextInput {...field('from')} type="email" description={t('sender.fromHint')} placeholder={usual?.address} />
      <TextInput
        {...field('replyTo')}
        type="email"
        description={t('sender.replyToHint')}
        placeholder={draft.from ?? usual?.address}
      />
      <Switch
        label={t('sender.held')}
        description={t('sender.heldHint')}
        checked={draft.held}
        onChange={(event) => change({ held: event.currentTarget.checked })}
      />
      <Section title={t('sender.looks')}>
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {t('sender.from_line', { name: effective.name, address: effective.address })}
        </Text>
        {draft.replyTo && (
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            {t('sender.reply_line', { address: draft.replyTo })}
          </Text>
        )}
      </Section>
    </SettingsForm>
  );
}
