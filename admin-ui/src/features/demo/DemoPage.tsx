import { Alert, Button, Group, List, Progress, Stack, Text } from '@mantine/core';
import { IconInfoCircle, IconWand } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import type { Model } from '@/api/model';
import { useSession } from '@/api/session';
import { QueryState, Section, TextLink, useHasPermission } from '@/features/settings';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatList, languageName, LOCAL_ZONE } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { ARTICLES, AUTHORS, CATEGORIES, PICTURES } from './content';
import { DemoResult } from './DemoResult';
import { storeProgress, NO_PROGRESS, readProgress } from './progress';
import { runner } from './runner';
import { ARTICLE, type Scope, scopeOf, stepsOf, TYPES } from './steps';

/** Fills the project with a magazine: says what will be made, how far it is, and what was made. */
export default function DemoPage() {
  const { t } = useTranslation('demo');
  const model = useQuery(modelQuery);
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('title')}>
        <Text size="sm" c="dimmed">
          {t('lead')}
        </Text>
      </PageTitle>
      <QueryState query={model}>{(found) => <Demo model={found} />}</QueryState>
    </Stack>
  );
}

/** Why it cannot be filled; nothing where it can. */
function useHindrance(model: Model): string | null {
  const { t } = useTranslation('demo');
  const { schemaLocked, tenant } = useSession();
  const missing = [
    !useHasPermission('content-types.change') && 'content-types.change',
    !useHasPermission('media.create') && 'media.create',
  ].filter((right) => right !== false);
  if (readProgress(tenant.name).made.types) return null;
  if (schemaLocked || model.locked) return t('why.locked');
  if (missing.length > 0) return t('why.rights', { count: missing.length, rights: formatList(missing) });
  const clash = Object.keys(TYPES.contentTypes).filter((uid) => model.contentTypes.some((type) => type.uid === uid));
  if (clash.length === Object.keys(TYPES.contentTypes).length) return t('why.there');
  return clash.length > 0 ? t('why.clash', { types: formatList(clash) }) : null;
}

function Demo({ model }: { model: Model }) {
  const { t } = useTranslation('demo');
  const queries = useQueryClient();
  const { tenant, locales } = useSession();
  const running = useSyncExternalStore(runner.subscribe, runner.state);
  const mayAdd = useHasPermission('settings.locales');
  const releases = useHasPermission('releases.manage');
  // What is left of a project that is gone is of no use to this one.
  const [stored] = useState(() => {
    const progress = readProgress(tenant.name);
    const missingRecord =
      progress.made.types &&
      runner.state().phase !== 'running' &&
      !model.contentTypes.some((type) => type.uid === ARTICLE);
    if (missingRecord) storeProgress(tenant.name, NO_PROGRESS);
    return missingRecord ? NO_PROGRESS : progress;
  });
  // As it was begun: a language that has been added is one that is there.
  const [scope] = useState(
    (): Scope => ({
      ...scopeOf(locales, mayAdd),
      releases,
      zone: LOCAL_ZONE,
      now: new Date(),
    }),
  );
  const hindrance = useHindrance(model);
  const begun = Object.keys(stored.made).length > 0 || running.phase !== 'idle';
  const start = (): void => void runner.start(tenant.name, scope, queries);
  if (running.phase === 'done' || (running.phase === 'idle' && stepsOf(scope).every(({ id }) => stored.made[id])))
    return <DemoResult made={readProgress(tenant.name).made} scope={scope} />;
  return (
    <>
      <Section
        title={t('what')}
        lead={
          model.contentTypes.some((type) => type.uid.startsWith('api::')) && !begun && hindrance === null
            ? t('adds')
            : undefined
        }
      >
        <List size="sm" spacing={4}>
          <List.Item>{t('will.types')}</List.Item>
          <List.Item>{t('will.pictures', { count: PICTURES.length })}</List.Item>
          <List.Item>
            {t('will.entries', {
              count: CATEGORIES.length + AUTHORS.length + ARTICLES.length + 1,
              languages: formatList(scope.languages.map(({ code }) => languageName(code))),
            })}
          </List.Item>
          <List.Item>{t('will.states')}</List.Item>
          {releases && <List.Item>{t('will.release')}</List.Item>}
          {scope.add.length > 0 && (
            <List.Item>{t('will.languages', { languages: formatList(scope.add.map(languageName)) })}</List.Item>
          )}
        </List>
      </Section>
      {hindrance && (
        <Alert color="yellow" icon={<IconInfoCircle aria-hidden />} title={t('why.title')}>
          <Text size="sm">{hindrance}</Text>
          <TextLink inText to="/content-types" params={{}} search={{}}>
            {t('why.look')}
          </TextLink>
        </Alert>
      )}
      {running.phase !== 'idle' && (
        <Stack gap={6}>
          <Progress value={running.total > 0 ? (running.done / running.total) * 100 : 0} aria-label={t('progress')} />
          <Text size="sm" role="status">
            {t(running.phase === 'stopped' ? 'stopped' : 'at', { done: running.done, count: running.total })}{' '}
            {running.phase === 'running' && running.step && t(`step.${running.step.split(':')[0]}`)}
          </Text>
        </Stack>
      )}
      {running.phase === 'failed' && (
        <ErrorMessage
          error={running.error}
          title={t('failed', { step: t(`step.${running.step?.split(':')[0] ?? 'types'}`) })}
        />
      )}
      <Group>
        {running.phase === 'running' ? (
          <Button variant="default" onClick={runner.stop}>
            {t('cancel')}
          </Button>
        ) : (
          <Button leftSection={<IconWand size={16} aria-hidden />} disabled={hindrance !== null} onClick={start}>
            {t(begun ? 'goOn' : 'fill')}
          </Button>
        )}
        {(running.phase === 'stopped' || running.phase === 'failed' || (begun && running.phase === 'idle')) && (
          <Text size="sm" c="dimmed">
            {t('kept')}
          </Text>
        )}
      </Group>
    </>
  );
}
