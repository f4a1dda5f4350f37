import { Button, Group, Popover, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconFilter, IconParentheses, IconPlus } from '@tabler/icons-react';
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType, Model } from '@/api/model';
import { lazyPart } from '@/ui/lazyPart';
import { PartBoundary } from '@/ui/PartBoundary';
import {
  type Combine,
  combineOf,
  countConditions,
  MAX_FILTER_DEPTH,
  type FilterGroup,
  type FilterNode,
  groupOf,
  isGroup,
  NO_FILTER,
  nodesOf,
} from './filter';
import { EditorialChips, EditorialSelect, useEditorialChoices } from '../review/EditorialChips';
import type { EditorialFilter, EditorialKey } from '../review/editorial';
import classes from './FilterBar.module.css';
import { FilterChip } from './FilterChip';
import { useConditionText } from './useConditionText';

/** With the inputs of all kinds, which nobody needs to see a filter. */
const LazyConditionEditor = lazyPart(async () => ({ default: (await import('./ConditionEditor')).ConditionEditor }));

function ConditionEditor(props: ComponentProps<typeof LazyConditionEditor>) {
  return (
    <PartBoundary>
      <LazyConditionEditor fallback={null} {...props} />
    </PartBoundary>
  );
}

interface Props {
  model: Model;
  type: ContentType;
  filter: FilterGroup;
  onChange: (filter: FilterGroup) => void;
  /** What is asked of standing and review, where that can be asked. */
  editorial?:
    | {
        value: EditorialFilter;
        onChange: (value: EditorialFilter) => void /** Takes all away, filters too. */;
        clear: () => void;
      }
    | undefined;
}

/** The filter as chips: each opens what it says, and can be taken away. */
export function FilterBar({ model, type, filter, onChange, editorial }: Props) {
  const { t } = useTranslation('views');
  const text = useConditionText(model, type);
  const [open, setOpen] = useState<number | 'new' | null>(null);
  const toggle = (chip: number | 'new'): void => {
    if (open === chip) return setOpen(null);
    // Opened if it cannot be loaded as well: it says so in its place.
    const show = (): void => setOpen(chip);
    void LazyConditionEditor.preload().then(show, show);
  };
  const nodes = nodesOf(filter);
  const combine = combineOf(filter);
  const set = (next: readonly FilterNode[]): void => onChange(groupOf(combine, next));
  const replace = (at: number, node: FilterNode): void => set(nodes.map((old, index) => (index === at ? node : old)));
  const remove = (at: number): void => {
    setOpen(null);
    set(nodes.filter((_, index) => index !== at));
  };
  const summary = (node: FilterNode): string =>
    isGroup(node)
      ? t(combineOf(node) === 'or' ? 'filter.anyOf' : 'filter.allOf', { count: countConditions(node) })
      : text(node);
  return (
    <Group gap={6} role="group" aria-label={t('filter.title')}>
      {nodes.length > 1 && <CombineChoice value={combine} onChange={(value) => onChange(groupOf(value, nodes))} />}
      {editorial && <EditorialChips type={type} value={editorial.value} onChange={editorial.onChange} />}
      {nodes.map((node, at) => (
        <FilterChip
          key={at}
          label={summary(node)}
          opened={open === at}
          onClose={() => setOpen(null)}
          onToggle={() => toggle(at)}
          onRemove={() => remove(at)}
          width={340}
        >
          <NodeEditor
            model={model}
            type={type}
            node={node}
            depth={1}
            onChange={(next) => replace(at, next)}
            onRemove={() => remove(at)}
          />
        </FilterChip>
      ))}
      <Popover
        opened={open === 'new'}
        onChange={(opened) => setOpen(opened ? 'new' : null)}
        position="bottom-start"
        shadow="md"
        trapFocus
        returnFocus
        withinPortal
      >
        <Popover.Target>
          <Button
            size="compact-sm"
            variant="subtle"
            leftSection={<IconFilter size={14} aria-hidden />}
            onClick={() => toggle('new')}
          >
            {t('filter.add')}
          </Button>
        </Popover.Target>
        <Popover.Dropdown w={340} aria-label={t('filter.add')}>
          {open === 'new' && (
            <NewNode
              model={model}
              type={type}
              add={(node) => set([...nodes, node])}
              replaceLast={(node) => set([...nodes.slice(0, -1), node])}
              narrow={
                editorial &&
                ((value) => {
                  editorial.onChange({ ...editorial.value, ...value });
                  setOpen(null);
                })
              }
            />
          )}
        </Popover.Dropdown>
      </Popover>
      {(nodes.length > 0 || Object.keys(editorial?.value ?? {}).length > 0) && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          onClick={editorial?.clear ?? (() => onChange(NO_FILTER))}
        >
          {t('filter.clear')}
        </Button>
      )}
    </Group>
  );
}

