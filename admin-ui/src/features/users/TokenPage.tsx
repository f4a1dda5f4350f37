import { Button, Group, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ApiToken,
  apiTokensQuery,
  changeApiToken,
  createApiToken,
  regenerateApiToken,
  removeApiToken,
  TOKEN_TYPES,
  type TokenType,
} from '@/api/apiTokens';
import {
  TypeToConfirmDialog,
  DescriptionList,
  QueryState,
  SecretOnce,
  Section,
  SettingsForm,
  TextLink,
} from '@/features/settings';
import { EmptyState } from '@/ui/EmptyState';
import { formatDateTime } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { NEW } from './codes';
import { ContentPermissions } from './ContentPermissions';
import { samePermissions } from './permissions';
import { tokenAddress, tokensAddress } from './addresses';

const BLANK: ApiToken = {
  id: 0,
  name: '',
  description: '',
  type: 'read-only',
  permissions: {},
  readDrafts: false,
  expiresAt: null,
  createdAt: '',
  lastUsedAt: null,
};
/** Days until a new token expires; 0: never. */
const TERMS = [7, 30, 90, 365, 0] as const;

/** A token: what it may do and how long. Its text is shown once, when it is made. */
export default function TokenPage() {
  const { t } = useTranslation('users');
  const { id } = tokenAddress.useParams();
  const tokens = useQuery(apiTokensQuery);
  return (
    <Stack gap="md">
      <TextLink {...tokensAddress.to({})}>{t('tokens.title')}</TextLink>
      <QueryState query={tokens}>
        {(all) => {
          const token = id === NEW ? BLANK : all.find((one) => one.id === Number(id));
          return token ? (
            <TokenEditor key={id} token={token} isNew={id === NEW} />
          ) : (
            <EmptyState title={t('token.gone')}>{t('token.goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

function TokenEditor({ token, isNew }: { token: ApiToken; isNew: boolean }) {
  const { t } = useTranslation(['users', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [draft, setDraft] = useState(token);
  const [lastSaved, setLastSaved] = useState(token);
  const [term, setTerm] = useState<string>(isNew ? '90' : 'keep');
  const [asking, setAsking] = useState<'regenerate' | 'remove'>();
  const [secret, setSecret] = useState<string>();
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['api-tokens'] });
  const save = useMutation({
    mutationFn: async (): Promise<ApiToken & { text?: string }> => {
      const { name, description, type } = draft;
      const scope = type === 'custom' ? { permissions: draft.permissions, readDrafts: draft.readDrafts } : {};
      const days = Number(term);
      const expiry =
        term === 'keep' ? {} : { expiresAt: days > 0 ? new Date(Date.now() + days * 86_400_000).toISOString() : null };
      const body = { name: name.trim(), description, type, ...scope, ...expiry };
      return isNew
        ? createApiToken(body.expiresAt === null ? { ...body, expiresAt: undefined } : body)
        : changeApiToken(token.id, body);
    },
    onSuccess: async (saved) => {
      setSecret(saved.text);
      setDraft(saved);
      setLastSaved(saved);
      setTerm('keep');
      await changed();
    },
  });
  const isCreated = isNew && secret !== undefined;
  const dirty =
    !isCreated &&
    (draft.name !== lastSaved.name ||
      draft.description !== lastSaved.description ||
      draft.type !== lastSaved.type ||
      draft.readDrafts !== lastSaved.readDrafts ||
      (!isNew && term !== 'keep') ||
      !samePermissions(draft.permissions, lastSaved.permissions));
  return (
    <Stack gap="md">
      <PageTitle title={isNew && !isCreated ? t('users:tokens.new') : lastSaved.name} />
      {secret && <SecretOnce title={t('users:token.copyNow')} secret={secret} hint={t('users:token.copyHint')} />}
      {isCreated ? (
        <Group>
          <Button onClick={() => void navigate(tokenAddress.to({ id: String(lastSaved.id) }))}>
            {t('users:token.copied')}
          </Button>
        </Group>
      ) : (
        <SettingsForm
          onSubmit={() => save.mutate()}
          pending={save.isPending}
          error={save.error}
          saved={save.isSuccess}
          dirty={dirty}
          submit={isNew ? t('users:token.create') : undefined}
        >
          <Section title={t('users:role.about')}>
            <Stack gap="sm" maw={560}>
              <TextInput
                label={t('users:token.name')}
                description={t('users:token.nameHint')}
                value={draft.name}
                onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
                required
              />
              <Textarea
                label={t('users:role.description')}
                value={draft.description}
                onChange={(event) => setDraft({ ...draft, description: event.currentTarget.value })}
                autosize
                minRows={2}
              />
              <Select
                label={t('users:token.expires')}
                description={t('users:token.expiresHint')}
                data={[
                  ...(isNew
                    ? []
                    : [
                        {
                          value: 'keep',
                          label: lastSaved.expiresAt
                            ? t('users:token.keepUntil', { until: formatDateTime(lastSaved.expiresAt) })
                            : t('users:token.keepForEver'),
                        },
                      ]),
                  ...TERMS.map((days) => ({
                    value: String(days),
                    label: days > 0 ? t('users:token.days', { count: days }) : t('users:token.forEver'),
                  })),
                ]}
                value={term}
                onChange={(value) => value && setTerm(value)}
                allowDeselect={false}
              />
              <Radio.Group
                label={t('users:token.type')}
                value={draft.type}
                onChange={(type) => setDraft({ ...draft, type: type as TokenType })}
              >
                <Stack gap="xs" mt={6}>
                  {TOKEN_TYPES.toReversed().map((type) => (
                    <Radio
                      key={type}
                      value={type}
                      label={t(`users:token.types.${type}`)}
                      description={t(`users:token.typeHints.${type}`)}
                    />
                  ))}
                </Stack>
              </Radio.Group>
              {!isNew && (
                <DescriptionList
                  facts={[
                    [t('users:token.made'), formatDateTime(token.createdAt)],
                    [
                      t('users:token.lastUsed'),
                      token.lastUsedAt ? formatDateTime(token.lastUsedAt) : t('users:token.never'),
                    ],
                  ]}
                />
              )}
            </Stack>
          </Section>
          {draft.type === 'custom' && (
            <ContentPermissions
              permissions={draft.permissions}
              readDrafts={draft.readDrafts}
              onChange={(change) => setDraft((old) => ({ ...old, ...change }))}
              variables={['$now']}
            />
          )}
        </SettingsForm>
      )}
      {!isNew && (
        <Section title={t('users:token.end')} lead={t('users:token.endLead')}>
          <Group>
            <Button variant="default" onClick={() => setAsking('regenerate')}>
              {t('users:token.regenerate')}
            </Button>
            <Button variant="outline" color="red" onClick={() => setAsking('remove')}>
              {t('users:token.remove')}
            </Button>
          </Group>
        </Section>
      )}
      <TypeToConfirmDialog
        opened={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={t(asking === 'regenerate' ? 'users:token.regenerate' : 'users:token.remove')}
        word={lastSaved.name}
        action={t(asking === 'regenerate' ? 'users:token.regenerate' : 'common:delete')}
        onConfirm={async () => {
          if (asking === 'regenerate') {
            setSecret((await regenerateApiToken(token.id)).text);
            await changed();
          } else {
            await removeApiToken(token.id);
            await changed();
            await navigate(tokensAddress.to({}));
          }
        }}
      >
        {t('users:token.endLead')}
      </TypeToConfirmDialog>
    </Stack>
  );
}
