import { Alert, Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type AdminRole, removeRole, roleActionsQuery, rolesQuery, saveRole } from '@/api/roles';
import { problemAt, QueryState, RemoveSection, Section, SettingsForm, TextLink, useUndo } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { ActionChoice } from './ActionChoice';
import { codeOf, NEW } from './codes';
import { PermissionMatrix } from './PermissionMatrix';
import { samePermissions } from './permissions';
import { RoleSection } from './RoleSection';
import { roleAddress, rolesAddress } from './addresses';
import { useAdminSubjects } from './useSubjects';
import { ViewAs } from './ViewAs';

const SUPER_ADMIN = 'super-admin';
const BLANK: AdminRole = {
  code: '',
  name: '',
  description: '',
  builtIn: false,
  actions: ['content-types.read'],
  permissions: {},
  users: 0,
};

/** A role: what it is, what it may do with content, and what beside it. */
export default function RolePage() {
  const { t } = useTranslation('users');
  const { code } = roleAddress.useParams();
  const roles = useQuery(rolesQuery);
  return (
    <Stack gap="md">
      <TextLink {...rolesAddress.to({})}>{t('roles.title')}</TextLink>
      <QueryState query={roles}>
        {(all) => {
          const role = code === NEW ? BLANK : all.find((one) => one.code === code);
          return role ? (
            <RoleEditor key={code} role={role} isNew={code === NEW} />
          ) : (
            <EmptyState title={t('role.gone')}>{t('role.goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

function RoleEditor({ role, isNew }: { role: AdminRole; isNew: boolean }) {
  const { t } = useTranslation(['users', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const subjects = useAdminSubjects();
  const actions = useQuery(roleActionsQuery);
  const [draft, setDraft] = useState(role);
  const [lastSaved, setLastSaved] = useState(role);
  const [typedCode, setTypedCode] = useState<string>();
  const all = role.code === SUPER_ADMIN;
  const code = isNew ? (typedCode ?? codeOf(draft.name)) : role.code;
  const changed = (): Promise<unknown> =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['roles'] }),
      queries.invalidateQueries({ queryKey: ['session'] }),
    ]);
  const save = useMutation({
    mutationFn: ({ name, description, permissions, ...rest }: AdminRole) =>
      saveRole(code, { name, description, actions: rest.actions, permissions }),
    onSuccess: async (saved) => {
      const before = lastSaved;
      setDraft(saved);
      setLastSaved(saved);
      await changed();
      if (isNew) await navigate(roleAddress.to({ code: saved.code }));
      else {
        undo(t('users:role.saved', { name: saved.name }), async () => {
          const { name, description, permissions } = before;
          const back = await saveRole(code, { name, description, actions: before.actions, permissions });
          setDraft(back);
          setLastSaved(back);
          await changed();
        });
      }
    },
  });
  const dirty =
    draft.name !== lastSaved.name ||
    draft.description !== lastSaved.description ||
    [...draft.actions].toSorted().join() !== [...lastSaved.actions].toSorted().join() ||
    !samePermissions(draft.permissions, lastSaved.permissions);
  return (
    <Stack gap="md">
      <PageTitle title={isNew ? t('users:roles.new') : role.name} />
      {all && (
        <Alert color="blue" title={t('users:role.superTitle')}>
          {t('users:role.superText')}
        </Alert>
      )}
      <SettingsForm
        onSubmit={() => save.mutate(draft)}
        pending={save.isPending}
        error={save.error}
        saved={save.isSuccess}
        dirty={dirty && !all}
        readOnly={all}
        submit={isNew ? t('users:role.create') : undefined}
      >
        <RoleSection
          role={draft}
          onChange={(change) => setDraft({ ...draft, ...change })}
          code={code}
          onCode={isNew ? setTypedCode : undefined}
          nameError={problemAt(save.error, `adminRoles.${code}.name`)}
          readOnly={all}
        />
        <Section title={t('users:role.content')} lead={t('users:role.contentLead')}>
          <PermissionMatrix
            label={t('users:role.content')}
            subjects={subjects}
            value={draft.permissions}
            onChange={(permissions) => setDraft({ ...draft, permissions })}
            variables={['$user.id', '$user.email', '$now']}
            readOnly={all}
          />
        </Section>
        <Section title={t('users:role.actions')} lead={t('users:role.actionsLead')}>
          <ActionChoice
            query={actions}
            value={draft.actions}
            onChange={(chosen) => setDraft({ ...draft, actions: chosen })}
            readOnly={all}
          />
        </Section>
      </SettingsForm>
      {!isNew && <ViewAs code={role.code} />}
      {!isNew && !all && (
        <RemoveSection
          title={t(role.builtIn ? 'users:role.reset' : 'users:role.remove')}
          lead={t(role.builtIn ? 'users:role.resetLead' : 'users:role.removeLead', { count: role.users })}
          word={role.code}
          action={role.builtIn ? t('users:role.reset') : undefined}
          onConfirm={async () => {
            await removeRole(role.code);
            await changed();
            await navigate(rolesAddress.to({}));
          }}
        />
      )}
    </Stack>
  );
}