interface NewNodeProps {
  model: Model;
  type: ContentType;
  add: (node: FilterNode) => void;
  replaceLast: (node: FilterNode) => void;
  /** Asks something of standing or review. */
  narrow: ((value: EditorialFilter) => void) | undefined;
}

/** A condition that joins the filter once it says enough, and is changed there from then on. */
function NewNode({ model, type, add, replaceLast, narrow }: NewNodeProps) {
  const { t } = useTranslation('views');
  const { keys } = useEditorialChoices(type);
  const [editorialKey, setEditorialKey] = useState<EditorialKey | null>(null);
  const [added, setAdded] = useState(false);
  const [group, setGroup] = useState<FilterGroup | null>(null);
  const put = (node: FilterNode): void => {
    if (added) replaceLast(node);
    else add(node);
    setAdded(true);
  };
  if (group) {
    return (
      <NodeEditor
        model={model}
        type={type}
        node={group}
        depth={1}
        onChange={(node) => {
          if (isGroup(node)) setGroup(node);
          if (countConditions(node) > 0) put(node);
        }}
      />
    );
  }
  if (editorialKey && narrow)
    return (
      <EditorialSelect
        type={type}
        editorialKey={editorialKey}
        value={null}
        onChange={(value) => narrow({ [editorialKey]: value })}
      />
    );
  return (
    <Stack gap="xs">
      <ConditionEditor
        model={model}
        type={type}
        condition={undefined}
        onChange={put}
        others={
          narrow && !added
            ? keys.map((key) => ({ value: key, label: t(`editorial.${key}`), choose: () => setEditorialKey(key) }))
            : undefined
        }
      />
      {!added && (
        <Button
          size="compact-sm"
          variant="subtle"
          leftSection={<IconParentheses size={14} aria-hidden />}
          onClick={() => setGroup({ or: [] })}
          style={{ alignSelf: 'flex-start' }}
        >
          {t('filter.addGroup')}
        </Button>
      )}
    </Stack>
  );
}

interface NodeProps {
  model: Model;
  type: ContentType;
  node: FilterNode;
  depth: number;
  onChange: (node: FilterNode) => void;
  onRemove?: (() => void) | undefined;
}

/** Whether all of several conditions have to hold, or one of them. */
function CombineChoice({ value, onChange }: { value: Combine; onChange: (combine: Combine) => void }) {
  const { t } = useTranslation('views');
  return (
    <SegmentedControl
      size="xs"
      aria-label={t('filter.combine')}
      value={value}
      data={[
        { value: 'and', label: t('filter.all') },
        { value: 'or', label: t('filter.any') },
      ]}
      onChange={(chosen) => onChange(chosen as Combine)}
    />
  );
}

/** A condition, or a group with its own. */
function NodeEditor({ model, type, node, depth, onChange, onRemove }: NodeProps) {
  const { t } = useTranslation('views');
  const [adding, setAdding] = useState(false);
  if (!isGroup(node))
    return <ConditionEditor model={model} type={type} condition={node} onChange={onChange} onRemove={onRemove} />;
  const nodes = nodesOf(node);
  const combine = combineOf(node);
  const set = (next: readonly FilterNode[]): void => onChange(groupOf(combine, next));
  return (
    <Stack gap="sm" className={depth > 1 ? classes.group : undefined}>
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{t('filter.groupHolds')}</Text>
        <CombineChoice value={combine} onChange={(value) => onChange(groupOf(value, nodes))} />
      </Group>
      {nodes.map((inner, at) => (
        <NodeEditor
          key={at}
          model={model}
          type={type}
          node={inner}
          depth={depth + 1}
          onChange={(next) => set(nodes.map((old, index) => (index === at ? next : old)))}
          onRemove={() => set(nodes.filter((_, index) => index !== at))}
        />
      ))}
      {(adding || nodes.length === 0) && (
        <ConditionEditor
          key={`new-${nodes.length}`}
          model={model}
          type={type}
          condition={undefined}
          onChange={(condition) => {
            setAdding(false);
            set([...nodes, condition]);
          }}
        />
      )}
      <Group gap="xs">
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={12} aria-hidden />}
          onClick={() => setAdding(true)}
          disabled={adding || nodes.length === 0}
        >
          {t('filter.addCondition')}
        </Button>
        {depth < MAX_FILTER_DEPTH - 1 && (
          <Button
            size="compact-xs"
            variant="default"
            leftSection={<IconParentheses size={12} aria-hidden />}
            onClick={() => set([...nodes, groupOf(combine === 'and' ? 'or' : 'and', [])])}
          >
            {t('filter.addGroup')}
          </Button>
        )}
        {onRemove && (
          <Button size="compact-xs" variant="subtle" color="gray" onClick={onRemove}>
            {t('filter.removeGroup')}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
