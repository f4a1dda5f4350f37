import { Alert, Button, Code, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { MAIL_STATES, mailStatusQuery, sendTestMail } from '@/api/mail';
import { useSession } from '@/api/session';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatNumber } from '@/ui/format';
import { DescriptionList } from '../parts/DescriptionList';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { TextLink } from '../parts/TextLink';
import { mailAddress, senderAddress } from '../addresses';

/** Whether mail is sent, by whom, and what a provider needs to report bounces. */
export function MailStatusTab() {
  const { t } = useTranslation(['settings', 'common']);
  const status = useQuery(mailStatusQuery);
  const [expanded, setShown] = useState(false);
  return (
    <Stack gap="md" maw={760}>
      <QueryState query={status}>
        {({ mode, held, from, counts, bounces }) => (
          <>
            {mode === 'test' && (
              <Alert color="yellow" title={t('mail.testMode')}>
                {t('mail.testModeText')}
              </Alert>
            )}
            {held && (
              <Alert color="yellow" title={t('mail.held')}>
                {t('mail.heldText')}{' '}
                <TextLink inText {...senderAddress.to({})}>
                  {t('mail.heldChange')}
                </TextLink>
              </Alert>
            )}
            <Section title={t('mail.sender')} lead={t('mail.senderLead')}>
              <DescriptionList
                facts={[
                  [t('mail.mode'), t(`mail.modes.${mode}`, { defaultValue: mode })],
                  [t('mail.from'), `${from.name} <${from.address}>`],
                  ...MAIL_STATES.filter((state) => counts[state]).map((state): [string, React.ReactNode] => [
                    t(`mail.state.${state}`),
                    <TextLink key={state} {...mailAddress.to({}, { tab: 'sent', state })}>
                      {formatNumber(counts[state] ?? 0)}
                    </TextLink>,
                  ]),
                ]}
              />
            </Section>
            <TestMail />
            <Section title={t('mail.bounces')} lead={t('mail.bouncesLead')}>
              <Stack gap="xs">
                <DescriptionList
                  facts={[
                    [t('mail.bounceUrl'), <Code key="url">{bounces.url}</Code>],
                    [t('mail.bounceSecret'), <Code key="secret">{expanded ? bounces.secret : '••••••••••••'}</Code>],
                  ]}
                />
                <Group gap="xs">
                  <Button variant="default" size="xs" onClick={() => setShown(!expanded)}>
                    {t(expanded ? 'mail.hideSecret' : 'mail.showSecret')}
                  </Button>
                  <CopyButton value={bounces.secret}>
                    {({ copied, copy }) => (
                      <Button variant="default" size="xs" onClick={copy}>
                        {copied ? t('common:copied') : t('mail.copySecret')}
                      </Button>
                    )}
                  </CopyButton>
                </Group>
              </Stack>
            </Section>
          </>
        )}
      </QueryState>
    </Stack>
  );
}

function TestMail() {
  const { t } = useTranslation('settings');
  const { me } = useSession();
  const queries = useQueryClient();
  const [to, setTo] = useState(me.email);
  const send = useMutation({
    mutationFn: () => sendTestMail(to.trim()),
    onSuccess: async () => {
      await Promise.all([
        queries.invalidateQueries({ queryKey: ['mail', 'status'] }),
        queries.invalidateQueries({ queryKey: ['mails'] }),
      ]);
    },
  });
  const problem = problemAt(send.error, 'to');
  return (
    <Section title={t('mail.test')} lead={t('mail.testLead')}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Stack gap="sm">
          {send.error && !problem && <ErrorMessage error={send.error} />}
          <Group align="flex-start">
            <TextInput
              type="email"
              label={t('mail.to')}
              value={to}
              onChange={(event) => setTo(event.currentTarget.value)}
              error={problem}
              w={{ base: '100%', xs: 320 }}
            />
            <Button type="submit" variant="default" loading={send.isPending} mt={22}>
              {t('mail.sendTest')}
            </Button>
          </Group>
          <Text size="sm" role="status">
            {send.data !== undefined && (
              <>
                {t('mail.testSent')}{' '}
                <TextLink inText {...mailAddress.to({}, { tab: 'sent', mail: send.data })}>
                  {t('mail.seeIt')}
                </TextLink>
              </>
            )}
          </Text>
        </Stack>
      </form>
    </Section>
  );
}
