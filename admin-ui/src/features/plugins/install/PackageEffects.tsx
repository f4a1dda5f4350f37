import { Badge, List, Title } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { StagedPackage } from '@/api/plugins';
import { newestFirst } from './agreement';

interface Props {
  does: StagedPackage['does'];
  /** Another version is there: what it did not do is marked. */
  upgrade: boolean;
}

/** What a package does without being granted anything: hooks, routes, schedules and the like. What is new comes first: it is what has to be decided. */
export function PackageEffects({ does, upgrade }: Props) {
  const { t } = useTranslation('plugin');
  if (does.length === 0) return null;
  return (
    <section aria-labelledby="does">
      <Title order={3} size="h4" id="does">
        {t('install.does')}
      </Title>
      <List size="sm" spacing={4}>
        {newestFirst(does, upgrade).map(({ kind, sentence, isNew }) => (
          <List.Item key={kind + sentence} style={{ overflowWrap: 'anywhere' }}>
            {sentence}{' '}
            {isNew && (
              <Badge color="yellow" variant="light" c="var(--mantine-color-text)">
                {t('new')}
              </Badge>
            )}
          </List.Item>
        ))}
      </List>
    </section>
  );
}
