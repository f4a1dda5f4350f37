import { Anchor, Group, List, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type Overview, overviewQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { releaseAddress } from './addresses';
import { StateBadge } from './StateBadge';
import { ReleaseTime } from './ReleaseTime';

const releasesOf = ({ releases }: Overview) => releases;

/** Releases that are yet to go out, the failed first. */
export default function UpcomingWidget() {
  const { t } = useTranslation('releases');
  const { data, error, refetch } = useQuery({ ...overviewQuery, select: releasesOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  if (data.length === 0)
    return (
      <Text size="sm" c="dimmed">
        {t('widget.empty')}
      </Text>
    );
  return (
    <List listStyleType="none" spacing={6}>
      {data.map((release) => (
        <List.Item key={release.id}>
          <Group gap="xs">
            <Anchor
              size="sm"
              lh="1.5rem"
              style={{ overflowWrap: 'anywhere' }}
              renderRoot={(props) => <Link {...releaseAddress.to({ id: String(release.id) })} {...props} />}
            >
              {release.name}
            </Anchor>
            <StateBadge state={release.state} />
            <ReleaseTime release={release} />
          </Group>
        </List.Item>
      ))}
    </List>
  );
}
