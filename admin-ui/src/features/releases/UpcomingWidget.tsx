import { Anchor, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { releasesQuery } from '@/api/releases';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { releaseRoute } from './routes';
import { StateBadge } from './StateBadge';
import { When } from './When';

/** Releases that are yet to go out, the failed first. */
export default function UpcomingWidget() {
  const { t } = useTranslation('releases');
  const { data, error } = useQuery(releasesQuery());
  if (error) return <ErrorMessage error={error} />;
  const order = ['failed', 'scheduled', 'open'];
  const waiting = (data ?? []).filter(({ state }) => order.includes(state)).toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  if (data && waiting.length === 0) return <Text c="dimmed">{t('widget.empty')}</Text>;
  return (
    <List listStyleType="none" spacing={6}>
      {waiting.slice(0, 6).map((release) => (
        <List.Item key={release.id}>
          <Group gap="xs">
            <Anchor size="sm" lh="1.5rem" renderRoot={(props) => <Link {...releaseRoute.to({ id: String(release.id) })} {...props} />}>{release.name}</Anchor>
            <StateBadge state={release.state} />
            <When release={release} />
          </Group>
        </List.Item>
      ))}
    </List>
  );
}
