import { Alert, Button, Group, List, Stack, Text } from '@mantine/core';
import { IconArrowBackUp, IconCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { type AppliedChange, applyChange, type Changes, planChange, type Schema, uidOfFile } from '@/api/schemaChanges';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { useBuilder } from './builder';
import { CreatedTypes } from './CreatedTypes';
import { invertChanges } from './model/draft';
import { Sentence } from '@/ui/Sentence';
import { builderAddress } from './addresses';

/** What was done, and taking it back. Where that would drop content it is planned first, as every change that does. */
export function AppliedCard({ applied }: { applied: AppliedChange }) {
  const { t } = useTranslation('builder');
  const { store, count } = useBuilder();
  const queries = useQueryClient();
  const undo = useMutation({
    mutationFn: async () => {
      const changes = undoChanges(applied);
      const plan = await planChange(changes, {}, false);
      if (plan.needsConsent || plan.notReady !== null || plan.questions.length > 0) return { changes, plan };
      return { done: await applyChange(changes, {}) };
    },
    onSuccess: (result) => {
      if ('done' in result) {
        store.clear(null);
        announce(t('applied.undone'));
        void queries.invalidateQueries();
      } else {
        store.clear(null);
        store.change(() => result.changes, result.plan.before);
      }
    },
  });
  return (
    <Alert mb="md" color="green" icon={<IconCheck aria-hidden />} title={t('applied.title')} role="status">
      <Stack gap="xs" align="flex-start">
        <List size="sm">
          {applied.steps.map((sentence) => (
            <List.Item key={sentence}>
              <Sentence text={sentence} inline />
            </List.Item>
          ))}
        </List>
        {applied.notes.map((note) => (
          <Text key={note} size="sm">
            {note}
          </Text>
        ))}
        {applied.trashed.length > 0 && <Text size="sm">{t('applied.trashed', { count: applied.trashed.length })}</Text>}
        {count === 0 && <CreatedTypes applied={applied} />}
        {undo.error && <ErrorMessage error={undo.error} title={t('applied.undoFailed')} />}
        <Group>
          {count === 0 && (
            <Button
              variant="default"
              leftSection={<IconArrowBackUp size={16} aria-hidden />}
              loading={undo.isPending}
              onClick={() => undo.mutate()}
            >
              {t('applied.undo')}
            </Button>
          )}
          <Button variant="subtle" renderRoot={(props) => <Link {...builderAddress.to({})} {...props} />}>
            {t('missing.back')}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}

function undoChanges(applied: AppliedChange): Changes {
  const files = applied.files.flatMap(({ path, before, after }) => {
    const uid = uidOfFile(path);
    return uid ? [{ uid, before: parseSchema(before), after: parseSchema(after) }] : [];
  });
  return invertChanges(files);
}

function parseSchema(text: string | null): Schema | null {
  return text === null ? null : (JSON.parse(text) as Schema);
}
