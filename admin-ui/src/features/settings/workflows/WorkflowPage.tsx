import {
  ActionIcon,
  Button,
  Card,
  Checkbox,
  ColorInput,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
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
import { useUndo } from '../parts/useUndo';
import { workflowAddress, workflowsAddress } from '../addresses';
import { firstPublishingStage, removeStage, withStageName } from './stages';

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

/** An empty list means something else than none: it is left out. */
function nonEmpty(list: string[]): string[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** What is stored by that name. */
function saveDefinition({ name, ...definition }: Workflow): Promise<Workflow> {
  return saveWorkflow(name.trim(), definition);
}

function WorkflowEditor({ workflow, isNew }: { workflow: Workflow; isNew: boolean }) {
  const { t } = useTranslation(['settings', 'common']);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const undo = useUndo();
  const { types } = useContentTypes();
  const people = useQuery(peopleQuery).data ?? [];
  const roleName = useRoleName();
  const roles = [
    ...new Set([
      'super-admin',
      'editor',
      'author',
      ...people.flatMap((person) => person.roles.map((role) => role.code)),
    ]),
  ];
  const [draft, setDraft] = useState(workflow);
  const [lastSaved, setLastSaved] = useState(workflow);
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
              <Card
                key={at}
                withBorder
                padding="sm"
                role="group"
                aria-label={t('settings:workflows.stage', { number: at + 1 })}
              >
                <Stack gap="xs">
                  <Group align="flex-end" gap="xs">
                    <TextInput
                      flex={1}
                      miw={160}
                      label={t('settings:workflows.stage', { number: at + 1 })}
                      value={stage.name}
                      onChange={(event) => setDraft(withStageName(draft, at, event.currentTarget.value))}
                      error={problemAt(error, `stages.${at}.name`)}
                    />
                    <ColorInput
                      withEyeDropper={false}
                      label={t('settings:workflows.colour')}
                      value={stage.colour ?? ''}
                      onChange={(colour) => setStage(at, { colour: colour || undefined })}
                      error={problemAt(error, `stages.${at}.colour`)}
                      w={140}
                    />
                    <ActionIcon
                      variant="default"
                      size={32}
                      disabled={at === 0}
                      aria-label={t('settings:workflows.up', { name: stage.name })}
                      onClick={() => move(at, -1)}
                    >
                      <IconArrowUp size={16} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="default"
                      size={32}
                      disabled={at === draft.stages.length - 1}
                      aria-label={t('settings:workflows.down', { name: stage.name })}
                      onClick={() => move(at, 1)}
                    >
                      <IconArrowDown size={16} aria-hidden />
                    </ActionIcon>
                    <ActionIcon
                      variant="default"
                      size={32}
                      disabled={draft.stages.length === 1}
                      aria-label={t('settings:workflows.removeStage', { name: stage.name })}
                      onClick={() => setDraft(removeStage(draft, at))}
                    >
                      <IconTrash size={16} aria-hidden />
                    </ActionIcon>
                  </Group>
                  <Group grow align="flex-start">
                    <MultiSelect
                      label={t('settings:workflows.next')}
                      placeholder={stage.next ? undefined : t('settings:workflows.nextDefault')}
                      data={stageNames.filter((name) => name !== stage.name)}
                      value={stage.next ?? []}
                      onChange={(next) => setStage(at, { next: nonEmpty(next) })}
                      error={problemAt(error, `stages.${at}.next`)}
                    />
                    <Select
                      label={t('settings:workflows.backTo')}
                      placeholder={t('settings:workflows.stays')}
                      data={stageNames.filter((name) => name !== stage.name)}
                      value={stage.backTo ?? null}
                      onChange={(backTo) => setStage(at, { backTo: backTo ?? undefined })}
                      error={problemAt(error, `stages.${at}.backTo`)}
                      clearable
                      clearButtonProps={{ 'aria-label': t('settings:form.clear') }}
                    />
                  </Group>
                  <Group grow align="flex-start">
                    <TagsInput
                      label={t('settings:workflows.enter')}
                      placeholder={stage.enter ? undefined : t('settings:workflows.everybody')}
                      data={roles}
                      value={stage.enter ?? []}
                      onChange={(enter) => setStage(at, { enter: nonEmpty(enter) })}
                      error={problemAt(error, `stages.${at}.enter`)}
                    />
                    <TagsInput
                      label={t('settings:workflows.leave')}
                      placeholder={stage.leave ? undefined : t('settings:workflows.everybody')}
                      data={roles}
                      value={stage.leave ?? []}
                      onChange={(leave) => setStage(at, { leave: nonEmpty(leave) })}
                      error={problemAt(error, `stages.${at}.leave`)}
                    />
                  </Group>
                </Stack>
              </Card>
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
                  data={[...new Set([...roles, ...(approval.role ? [approval.role] : [])])].map((code) => ({
                    value: code,
                    label: roleName(code),
                  }))}
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
