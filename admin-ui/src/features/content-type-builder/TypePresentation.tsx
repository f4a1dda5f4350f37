import {
  ActionIcon,
  Button,
  Card,
  Checkbox,
  Fieldset,
  Group,
  MultiSelect,
  Select,
  Stack,
  Text,
  Title,
} from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AdminText } from '@/api/model';
import type { Schema, TypePresentation as Presentation } from '@/api/schemaChanges';
import { labelOf } from '@/fields/label';
import { useBuilder } from './builder';
import { IconSelect } from './IconSelect';
import { LanguageTexts } from './LanguageTexts';
import { editDefinition, sectionOf } from './model/draft';
import {
  isTooLong,
  MAX_TEXT_CHARS,
  textFor,
  textIn,
  TITLE_TYPES,
  trimText,
  withPresentation,
} from './model/presentation';

type FieldGroup = NonNullable<Presentation['groups']>[number];

const UNSORTABLE_TYPES: readonly string[] = [
  'json',
  'blocks',
  'password',
  'media',
  'relation',
  'component',
  'dynamiczone',
];

/** What a content type is called in the languages of the admin, and how its lists and forms look. */
export function TypePresentation({ uid, schema }: { uid: string; schema: Schema }) {
  const { t, i18n } = useTranslation(['builder', 'views']);
  const { base, change, locked } = useBuilder();
  const isType = sectionOf(uid) === 'contentTypes';
  const presentation = schema.pluginOptions?.cairn ?? {};
  const set = <Key extends keyof Presentation>(key: Key, value: Presentation[Key] | undefined): void =>
    change((changes) => editDefinition(base, changes, uid, (now) => withPresentation(now, key, value)));
  const names = Object.keys(schema.attributes);
  const nameOf = (name: string): string => {
    const attribute = schema.attributes[name];
    return labelOf(name, { label: textFor(attribute?.pluginOptions?.cairn?.label, i18n.language) });
  };
  const options = (of: readonly string[]) => of.map((value) => ({ value, label: nameOf(value) }));
  const own = (of: readonly ('status' | 'languages' | 'createdAt' | 'updatedAt' | 'publishedAt' | 'documentId')[]) =>
    of.map((value) => ({ value, label: t(`views:own.${value}`) }));
  const typeOf = (name: string): string => schema.attributes[name]?.type ?? '';
  const isPrivate = (name: string): boolean => schema.attributes[name]?.private === true;
  const drafts = schema.options?.draftAndPublish === true;
  const columns = [
    ...options(names.filter((name) => typeOf(name) !== 'password')),
    ...own([
      ...(drafts ? (['status', 'publishedAt'] as const) : []),
      ...(schema.pluginOptions?.i18n?.localized ? (['languages'] as const) : []),
      'createdAt',
      'updatedAt',
      'documentId',
    ]),
  ];
  const sorts = [
    ...options(names.filter((name) => !UNSORTABLE_TYPES.includes(typeOf(name)) && !isPrivate(name))),
    ...own(['createdAt', 'updatedAt']),
  ].flatMap(({ value, label }) => [
    { value: `${value}:asc`, label: t('presentation.ascending', { field: label }) },
    { value: `${value}:desc`, label: t('presentation.descending', { field: label }) },
  ]);
  const text = (key: 'displayName' | 'description') => (
    <SettingTexts
      label={t(key)}
      text={presentation[key]}
      limit={MAX_TEXT_CHARS[key]}
      long={key === 'description'}
      disabled={locked}
      placeholder={schema.info[key] ?? ''}
      onSave={(written) => set(key, written)}
    />
  );
  return (
    <Card withBorder padding="md" mt="md" component="section" aria-labelledby="type-presentation">
      <Title order={2} id="type-presentation" mb="xs">
        {t('presentation.field')}
      </Title>
      <Stack gap="sm">
        {text('displayName')}
        {isType && (
          <>
            {text('description')}
            <IconSelect value={presentation.icon} disabled={locked} onChange={(icon) => set('icon', icon)} />
            <Select
              label={t('presentation.mainField')}
              description={t('presentation.mainFieldHint')}
              disabled={locked}
              data={[
                { value: '', label: t('presentation.auto') },
                ...options(names.filter((name) => TITLE_TYPES.includes(typeOf(name)) && !isPrivate(name))),
              ]}
              value={presentation.mainField ?? ''}
              allowDeselect={false}
              onChange={(name) => set('mainField', name || undefined)}
            />
            <MultiSelect
              label={t('presentation.columns')}
              description={t('presentation.columnsHint')}
              disabled={locked}
              searchable
              maxValues={20}
              data={columns}
              value={presentation.columns ?? []}
              placeholder={presentation.columns ? '' : t('presentation.auto')}
              onChange={(chosen) => set('columns', chosen)}
            />
            <Select
              label={t('presentation.sort')}
              disabled={locked}
              searchable
              data={[{ value: '', label: t('presentation.sortNone') }, ...sorts]}
              value={fullSort(presentation.sort)}
              allowDeselect={false}
              onChange={(sort) => set('sort', sort || undefined)}
            />
            <FieldGroups
              groups={presentation.groups ?? []}
              options={options(names)}
              disabled={locked}
              onChange={(groups) => set('groups', groups)}
            />
          </>
        )}
      </Stack>
    </Card>
  );
}

