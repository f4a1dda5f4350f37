import { Anchor, Button, Checkbox, CloseButton, Group, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type Comment,
  type CommentThread,
  deleteComment,
  listComments,
  settleComment,
  type Subject,
  writeComment,
} from '@/api/editorial';
import { useSession } from '@/api/session';
import { peopleQuery } from '@/api/users';
import { goToField } from '@/fields/form/reveal';
import { toKeys } from '@/fields/form/values';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { setCommentTarget, getCommentTarget, subscribeToCommentTarget } from './commentTarget';
import classes from './Edit.module.css';
import { useFieldName } from './useFieldName';
import { MentionField } from './MentionField';
import { splitMentions } from './mentions';
import type { EntrySession } from './session';

/** What people say about the entry and its fields. */
export default function CommentsPanel({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const fieldName = useFieldName();
  const key = ['entry-comments', subject.uid, subject.documentId, subject.locale ?? ''];
  const comments = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => listComments(subject, signal),
    refetchInterval: 30_000,
  });
  const path = useSyncExternalStore(subscribeToCommentTarget, getCommentTarget);
  const [settled, setSettled] = useState(false);
  const again = () => queries.invalidateQueries({ queryKey: key });
  const visible = (comments.data ?? []).filter((comment) => settled || comment.resolvedAt === null);
  return (
    <Stack gap="sm">
      <CommentForm
        focusFor={path}
        label={path ? t('comments.about', { field: fieldName(subject.uid, path) }) : t('comments.write')}
        onDrop={path ? () => setCommentTarget(null) : undefined}
        send={async (text) => {
          await writeComment(subject, { text, ...(path ? { path } : {}) });
          setCommentTarget(null);
          await again();
        }}
      />
      {comments.isError && <ErrorMessage error={comments.error} retry={() => void comments.refetch()} />}
      {comments.isSuccess && comments.data.length === 0 && <Text className={classes.dim}>{t('comments.none')}</Text>}
      {(comments.data ?? []).some((comment) => comment.resolvedAt !== null) && (
        <Checkbox
          size="xs"
          label={t('comments.settled')}
          checked={settled}
          onChange={(event) => setSettled(event.currentTarget.checked)}
        />
      )}
      <ul className={classes.list}>
        {visible.map((comment) => (
          <Thread key={comment.id} comment={comment} subject={subject} session={session} again={again} />
        ))}
      </ul>
    </Stack>
  );
}

function Thread({
  comment,
  subject,
  session,
  again,
}: {
  comment: CommentThread;
  subject: Subject;
  session: EntrySession;
  again: () => Promise<unknown>;
}) {
  const { t } = useTranslation('editor');
  const fieldName = useFieldName();
  const [answering, setAnswering] = useState(false);
  const settle = useMutation({
    mutationFn: () => settleComment(comment.id, comment.resolvedAt === null ? 'resolve' : 'reopen'),
    onSuccess: again,
  });
  const goTo = () => {
    const { store, type, model } = session;
    const path = toKeys(store.values, type.attributes, model, (comment.path ?? '').split('.'));
    if (path !== '') goToField(store, path);
  };
  return (
    <li className={classes.card}>
      {comment.path && (
        <Anchor component="button" type="button" size="xs" onClick={goTo}>
          {fieldName(subject.uid, comment.path)}
        </Anchor>
      )}
      <CommentItem comment={comment} again={again} />
      {comment.answers.map((answer) => (
        <CommentItem key={answer.id} comment={answer} again={again} indented />
      ))}
      {settle.isError && <ErrorMessage error={settle.error} />}
      {answering ? (
        <CommentForm
          label={t('comments.answer')}
          focusFor=""
          onDrop={() => setAnswering(false)}
          send={async (text) => {
            await writeComment(subject, { text, thread: comment.id });
            setAnswering(false);
            await again();
          }}
        />
      ) : (
        <Group gap={4} mt={4}>
          <Button size="compact-xs" variant="subtle" onClick={() => setAnswering(true)}>
            {t('comments.answer')}
          </Button>
          <Button size="compact-xs" variant="subtle" loading={settle.isPending} onClick={() => settle.mutate()}>
            {t(comment.resolvedAt === null ? 'comments.resolve' : 'comments.reopen')}
          </Button>
        </Group>
      )}
    </li>
  );
}

function CommentItem({
  comment,
  again,
  indented = false,
}: {
  comment: Comment;
  again: () => Promise<unknown>;
  indented?: boolean;
}) {
  const { t } = useTranslation('editor');
  const { me } = useSession();
  const people = useQuery(peopleQuery);
  const remove = useMutation({ mutationFn: () => deleteComment(comment.id), onSuccess: again });
  return (
    <div style={indented ? { marginInlineStart: 16, marginBlockStart: 6 } : undefined}>
      <Group gap={6} justify="space-between" wrap="nowrap">
        <span className={classes.dim}>
          {comment.author.name} · <RelativeTime at={comment.createdAt} />
        </span>
        {!comment.deleted && String(comment.author.id) === String(me.id) && (
          <CloseButton size={24} aria-label={t('comments.delete')} onClick={() => remove.mutate()} />
        )}
      </Group>
      <div className={classes.text}>
        {comment.text === null
          ? t('comments.deleted')
          : splitMentions(comment.text, people.data ?? []).map(({ key, text, person }) =>
              person ? <strong key={key}>{text}</strong> : <span key={key}>{text}</span>,
            )}
      </div>
    </div>
  );
}

interface CommentFormProps {
  label: string;
  send: (text: string) => Promise<void>;
  onDrop?: (() => void) | undefined;
  /** What the comment is about that was asked for just now: it takes the focus. `null`: nobody asked. */
  focusFor: string | null;
}

function CommentForm({ label, send, onDrop, focusFor }: CommentFormProps) {
  const { t } = useTranslation('editor');
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  // Whoever asks to answer, or to comment on a field, wants to type next.
  useEffect(() => {
    if (focusFor !== null) field.current?.focus();
  }, [focusFor]);
  const write = useMutation({ mutationFn: () => send(text.trim()), onSuccess: () => setText('') });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (text.trim() !== '') write.mutate();
      }}
    >
      <MentionField
        label={label}
        ref={field}
        value={text}
        onChange={setText}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            if (text.trim() !== '') write.mutate();
          }
        }}
      />
      {write.isError && <ErrorMessage error={write.error} />}
      <Group gap={4} mt={4}>
        <Button size="xs" type="submit" loading={write.isPending} disabled={text.trim() === ''}>
          {t('comments.send')}
        </Button>
        {onDrop && (
          <Button size="xs" variant="subtle" onClick={onDrop}>
            {t('cancel')}
          </Button>
        )}
      </Group>
    </form>
  );
}
