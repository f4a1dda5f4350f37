import { Alert, List, Stack, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Plan } from '@/api/schemaChanges';
import { Sentence } from '@/ui/Sentence';

/** Agreeing by typing a word: content goes to the trash, and nobody does that by a slip of the hand. */
export function ConsentField({ plan, onAgree }: { plan: Plan; onAgree: (yes: boolean) => void }) {
  const { t } = useTranslation('builder');
  const [typed, setTyped] = useState('');
  const word = t('consent.word');
  return (
    <Alert color="red" icon={<IconTrash aria-hidden />} title={t('consent.title')}>
      <Stack gap="xs">
        <List size="sm">
          {plan.steps
            .filter((step) => step.needsConsent)
            .map((step) => (
              <List.Item key={step.id}>
                <Sentence text={step.sentence} inline /> {t('steps.rows', { count: step.rows })}
              </List.Item>
            ))}
        </List>
        {t('consent.explanation')}
        <TextInput
          label={t('consent.label', { word })}
          value={typed}
          autoComplete="off"
          maw={320}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            onAgree(event.currentTarget.value.trim().toLowerCase() === word.toLowerCase());
          }}
        />
      </Stack>
    </Alert>
  );
}
