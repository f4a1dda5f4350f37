import { Alert, Select, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { contentUserRolesQuery, type InvitedContentUser, inviteContentUser } from '@/api/contentUsers';
import { useSession } from '@/api/session';
import { problemAt, TextLink, useHasPermission } from '@/features/settings';
import { LANGUAGES } from '@/i18n';
import { FormDialog } from '@/ui/FormDialog';
import { announce } from '@/ui/live';
import { siteUserAddress } from './addresses';

/** Asks whom to invite, and says so if somebody needs no invitation. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['siteUsers', 'common']);
  const { mail } = useSession();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const mayChooseRole = useHasPermission('settings.content-roles');
  const roles = useQuery(contentUserRolesQuery).data;
  const [draft, setDraft] = useState({ email: '', username: '', role: null as string | null, language: '' });
  const [refused, setRefused] = useState<InvitedContentUser>();
  const invite = useMutation({
    mutationFn: () =>
      inviteContentUser({
        email: draft.email.trim(),
        ...(draft.username.trim() ? { username: draft.username.trim() } : {}),
        ...(draft.role ? { role: draft.role } : {}),
        ...(draft.language ? { language: draft.language } : {}),
      }),
    onSuccess: async (invited) => {
      await queries.invalidateQueries({ queryKey: ['content-users'] });
      if (invited.result === 'has-password' || invited.result === 'blocked') {
        setRefused(invited);
        return;
      }
      announce(t(`invited.${invited.result}`));
      // Back leads to the list, and not to this dialog again.
      await navigate({ ...siteUserAddress.to({ id: invited.user.documentId }), replace: true });
    },
  });
  // Only who sees the field for the role can send one.
  const isOtherRole = invite.error instanceof ApiError && invite.error.details.code === 'other-role';
  const isAtField =
    isOtherRole || problemAt(invite.error, 'email') !== undefined || problemAt(invite.error, 'username') !== undefined;
  const change = (part: Partial<typeof draft>) => {
    setDraft({ ...draft, ...part });
    setRefused(undefined);
    invite.reset();
  };
  return (
    <FormDialog
      title={t('invite')}
      onClose={onClose}
      onSubmit={() => invite.mutate()}
      pending={invite.isPending}
      error={isAtField ? undefined : invite.error}
      submit={t('send')}
      disabled={draft.email.trim() === '' && t('common:missing.email')}
      noValidate
    >
      {refused && (
        <Alert color="yellow" role="alert" title={t(`invited.${refused.result}`)}>
          <TextLink inText {...siteUserAddress.to({ id: refused.user.documentId })}>
            {t('openUser', { name: refused.user.username })}
          </TextLink>
        </Alert>
      )}
      <TextInput
        type="email"
        label={t('email')}
        value={draft.email}
        onChange={(event) => change({ email: event.currentTarget.value })}
        error={problemAt(invite.error, 'email') && t('emailProblem')}
        autoComplete="off"
        required
        data-autofocus
      />
      <TextInput
        label={t('username')}
        description={t('usernameHint')}
        value={draft.username}
        onChange={(event) => change({ username: event.currentTarget.value })}
        error={problemAt(invite.error, 'username') && t('usernameProblem')}
        autoComplete="off"
      />
      {mayChooseRole && roles && (
        <Select
          label={t('role')}
          data={roles.data.map((role) => ({ value: role.code, label: role.name }))}
          value={draft.role ?? roles.meta.defaultRole}
          onChange={(role) => change({ role })}
          error={isOtherRole ? t('otherRole') : problemAt(invite.error, 'role')}
          allowDeselect={false}
        />
      )}
      <Select
        label={t('language')}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        placeholder={t('siteLanguage')}
        value={draft.language || null}
        onChange={(language) => change({ language: language ?? '' })}
        clearable
        clearButtonProps={{ 'aria-label': t('filter.clear') }}
      />
      <Text size="sm" c="dimmed">
        {t(mail ? 'inviteHint' : 'inviteNoMail')}
      </Text>
    </FormDialog>
  );
}
