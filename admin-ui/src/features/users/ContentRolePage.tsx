import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentRole, contentRolesQuery, removeContentRole, saveContentRole } from '@/api/roles';
import { TypeToConfirmDialog, QueryState, Section, SettingsForm, TextLink, useUndo } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { codeOf, NEW } from './codes';
import { ContentPermissions } from './ContentPermissions';
import { samePermissions } from './permissions';
import { contentRoleAddress, contentRolesAddress } from './addresses';

const BLANK: ContentRole = { code: '', name: '', description: '', readDrafts: false, permissions: {}, builtIn: false };

/** A role of the content API. */
export default function ContentRolePage() {
  const { t } = useTranslation('users');
  const { code } = contentRoleAddress.useParams();
  const roles = useQuery(contentRolesQuery);
  return (
    <Stack gap="md">
      <TextLink {...contentRolesAddress.to({})}>{t('contentRoles.title')}</TextLink>
      <QueryState query={roles}>
        {(all) => {
          const role = code === NEW ? BLANK : all.find((one) => one.code === code);
          return role ? (
            <ContentRoleEditor key={code} role={role} isNew={code === NEW} />
          ) : (
            <EmptyState title={t('role.gone')}>{t('role.goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

function ContentRoleEditor({ role, isNew }: { role: ContentRole; isNew: boolean }) {
  const { t } = useTranslation(['users', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const [draft, setDraft] = useState(role);
  const [lastSaved, setLastSaved] = useState(role);
  const [typedCode, setTypedCode] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const code = isNew ? (typedCode ?? codeOf(draft.name)) : role.code;
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['content-roles'] });
  const send = ({ name, description, readDrafts, permissions }: ContentRole): Promise<ContentRole> =>
    saveContentRole(code, { name, description, readDrafts, permissions });
  const save = useMutation({
    mutationFn: () => send(draft),
    onSuccess: async (saved) => {
      const before = lastSaved;
      setDraft(saved);
      setLastSaved(saved);
      await changed();
      if (isNew) return navigate(contentRoleAddress.to({ code: saved.code }));
      undo(t('users:role.saved', { name: saved.name }), async () => {
        const back = await send(before);
        setDraft(back);
        setLastSaved(back);
        await changed();
      });
    },
  });
  const dirty =
    draft.name !== lastSaved.name ||
    draft.description !== lastSaved.description ||
    draft.readDrafts !== lastSaved.readDrafts ||
    !samePermissions(draft.permissions, lastSaved.permissions);
  return (
    <Stack gap="md">
      <PageTitle title={isNew ? t('users:roles.new') : role.name} />
      <SettingsForm
        onSubmit={() => save.mutate()}
        pending={save.isPending}
        error={save.error}
        saved={save.isSuccess}
        dirty={dirty}
        submit={isNew ? t('users:role.create') : undefined}
      >
        <Section title={t('users:role.about')}>
          <Stack gap="sm" maw={560}>
            <TextInput
              label={t('users:role.name')}
              value={draft.name}
              onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
              required
            />
            <TextInput
              label={t('users:role.code')}
              description={t('users:role.codeHint')}
              value={code}
              onChange={(event) => setTypedCode(event.currentTarget.value)}
              readOnly={!isNew}
              required={isNew}
            />
            <Textarea
              label={t('users:role.description')}
              value={draft.description}
              onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })}
              autosize
              minRows={2}
            />
          </Stack>
        </Section>
        <ContentPermissions
          permissions={draft.permissions}
          readDrafts={draft.readDrafts}
          onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
          variables={role.code === 'public' ? ['$now'] : ['$user.id', '$user.email', '$now']}
        />
      </SettingsForm>
      {!isNew && !role.builtIn && (
        <Section title={t('users:role.remove')} lead={t('users:contentRoles.removeLead')}>
          <Group>
            <Button variant="outline" color="red" onClick={() => setRemoving(true)}>
              {t('users:role.remove')}
            </Button>
          </Group>
        </Section>
      )}
      <TypeToConfirmDialog
        opened={removing}
        onClose={() => setRemoving(false)}
        title={t('users:role.remove')}
        word={role.code}
        action={t('common:delete')}
        onConfirm={async () => {
          await removeContentRole(role.code);
          await changed();
          await navigate(contentRolesAddress.to({}));
        }}
      >
        {t('users:contentRoles.removeLead')}
      </TypeToConfirmDialog>
    </Stack>
  );
}
