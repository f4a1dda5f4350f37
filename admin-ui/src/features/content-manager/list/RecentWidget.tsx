import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type Overview, overviewQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { StatusBadge } from '@/views/cells/StatusBadge';
import { entryTarget } from '../addresses';
import classes from './RecentWidget.module.css';

const draftsOf = ({ drafts }: Overview) => drafts;

/** Whether there are such drafts; `undefined` while that is not known. */
export function useHasDrafts(): boolean | undefined {
  const { data, isPending } = useQuery({ ...overviewQuery, select: draftsOf });
  return isPending ? undefined : data === undefined || data.length > 0;
}

/** What was worked on last and is not published as it stands. */
export default function RecentWidget() {
  const { data, error, refetch } = useQuery({ ...overviewQuery, select: draftsOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  return (
    <ul className={classes.lines}>
      {data.map((draft) => (
        <li key={`${draft.contentType} ${draft.documentId} ${draft.locale}`} className={classes.line}>
          <Anchor
            size="sm"
            lh="1.5rem"
            className={classes.title}
            renderRoot={(props) => (
              <Link {...entryTarget(draft.contentType, draft.documentId, draft.locale)} {...props} />
            )}
          >
            {draft.title ?? draft.documentId}
          </Anchor>
          <span className={classes.about}>
            <StatusBadge status={draft.status} />
            <Text size="xs" c="dimmed" component="span">
              {draft.typeName} · <RelativeTime at={draft.updatedAt} />
            </Text>
          </span>
        </li>
      ))}
    </ul>
  );
}
