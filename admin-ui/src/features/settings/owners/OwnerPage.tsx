import { Autocomplete, Button, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type OwnerInput, ownersQuery, removeOwner, saveOwner } from '@/api/owners';
import { peopleQuery } from '@/api/users';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { SettingsForm } from '../parts/SettingsForm';
import { TextLink } from '../parts/TextLink';
import { useContentTypes } from '../parts/useContentTypes';
import { useUndo } from '../parts/useUndo';
import { ownerAddress, ownersAddress } from '../addresses';
import { type OwnerProblem, validateOwner, toOwnerInput, phaseFields, trimOwnerInput } from './owner';
import { describeOwner } from './describeOwner';
import { useNames } from './useNames';
import { WaitInput } from './WaitInput';

/** One owner: what is theirs, who they are, and who is told when it waits too long. */
export default function OwnerPage() {
  const { t } = useTranslation('owners');
  const { id }: { id?: string } = ownerAddress.useParams();
  const owners = useQuery(ownersQuery);
  return (
    <Stack gap="md" maw={760}>
      <TextLink {...ownersAddress.to({})}>{t('title')}</TextLink>
      <QueryState query={owners}>
        {(all) => {
          if (id === undefined) return <OwnerEditor key="new" owner={{}} />;
          const storedOwner = all.find((one) => one.id === Number(id));
          return storedOwner ? (
            <OwnerEditor key={storedOwner.id} owner={toOwnerInput(storedOwner)} id={storedOwner.id} />
          ) : (
            <EmptyState title={t('gone')}>{t('goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

function OwnerEditor({ owner, id }: { owner: OwnerInput; id?: number }) {
  const { t } = useTranslation(['owners', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const names = useNames();
  const { types } = useContentTypes();
  const people = useQuery(peopleQuery).data ?? [];
  const [draft, setDraft] = useState(owner);
  const [lastSaved, setLastSaved] = useState(owner);
  const [faults, setFaults] = useState<OwnerProblem[]>([]);
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['owners'] });
  const save = useMutation({
    mutationFn: () => saveOwner(trimOwnerInput(draft), id),
    onSuccess: async (saved) => {
      setDraft(toOwnerInput(saved));
      setLastSaved(toOwnerInput(saved));
      await changed();
      if (id === undefined) await navigate(ownersAddress.to({}));
    },
  });
  const remove = useMutation({
    mutationFn: () => removeOwner(id ?? 0),
    onSuccess: async () => {
      await changed();
      setDraft(lastSaved);
      await navigate(ownersAddress.to({}));
      undo(t('owners:removed'), async () => {
        await saveOwner(trimOwnerInput(lastSaved));
        await changed();
      });
    },
  });
  const change = (part: Partial<OwnerInput>): void => {
    setDraft({ ...draft, ...part });
    setFaults([]);
  };
  const escalation = draft.escalation ?? { users: [], roles: [] };
  const wait = (part: Partial<typeof escalation>): void => change({ escalation: { ...escalation, ...part } });
  const fault = (name: OwnerProblem): string | undefined =>
    faults.includes(name) ? t(`owners:fault.${name}`) : undefined;
  const submit = (): void => {
    const ownerProblems = validateOwner(draft);
    setFaults(ownerProblems);
    if (ownerProblems.length === 0) save.mutate();
    else document.querySelector<HTMLElement>(`[data-fault-field="${ownerProblems[0]}"]`)?.focus();
  };
  const type = types.find((one) => one.uid === draft.contentType);
  const persons = people.map((one) => ({ value: String(one.id), label: one.name }));
  const roles = [
    ...new Map(
      people.flatMap((one) => one.roles).map((role) => [role.code, { value: role.code, label: role.name }]),
    ).values(),
  ];
  const clear = { 'aria-label': t('settings:form.clear') };
  const { error } = save;
  return (
    <Stack gap="md">
      <PageTitle title={t(id === undefined ? 'owners:new' : 'owners:one')} />
      <SettingsForm
        onSubmit={submit}
        pending={save.isPending}
        error={error}
        saved={save.isSuccess}
        dirty={JSON.stringify(draft) !== JSON.stringify(lastSaved)}
        submit={id === undefined ? t('owners:create') : undefined}
        actions={
          id !== undefined && (
            <Button variant="outline" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('common:remove')}
            </Button>
          )
        }
      >
        {remove.error && <ErrorMessage error={remove.error} />}
        <Section title={t('owners:what')} lead={t('owners:whatLead')}>
          <Stack gap="sm">
            <Select
              label={t('owners:type')}
              placeholder={t('owners:anyType')}
              data={types.map((one) => ({ value: one.uid, label: one.info.displayName }))}
              value={draft.contentType ?? null}
              onChange={(contentType) => change({ contentType, phaseField: null })}
              error={fault('what') ?? problemAt(error, 'contentType')}
              data-fault-field="what"
              // The focus is put here when it is missing: the sentence below has to be seen.
              openOnFocus={false}
              searchable
              clearable
              clearButtonProps={clear}
            />
            <TextInput
              label={t('owners:phase')}
              description={t('owners:phaseHint')}
              value={draft.phase ?? ''}
              onChange={(event) => change({ phase: event.currentTarget.value })}
              error={problemAt(error, 'phase')}
            />
            {type && (
              <Autocomplete
                label={t('owners:phaseField')}
                description={t('owners:phaseFieldHint')}
                data={phaseFields(type, types)}
                value={draft.phaseField ?? ''}
                onChange={(phaseField) => change({ phaseField: phaseField || null })}
                error={problemAt(error, 'phaseField')}
              />
            )}
          </Stack>
        </Section>
        <Section title={t('owners:who')} lead={t('owners:whoLead')}>
          <Stack gap="sm">
            <Select
              label={t('owners:person')}
              data={persons}
              value={draft.user ? String(draft.user) : null}
              onChange={(user) => change({ user: user ? Number(user) : null })}
              error={fault('who') ?? problemAt(error, 'user')}
              data-fault-field="who"
              openOnFocus={false}
              searchable
              clearable
              clearButtonProps={clear}
            />
            <Select
              label={t('owners:role')}
              description={t('owners:roleHint')}
              data={roles}
              value={draft.role ?? null}
              onChange={(role) => change({ role })}
              error={problemAt(error, 'role')}
              searchable
              clearable
              clearButtonProps={clear}
            />
            <TextInput
              label={t('owners:team')}
              description={t('owners:teamHint')}
              value={draft.team ?? ''}
              onChange={(event) => change({ team: event.currentTarget.value })}
              error={problemAt(error, 'team')}
            />
          </Stack>
        </Section>
        <Section title={t('owners:when')} lead={t('owners:whenLead')}>
          <Stack gap="sm">
            <WaitInput
              label={t('owners:overdue')}
              hint={t('owners:overdueHint')}
              hours={escalation.overdueAfterHours ?? null}
              onChange={(overdueAfterHours) => wait({ overdueAfterHours })}
              error={fault('when') ?? problemAt(error, 'escalation.overdueAfterHours')}
              first
            />
            <WaitInput
              label={t('owners:unreviewed')}
              hint={t('owners:unreviewedHint')}
              hours={escalation.unreviewedAfterHours ?? null}
              onChange={(unreviewedAfterHours) => wait({ unreviewedAfterHours })}
              error={problemAt(error, 'escalation.unreviewedAfterHours')}
            />
            <MultiSelect
              label={t('owners:tell')}
              data={persons}
              value={(escalation.users ?? []).map(String)}
              onChange={(users) => wait({ users: users.map(Number) })}
              error={fault('whom') ?? problemAt(error, 'escalation.users')}
              data-fault-field="whom"
              openOnFocus={false}
              searchable
            />
            <MultiSelect
              label={t('owners:tellRoles')}
              data={roles}
              value={escalation.roles ?? []}
              onChange={(next) => wait({ roles: next })}
              error={problemAt(error, 'escalation.roles')}
              searchable
            />
          </Stack>
        </Section>
        <div>
          <Text size="xs" fw={500} c="dimmed">
            {t('owners:inWords')}
          </Text>
          <Text size="sm" role="status">
            {draft.contentType || draft.phase ? describeOwner(t, draft, names) : '…'}
          </Text>
        </div>
      </SettingsForm>
    </Stack>
  );
}
