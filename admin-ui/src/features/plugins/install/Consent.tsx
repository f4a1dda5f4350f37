import { Alert, Badge, Button, Checkbox, Code, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Staged } from '@/api/plugins';
import { Facts } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { GrantList } from '../GrantList';
import { shortKey } from '../state';
import { DoesList } from './DoesList';
import { type Agreement, agreementOf, canInstall, firstGrants, missingWords } from './agreement';

interface Props {
  staged: Staged;
  pending: boolean;
  error: unknown;
  onCancel: () => void;
  onAgree: (agreement: Agreement) => void;
}

/** What a package is and asks for, in sentences, for whoever has to say yes to it. */
export function Consent({ staged, pending, error, onCancel, onAgree }: Props) {
  const { t } = useTranslation(['plugin', 'common']);
  const [granted, setGranted] = useState<ReadonlySet<number>>(() => new Set(firstGrants(staged)));
  const [said, setSaid] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState(false);
  const missing = missingWords(staged, said);
  const upgrade = staged.installed !== null;
  // What is new comes first: it is what has to be decided.
  const news = upgrade ? staged.grants.filter(({ isNew }) => isNew) : [];
  const others = staged.grants.filter((grant) => !news.includes(grant));
  const toggle = (index: number, on: boolean): void => {
    const next = new Set(granted);
    if (on) next.add(index);
    else next.delete(index);
    setGranted(next);
  };
  const list = (lines: Staged['grants'], label: string) => (
    <GrantList
      label={label}
      lines={lines.map((line) => ({ ...line, granted: granted.has(line.index) }))}
      onChange={toggle}
      disabled={pending}
    />
  );
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setAsked(true);
        if (missing.length === 0 && canInstall(staged)) onAgree(agreementOf(staged, granted));
      }}
    >
      <Stack gap="md">
        {staged.description && <Text size="sm">{staged.description}</Text>}
        <Facts
          facts={[
            [
              t('version'),
              staged.installed && staged.installed !== staged.version
                ? t('install.fromTo', { from: staged.installed, to: staged.version })
                : staged.version,
            ],
            [t('publisher'), staged.publisher ? <Code key="key">{shortKey(staged.publisher)}</Code> : t('nobody')],
            [t('license'), staged.license],
          ]}
        />
        {staged.decision === 'refused' && (
          <Alert role="alert" color="red" icon={<IconAlertTriangle aria-hidden />} title={t('install.refused')}>
            {staged.reason}
          </Alert>
        )}
        {staged.decision === 'same' && (
          <Alert
            color="gray"
            icon={<IconInfoCircle aria-hidden />}
            title={t('install.same', { version: staged.version })}
          >
            {staged.reason}
          </Alert>
        )}
        {staged.warnings.length > 0 && (
          <Alert
            color="yellow"
            icon={<IconAlertTriangle aria-hidden />}
            title={t('install.warnings', { count: staged.warnings.length })}
          >
            <List size="sm" spacing={4}>
              {staged.warnings.map(({ place, message }) => (
                <List.Item key={place + message} style={{ overflowWrap: 'anywhere' }}>
                  {place && <Code>{place}</Code>} {message}
                </List.Item>
              ))}
            </List>
          </Alert>
        )}
        {canInstall(staged) && (
          <>
            {news.length > 0 && (
              <section aria-labelledby="grants-new">
                <Title order={3} size="h4" id="grants-new">
                  {t('install.asksNew', { count: news.length })}{' '}
                  <Badge color="yellow" variant="light" tt="none" c="var(--mantine-color-text)">
                    {t('new')}
                  </Badge>
                </Title>
                {list(news, t('install.asksNew', { count: news.length }))}
              </section>
            )}
            <section aria-labelledby="grants-all">
              <Title order={3} size="h4" id="grants-all">
                {t(upgrade ? 'install.asksAsBefore' : 'install.asks')}
              </Title>
              {others.length === 0 ? (
                <Text size="sm">{t(news.length > 0 ? 'install.asksNothingElse' : 'install.asksNothing')}</Text>
              ) : (
                list(others, t(upgrade ? 'install.asksAsBefore' : 'install.asks'))
              )}
            </section>
            <DoesList does={staged.does} upgrade={upgrade} />
            {staged.contentTypes.length > 0 && (
              <section aria-labelledby="brings">
                <Title order={3} size="h4" id="brings">
                  {t('install.brings')}
                </Title>
                <List size="sm">
                  {staged.contentTypes.map((type) => (
                    <List.Item key={type.uid}>
                      {type.displayName} <Code>{type.uid}</Code>{' '}
                      {upgrade && type.isNew && (
                        <Badge color="yellow" variant="light" tt="none" c="var(--mantine-color-text)">
                          {t('new')}
                        </Badge>
                      )}
                    </List.Item>
                  ))}
                </List>
              </section>
            )}
            {staged.needsRestart && (
              <Alert color="blue" icon={<IconInfoCircle aria-hidden />}>
                {t('install.restart')}
              </Alert>
            )}
            {staged.needs.map((word) => (
              <Checkbox
                key={word}
                label={t(`install.say.${word}`, { version: staged.version, installed: staged.installed ?? '' })}
                description={t(`install.say.${word}Hint`)}
                checked={said.has(word)}
                error={asked && !said.has(word) ? t('install.sayIt') : undefined}
                disabled={pending}
                onChange={(event) => {
                  const next = new Set(said);
                  if (event.currentTarget.checked) next.add(word);
                  else next.delete(word);
                  setSaid(next);
                }}
              />
            ))}
          </>
        )}
        {error !== null && error !== undefined && <ErrorMessage error={error} title={t('install.failed')} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {t(canInstall(staged) ? 'common:cancel' : 'common:close')}
          </Button>
          {canInstall(staged) && (
            <Button type="submit" loading={pending}>
              {t(upgrade ? 'install.agreeUpgrade' : 'install.agree')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
