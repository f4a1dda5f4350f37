import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { EntryReview } from '@/api/content';
import type { ContentType } from '@/api/model';
import { peopleQuery } from '@/api/users';
import { formatList } from '@/ui/format';
import { RelativeTime } from '@/ui/RelativeTime';
import { ASSIGNEES_FIELD, DUE_FIELD, STAGE_FIELD } from '../fieldPath';
import classes from './Review.module.css';
import { useWorkflow } from './useWorkflow';

interface Props {
  type: Pick<ContentType, 'uid' | 'draftAndPublish'>;
  field: string;
  review: EntryReview | undefined;
}

/** Where a document is in its review: its stage, whose it is, or until when. */
export function ReviewCell({ type, field, review }: Props) {
  if (!review) return null;
  if (field === STAGE_FIELD) return <StageName type={type} stage={review.stage} />;
  if (field === ASSIGNEES_FIELD) return <AssigneeNames ids={review.assignees} />;
  if (field === DUE_FIELD) return <DueDate at={review.due} />;
  return null;
}

function StageName({ type, stage }: { type: Props['type']; stage: string | null }) {
  const colour = useWorkflow(type)?.stages.find(({ name }) => name === stage)?.colour;
  if (!stage) return null;
  return (
    <span className={classes.stage}>
      <span className={classes.dot} style={colour ? { background: colour } : undefined} aria-hidden />
      {stage}
    </span>
  );
}

function AssigneeNames({ ids }: { ids: readonly number[] }) {
  const { data } = useQuery({ ...peopleQuery, enabled: ids.length > 0 });
  if (ids.length === 0) return null;
  return (
    <span className={classes.people}>
      {formatList(ids.map((id) => data?.find((person) => person.id === id)?.name ?? `#${id}`))}
    </span>
  );
}

function DueDate({ at }: { at: string | null }) {
  const [now] = useState(Date.now);
  if (!at) return null;
  return (
    <span className={classes.due} data-overdue={Date.parse(at) < now ? '' : undefined}>
      <RelativeTime at={at} />
    </span>
  );
}
