import { Badge, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { approveReview, moveReview, readReview, type Subject, withdrawApproval } from '@/api/editorial';
import { useSession } from '@/api/session';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { useObstacleText } from '@/views/review/useObstacleText';
import { useRoleName } from '@/views/review/useRoleName';
import classes from './Edit.module.css';
import { openApprovals } from './openApprovals';
import { ReviewTask } from './ReviewTask';
import type { EntrySession } from './session';
import { ChangesSincePublished } from './ChangesSincePublished';

/** Where the entry is in its review, what is missing, and what whoever reads may do about it. */
export default function ReviewPanel({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const { me } = useSession();
  const describe = useObstacleText();
  const roleName = useRoleName();
  const queries = useQueryClient();
  const key = ['entry-review', subject.uid, subject.documentId, subject.locale ?? ''];
  const review = useQuery({ queryKey: key, queryFn: ({ signal }) => readReview(subject, signal) });
  const [comment, setComment] = useState('');
  const change = useMutation({
    mutationFn: async (run: (version: number) => Promise<void>) => {
      // What is approved is what is saved.
      if (!(await session.flush('asked'))) throw new Error(t('review.saveFirst'));
      const now = await readReview(subject);
      await run(now.version);
    },
    onSuccess: () => setComment(''),
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: key }),
        // What the menu and the home page count.
        queries.invalidateQueries({ queryKey: ['reviews'] }),
      ]),
  });
  if (review.isError) return <ErrorMessage error={review.error} retry={() => void review.refetch()} />;
  if (!review.data) return null;
  const { data } = review;
  const task = (
    <ReviewTask
      subject={subject}
      review={data}
      mayWrite={session.type.can.update}
      onChanged={(now) => queries.setQueryData(key, now)}
    />
  );
  if (data.workflow === null) {
    return (
      <Stack gap="sm">
        <Text className={classes.dim}>{t('review.none')}</Text>
        {task}
      </Stack>
    );
  }
  const roles = openApprovals(data, me.id);
  const commentInput = comment.trim() ? { comment: comment.trim() } : {};
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Text size="sm">{t('review.stage')}</Text>
        <Badge variant="light">{data.stage ?? t('review.noStage')}</Badge>
        {data.returned && <Badge color="yellow">{t('review.returned')}</Badge>}
      </Group>
      {/* What a reviewer came for. What they write under it goes along. */}
      {roles.map((role, at) => (
        <Button
          key={role}
          fullWidth
          variant={at === 0 ? 'filled' : 'light'}
          leftSection={<IconCheck size={16} aria-hidden />}
          loading={change.isPending}
          onClick={() => change.mutate((version) => approveReview(subject, { role, version, ...commentInput }))}
        >
          {t('review.approve', { role: roleName(role) })}
        </Button>
      ))}
      <Textarea
        label={t('review.comment')}
        autosize
        value={comment}
        onChange={(event) => setComment(event.currentTarget.value)}
      />
      {change.isError && <ErrorMessage error={change.error} />}
      <ChangesSincePublished subject={subject} session={session} />
      {data.publish.why.length > 0 && (
        <div className={classes.card}>
          <Text size="sm" fw={500}>
            {t('review.missing')}
          </Text>
          <ul>
            {data.publish.why.map(describe).map((reason) => (
              <li key={reason}>{reason}</li>
            ))}
          </ul>
        </div>
      )}
      <Stack gap={4}>
        {data.next.map((next) => (
          <div key={next.stage}>
            <Button
              size="xs"
              variant="default"
              disabled={!next.allowed}
              loading={change.isPending}
              onClick={() =>
                change.mutate((version) => moveReview(subject, { to: next.stage, version, ...commentInput }))
              }
            >
              {t('review.move', { stage: next.stage })}
            </Button>
            {next.why.map(describe).map((reason) => (
              <Text key={reason} className={classes.dim}>
                {reason}
              </Text>
            ))}
          </div>
        ))}
      </Stack>
      {task}
      {data.approvals.length > 0 && (
        <ul className={classes.list}>
          {data.approvals.map((approval) => (
            <li key={approval.id} className={classes.card}>
              {t(`review.state.${approval.state}`, { role: roleName(approval.role), name: approval.by.name ?? '' })}
              <div className={classes.dim}>
                <RelativeTime at={approval.at} />
              </div>
              {approval.comment && <div className={classes.text}>{approval.comment}</div>}
              {approval.state === 'counts' && String(approval.by.id) === String(me.id) && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  onClick={() => change.mutate(() => withdrawApproval(subject, approval.id))}
                >
                  {t('review.withdraw')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}
