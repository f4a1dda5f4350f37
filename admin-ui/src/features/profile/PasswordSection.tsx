import { Button, Group, PasswordInput, Stack } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changePassword, sessionsQuery } from '@/api/me';
import { useSession } from '@/api/session';
import { NewPassword } from '@/features/sign-in';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { useSubmit } from '@/ui/useSubmit';
import { SavedNote } from '@/ui/SavedNote';
import { Section } from './Section';

/** Another password, by who knows the one before. Other sessions end with it. */
export function PasswordSection() {
  const { t } = useTranslation(['profile', 'frame']);
  const { me } = useSession();
  const queries = useQueryClient();
  const [saved, setSaved] = useState(false);
  const form = useSubmit(async ({ currentPassword, password }, element) => {
    await changePassword(currentPassword ?? '', password ?? '');
    element.reset();
    setSaved(true);
    await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey });
  });
  return (
    <Section title={t('profile:password.title')} lead={t('profile:password.lead')}>
      <form onSubmit={form.onSubmit} onChange={() => setSaved(false)}>
        <Stack gap="sm">
          {form.error !== undefined && <ErrorMessage error={form.error} />}
          {/* So that a password manager knows whose password changes. */}
          <input type="text" name="username" autoComplete="username" defaultValue={me.email} hidden readOnly />
          <PasswordInput
            label={t('profile:password.current')}
            name="currentPassword"
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': t('frame:signIn.showPassword') }}
            error={form.problemOf('currentPassword')}
          />
          <NewPassword label={t('frame:password.new')} error={form.problemOf('password')} />
          <Group>
            <Button type="submit" loading={form.pending}>
              {t('profile:password.submit')}
            </Button>
            <SavedNote shown={saved} />
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
