import { Alert, Badge, Button, Checkbox, Code, Group, List, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { StagedPackage } from '@/api/plugins';
import { DescriptionList, problemAt } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { ChoiceFields } from '../choices/ChoiceFields';
import { type ChosenValues, chosenValues } from '../choices/chosen';
import { GrantList } from '../GrantList';
import { shortKey } from '../state';
import { PackageEffects } from './PackageEffects';
import { type Agreement, toAgreement, canInstall, defaultGrants, missingConfirmations } from './agreement';

interface Props {
  staged: StagedPackage;
  pending: boolean;
  error: unknown;
  onCancel: () => void;
  onAgree: (agreement: Agreement) => void;
  /** Looks at the package again with what is chosen. */
  onChoose: (choices: ChosenValues) => void;
  /** What was chosen is being looked at, or could not be. */
  choosing: { pending: boolean; error: unknown };
}

/** What a package is and asks for, in sentences, for whoever has to say yes to it. */
export function PackageConsent({ staged, pending, error, onCancel, onAgree, onChoose, choosing }: Props) {
  const { t } = useTranslation(['plugin', 'common']);
  const [granted, setGranted] = useState<ReadonlySet<number>>(() => new Set(defaultGrants(staged)));
  const [confirmed, setConfirmed] = useState<ReadonlySet<string>>(new Set());
  const [isConfirming, setIsConfirming] = useState(false);
  const [chosen, setChosen] = useState(() => chosenValues(staged.choices));
  // The sentences below are those of what was looked at last.
  const isSettled = !choosing.pending && (choosing.error === null || choosing.error === undefined);
  const missing = missingConfirmations(staged, confirmed);
  const upgrade = staged.installed !== null;
  // What is new comes first: it is what has to be decided.
  const newGrants = upgrade ? staged.grants.filter(({ isNew }) => isNew) : [];
  const others = staged.grants.filter((grant) => !newGrants.includes(grant));
  const toggle = (index: number, on: boolean): void => {
    const next = new Set(granted);
    if (on) next.add(index);
    else next.delete(index);
    setGranted(next);
  };
  const list = (lines: StagedPackage['grants'], label: string) => (
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
        setIsConfirming(true);
        if (missing.length === 0 && canInstall(staged) && isSettled) onAgree(toAgreement(staged, granted));
      }}
    >
      <Stack gap="md">
        {staged.description && <Text size="sm">{staged.description}</Text>}
        <DescriptionList
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
            {staged.choices.length > 0 && (
              <section aria-labelledby="choices">
                <Title order={3} size="h4" id="choices">
                  {t('choices.title')}
                </Title>
                <Text size="sm" c="dimmed" mb="xs">
                  {t('choices.lead')}
                </Text>
                <ChoiceFields
                  choices={staged.choices}
                  values={chosen}
                  disabled={pending}
                  marksNew={upgrade}
                  problemAt={(name) => problemAt(choosing.error, `choices.${name}`)}
                  onChange={(name, values) => {
                    const next = { ...chosen, [name]: values };
                    setChosen(next);
                    onChoose(next);
                  }}
                />
              </section>
            )}
            {newGrants.length > 0 && (
              <section aria-labelledby="grants-new">
                <Title order={3} size="h4" id="grants-new">
                  {t('install.asksNew', { count: newGrants.length })}{' '}
                  <Badge color="yellow" variant="light" c="var(--mantine-color-text)">
                    {t('new')}
                  </Badge>
                </Title>
                {list(newGrants, t('install.asksNew', { count: newGrants.length }))}
              </section>
            )}
            <section aria-labelledby="grants-all">
              <Title order={3} size="h4" id="grants-all">
                {t(upgrade ? 'install.asksAsBefore' : 'install.asks')}
              </Title>
              {others.length === 0 ? (
                <Text size="sm">{t(newGrants.length > 0 ? 'install.asksNothingElse' : 'install.asksNothing')}</Text>
              ) : (
                list(others, t(upgrade ? 'install.asksAsBefore' : 'install.asks'))
              )}
            </section>
            <PackageEffects does={staged.does} upgrade={upgrade} />
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
                        <Badge color="yellow" variant="light" c="var(--mantine-color-text)">
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
                checked={confirmed.has(word)}
                error={isConfirming && !confirmed.has(word) ? t('install.sayIt') : undefined}
                disabled={pending}
                onChange={(event) => {
                  const next = new Set(confirmed);
                  if (event.currentTarget.checked) next.add(word);
                  else next.delete(word);
                  setConfirmed(next);
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
            <Button type="submit" loading={pending || choosing.pending} disabled={!isSettled}>
              {t(upgrade ? 'install.agreeUpgrade' : 'install.agree')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
