import { Alert, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconArrowForwardUp, IconLock, IconRefreshAlert } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { useShortcut } from '@/app/shortcuts';
import classes from './Builder.module.css';
import { BuilderProvider, useBuilder, useBuilderData } from './builder';
import { planAddress } from './addresses';

/** What every page of the builder stands on: the model, the working copy, and the bar that says what is not applied yet. */
export function BuilderScope({ children, toPlan = true }: { children: ReactNode; toPlan?: boolean }) {
  const { t } = useTranslation('builder');
  const builderData = useBuilderData();
  if ('retry' in builderData) {
    if (builderData.error)
      return <ErrorMessage error={builderData.error} title={t('unreadable')} retry={builderData.retry} />;
    return (
      <DelayedContent>
        <Stack aria-hidden>
          <Skeleton h={36} w="40%" />
          <Skeleton h={240} />
        </Stack>
      </DelayedContent>
    );
  }
  return (
    <BuilderProvider builder={builderData}>
      {builderData.locked && (
        <Alert icon={<IconLock aria-hidden />} color="gray" mb="md" title={t('locked.title')}>
          {t('locked.explanation')}
        </Alert>
      )}
      <DraftBar toPlan={toPlan} />
      {children}
    </BuilderProvider>
  );
}

/** How much is changed and not applied, the way back, and the way on. */
function DraftBar({ toPlan }: { toPlan: boolean }) {
  const { t } = useTranslation('builder');
  const { store, draft, count, outdated, model, problems, locked } = useBuilder();
  const undo = (): void => {
    store.undo();
    announce(t('bar.undone'));
  };
  const redo = (): void => {
    store.redo();
    announce(t('bar.redone'));
  };
  useShortcut('mod+Z', undo, { enabled: draft.past.length > 0, whileTyping: false });
  useShortcut('mod+Shift+Z', redo, { enabled: draft.future.length > 0, whileTyping: false });
  if (count === 0 && draft.past.length === 0 && draft.future.length === 0) return null;
  return (
    <section className={classes.bar} aria-label={t('bar.title')}>
      <Group justify="space-between" gap="xs">
        <div>
          <Text size="sm" fw={500}>
            {count === 0 ? t('bar.nothing') : t('bar.count', { count })}
          </Text>
          <Text size="xs" c={problems.length > 0 ? 'var(--mantine-color-error)' : 'dimmed'}>
            {problems.length > 0 ? t('bar.problems', { count: problems.length }) : t('bar.kept')}
          </Text>
        </div>
        <Group gap="xs">
          <Button
            variant="default"
            size="xs"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            disabled={draft.past.length === 0}
            onClick={undo}
          >
            {t('bar.undo')}
          </Button>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconArrowForwardUp size={16} aria-hidden />}
            disabled={draft.future.length === 0}
            onClick={redo}
          >
            {t('bar.redo')}
          </Button>
          {count > 0 && (
            <Button
              variant="default"
              size="xs"
              onClick={() => store.change(() => ({ contentTypes: {}, components: {} }), model.hash)}
            >
              {t('bar.discard')}
            </Button>
          )}
          {count > 0 && toPlan && (
            <Button size="xs" renderRoot={(props) => <Link {...planAddress.to({})} {...props} />}>
              {t(locked ? 'bar.look' : 'bar.plan')}
            </Button>
          )}
        </Group>
      </Group>
      {outdated && (
        <Alert mt="xs" color="yellow" icon={<IconRefreshAlert aria-hidden />} title={t('bar.outdated')}>
          <Stack gap="xs" align="flex-start">
            {t('bar.outdatedHint')}
            <Button size="xs" variant="default" onClick={() => store.rebase(model.hash)}>
              {t('bar.keep')}
            </Button>
          </Stack>
        </Alert>
      )}
    </section>
  );
}