/** A sort with its direction, which a file may leave out. */
function fullSort(sort: string | undefined): string {
  return !sort || sort.includes(':') ? (sort ?? '') : `${sort}:asc`;
}

/** A group that begins a tab, or does not. */
function withTab({ tab: _old, ...group }: FieldGroup, isTab: boolean): FieldGroup {
  return isTab ? { ...group, tab: true } : group;
}

interface FieldGroupsProps {
  groups: readonly FieldGroup[];
  options: { value: string; label: string }[];
  disabled: boolean;
  onChange: (groups: FieldGroup[]) => void;
}

/** Parts of the form, each with a heading and its fields in their order. */
function FieldGroups({ groups, options, disabled, onChange }: FieldGroupsProps) {
  const { t } = useTranslation('builder');
  const grouped = groups.flatMap(({ fields }) => fields);
  const change = (at: number, group: FieldGroup): void => onChange(groups.toSpliced(at, 1, group));
  const move = (at: number, to: number): void => {
    const group = groups[at];
    if (group) onChange(groups.toSpliced(at, 1).toSpliced(to, 0, group));
  };
  return (
    <Stack gap="xs">
      <div>
        <Text size="sm" fw={500}>
          {t('presentation.groups')}
        </Text>
        <Text size="xs" c="dimmed">
          {t('presentation.groupsHint')}
        </Text>
      </div>
      {groups.map((group, at) => {
        const number = at + 1;
        return (
          <Fieldset
            key={at}
            legend={t(group.tab ? 'presentation.tab' : 'presentation.group', { number })}
            disabled={disabled}
          >
            <Stack gap="xs">
              <SettingTexts
                label={t(group.tab ? 'presentation.tabName' : 'presentation.heading')}
                text={group.label}
                limit={MAX_TEXT_CHARS.label}
                disabled={disabled}
                // A group without a heading is none.
                onSave={(label) => label && change(at, { ...group, label })}
              />
              <MultiSelect
                label={t('presentation.groupFields')}
                searchable
                data={options.filter(({ value }) => group.fields.includes(value) || !grouped.includes(value))}
                value={group.fields}
                onChange={(fields) => change(at, { ...group, fields })}
              />
              <Checkbox
                label={t('presentation.isTab')}
                checked={group.tab === true}
                onChange={(event) => change(at, withTab(group, event.currentTarget.checked))}
              />
              {!disabled && (
                <Group gap={4} justify="flex-end">
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    disabled={at === 0}
                    aria-label={t('presentation.up', { number })}
                    onClick={() => move(at, at - 1)}
                  >
                    <IconArrowUp size={16} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    disabled={number === groups.length}
                    aria-label={t('presentation.down', { number })}
                    onClick={() => move(at, at + 1)}
                  >
                    <IconArrowDown size={16} aria-hidden />
                  </ActionIcon>
                  <ActionIcon
                    variant="subtle"
                    color="red"
                    aria-label={t('presentation.removeGroup', { number })}
                    onClick={() => onChange(groups.toSpliced(at, 1))}
                  >
                    <IconTrash size={16} aria-hidden />
                  </ActionIcon>
                </Group>
              )}
            </Stack>
          </Fieldset>
        );
      })}
      {!disabled && groups.length < 50 && (
        <Group gap="xs">
          {(['group', 'tab'] as const).map((kind) => (
            <Button
              key={kind}
              size="compact-sm"
              variant="default"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => {
                const label = t(`presentation.${kind}`, { number: groups.length + 1 });
                onChange([...groups, withTab({ label, fields: [] }, kind === 'tab')]);
              }}
            >
              {t(kind === 'tab' ? 'presentation.addTab' : 'presentation.addGroup')}
            </Button>
          ))}
        </Group>
      )}
    </Stack>
  );
}

interface SettingTextsProps {
  label: string;
  text: AdminText | undefined;
  limit: number;
  long?: boolean;
  disabled: boolean;
  placeholder?: string;
  onSave: (text: AdminText | undefined) => void;
}

/** Texts that count when they are left, so that a step back takes back all of it. One that is too long stays until it is shortened. */
function SettingTexts({ text, onSave, ...props }: SettingTextsProps) {
  const [typed, setTyped] = useState<{ text: AdminText | undefined } | null>(null);
  const save = (): void => {
    if (!typed) return;
    const isLong = (['en', 'nl'] as const).some((language) => isTooLong(textIn(typed.text, language), props.limit));
    if (isLong) return;
    if (JSON.stringify(typed.text) !== JSON.stringify(text)) onSave(trimText(typed.text));
    setTyped(null);
  };
  return (
    <div onBlur={save}>
      <LanguageTexts {...props} text={typed ? typed.text : text} onChange={(next) => setTyped({ text: next })} />
    </div>
  );
}
