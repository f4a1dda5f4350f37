import { ActionIcon, Card, ColorInput, Group, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Stage, Workflow } from '@/api/workflows';
import { problemAt } from '../parts/problems';
import classes from './StageCard.module.css';

/** A role to choose, by its name. */
export interface RoleOption {
  value: string;
  label: string;
}

interface Props {
  workflow: Workflow;
  /** Its place among the stages. */
  at: number;
  roles: RoleOption[];
  error: unknown;
  onRename: (name: string) => void;
  onChange: (part: Partial<Stage>) => void;
  onMove: (by: number) => void;
  onRemove: () => void;
}

const RULES = ['next', 'backTo', 'enter', 'leave'] as const;

/** An empty list means something else than none: it is left out. */
export function nonEmpty(list: string[]): string[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** A stage: its name and colour, and folded away, as hardly any has some, the rules of moving. */
export function StageCard({ workflow, at, roles, error, onRename, onChange, onMove, onRemove }: Props) {
  const { t } = useTranslation('settings');
  const { stages } = workflow;
  const stage = stages[at] ?? { name: '' };
  const others = stages.map(({ name }) => name).filter((name) => name && name !== stage.name);
  const problemOf = (field: string): string | undefined => problemAt(error, `stages.${at}.${field}`);
  const [hadRules] = useState(() => RULES.some((rule) => stage[rule] !== undefined && stage[rule] !== null));
  return (
    <Card withBorder padding="sm" role="group" aria-label={t('workflows.stage', { number: at + 1 })}>
      <Stack gap="xs">
        <Group align="flex-end" gap="xs">
          <TextInput
            flex={1}
            miw={160}
            label={t('workflows.stage', { number: at + 1 })}
            value={stage.name}
            onChange={(event) => onRename(event.currentTarget.value)}
            error={problemOf('name')}
          />
          <ColorInput
            withEyeDropper={false}
            label={t('workflows.colour')}
            value={stage.colour ?? ''}
            onChange={(colour) => onChange({ colour: colour || undefined })}
            error={problemOf('colour')}
            w={140}
          />
          <Group gap="xs" wrap="nowrap">
            <ActionIcon
              variant="default"
              size={32}
              disabled={at === 0}
              aria-label={t('workflows.up', { name: stage.name })}
              onClick={() => onMove(-1)}
            >
              <IconArrowUp size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="default"
              size={32}
              disabled={at === stages.length - 1}
              aria-label={t('workflows.down', { name: stage.name })}
              onClick={() => onMove(1)}
            >
              <IconArrowDown size={16} aria-hidden />
            </ActionIcon>
            <ActionIcon
              variant="default"
              size={32}
              disabled={stages.length === 1}
              aria-label={t('workflows.removeStage', { name: stage.name })}
              onClick={onRemove}
            >
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          </Group>
        </Group>
        <details open={hadRules || RULES.some((rule) => problemOf(rule))}>
          <summary className={classes.summary}>{t('workflows.rules')}</summary>
          <div className={classes.rules}>
            <MultiSelect
              label={t('workflows.next')}
              placeholder={stage.next ? undefined : t('workflows.nextDefault')}
              data={others}
              value={stage.next ?? []}
              onChange={(next) => onChange({ next: nonEmpty(next) })}
              error={problemOf('next')}
            />
            <Select
              label={t('workflows.backTo')}
              placeholder={t('workflows.stays')}
              data={others}
              value={stage.backTo ?? null}
              onChange={(backTo) => onChange({ backTo: backTo ?? undefined })}
              error={problemOf('backTo')}
              clearable
              clearButtonProps={{ 'aria-label': t('form.clear') }}
            />
            <MultiSelect
              label={t('workflows.enter')}
              placeholder={stage.enter ? undefined : t('workflows.everybody')}
              data={roles}
              value={stage.enter ?? []}
              onChange={(enter) => onChange({ enter: nonEmpty(enter) })}
              error={problemOf('enter')}
              searchable
            />
            <MultiSelect
              label={t('workflows.leave')}
              placeholder={stage.leave ? undefined : t('workflows.everybody')}
              data={roles}
              value={stage.leave ?? []}
              onChange={(leave) => onChange({ leave: nonEmpty(leave) })}
              error={problemOf('leave')}
              searchable
            />
          </div>
        </details>
      </Stack>
    </Card>
  );
}
