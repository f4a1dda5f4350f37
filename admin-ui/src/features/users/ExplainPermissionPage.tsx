import { Alert, Button, Group, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { explainPermission, type Explanation, roleActionsQuery, rolesQuery } from '@/api/roles';
import { peopleQuery } from '@/api/users';
import { JsonBlock, QueryState, StateBadge, TextLink, useContentTypes } from '@/features/settings';
import { formatList } from '@/ui/format';
import { PageTitle } from '@/ui/PageTitle';
import { contentActions } from './permissions';
import { roleAddress, explainPermissionAddress } from './addresses';

/** Why somebody may do something, or may not. What is asked is in the address. */
export default function ExplainPermissionPage() {
  const { t } = useTranslation('users');
  const query = explainPermissionAddress.useSearch();
  const setSearch = explainPermissionAddress.useSetSearch();
  const people = useQuery(peopleQuery);
  const actions = useQuery(roleActionsQuery);
  const { types } = useContentTypes();
  const [draft, setDraft] = useState(query);
  const type = types.find((one) => one.uid === draft.type);
  const ready = query.user !== undefined && query.action !== undefined;
  const answer = useQuery({
    queryKey: ['roles', 'explain', query],
    queryFn: ({ signal }) =>
      explainPermission(
        { user: query.user ?? 0, action: query.action ?? '', type: query.type, documentId: query.documentId },
        signal,
      ),
    enabled: ready,
    retry: false,
  });
  return (
    <Stack gap="md" maw={760}>
      <PageTitle title={t('why.title')}>
        <Text size="sm" c="dimmed">
          {t('why.lead')}
        </Text>
      </PageTitle>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setSearch(
            { user: undefined, action: undefined, type: undefined, documentId: undefined, ...draft },
            { replace: false },
          );
        }}
      >
        <Stack gap="sm">
          <Select
            label={t('why.who')}
            data={(people.data ?? []).map((person) => ({
              value: String(person.id),
              label: person.name === person.email ? person.email : `${person.name} (${person.email})`,
            }))}
            value={draft.user ? String(draft.user) : null}
            onChange={(user) => setDraft({ ...draft, user: user ? Number(user) : undefined })}
            searchable
            required
          />
          <Select
            label={t('why.type')}
            description={t('why.typeHint')}
            data={types.map((one) => ({ value: one.uid, label: one.info.displayName }))}
            value={draft.type ?? null}
            onChange={(uid) => setDraft({ ...draft, type: uid ?? undefined, action: undefined, documentId: undefined })}
            placeholder={t('why.noType')}
            clearable
            clearButtonProps={{ 'aria-label': t('why.noType') }}
            searchable
          />
          <Select
            label={t('why.action')}
            data={
              type
                ? [...contentActions(type), 'publish'].map((action) => ({
                    value: action,
                    label: t(`action.${action}`),
                  }))
                : (actions.data ?? []).map(({ code, description }) => ({
                    value: code,
                    label: t(`right.${code.replaceAll('.', '_')}`, { defaultValue: description }),
                  }))
            }
            value={draft.action ?? null}
            onChange={(action) => setDraft({ ...draft, action: action ?? undefined })}
            searchable
            required
          />
          {type && (
            <TextInput
              label={t('why.document')}
              description={t('why.documentHint')}
              value={draft.documentId ?? ''}
              onChange={(event) => setDraft({ ...draft, documentId: event.currentTarget.value.trim() || undefined })}
            />
          )}
          <Group>
            <Button type="submit" disabled={!draft.user || !draft.action}>
              {t('why.ask')}
            </Button>
          </Group>
        </Stack>
      </form>
      {ready && (
        <QueryState query={answer}>{(explanation) => <ExplanationResult explanation={explanation} />}</QueryState>
      )}
    </Stack>
  );
}

function ExplanationResult({ explanation }: { explanation: Explanation }) {
  const { t } = useTranslation('users');
  const names = useQuery(rolesQuery).data;
  const { allowed, reason, roles, others, fields } = explanation;
  return (
    <Alert
      role="status"
      color={allowed ? 'green' : 'red'}
      title={<StateBadge tone={allowed ? 'good' : 'bad'}>{t(allowed ? 'why.yes' : 'why.no')}</StateBadge>}
    >
      <Stack gap="sm">
        <Text size="sm">{t(`why.reason.${reason}`)}</Text>
        {roles.map((role) => (
          <Stack key={role.code} gap={4}>
            <Text size="sm">
              {t('why.byRole')}{' '}
              <TextLink inText {...roleAddress.to({ code: role.code })}>
                {role.name}
              </TextLink>
              {role.fields && `; ${t('why.onlyFields', { fields: formatList(role.fields) })}`}
            </Text>
            {role.where && <JsonBlock value={role.where} label={t('grant.entries')} />}
          </Stack>
        ))}
        {fields && <Text size="sm">{t('why.fields', { fields: formatList(fields) })}</Text>}
        {others.length > 0 && (
          <Text size="sm">
            {t('why.others')}{' '}
            {others.map((code, at) => (
              <span key={code}>
                {at > 0 && ', '}
                <TextLink inText {...roleAddress.to({ code })}>
                  {names?.find((role) => role.code === code)?.name ?? code}
                </TextLink>
              </span>
            ))}
          </Text>
        )}
      </Stack>
    </Alert>
  );
}
