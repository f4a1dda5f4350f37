import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { problemsOf } from './problems';
import { UnsavedChangesDialog } from './UnsavedChangesDialog';

interface Props {
  onSubmit: () => void;
  pending: boolean;
  error: unknown;
  /** What was sent last is kept. */
  saved: boolean;
  /** Something was changed that is not kept yet: leaving asks first. */
  dirty: boolean;
  /** In place of "Save". */
  submit?: string;
  /** Beside the button. */
  actions?: ReactNode;
  /** Nothing can be changed here by this person. */
  readOnly?: boolean;
  children: ReactNode;
}

/** A form of the settings: its problems above it and beside their fields, a word when it is kept, a question when it is left unsaved. */
export function SettingsForm({
  onSubmit,
  pending,
  error,
  saved,
  dirty,
  submit,
  actions,
  readOnly = false,
  children,
}: Props) {
  const { t } = useTranslation(['settings', 'common']);
  const summary = useRef<HTMLDivElement>(null);
  const problems = problemsOf(error);
  useEffect(() => {
    if (error) summary.current?.focus();
  }, [error]);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        // A dialog inside is a form of its own; its events come here as well.
        if (event.target === event.currentTarget && !pending && !readOnly) onSubmit();
      }}
    >
      <UnsavedChangesDialog dirty={dirty && !pending && !readOnly} />
      <Stack gap="md">
        {error != null && (
          <div ref={summary} tabIndex={-1} style={{ outline: 'none' }}>
            {problems.length > 0 ? (
              <Alert role="alert" color="red" title={t('common:error.summary', { count: problems.length })}>
                <ul style={{ margin: 0, paddingInlineStart: '1.1rem' }}>
                  {problems.map((problem) => (
                    <li key={problem.path + problem.message}>
                      <Text size="sm" span fw={500}>
                        {problem.path}
                      </Text>{' '}
                      <Text size="sm" span>
                        {problem.message}
                      </Text>
                    </li>
                  ))}
                </ul>
              </Alert>
            ) : (
              <ErrorMessage error={error} />
            )}
          </div>
        )}
        {children}
        {!readOnly && (
          <Group>
            <Button type="submit" loading={pending}>
              {submit ?? t('common:save')}
            </Button>
            {actions}
            <Text size="sm" role="status" style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}>
              {saved && !dirty && (
                <>
                  <IconCheck size={16} aria-hidden />
                  {t('common:saved')}
                </>
              )}
              {dirty && <span>{t('form.unsaved')}</span>}
            </Text>
          </Group>
        )}
      </Stack>
    </form>
  );
}
