import { Anchor, Button, Card, Group, List, Progress, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck, IconCircle, IconWand } from '@tabler/icons-react';
import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { preferencesQuery, usePreference } from '@/api/preferences';
import { useSession } from '@/api/session';
import { demoAddress } from '@/features/demo';
import { sortByOrder, filterPermitted } from '@/app/compose';
import { useFeatures } from '@/app/useFeatures';
import { hasPermission } from '@/app/permissions';
import classes from './FirstStepsWidget.module.css';

/** The way from an empty project to content on a site. Gone once all is done, or put away. */
export function FirstStepsWidget() {
  const { permissions } = useSession();
  const steps = sortByOrder(
    filterPermitted(
      useFeatures().flatMap((feature) => feature.firstSteps ?? []),
      permissions,
    ),
  );
  const { t } = useTranslation(['home', ...new Set(steps.map((step) => step.label.split(':')[0] ?? 'home'))]);
  const [hidden, setHidden] = usePreference('home.firstStepsHidden', (stored) => stored === true);
  const [taken, setTaken] = usePreference('home.firstStepsDone', (stored) => stored === true);
  const { isSuccess } = useQuery(preferencesQuery);
  const over = !isSuccess || hidden || taken;
  const answers = useQueries({
    queries: steps.map((step) => ({ queryKey: ['first-step', step.id], queryFn: step.done, enabled: !over })),
  });
  const all = steps.length > 0 && answers.every((answer) => answer.data === true);
  const [begun, setBegun] = usePreference('home.firstStepsBegun', (stored) => stored === true);
  const unfinished = answers.length > 0 && answers.every((answer) => answer.data !== undefined) && !all;
  useEffect(() => {
    if (over) return;
    // Kept, so that who has long begun is not asked about at every visit. Whoever has taken them is told that this is all.
    if (all && !begun) setTaken(true);
    if (unfinished && !begun) setBegun(true);
  });
  if (over || steps.length === 0 || answers.some((answer) => answer.data === undefined)) return null;
  const done = answers.filter((answer) => answer.data).length;
  if (all) return begun ? <AllDone close={() => setTaken(true)} /> : null;
  return (
    <Card withBorder padding="md" mb="md" component="section" aria-labelledby="first-steps">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="first-steps">
          {t('home:first.title')}
        </Title>
        <Anchor component="button" type="button" size="sm" lh="1.5rem" onClick={() => setHidden(true)}>
          {t('home:first.hide')}
        </Anchor>
      </Group>
      <Progress
        value={(done / steps.length) * 100}
        aria-label={t('home:first.progress', { done, count: steps.length })}
        mb="sm"
      />
      <List listStyleType="none" spacing="sm" className={classes.steps}>
        {steps.map((step, index) => {
          const did = answers[index]?.data === true;
          return (
            <List.Item
              key={step.id}
              icon={
                <ThemeIcon variant={did ? 'filled' : 'default'} size={22} radius="xl">
                  {did ? <IconCheck size={14} aria-hidden /> : <IconCircle size={10} aria-hidden />}
                </ThemeIcon>
              }
            >
              <Anchor
                fw={600}
                display="inline-block"
                lh="1.5rem"
                renderRoot={(props) => <Link {...step.target} {...props} />}
              >
                {t(step.label)}
              </Anchor>{' '}
              {did && (
                <Text span size="sm">
                  ({t('home:first.done')})
                </Text>
              )}
              <Text size="sm" c="dimmed">
                {t(step.description)}
              </Text>
            </List.Item>
          );
        })}
      </List>
      {hasPermission(permissions, ['content-types.change']) && (
        <Group mt="md" gap="sm">
          <Button
            variant="default"
            leftSection={<IconWand size={16} aria-hidden />}
            renderRoot={(props) => <Link {...demoAddress.to({})} {...props} />}
          >
            {t('home:first.demo')}
          </Button>
          <Text size="sm" c="dimmed">
            {t('home:first.demoHint')}
          </Text>
        </Group>
      )}
    </Card>
  );
}

/** Said once, before the steps go. */
function AllDone({ close }: { close: () => void }) {
  const { t } = useTranslation('home');
  return (
    <Card withBorder padding="md" mb="md" component="section" aria-labelledby="first-steps">
      <Group justify="space-between" gap="sm">
        <Group gap="sm" wrap="nowrap">
          <ThemeIcon size={28} radius="xl">
            <IconCheck size={18} aria-hidden />
          </ThemeIcon>
          <div>
            <Title order={2} id="first-steps">
              {t('first.allDone')}
            </Title>
            <Text size="sm" c="dimmed">
              {t('first.allDoneHint')}
            </Text>
          </div>
        </Group>
        <Button variant="default" onClick={close}>
          {t('first.close')}
        </Button>
      </Group>
    </Card>
  );
}
