import { Alert, Button, Code, CopyButton, Group, List, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { beginTotp, confirmTotp, removeTotp, type TotpOffer } from '@/api/me';
import { setSession, useSession } from '@/api/session';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { useSubmit } from '@/ui/useSubmit';
import { Section } from './Section';

/** A second factor: the codes of an app. */
export function TotpSection() {
  const { t } = useTranslation(['profile', 'frame', 'common']);
  const session = useSession();
  const queries = useQueryClient();
  const [offer, setOffer] = useState<TotpOffer>();
  const [codes, setCodes] = useState<string[]>();
  const on = session.me.twoFactor;
  const know = (twoFactor: boolean): void => setSession(queries, { ...session, me: { ...session.me, twoFactor } });

  const begin = useSubmit(async ({ password }) => {
    if (on) {
      await removeTotp(password ?? '');
      setCodes(undefined);
      know(false);
    } else setOffer(await beginTotp(password ?? ''));
  });
  const confirm = useSubmit(async ({ code }) => {
    setCodes(await confirmTotp((code ?? '').replaceAll(/\s/g, '')));
    setOffer(undefined);
    know(true);
  });

  return (
    <Section title={t('totp.title')} lead={t(on ? 'totp.on' : 'totp.off')}>
      {codes && <RecoveryCodes codes={codes} onDone={() => setCodes(undefined)} />}
      {offer && (
        <form onSubmit={confirm.onSubmit}>
          <Stack gap="sm">
            {confirm.error !== undefined && <ErrorMessage error={confirm.error} />}
            <Text size="sm">{t('totp.scan')}</Text>
            {/* As an image: whatever is in it, no script of it runs. */}
            <img
              src={`data:image/svg+xml;utf8,${encodeURIComponent(offer.qrSvg)}`}
              alt={t('totp.qr')}
              width={192}
              height={192}
              style={{ background: '#fff', padding: 8 }}
            />
            <Text size="sm">
              {t('totp.byHand')} <Code>{offer.secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</Code>
            </Text>
            <TextInput
              label={t('totp.code')}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              required
              withAsterisk={false}
              error={confirm.problemOf('code')}
              maw={240}
            />
            <Group>
              <Button type="submit" loading={confirm.pending}>
                {t('totp.confirm')}
              </Button>
              <Button variant="default" onClick={() => setOffer(undefined)}>
                {t('common:cancel')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
      {!offer && !codes && (
        <form onSubmit={begin.onSubmit} key={String(on)}>
          <Stack gap="sm">
            {begin.error !== undefined && <ErrorMessage error={begin.error} />}
            <PasswordInput
              label={t('totp.password')}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              visibilityToggleButtonProps={{ 'aria-label': t('frame:signIn.showPassword') }}
              error={begin.problemOf('password')}
            />
            <Group>
              <Button type="submit" loading={begin.pending} variant={on ? 'default' : 'filled'}>
                {t(on ? 'totp.remove' : 'totp.begin')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Section>
  );
}

/** The codes for the day the phone is lost. Shown once. */
function RecoveryCodes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const { t } = useTranslation(['profile', 'common']);
  return (
    <Alert title={t('totp.codes')} role="status">
      <Text size="sm" mb="xs">
        {t('totp.codesHint')}
      </Text>
      <List listStyleType="none" mb="sm" style={{ columns: 2 }}>
        {codes.map((code) => (
          <List.Item key={code}>
            <Code>{code}</Code>
          </List.Item>
        ))}
      </List>
      <Group>
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {t(copied ? 'common:copied' : 'common:copy')}
            </Button>
          )}
        </CopyButton>
        <Button onClick={onDone}>{t('totp.kept')}</Button>
      </Group>
    </Alert>
  );
}
