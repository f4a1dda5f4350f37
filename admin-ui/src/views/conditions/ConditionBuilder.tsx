import { ActionIcon, Alert, Button, Group, JsonInput, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconParentheses, IconPlus, IconTrash } from '@tabler/icons-react';
import { useContext, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { OfferedFields } from '../filters/OfferedFields';
import classes from './ConditionBuilder.module.css';
import {
  type ConditionNode,
  countSentences,
  type Filters,
  isFinished,
  isGroup,
  parseCondition,
  type SentenceGroup,
  writeCondition,
} from './condition';
import { askablePaths } from './paths';
import { SentenceEditor } from './SentenceEditor';
import { useSentenceText } from './useSentenceText';

/** Groups within groups; deeper ones nobody understands. */
const MAX_CONDITION_DEPTH = 4;

interface Props {
  model: Model;
  type: ContentType;
  /** Filters of the query language; `undefined`: every entry. */
  value: Filters | undefined;
  onChange: (value: Filters | undefined) => void;
  /** What may stand for a value: `$user.id`, `$now`. */
  variables: readonly string[];
  /** What the server says about it. */
  error?: string | undefined;
  readOnly?: boolean;
}

/** Edits which entries are meant, in sentences joined by "and" and "or"; as JSON where sentences cannot say it. */
export function ConditionBuilder({ model, type, value, onChange, variables, error, readOnly = false }: Props) {
  const { t } = useTranslation('conditions');
  const say = useSentenceText(model, type);
  const offered = useContext(OfferedFields);
  const parse = (filters: Filters | undefined): SentenceGroup | undefined => {
    const parsed = filters ? parseCondition(filters) : ({ combine: 'and', nodes: [] } as SentenceGroup);
    if (!parsed || !offered) return parsed;
    const fields = askablePaths(model, type, offered);
    return flatten(parsed).every(({ field }) => fields.includes(field)) ? parsed : undefined;
  };
  // What is not finished is kept here, and not in the filters.
  const [group, setGroup] = useState<SentenceGroup | undefined>(() => parse(value));
  const [asJson, setAsJson] = useState(() => group === undefined);
  const [json, setJson] = useState(() => (value ? JSON.stringify(value, null, 2) : ''));
  const [wrong, setWrong] = useState<string>();
  const change = (next: SentenceGroup): void => {
    setGroup(next);
    onChange(writeCondition(next));
  };
  const typed = (text: string): void => {
    setJson(text);
    setWrong(undefined);
    if (!text.trim()) return onChange(undefined);
    try {
      const filters: unknown = JSON.parse(text);
      if (typeof filters === 'object' && filters !== null && !Array.isArray(filters)) onChange(filters as Filters);
      else setWrong(t('notFilters'));
    } catch {
      setWrong(t('notJson'));
    }
  };
  const toSentences = (): void => {
    const parsed = parse(value);
    if (!parsed) return setWrong(t('notSentences'));
    setGroup(parsed);
    setAsJson(false);
  };
  const unfinished = group ? flatten(group).some((one) => !isFinished(one)) : false;
  return (
    <Stack gap="sm">
      {error && (
        <Alert role="alert" color="red">
          {error}
        </Alert>
      )}
      {asJson || !group ? (
        <>
          <JsonInput
            label={t('json')}
            description={t('jsonHint')}
            value={json}
            onChange={typed}
            error={wrong}
            autosize
            minRows={4}
            maxRows={16}
            readOnly={readOnly}
          />
          <Button size="compact-sm" variant="subtle" onClick={toSentences} style={{ alignSelf: 'flex-start' }}>
            {t('toSentences')}
          </Button>
        </>
      ) : (
        <>
          <Text size="sm" role="status">
            {value && countSentences(group) > 0 ? t('only', { sentence: say(completeSentences(group)) }) : t('every')}
            {unfinished && ` ${t('unfinished')}`}
          </Text>
          <GroupEditor
            model={model}
            type={type}
            variables={variables}
            group={group}
            depth={1}
            onChange={change}
            readOnly={readOnly}
          />
          <Button
            size="compact-sm"
            variant="subtle"
            style={{ alignSelf: 'flex-start' }}
            onClick={() => {
              setJson(value ? JSON.stringify(value, null, 2) : '');
              setWrong(undefined);
              setAsJson(true);
            }}
          >
            {t('toJson')}
          </Button>
        </>
      )}
    </Stack>
  );
}

function flatten(node: ConditionNode): Exclude<ConditionNode, SentenceGroup>[] {
  return isGroup(node) ? node.nodes.flatMap(flatten) : [node];
}

function completeSentences(group: SentenceGroup): SentenceGroup {
  const nodes = group.nodes
    .map((node) => (isGroup(node) ? completeSentences(node) : node))
    .filter((node) => (isGroup(node) ? node.nodes.length > 0 : isFinished(node)));
  return { ...group, nodes };
}

interface GroupProps {
  model: Model;
  type: ContentType;
  variables: readonly string[];
  group: SentenceGroup;
  depth: number;
  onChange: (group: SentenceGroup) => void;
  onRemove?: () => void;
  readOnly: boolean;
}

function GroupEditor({ model, type, variables, group, depth, onChange, onRemove, readOnly }: GroupProps) {
  const { t } = useTranslation('conditions');
  const set = (nodes: readonly ConditionNode[]): void => onChange({ ...group, nodes });
  const replace = (at: number, node: ConditionNode): void =>
    set(group.nodes.map((old, index) => (index === at ? node : old)));
  const without = (at: number): void => set(group.nodes.filter((_, index) => index !== at));
  return (
    <Stack
      gap="xs"
      className={depth > 1 ? classes.group : undefined}
      role="group"
      aria-label={t(depth > 1 ? 'innerGroup' : 'group')}
    >
      {(group.nodes.length > 1 || depth > 1) && (
        <Group justify="space-between">
          <SegmentedControl
            size="xs"
            aria-label={t('combine')}
            value={group.combine}
            disabled={readOnly}
            onChange={(combine) => onChange({ ...group, combine: combine as SentenceGroup['combine'] })}
            data={[
              { value: 'and', label: t('all') },
              { value: 'or', label: t('any') },
            ]}
          />
          {onRemove && !readOnly && (
            <ActionIcon variant="subtle" color="gray" size={28} aria-label={t('removeGroup')} onClick={onRemove}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </Group>
      )}
      {group.nodes.map((node, at) =>
        isGroup(node) ? (
          <GroupEditor
            key={at}
            model={model}
            type={type}
            variables={variables}
            group={node}
            depth={depth + 1}
            onChange={(next) => replace(at, next)}
            onRemove={() => without(at)}
            readOnly={readOnly}
          />
        ) : (
          <SentenceEditor
            key={at}
            model={model}
            type={type}
            variables={variables}
            sentence={node}
            onChange={(next) => replace(at, next)}
            onRemove={() => without(at)}
            readOnly={readOnly}
          />
        ),
      )}
      {!readOnly && (
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => set([...group.nodes, { field: '', operator: '$eq', value: '' }])}
          >
            {t('add')}
          </Button>
          {depth < MAX_CONDITION_DEPTH && group.nodes.length > 0 && (
            <Button
              size="compact-sm"
              variant="default"
              leftSection={<IconParentheses size={14} aria-hidden />}
              onClick={() =>
                set([
                  ...group.nodes,
                  {
                    combine: group.combine === 'and' ? 'or' : 'and',
                    nodes: [{ field: '', operator: '$eq', value: '' }],
                  },
                ])
              }
            >
              {t('addGroup')}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
