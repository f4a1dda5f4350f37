import { Badge, Button, Group, Skeleton, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { endSession, type OwnSession, sessionsQuery } from '@/api/me';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { RelativeTime } from '@/ui/RelativeTime';
import { browserOf } from './browserOf';
import { Section } from './Section';

/** Where one is signed in, and the way to end that. */
export function SessionsSection() {
  const { t } = useTranslation('profile');
  const queries = useQueryClient();
  const sessions = useQuery(sessionsQuery);
  const end = useMutation({
    mutationFn: endSession,
    onSuccess: () => queries.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  });
  const error = sessions.error ?? end.error;
  const others = sessions.data?.filter((session) => !session.current).length ?? 0;
  return (
    <Section title={t('sessions.title')} lead={t('sessions.lead')}>
      <Stack gap="sm">
        {error && <ErrorMessage error={error} />}
        {sessions.isPending && (
          <DelayedContent>
            <Skeleton h={48} />
          </DelayedContent>
        )}
        {sessions.data?.map((session) => (
          <OneSession key={session.id} session={session} pending={end.isPending} onEnd={() => end.mutate(session.id)} />
        ))}
        {others > 1 && (
          <Group>
            <Button variant="default" loading={end.isPending} onClick={() => end.mutate(undefined)}>
              {t('sessions.endOthers', { count: others })}
            </Button>
          </Group>
        )}
      </Stack>
    </Section>
  );
}

function OneSession({ session, pending, onEnd }: { session: OwnSession; pending: boolean; onEnd: () => void }) {
  const { t } = useTranslation('profile');
  const browser = browserOf(session.agent) ?? t('sessions.unknown');
  return (
    <Group justify="space-between" wrap="nowrap">
      <div>
        <Group gap="xs">
          <Text size="sm" fw={500}>
            {browser}
          </Text>
          {session.current && <Badge variant="light">{t('sessions.current')}</Badge>}
        </Group>
        <Text size="sm" c="dimmed">
          {session.ip} · <RelativeTime at={session.seenAt ?? session.createdAt} />
        </Text>
      </div>
      {!session.current && (
        <Button
          variant="default"
          size="xs"
          disabled={pending}
          aria-label={t('sessions.endOne', { browser, ip: session.ip })}
          onClick={onEnd}
        >
          {t('sessions.end')}
        </Button>
      )}
    </Group>
  );
}
