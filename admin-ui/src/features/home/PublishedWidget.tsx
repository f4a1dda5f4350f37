import { useQuery } from '@tanstack/react-query';
import { type Overview, overviewQuery } from '@/api/overview';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { DocumentLine } from './DocumentLine';
import classes from './Lines.module.css';

const publishedOf = ({ published }: Overview) => published;

/** Whether anything was published lately; `undefined` while that is not known. */
export function useHasPublished(): boolean | undefined {
  const { data, isPending } = useQuery({ ...overviewQuery, select: publishedOf });
  return isPending ? undefined : data === undefined || data.length > 0;
}

/** What was published last, and by whom. */
export default function PublishedWidget() {
  const { data, error, refetch } = useQuery({ ...overviewQuery, select: publishedOf });
  if (error) return <ErrorMessage error={error} retry={() => void refetch()} />;
  if (!data) return null;
  return (
    <ul className={classes.lines}>
      {data.map((entry) => (
        <DocumentLine key={`${entry.contentType} ${entry.documentId} ${entry.locale} ${entry.at}`} document={entry}>
          {entry.by && `${entry.by} · `}
          <RelativeTime at={entry.at} />
        </DocumentLine>
      ))}
    </ul>
  );
}
