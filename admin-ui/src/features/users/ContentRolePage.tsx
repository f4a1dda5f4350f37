import { Stack } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type ContentRole, contentRolesQuery, saveContentRole } from '@/api/roles';
import { QueryState, SettingsForm, TextLink, useUndo } from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { PageTitle } from '@/ui/PageTitle';
import { codeOf, NEW } from './codes';
import { ContentPermissions } from './ContentPermissions';
import { samePermissions } from './permissions';
import { RemoveContentRole } from './RemoveContentRole';
import { RoleSection } from './RoleSection';
import { contentRoleAddress, contentRolesAddress } from './addresses';

const BLANK: ContentRole = {
  code: '',
  name: '',
  description: '',
  readDrafts: false,
  permissions: {},
  builtIn: false,
  users: 0,
};

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
            <ContentRoleEditor key={code} role={role} isNew={code === NEW} others={all} />
          ) : (
            <EmptyState title={t('role.gone')}>{t('role.goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

interface EditorProps {
  role: ContentRole;
  isNew: boolean;
  /** All roles. */
  others: readonly ContentRole[];
}

function ContentRoleEditor({ role, isNew, others }: EditorProps) {
  const { t } = useTranslation(['users', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const [draft, setDraft] = useState(role);
  const [lastSaved, setLastSaved] = useState(role);
  const [typedCode, setTypedCode] = useState<string>();
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
        <RoleSection
          role={draft}
          onChange={(change) => setDraft({ ...draft, ...change })}
          code={code}
          onCode={isNew ? setTypedCode : undefined}
        />
        <ContentPermissions
          permissions={draft.permissions}
          readDrafts={draft.readDrafts}
          onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
          isPublic={role.code === 'public'}
          variables={role.code === 'public' ? ['$now'] : ['$user.id', '$user.email', '$now']}
        />
      </SettingsForm>
      {!isNew && !role.builtIn && <RemoveContentRole role={role} others={others} />}
    </Stack>
  );
}
