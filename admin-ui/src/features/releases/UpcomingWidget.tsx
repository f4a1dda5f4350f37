import { Anchor, Group, List } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Overview, overviewQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { releaseAddress } from './addresses';
import { StateBadge } from './StateBadge';
import { ReleaseTime } from './ReleaseTime';

const releasesOf = ({ releases }: Overview) => releases;

/** Whether there are such releases; `undefined` while that is not known. */
export function useHasReleases(): boolean | undefined {
  const { data, isPending } = useQuery({ ...overviewQuery, select: releasesOf });
  return isPending ? undefined : data === undefined || data.length > 0;
}

/** Releases that are yet to go out, the failed first. */
export default function UpcomingWidget() {
  const { data, error, refetch } = useQuery({ ...overviewQuery, select: releasesOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
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
