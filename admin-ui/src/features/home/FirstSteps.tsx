import { Anchor, Card, Group, List, Progress, Text, ThemeIcon, Title } from '@mantine/core';
import { IconCheck, IconCircle } from '@tabler/icons-react';
import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { usePreference } from '@/api/preferences';
import { useSession } from '@/api/session';
import { byOrder, visible } from '@/ui/compose';
import { useFeatures } from '@/ui/frame';
import classes from './FirstSteps.module.css';

/** The way from an empty project to content on a site. Gone once all is done, or put away. */
export function FirstSteps() {
  const { permissions } = useSession();
  const steps = byOrder(visible(useFeatures().flatMap((feature) => feature.firstSteps ?? []), permissions));
  const { t } = useTranslation(['home', ...new Set(steps.map((step) => step.label.split(':')[0] ?? 'home'))]);
  const [hidden, setHidden] = usePreference('home.firstStepsHidden', (stored) => stored === true);
  const answers = useQueries({
    queries: steps.map((step) => ({ queryKey: ['first-step', step.id], queryFn: step.done, enabled: !hidden })),
  });
  if (hidden || steps.length === 0 || answers.some((answer) => answer.data === undefined)) return null;
  const done = answers.filter((answer) => answer.data).length;
  if (done === steps.length) return null;
  return (
    <Card withBorder padding="md" mb="md" component="section" aria-labelledby="first-steps">
      <Group justify="space-between" mb="xs">
        <Title order={2} id="first-steps">
          {t('home:first.title')}
        </Title>
        <Anchor component="button" type="button" size="sm" onClick={() => setHidden(true)}>
          {t('home:first.hide')}
        </Anchor>
      </Group>
      <Progress value={(done / steps.length) * 100} aria-label={t('home:first.progress', { done, count: steps.length })} mb="sm" />
      <List listStyleType="none" spacing="sm" className={classes.steps}>
        {steps.map((step, index) => {
          const taken = answers[index]?.data === true;
          return (
            <List.Item
              key={step.id}
              icon={
                <ThemeIcon variant={taken ? 'filled' : 'default'} size={22} radius="xl">
                  {taken ? <IconCheck size={14} aria-hidden /> : <IconCircle size={10} aria-hidden />}
                </ThemeIcon>
              }
            >
              <Anchor fw={600} renderRoot={(props) => <Link {...step.target} {...props} />}>
                {t(step.label)}
              </Anchor>{' '}
              {taken && (
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
    </Card>
  );
}
