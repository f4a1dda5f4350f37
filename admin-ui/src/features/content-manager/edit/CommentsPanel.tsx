import { Anchor, Button, Checkbox, CloseButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { type Comment, deleteComment, listComments, settleComment, type Subject, writeComment } from '@/api/editorial';
import { useSession } from '@/api/session';
import { goToField } from '@/fields/form/reveal';
import { toKeys } from '@/fields/form/values';
import { labelOf } from '@/fields/label';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { commentOn, commentTarget, onCommentTarget } from './commentTarget';
import classes from './Edit.module.css';
import type { EntrySession } from './session';

/** What people say about the entry and its fields. */
export default function CommentsPanel({ subject, session }: { subject: Subject; session: EntrySession }) {
  const { t } = useTranslation('editor');
  const queries = useQueryClient();
  const key = ['entry-comments', subject.uid, subject.documentId, subject.locale ?? ''];
  const comments = useQuery({ queryKey: key, queryFn: ({ signal }) => listComments(subject, signal), refetchInterval: 30_000 });
  const path = useSyncExternalStore(onCommentTarget, commentTarget);
  const [settled, setSettled] = useState(false);
  const again = () => queries.invalidateQueries({ queryKey: key });
  const shown = (comments.data ?? []).filter((comment) => settled || comment.resolvedAt === null);
  return (
    <Stack gap="sm">
      <Write
        label={path ? t('comments.about', { field: named(path) }) : t('comments.write')}
        onDrop={path ? () => commentOn(null) : undefined}
        send={async (text) => {
          await writeComment(subject, { text, ...(path ? { path } : {}) });
          commentOn(null);
          await again();
        }}
      />
      {comments.isError && <ErrorMessage error={comments.error} retry={() => void comments.refetch()} />}
      {comments.isSuccess && comments.data.length === 0 && <Text className={classes.dim}>{t('comments.none')}</Text>}
      {(comments.data ?? []).some((comment) => comment.resolvedAt !== null) && (
        <Checkbox size="xs" label={t('comments.settled')} checked={settled} onChange={(event) => setSettled(event.currentTarget.checked)} />
      )}
      <ul className={classes.list}>
        {shown.map((comment) => (
          <Thread key={comment.id} comment={comment} subject={subject} session={session} again={again} />
        ))}
      </ul>
    </Stack>
  );
}

function named(path: string): string {
  return path
    .split('.')
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : labelOf(part)))
    .join(' › ');
}

function Thread({ comment, subject, session, again }: { comment: Comment; subject: Subject; session: EntrySession; again: () => Promise<unknown> }) {
  const { t } = useTranslation('editor');
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
          {named(comment.path)}
        </Anchor>
      )}
      <One comment={comment} again={again} />
      {comment.answers?.map((answer) => (
        <One key={answer.id} comment={answer} again={again} indented />
      ))}
      {settle.isError && <ErrorMessage error={settle.error} />}
      {answering ? (
        <Write
          label={t('comments.answer')}
          focused
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

function One({ comment, again, indented = false }: { comment: Comment; again: () => Promise<unknown>; indented?: boolean }) {
  const { t } = useTranslation('editor');
  const { me } = useSession();
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
      <div className={classes.text}>{comment.deleted ? t('comments.deleted') : comment.text}</div>
    </div>
  );
}

function Write({ label, send, onDrop, focused = false }: { label: string; send: (text: string) => Promise<void>; onDrop?: (() => void) | undefined; focused?: boolean }) {
  const { t } = useTranslation('editor');
  const [text, setText] = useState('');
  const field = useRef<HTMLTextAreaElement>(null);
  // Whoever asks to answer wants to type next.
  useEffect(() => {
    if (focused) field.current?.focus();
  }, [focused]);
  const write = useMutation({ mutationFn: () => send(text.trim()), onSuccess: () => setText('') });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (text.trim() !== '') write.mutate();
      }}
    >
      <Textarea
        label={label}
        description={t('comments.mention')}
        autosize
        minRows={2}
        maxLength={10_000}
        ref={field}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
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
