import {
  ActionIcon,
  Badge,
  Button,
  Combobox,
  Group,
  Input as Wrapper,
  Loader,
  Select,
  TextInput,
  useCombobox,
} from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconExternalLink, IconGripVertical, IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, memo, useCallback, useEffect, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { contentTypeOf, SITE_USER_UID, targetTypeOf } from '@/api/model';
import { useForm } from '../form/context';
import { useDraggable, useDropped } from '../form/dragOrder';
import formClasses from '../form/Form.module.css';
import type { RelationItem } from '../form/values';
import { useInputProps } from '../shared/inputProps';
import { MoveButtons } from '../shared/MoveButtons';
import { popupPlace } from '../shared/popup';
import type { InputProps } from '../types';
import { isMorphInverse, leadsAnywhere, leadsToMany } from './kinds';
import { TargetName, targetNameOf } from './TargetName';
import { useTargetPage } from './useTargetPage';
import { useTargets } from './useTargets';

const idOf = (item: RelationItem) => `${item.__type ?? ''}:${item.documentId}`;

/** Entries that this one is related to: looked for, put in order, made on the spot. */
export function Input(props: InputProps<RelationItem[] | null>) {
  const { t } = useTranslation('fields');
  const { store, model, locale, CreateEntry } = useForm();
  const { attribute, onChange, name, label } = props;
  const items = props.value ?? [];
  const many = leadsToMany(attribute);
  const anywhere = leadsAnywhere(attribute);
  const leadsToUsers = attribute.target === SITE_USER_UID;
  const noAccess = !anywhere && !isMorphInverse(attribute) && !targetTypeOf(model, attribute.target);
  const disabled = (props.disabled ?? false) || isMorphInverse(attribute) || noAccess;
  const reason = isMorphInverse(attribute)
    ? t('relation.inverse')
    : (props.reason ?? (noAccess ? t(leadsToUsers ? 'relation.noAccessUsers' : 'relation.noAccess') : undefined));
  const common = useInputProps({ ...props, disabled, reason });
  const [target, setTarget] = useState<string | undefined>(anywhere ? undefined : attribute.target);
  const [search, setSearch] = useState('');
  const [debouncedSearch] = useDebouncedValue(search, 150);
  const [creating, setCreating] = useState<string | null>(null);
  const list = useId();
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() });
  const targets = useTargets(model, target, debouncedSearch.trim(), locale, combobox.dropdownOpened);
  const { dropdownOpened, selectFirstOption } = combobox;
  const isSearching = dropdownOpened && search.trim() !== '';
  useEffect(() => {
    // The option that was selected may be gone from what was found now: Enter takes the first.
    if (isSearching && targets.data) selectFirstOption();
  }, [isSearching, targets.data, selectFirstOption]);
  const read = useCallback(() => (store.get(name) ?? []) as RelationItem[], [store, name]);
  const keys = useCallback(() => read().map(idOf), [read]);
  const move = useCallback(
    (key: string, to: number) => {
      const now = read();
      const from = now.findIndex((item) => idOf(item) === key);
      const item = now[from];
      if (!item || to < 0 || to >= now.length) return;
      store.set(name, now.toSpliced(from, 1).toSpliced(to, 0, item), 'apart');
    },
    [read, store, name],
  );
  useDropped(list, keys, move);
  const remove = useCallback(
    (key: string) =>
      store.set(
        name,
        read().filter((item) => idOf(item) !== key),
        'apart',
      ),
    [read, store, name],
  );

  const add = (item: RelationItem) => {
    const named: RelationItem = anywhere && target ? { ...item, __type: target } : item;
    const now = read();
    if (now.some((each) => idOf(each) === idOf(named))) return;
    onChange(many ? [...now, named] : [named]);
    setSearch('');
  };
  const candidates = (targets.data ?? []).filter((item) => !items.some((each) => each.documentId === item.documentId));
  // A site user is invited, and a role has a page of its own: neither is made here.
  const made = CreateEntry && contentTypeOf(model, target);
  const mayCreate = made?.can.create === true && made.kind === 'collectionType';
  const adds = many || items.length === 0;

  return (
    <Wrapper.Wrapper
      label={label}
      labelProps={{ htmlFor: common.id }}
      description={common.description}
      error={common.error}
      withAsterisk={common.withAsterisk}
    >
      <ol className={formClasses.items} aria-label={label} style={{ marginBlockEnd: items.length > 0 ? 6 : 0 }}>
        {items.map((item, at) => (
          <Row
            key={idOf(item)}
            item={item}
            list={list}
            at={at}
            count={items.length}
            uid={item.__type ?? attribute.target}
            disabled={disabled}
            onMove={move}
            onRemove={remove}
          />
        ))}
      </ol>
      {!disabled && (
        <Group gap="xs" wrap="nowrap" align="end">
          {anywhere && (
            <Select
              aria-label={t('relation.type')}
              placeholder={t('relation.type')}
              searchable
              w={180}
              data={model.contentTypes
                .filter((each) => each.can.find)
                .map((each) => ({ value: each.uid, label: each.info.displayName }))}
              value={target ?? null}
              onChange={(uid) => setTarget(uid ?? undefined)}
            />
          )}
          <Combobox
            store={combobox}
            portalProps={popupPlace()}
            onOptionSubmit={(value) => {
              if (value === 'create:') setCreating(search.trim());
              const found = candidates.find((item) => item.documentId === value);
              if (found) add(found);
              if (!many) combobox.closeDropdown();
            }}
          >
            <Combobox.Target>
              <TextInput
                id={common.id}
                flex={1}
                disabled={anywhere && !target}
                placeholder={t(leadsToUsers ? 'relation.searchUser' : adds ? 'relation.search' : 'relation.replace')}
                rightSection={
                  targets.isFetching ? <Loader size={14} aria-label={t('loading')} /> : <Combobox.Chevron />
                }
                value={search}
                onChange={(event) => {
                  setSearch(event.currentTarget.value);
                  combobox.openDropdown();
                  combobox.selectFirstOption();
                }}
                onClick={() => combobox.openDropdown()}
                onBlur={() => combobox.closeDropdown()}
                onKeyDown={(event) => {
                  if (event.key === 'ArrowDown') combobox.openDropdown();
                }}
              />
            </Combobox.Target>
            <Combobox.Dropdown>
              <Combobox.Options aria-label={label} mah={300} style={{ overflowY: 'auto' }}>
                {candidates.map((item) => (
                  <Combobox.Option key={item.documentId} value={item.documentId}>
                    <Group gap="xs" justify="space-between" wrap="nowrap">
                      <TargetName item={item} />
                      {item.status && (
                        <Badge size="xs" variant="light">
                          {t(`status.${item.status}`)}
                        </Badge>
                      )}
                    </Group>
                  </Combobox.Option>
                ))}
                {targets.isError && <Combobox.Empty>{targets.error.message}</Combobox.Empty>}
                {targets.isSuccess && candidates.length === 0 && <Combobox.Empty>{t('relation.none')}</Combobox.Empty>}
                {mayCreate && (
                  <Combobox.Option value="create:">
                    <Group gap={6}>
                      <IconPlus size={14} aria-hidden />
                      {search.trim()
                        ? t('relation.createNamed', { title: search.trim() })
                        : t('relation.create', { type: made.info.displayName })}
                    </Group>
                  </Combobox.Option>
                )}
              </Combobox.Options>
            </Combobox.Dropdown>
          </Combobox>
          {items.length > 0 && !many && (
            <Button variant="subtle" size="xs" color="gray" onClick={() => onChange([])}>
              {t('relation.clear')}
            </Button>
          )}
        </Group>
      )}
      {creating !== null && CreateEntry && target && (
        <CreateEntry
          uid={target}
          title={creating}
          onClose={() => setCreating(null)}
          onCreated={(item) => {
            setCreating(null);
            add(item);
          }}
        />
      )}
    </Wrapper.Wrapper>
  );
}

