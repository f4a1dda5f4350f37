import {
  Badge,
  Button,
  Drawer,
  Group,
  Modal,
  MultiSelect,
  Select,
  Stack,
  Switch,
  Table,
  Text,
  TextInput,
} from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '@/api/roles';
import { useSession } from '@/api/session';
import {
  type AdminUser,
  changeUser,
  type Invitation,
  invitationLink,
  inviteAgain,
  inviteUser,
  removeSecondFactor,
  removeUser,
  type UserChanges,
  usersQuery,
} from '@/api/users';
import {
  DescriptionList,
  problemAt,
  QueryState,
  RemoveSection,
  SecretOnce,
  Section,
  SettingsForm,
  StateBadge,
  TableScroll,
  TextLink,
  useUndo,
} from '@/features/settings';
import { LANGUAGES } from '@/i18n';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { formatDateTime } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { RelativeTime } from '@/ui/RelativeTime';
import { usersAddress, explainPermissionAddress } from './addresses';

/** Who works in the admin: invited, with their roles, allowed in or not. */
export default function UsersPage() {
  const { t } = useTranslation(['users', 'common']);
  const { user: opened, invite } = usersAddress.useSearch();
  const setSearch = usersAddress.useSetSearch();
  const users = useQuery(usersQuery);
  const user = users.data?.find((one) => one.id === opened);
  return (
    <Stack gap="md">
      <PageTitle
        title={t('users:users.title')}
        actions={
          <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setSearch({ invite: true })}>
            {t('users:users.invite')}
          </Button>
        }
      >
        <Text size="sm" c="dimmed">
          {t('users:users.lead')}
        </Text>
      </PageTitle>
      <QueryState query={users}>
        {(all) => (
          <TableScroll label={t('users:users.title')}>
            <Table highlightOnHover>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{t('users:user.name')}</Table.Th>
                  <Table.Th>{t('users:user.roles')}</Table.Th>
                  <Table.Th>{t('users:user.state')}</Table.Th>
                  <Table.Th>{t('users:user.signedIn')}</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {all.map((one) => (
                  <Table.Tr key={one.id}>
                    <Table.Td>
                      <TextLink strong {...usersAddress.to({}, { user: one.id })}>
                        {one.name}
                      </TextLink>
                      {one.name !== one.email && (
                        <Text size="xs" c="dimmed">
                          {one.email}
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>
                      <Group gap={4}>
                        {one.roles.map((role) => (
                          <Badge key={role.code} variant="default">
                            {role.name}
                          </Badge>
                        ))}
                      </Group>
                    </Table.Td>
                    <Table.Td>
                      <UserState user={one} />
                    </Table.Td>
                    <Table.Td>{one.signedInAt ? <RelativeTime at={one.signedInAt} /> : t('users:user.never')}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </TableScroll>
        )}
      </QueryState>
      <Drawer
        opened={user !== undefined}
        onClose={() => setSearch({ user: undefined })}
        size="lg"
        title={user?.name}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {user && <UserEditor key={user.id} user={user} onGone={() => setSearch({ user: undefined })} />}
      </Drawer>
      <Modal
        opened={invite === true}
        onClose={() => setSearch({ invite: undefined })}
        title={t('users:users.invite')}
        closeButtonProps={{ 'aria-label': t('common:close') }}
      >
        {invite && <InviteUserForm onDone={(made) => setSearch({ invite: undefined, user: made.id })} />}
      </Modal>
    </Stack>
  );
}

function UserState({ user }: { user: AdminUser }) {
  const { t } = useTranslation('users');
  if (!user.active) return <StateBadge tone="off">{t('user.inactive')}</StateBadge>;
  if (user.invited) return <StateBadge tone="waiting">{t('user.invited')}</StateBadge>;
  return <StateBadge tone="good">{t(user.twoFactor ? 'user.activeSecond' : 'user.active')}</StateBadge>;
}

/** The roles to choose from, with codes that no role has but somebody was given. */
function useRoleChoice(own: readonly string[]): { value: string; label: string }[] {
  const roles = useQuery(rolesQuery).data ?? [];
  return [
    ...roles.map((role) => ({ value: role.code, label: role.name })),
    ...own.filter((code) => !roles.some((role) => role.code === code)).map((code) => ({ value: code, label: code })),
  ];
}

interface NameAndRolesProps {
  value: { firstName?: string | null; lastName?: string | null; roles: string[] };
  onChange: (change: { firstName?: string; lastName?: string; roles?: string[] }) => void;
  /** Those to choose from. */
  roles: { value: string; label: string }[];
  rolesError: string | undefined;
}

/** What somebody is called, and may do. */
function NameAndRoles({ value, onChange, roles, rolesError }: NameAndRolesProps) {
  const { t } = useTranslation('users');
  return (
    <>
      <Group grow>
        <TextInput
          label={t('user.firstName')}
          value={value.firstName ?? ''}
          onChange={(event) => onChange({ firstName: event.currentTarget.value })}
        />
        <TextInput
          label={t('user.lastName')}
          value={value.lastName ?? ''}
          onChange={(event) => onChange({ lastName: event.currentTarget.value })}
        />
      </Group>
      <MultiSelect
        label={t('user.roles')}
        data={roles}
        value={value.roles}
        onChange={(chosen) => onChange({ roles: chosen })}
        error={rolesError}
      />
    </>
  );
}

function InviteUserForm({ onDone }: { onDone: (user: AdminUser) => void }) {
  const { t } = useTranslation(['users', 'common']);
  const session = useSession();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Invitation>({ email: '', roles: ['editor'] });
  const roles = useRoleChoice(draft.roles);
  const invite = useMutation({
    mutationFn: () =>
      inviteUser({
        ...draft,
        email: draft.email.trim(),
        firstName: draft.firstName || undefined,
        lastName: draft.lastName || undefined,
      }),
    onSuccess: async (user) => {
      await queries.invalidateQueries({ queryKey: ['users'] });
      await queries.invalidateQueries({ queryKey: ['people'] });
      onDone(user);
    },
  });
  return (
    <SettingsForm
      onSubmit={() => invite.mutate()}
      pending={invite.isPending}
      error={invite.error}
      saved={false}
      dirty={false}
      submit={t('users:users.send')}
    >
      <TextInput
        type="email"
        label={t('users:user.email')}
        value={draft.email}
        onChange={(event) => setDraft({ ...draft, email: event.currentTarget.value })}
        error={problemAt(invite.error, 'email')}
        required
        data-autofocus
      />
      <NameAndRoles
        value={draft}
        onChange={(change) => setDraft({ ...draft, ...change })}
        roles={roles}
        rolesError={problemAt(invite.error, 'roles')}
      />
      <Select
        label={t('users:user.language')}
        data={Object.entries(LANGUAGES).map(([value, label]) => ({ value, label }))}
        value={draft.language ?? null}
        onChange={(language) => setDraft({ ...draft, language: language ?? undefined })}
        clearable
        clearButtonProps={{ 'aria-label': t('users:user.noLanguage') }}
      />
      <Text size="sm" c="dimmed">
        {t(session.mail ? 'users:users.inviteHint' : 'users:users.inviteNoMail')}
      </Text>
    </SettingsForm>
  );
}

/** What can be changed of somebody, as the form has it. */
function toUserValues({ email, firstName, lastName, roles, active }: AdminUser) {
  return { email, firstName: firstName ?? '', lastName: lastName ?? '', roles: roles.map((role) => role.code), active };
}

function UserEditor({ user, onGone }: { user: AdminUser; onGone: () => void }) {
  const { t } = useTranslation(['users', 'common']);
  const { me, permissions } = useSession();
  const queries = useQueryClient();
  const undo = useUndo();
  const [draft, setDraft] = useState(() => toUserValues(user));
  const roles = useRoleChoice(draft.roles);
  const own = String(me.id) === String(user.id);
  const changed = (): Promise<unknown> =>
    Promise.all([
      queries.invalidateQueries({ queryKey: ['users'] }),
      queries.invalidateQueries({ queryKey: ['people'] }),
    ]);
  const send = (values: typeof draft): Promise<AdminUser> => {
    const changes: UserChanges = {
      ...values,
      email: values.email.trim(),
      firstName: values.firstName || null,
      lastName: values.lastName || null,
    };
    return changeUser(user.id, changes);
  };
  const save = useMutation({
    mutationFn: () => send(draft),
    onSuccess: async (saved) => {
      const before = toUserValues(user);
      setDraft(toUserValues(saved));
      await changed();
      undo(t('users:user.saved', { name: saved.name }), async () => {
        setDraft(toUserValues(await send(before)));
        await changed();
      });
    },
  });
  const again = useMutation({ mutationFn: () => inviteAgain(user.id) });
  const link = useMutation({ mutationFn: () => invitationLink(user.id) });
  const second = useMutation({ mutationFn: () => removeSecondFactor(user.id), onSuccess: changed });
  const dirty = JSON.stringify(draft) !== JSON.stringify(toUserValues(user));
  const error = again.error ?? link.error ?? second.error;
  return (
    <Stack gap="md">
      <SettingsForm
        onSubmit={() => save.mutate()}
        pending={save.isPending}
        error={save.error}
        saved={save.isSuccess}
        dirty={dirty}
      >
        <TextInput
          type="email"
          label={t('users:user.email')}
          value={draft.email}
          onChange={(event) => setDraft({ ...draft, email: event.currentTarget.value })}
          error={problemAt(save.error, 'email')}
        />
        <NameAndRoles
          value={draft}
          onChange={(change) => setDraft({ ...draft, ...change })}
          roles={roles}
          rolesError={problemAt(save.error, 'roles')}
        />
        <Switch
          label={t('users:user.mayIn')}
          description={t('users:user.mayInHint')}
          checked={draft.active}
          onChange={(event) => setDraft({ ...draft, active: event.currentTarget.checked })}
        />
      </SettingsForm>
      <DescriptionList
        facts={[
          [t('users:user.since'), formatDateTime(user.createdAt)],
          [t('users:user.signedIn'), user.signedInAt ? formatDateTime(user.signedInAt) : t('users:user.never')],
          [t('users:user.second'), t(user.twoFactor ? 'common:yes' : 'common:no')],
        ]}
      />
      <TextLink {...explainPermissionAddress.to({}, { user: user.id })}>{t('users:why.title')}</TextLink>
      {error && <ErrorMessage error={error} />}
      {user.invited && (
        <Section title={t('users:user.invitation')} lead={t('users:user.invitationLead')}>
          <Stack gap="sm">
            <Group>
              <Button variant="default" loading={again.isPending} onClick={() => again.mutate()}>
                {t('users:user.inviteAgain')}
              </Button>
              <Button variant="default" loading={link.isPending} onClick={() => link.mutate()}>
                {t('users:user.makeLink')}
              </Button>
              <span role="status">{again.isSuccess && t('users:user.mailed')}</span>
            </Group>
            {link.data && (
              <SecretOnce
                title={t('users:user.linkTitle')}
                secret={link.data.url}
                hint={t('users:user.linkHint', { until: formatDateTime(link.data.expiresAt) })}
              />
            )}
          </Stack>
        </Section>
      )}
      {user.twoFactor && !own && permissions.isSuper && (
        <Section title={t('users:user.second')} lead={t('users:user.secondLead')}>
          <Button variant="default" loading={second.isPending} onClick={() => second.mutate()}>
            {t('users:user.removeSecond')}
          </Button>
        </Section>
      )}
      {!own && (
        <RemoveSection
          title={t('users:user.remove')}
          lead={t('users:user.removeLead')}
          word={user.email}
          onConfirm={async () => {
            await removeUser(user.id);
            onGone();
            await changed();
          }}
        />
      )}
    </Stack>
  );
}
