import {
  ActionIcon,
  Button,
  Checkbox,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { rolesQuery } from '@/api/roles';
import { peopleQuery } from '@/api/users';
import { removeWorkflow, saveWorkflow, type Stage, type Workflow, workflowsQuery } from '@/api/workflows';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { PageTitle } from '@/ui/PageTitle';
import { useRoleName } from '@/views/review/useRoleName';
import { problemAt } from '../parts/problems';
import { QueryState } from '../parts/QueryState';
import { Section } from '../parts/Section';
import { SettingsForm } from '../parts/SettingsForm';
import { TextLink } from '../parts/TextLink';
import { useContentTypes } from '../parts/useContentTypes';
import { useHasPermission } from '../parts/useHasPermission';
import { useUndo } from '../parts/useUndo';
import { workflowAddress, workflowsAddress } from '../addresses';
import { nonEmpty, type RoleOption, StageCard } from './StageCard';
import { firstPublishingStage, leaveOutDefaults, removeStage, withStageName } from './stages';

const BLANK: Workflow = {
  name: '',
  contentTypes: [],
  stages: [{ name: 'draft' }, { name: 'review' }, { name: 'ready' }],
  publishIn: ['ready'],
};

/** One workflow: its stages, who may move documents, whose approvals they need. */
export default function WorkflowPage() {
  const { t } = useTranslation('settings');
  const { name }: { name?: string } = workflowAddress.useParams();
  const workflows = useQuery(workflowsQuery);
  return (
    <Stack gap="md" maw={860}>
      <TextLink {...workflowsAddress.to({})}>{t('workflows.title')}</TextLink>
      <QueryState query={workflows}>
        {(all) => {
          // Only the route of a new one has no name.
          const loaded = name === undefined ? BLANK : all.find((one) => one.name === name);
          return loaded ? (
            <WorkflowEditor key={name ?? ''} workflow={loaded} isNew={name === undefined} />
          ) : (
            <EmptyState title={t('workflows.gone')}>{t('workflows.goneHint')}</EmptyState>
          );
        }}
      </QueryState>
    </Stack>
  );
}

/** What is stored by that name. */
async function saveDefinition({ name, ...definition }: Workflow): Promise<Workflow> {
  return leaveOutDefaults(await saveWorkflow(name.trim(), definition));
}

function WorkflowEditor({ workflow, isNew }: { workflow: Workflow; isNew: boolean }) {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const { types } = useContentTypes();
  const people = useQuery(peopleQuery).data ?? [];
  const roleName = useRoleName();
  // Who may see all roles has also those that nobody has yet.
  const allRoles = useQuery({ ...rolesQuery, enabled: useHasPermission('settings.roles') }).data ?? [];
  const roles = [
    'super-admin',
    'editor',
    'author',
    ...allRoles.map(({ code }) => code),
    ...people.flatMap((person) => person.roles.map(({ code }) => code)),
  ];
  const roleOptions = (chosen: readonly string[]): RoleOption[] =>
    [...new Set([...roles, ...chosen])].map((value) => ({
      value,
      label: allRoles.find(({ code }) => code === value)?.name ?? roleName(value),
    }));
  const [draft, setDraft] = useState(() => leaveOutDefaults(workflow));
  const [lastSaved, setLastSaved] = useState(draft);
  const changed = (): Promise<void> => queries.invalidateQueries({ queryKey: ['workflows'] });
  const save = useMutation({
    mutationFn: () => saveDefinition(draft),
    onSuccess: async (saved) => {
      const before = lastSaved;
      setDraft(saved);
      setLastSaved(saved);
      await changed();
      if (isNew) return navigate(workflowAddress.to({ name: saved.name }));
      undo(t('settings:workflows.saved', { name: saved.name }), async () => {
        const back = await saveDefinition(before);
        setDraft(back);
        setLastSaved(back);
        await changed();
      });
    },
  });
  const remove = useMutation({
    mutationFn: () => removeWorkflow(workflow.name),
    onSuccess: async () => {
      await changed();
      await navigate(workflowsAddress.to({}));
      undo(t('settings:workflows.removed', { name: workflow.name }), async () => {
        await saveDefinition(lastSaved);
        await changed();
      });
    },
  });
  const error = save.error;
  const stageNames = draft.stages.map((stage) => stage.name).filter(Boolean);
  const setStages = (stages: Stage[]): void => setDraft({ ...draft, stages });
  const setStage = (at: number, part: Partial<Stage>): void =>
    setStages(draft.stages.map((stage, index) => (index === at ? { ...stage, ...part } : stage)));
  const move = (at: number, by: number): void =>
    setStages(
      draft.stages.map(
        (stage, index) => draft.stages[index === at ? at + by : index === at + by ? at : index] ?? stage,
      ),
    );
  const approvals = draft.approvals ?? [];
  const setApprovals = (next: typeof approvals): void => setDraft({ ...draft, approvals: next });
  return (
    <Stack gap="md">
      <PageTitle title={isNew ? t('settings:workflows.new') : workflow.name} />
      <SettingsForm
        onSubmit={() => save.mutate()}
        pending={save.isPending}
        error={error}
        saved={save.isSuccess}
        dirty={JSON.stringify(draft) !== JSON.stringify(lastSaved)}
      >
        <TextInput
          label={t('settings:workflows.name')}
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.currentTarget.value })}
          error={problemAt(error, 'name')}
          readOnly={!isNew}
          required={isNew}
        />
        <MultiSelect
          label={t('settings:workflows.types')}
          description={t('settings:workflows.typesHint')}
          data={types
            .filter((type) => type.draftAndPublish)
            .map((type) => ({ value: type.uid, label: type.info.displayName }))}
          value={draft.contentTypes}
          onChange={(contentTypes) => setDraft({ ...draft, contentTypes })}
          error={problemAt(error, 'contentTypes')}
          searchable
        />
        <Section title={t('settings:workflows.stages')} lead={t('settings:workflows.stagesLead')}>
          <Stack gap="sm">
            {draft.stages.map((stage, at) => (
              <StageCard
                key={at}
                workflow={draft}
                at={at}
                roles={roleOptions([...(stage.enter ?? []), ...(stage.leave ?? [])])}
                error={error}
                onRename={(name) => setDraft(withStageName(draft, at, name))}
                onChange={(part) => setStage(at, part)}
                onMove={(by) => move(at, by)}
                onRemove={() => setDraft(removeStage(draft, at))}
              />
            ))}
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              style={{ alignSelf: 'flex-start' }}
              onClick={() => setStages([...draft.stages, { name: '' }])}
            >
              {t('settings:workflows.addStage')}
            </Button>
          </Stack>
        </Section>
        <Section title={t('settings:workflows.approvals')} lead={t('settings:workflows.approvalsLead')}>
          <Stack gap="sm">
            {approvals.map((approval, at) => (
              <Group key={at} align="flex-start" gap="xs">
                <NumberInput
                  label={t('settings:workflows.count')}
                  min={1}
                  max={20}
                  allowDecimal={false}
                  value={approval.count ?? 1}
                  onChange={(count) =>
                    setApprovals(
                      approvals.map((one, index) => (index === at ? { ...one, count: Number(count) || 1 } : one)),
                    )
                  }
                  error={problemAt(error, `approvals.${at}.count`)}
                  w={110}
                />
                <Select
                  label={t('settings:workflows.role')}
                  data={roleOptions(approval.role ? [approval.role] : [])}
                  value={approval.role || null}
                  onChange={(role) =>
                    setApprovals(approvals.map((one, index) => (index === at ? { ...one, role: role ?? '' } : one)))
                  }
                  error={problemAt(error, `approvals.${at}.role`)}
                  searchable
                />
                <Select
                  label={t('settings:workflows.before')}
                  data={stageNames}
                  value={approval.before ?? null}
                  onChange={(before) =>
                    setApprovals(
                      approvals.map((one, index) => (index === at ? { ...one, before: before ?? undefined } : one)),
                    )
                  }
                  placeholder={t('settings:workflows.beforePublishing')}
                  error={problemAt(error, `approvals.${at}.before`)}
                  clearable
                  clearButtonProps={{ 'aria-label': t('settings:form.clear') }}
                />
                <ActionIcon
                  variant="default"
                  size={32}
                  mt={24}
                  aria-label={t('settings:workflows.removeApproval', { number: at + 1 })}
                  onClick={() => setApprovals(approvals.filter((_, index) => index !== at))}
                >
                  <IconTrash size={16} aria-hidden />
                </ActionIcon>
              </Group>
            ))}
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={14} aria-hidden />}
              style={{ alignSelf: 'flex-start' }}
              onClick={() => setApprovals([...approvals, { role: '', count: 1, before: firstPublishingStage(draft) }])}
            >
              {t('settings:workflows.addApproval')}
            </Button>
            <Checkbox
              label={t('settings:workflows.ownChanges')}
              description={t('settings:workflows.ownChangesHint')}
              checked={draft.ownChanges ?? false}
              onChange={(event) => setDraft({ ...draft, ownChanges: event.currentTarget.checked || undefined })}
            />
          </Stack>
        </Section>
        <MultiSelect
          label={t('settings:workflows.publishIn')}
          description={t('settings:workflows.publishInHint')}
          data={stageNames}
          value={draft.publishIn ?? []}
          onChange={(publishIn) => setDraft({ ...draft, publishIn: nonEmpty(publishIn) })}
          error={problemAt(error, 'publishIn')}
        />
      </SettingsForm>
      {!isNew && (
        <Section title={t('settings:workflows.remove')} lead={t('settings:workflows.removeLead')}>
          <Stack gap="sm" align="flex-start">
            {remove.error && <ErrorMessage error={remove.error} />}
            <Button variant="outline" color="red" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t('settings:workflows.remove')}
            </Button>
          </Stack>
        </Section>
      )}
      <Text size="sm" c="dimmed">
        {t('settings:workflows.version')}
      </Text>
    </Stack>
  );
}