interface RowProps {
  item: RelationItem;
  list: string;
  at: number;
  count: number;
  uid: string | undefined;
  disabled: boolean;
  onMove: (key: string, to: number) => void;
  onRemove: (key: string) => void;
}

const Row = memo(function Row({ item, list, at, count, uid, disabled, onMove, onRemove }: RowProps) {
  const { t } = useTranslation('fields');
  const line = useRef<HTMLLIElement>(null);
  const handle = useRef<HTMLSpanElement>(null);
  const key = idOf(item);
  const name = targetNameOf(item);
  const page = useTargetPage(uid, item.documentId);
  const { dragged, edge } = useDraggable(list, key, line, handle, disabled || count < 2);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (disabled || !event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    event.stopPropagation();
    const focused = event.target as HTMLElement;
    onMove(key, at + (event.key === 'ArrowUp' ? -1 : 1));
    // A line that is put elsewhere loses the focus.
    requestAnimationFrame(() => focused.focus());
  };
  return (
    <li
      ref={line}
      className={formClasses.item}
      data-dragged={dragged || undefined}
      data-edge={edge ?? undefined}
      style={{ contentVisibility: 'visible' }}
    >
      {/* The keys work on whatever has the focus inside. */}
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions */}
      <div className={formClasses.head} style={{ minBlockSize: 34, padding: '2px 6px' }} onKeyDown={onKeyDown}>
        {!disabled && count > 1 && (
          <span ref={handle} className={formClasses.handle} aria-hidden title={t('items.drag')}>
            <IconGripVertical size={16} />
          </span>
        )}
        <TargetName item={item} />
        {item.status && (
          <Badge size="xs" variant="light">
            {t(`status.${item.status}`)}
          </Badge>
        )}
        {page && (
          <ActionIcon
            component="a"
            href={page}
            target="_blank"
            rel="noreferrer"
            variant="subtle"
            color="gray"
            aria-label={t('relation.open', { title: name })}
          >
            <IconExternalLink size={16} aria-hidden />
          </ActionIcon>
        )}
        {!disabled && count > 1 && <MoveButtons name={name} at={at} count={count} onMove={(to) => onMove(key, to)} />}
        {!disabled && (
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={t('relation.remove', { title: name })}
            onClick={() => onRemove(key)}
          >
            <IconX size={16} aria-hidden />
          </ActionIcon>
        )}
      </div>
    </li>
  );
});
