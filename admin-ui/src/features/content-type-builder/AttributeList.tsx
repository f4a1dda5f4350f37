import { ActionIcon, Badge, Button, Group, Menu, Text, UnstyledButton } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconCopy,
  IconDots,
  IconGripVertical,
  IconPencil,
  IconSelectAll,
  IconTrash,
} from '@tabler/icons-react';
import { type KeyboardEvent, useCallback, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema, SchemaAttribute } from '@/api/schemaChanges';
import { useDraggable, useDropped } from '@/fields/form/dragOrder';
import { labelOf } from '@/fields/label';
import { EmptyState } from '@/ui/EmptyState';
import { announce } from '@/ui/live';
import classes from './Builder.module.css';
import { filterProblems, useBuilder } from './builder';
import { useConditionProblemText } from './ConditionFields';
import { KIND_ICONS } from './kinds';
import { conditionProblems, dependentsOf, isOfCondition } from './model/conditions';
import { editDefinition, moveAttribute, removeAttribute, sectionOf, setAttribute, storedName } from './model/draft';
import { freeName } from './model/names';
import { textFor } from './model/presentation';
import { StateBadge } from './OverviewPage';

interface Props {
  uid: string;
  schema: Schema;
  onAdd: () => void;
  onOpen: (name: string) => void;
}

/** The fields in their order: dragged, moved by the menu, or with Alt and an arrow key. */
export function AttributeList({ uid, schema, onAdd, onOpen }: Props) {
  const { t } = useTranslation('builder');
  const { base, change, locked } = useBuilder();
  const list = useRef<HTMLUListElement>(null);
  const names = Object.keys(schema.attributes);
  const keys = useCallback(() => Object.keys(schema.attributes), [schema]);
  const move = useCallback(
    (name: string, to: number) => {
      const count = keys().length;
      const newIndex = Math.max(0, Math.min(count - 1, to));
      if (keys().indexOf(name) === newIndex) return;
      change((changes) => editDefinition(base, changes, uid, (now) => moveAttribute(now, name, newIndex)));
      announce(t('field.moved', { name, place: newIndex + 1, count }));
      requestAnimationFrame(() =>
        list.current?.querySelector<HTMLElement>(`[data-field="${CSS.escape(name)}"]`)?.focus(),
      );
    },
    [base, change, keys, t, uid],
  );
  useDropped(`attributes ${uid}`, keys, move);
  if (names.length === 0) {
    return (
      <EmptyState title={t('field.none')} action={!locked && <Button onClick={onAdd}>{t('field.add')}</Button>}>
        {t('field.noneHint')}
      </EmptyState>
    );
  }
  return (
    <div>
      <ul className={classes.list} ref={list} aria-label={t('field.many')}>
        {names.map((name, index) => (
          <AttributeRow
            key={name}
            uid={uid}
            name={name}
            index={index}
            count={names.length}
            attributes={schema.attributes}
            move={move}
            onOpen={onOpen}
          />
        ))}
      </ul>
      {!locked && (
        <Text size="xs" c="dimmed" mt={6}>
          {t('field.orderHint')}
        </Text>
      )}
      <RemovedFields uid={uid} schema={schema} />
    </div>
  );
}

interface RowProps {
  uid: string;
  name: string;
  index: number;
  count: number;
  attributes: Schema['attributes'];
  move: (name: string, to: number) => void;
  onOpen: (name: string) => void;
}

