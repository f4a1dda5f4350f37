import { Alert, Button, Group, List, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type AdminToken,
  adminTokenActionsQuery,
  adminTokensQuery,
  createAdminToken,
  revokeAdminToken,
} from '@/api/adminTokens';
import type { Permissions } from '@/api/roles';
import {
  DescriptionList,
  problemAt,
  QueryState,
  RemoveSection,
  SecretOnce,
  Section,
  SettingsForm,
  TextLink,
} from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDateTime } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { ActionChoice } from './ActionChoice';
import { Expiry } from './AdminTokens';
import { NEW } from './codes';
import { PermissionMatrix } from './PermissionMatrix';
import { adminTokenAddress, tokensAddress } from './addresses';
import { useAdminSubjects } from './useSubjects';

/** Days until a new token expires. No admin token is for ever. */
const TERMS = [7, 30, 90, 365] as const;

/** An admin token: made with chosen rights and a term, then only looked at and removed. */
export default function AdminTokenPage() {
  const { t } = useTranslation('users');
  const { id } = adminTokenAddress.useParams();
  const tokens = useQuery({ ...adminTokensQuery, enabled: id !== NEW });
  return (
    <Stack gap="md">
      <TextLink {...tokensAddress.to({})}>{t('tokens.title')}</TextLink>
      {id === NEW ? (
        <NewAdminTokenForm />
      ) : (
        <QueryState query={tokens}>
          {(all) => {
            const token = all.find((one) => one.id === Number(id));
            return token ? (
              <AdminTokenDetails key={id} token={token} />
            ) : (
              <EmptyState title={t('token.gone')}>{t('token.goneHint')}</EmptyState>
            );
          }}
        </QueryState>
      )}
    </Stack>
  );
}

function NewAdminTokenForm() {
  const { t } = useTranslation('users');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const subjects = useAdminSubjects();
  const known = useQuery(adminTokenActionsQuery);
  const [name, setName] = useState('');
  const [description, setDescription] = useState('');
  const [term, setTerm] = useState('90');
  const [actions, setActions] = useState<string[]>([]);
  const [permissions, setPermissions] = useState<Permissions>({});
  const save = useMutation({
    mutationFn: () =>
      createAdminToken({
        name: name.trim(),
        description,
        actions,
        permissions,
        expiresAt: new Date(Date.now() + Number(term) * 86_400_000).toISOString(),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['admin-tokens'] }),
  });
  const created = save.data;
  if (created) {
    return (
      <>
        <PageTitle title={created.name} />
        <SecretOnce title={t('token.copyNow')} secret={created.text} hint={t('token.copyHint')} />
        <Group>
          <Button onClick={() => void navigate(adminTokenAddress.to({ id: String(created.id) }))}>
            {t('token.copied')}
          </Button>
        </Group>
      </>
    );
  }
  const dirty = name !== '' || description !== '' || actions.length > 0 || Object.keys(permissions).length > 0;
  return (
    <>
      <PageTitle title={t('adminTokens.new')} />
      <SettingsForm
        onSubmit={() => save.mutate()}
        pending={save.isPending}
        error={save.error}
        saved={save.isSuccess}
        dirty={dirty}
        submit={t('token.create')}
      >
        <Section title={t('role.about')} lead={t('adminTokens.aboutLead')}>
          <Stack gap="sm" maw={560}>
            <TextInput
              label={t('token.name')}
              description={t('token.nameHint')}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
              error={problemAt(save.error, 'name')}
              required
            />
            <Textarea
              label={t('role.description')}
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
              autosize
              minRows={2}
            />
            <Select
              label={t('token.expires')}
              description={t('token.expiresHint')}
              data={TERMS.map((days) => ({ value: String(days), label: t('token.days', { count: days }) }))}
              value={term}
              onChange={(value) => value && setTerm(value)}
              allowDeselect={false}
            />
          </Stack>
        </Section>
        <Section title={t('role.actions')} lead={t('adminTokens.actionsLead')}>
          <ActionChoice query={known} value={actions} onChange={setActions} />
        </Section>
        <Section title={t('role.content')} lead={t('adminTokens.contentLead')}>
          <PermissionMatrix
            label={t('role.content')}
            subjects={subjects}
            value={permissions}
            onChange={setPermissions}
            variables={['$user.id', '$user.email', '$now']}
          />
        </Section>
      </SettingsForm>
    </>
  );
}

function AdminTokenDetails({ token }: { token: AdminToken }) {
  const { t } = useTranslation('users');
  const queries = useQueryClient();
  const navigate = useNavigate();
  const subjects = useAdminSubjects();
  const right = (code: string): string => t(`right.${code.replaceAll('.', '_')}`, { defaultValue: code });
  return (
    <>
      <PageTitle title={token.name}>
        <Text size="sm" c="dimmed">
          {token.description}
        </Text>
      </PageTitle>
      {token.state === 'suspended' && (
        <Alert color="red" title={t('adminTokens.suspended')}>
          {t('adminTokens.suspendedHint')}
        </Alert>
      )}
      <Section title={t('role.about')}>
        <DescriptionList
          facts={[
            [
              t('adminTokens.owner'),
              token.owner ? `${token.owner.name} (${token.owner.email})` : t('adminTokens.byFile'),
            ],
            [t('token.made'), formatDateTime(token.createdAt)],
            [t('token.lastUsed'), token.lastUsedAt ? formatDateTime(token.lastUsedAt) : t('token.never')],
            [
              t('token.expires'),
              token.state === 'active' ? formatDateTime(token.expiresAt) : <Expiry key="expiry" token={token} />,
            ],
          ]}
        />
      </Section>
      <Section title={t('role.actions')}>
        {token.actions.length === 0 ? (
          <Text size="sm" c="dimmed">
            {t('adminTokens.noActions')}
          </Text>
        ) : (
          <List size="sm">
            {token.actions.map((code) => (
              <List.Item key={code}>
                {right(code)}
                {token.withheld.includes(code) && (
                  <Text span size="xs" c="dimmed">
                    {' '}
                    {t('adminTokens.withheld')}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        )}
      </Section>
      {Object.keys(token.permissions).length > 0 && (
        <Section title={t('role.content')}>
          <PermissionMatrix
            label={t('role.content')}
            subjects={subjects.filter(({ uid }) => uid in token.permissions)}
            value={token.permissions}
            onChange={() => undefined}
            variables={[]}
            readOnly
          />
        </Section>
      )}
      <RemoveSection
        title={t('token.remove')}
        lead={t('token.endLead')}
        word={token.name}
        action={t('token.remove')}
        onConfirm={async () => {
          await revokeAdminToken(token.id);
          await queries.invalidateQueries({ queryKey: ['admin-tokens'] });
          await navigate(tokensAddress.to({}));
        }}
      />
    </>
  );
}