function AttributeRow({ uid, name, index, count, attributes, move, onOpen }: RowProps) {
  const { t, i18n } = useTranslation(['builder', 'fields']);
  const { base, draft, change, locked, problems } = useBuilder();
  const attribute = attributes[name] as SchemaAttribute;
  const problemText = useConditionProblemText(attributes);
  const ofCondition = conditionProblems(attributes, name).map(problemText);
  // The server says the same of a condition, in English.
  const ofServer = filterProblems(problems, uid, name).filter(
    ({ path }) => ofCondition.length === 0 || !isOfCondition(path),
  );
  const wrong = [...ofCondition, ...ofServer.map(({ message }) => message)];
  const line = useRef<HTMLLIElement>(null);
  const handle = useRef<HTMLButtonElement>(null);
  const { dragged, edge } = useDraggable(`attributes ${uid}`, name, line, handle, locked);
  const Icon = KIND_ICONS[attribute.type] ?? KIND_ICONS.json;
  const stored = storedName(base, draft.present, uid, name);
  const before = stored ? base[sectionOf(uid)][uid]?.attributes[stored] : undefined;
  const state = !stored
    ? 'new'
    : stored !== name
      ? 'renamed'
      : before && JSON.stringify(before) !== JSON.stringify(attribute)
        ? 'changed'
        : undefined;
  const isNewHere = uid in draft.present[sectionOf(uid)] || state;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!event.altKey || locked) return;
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: count - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    move(name, to);
  };
  const duplicate = (): void => {
    change((changes) =>
      editDefinition(base, changes, uid, (now) => {
        const { renamedFrom: _name, mappedBy: _mapped, inversedBy: _inversed, ...rest } = attribute;
        const copy = freeName(name, Object.keys(now.attributes));
        return moveAttribute(setAttribute(now, copy, rest as SchemaAttribute), copy, index + 1);
      }),
    );
  };
  return (
    <li className={classes.row} ref={line} data-dragged={dragged || undefined} data-edge={edge ?? undefined}>
      {!locked && (
        // The handle is for the pointer; keys move the field from its name, and the menu does for all.
        <button type="button" className={classes.handle} ref={handle} tabIndex={-1} aria-hidden>
          <IconGripVertical size={16} aria-hidden />
        </button>
      )}
      <Icon size={20} stroke={1.5} aria-hidden />
      <UnstyledButton
        className={classes.main}
        data-field={name}
        disabled={locked}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown"
        onKeyDown={onKeyDown}
        onClick={() => onOpen(name)}
      >
        <span className={classes.name}>
          {labelOf(name, { label: textFor(attribute.pluginOptions?.cairn?.label, i18n.language) })}
        </span>{' '}
        <span className={classes.mono}>{name}</span>
        <Text size="xs" c="dimmed" component="div">
          {t(`fields:kind.${attribute.type}`)}
          <RelationTarget attribute={attribute} />
        </Text>
        {wrong.map((message) => (
          <div key={message} className={classes.error}>
            {message}
          </div>
        ))}
      </UnstyledButton>
      <Group gap={6} justify="flex-end">
        {attribute.required && <Badge variant="default">{t('builder:flag.required')}</Badge>}
        {attribute.unique && <Badge variant="default">{t('builder:flag.unique')}</Badge>}
        {attribute.private && <Badge variant="default">{t('builder:flag.private')}</Badge>}
        {attribute.pluginOptions?.i18n?.localized && <Badge variant="default">{t('builder:flag.localized')}</Badge>}
        {attribute.conditions?.visible && <Badge variant="default">{t('builder:flag.conditional')}</Badge>}
        {isNewHere && state && <StateBadge state={state} />}
      </Group>
      {!locked && (
        <Menu position="bottom-end">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" aria-label={t('builder:actionsOf', { name })}>
              <IconDots size={16} aria-hidden />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => onOpen(name)}>
              {t('builder:field.edit')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowUp size={16} aria-hidden />}
              disabled={index === 0}
              onClick={() => move(name, index - 1)}
            >
              {t('builder:field.up')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconArrowDown size={16} aria-hidden />}
              disabled={index === count - 1}
              onClick={() => move(name, index + 1)}
            >
              {t('builder:field.down')}
            </Menu.Item>
            <Menu.Item
              leftSection={<IconSelectAll size={16} aria-hidden />}
              disabled={index === 0}
              onClick={() => move(name, 0)}
            >
              {t('builder:field.first')}
            </Menu.Item>
            <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={duplicate}>
              {t('builder:field.duplicate')}
            </Menu.Item>
            {before && state === 'changed' && (
              <Menu.Item
                onClick={() =>
                  change((changes) => editDefinition(base, changes, uid, (now) => setAttribute(now, name, before)))
                }
              >
                {t('builder:field.reset')}
              </Menu.Item>
            )}
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => change((changes) => removeAttribute(base, changes, uid, name))}
            >
              {t('builder:field.remove')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
    </li>
  );
}

/** What a field leads to. */
function RelationTarget({ attribute }: { attribute: SchemaAttribute }) {
  const { t } = useTranslation('builder');
  const { all } = useBuilder();
  const uids =
    attribute.type === 'relation'
      ? [attribute.target]
      : attribute.type === 'component'
        ? [attribute.component]
        : (attribute.components ?? []);
  const known = uids.filter((uid) => uid !== undefined);
  if (!['relation', 'component', 'dynamiczone'].includes(attribute.type) || known.length === 0) return null;
  const nameOf = (uid: string): string => all[sectionOf(uid)][uid]?.info.displayName ?? uid;
  const relation =
    attribute.type === 'relation' && attribute.relation ? ` (${t(`relation.${attribute.relation}`)})` : '';
  return (
    <>
      {' → '}
      {known.map(nameOf).join(', ')}
      {relation}
    </>
  );
}

/** Fields whose content goes when this is applied, and the way back. */
function RemovedFields({ uid, schema }: { uid: string; schema: Schema }) {
  const { t, i18n } = useTranslation('builder');
  const { base, draft, change, locked } = useBuilder();
  const nameOf = (name: string): string =>
    labelOf(name, { label: textFor(schema.attributes[name]?.pluginOptions?.cairn?.label, i18n.language) });
  const before = base[sectionOf(uid)][uid];
  if (!before) return null;
  const remaining = new Set(Object.keys(schema.attributes).map((name) => storedName(base, draft.present, uid, name)));
  const removed = Object.keys(before.attributes).filter((name) => !remaining.has(name));
  if (removed.length === 0) return null;
  return (
    <ul className={classes.list} aria-label={t('field.gone')} style={{ marginTop: '0.75rem' }}>
      {removed.map((name) => (
        <li key={name} className={classes.row} data-gone>
          <div className={classes.main}>
            <span className={classes.name}>{labelOf(name)}</span> <span className={classes.mono}>{name}</span>
            {dependentsOf(schema, name).length > 0 && (
              <Text size="xs" c="dimmed" component="div">
                {t('condition.usedBy', { fields: dependentsOf(schema, name).map(nameOf).join(', ') })}
              </Text>
            )}
          </div>
          <StateBadge state="gone" />
          {!locked && (
            <Button
              size="compact-sm"
              variant="default"
              onClick={() =>
                change((changes) => {
                  const at = Object.keys(before.attributes).indexOf(name);
                  const back = editDefinition(base, changes, uid, (now) =>
                    moveAttribute(setAttribute(now, name, before.attributes[name] as SchemaAttribute), name, at),
                  );
                  const target = before.attributes[name]?.target;
                  const other = before.attributes[name]?.mappedBy ?? before.attributes[name]?.inversedBy;
                  const opposite = target && other ? base[sectionOf(target)][target]?.attributes[other] : undefined;
                  return target && other && opposite
                    ? editDefinition(base, back, target, (now) => setAttribute(now, other, opposite))
                    : back;
                })
              }
            >
              {t('bringBack')}
            </Button>
          )}
        </li>
      ))}
    </ul>
  );
}
