import { Autocomplete, Checkbox, Group, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import type { Schema } from '@/api/schemaChanges';
import { FormDialog } from '@/ui/FormDialog';
import { useBuilder } from './builder';
import { setDefinition } from './model/draft';
import { apiNameProblem, toKebabCase, pluralize } from './model/names';
import { PRESETS } from './model/presets';
import { type CreatableKind, definitionAddress } from './addresses';

/** Makes a content type or a component, in the working copy. */
export function CreateDialog({ sort: first, onClose }: { sort: CreatableKind; onClose: () => void }) {
  const { t } = useTranslation('builder');
  const { base, all, change } = useBuilder();
  const { locales } = useSession();
  const navigate = useNavigate();
  const [sort, setSort] = useState<CreatableKind>(first);
  const [displayName, setDisplayName] = useState('');
  const [description, setDescription] = useState('');
  const [typed, setTyped] = useState<{ singular?: string; plural?: string }>({});
  const [category, setCategory] = useState('shared');
  const [drafts, setDrafts] = useState(true);
  const [localized, setLocalized] = useState(false);
  const [withTitle, setWithTitle] = useState(true);
  const [tried, setTried] = useState(false);
  const singular = typed.singular ?? toKebabCase(displayName);
  const many = typed.plural ?? pluralize(singular);
  const isComponent = sort === 'component';
  const uid = isComponent ? `${category}.${singular}` : `api::${singular}.${singular}`;
  const types = Object.values(all.contentTypes);
  const taken = isComponent
    ? Object.keys(all.components)
        .filter((each) => each.startsWith(`${category}.`))
        .map((each) => each.slice(category.length + 1))
    : types.flatMap((type) => [type.info.singularName ?? '', type.info.pluralName ?? '']);
  const problems = {
    displayName: displayName.trim() ? undefined : t('name.empty'),
    singular: problem(apiNameProblem(singular, taken)),
    plural: isComponent ? undefined : many === singular ? t('name.same') : problem(apiNameProblem(many, taken)),
    category: isComponent ? problem(apiNameProblem(category, [])) : undefined,
  };
  function problem(found: ReturnType<typeof apiNameProblem>): string | undefined {
    return found && t(`name.api.${found}`);
  }
  const shown = (name: keyof typeof problems): string | undefined =>
    tried || (name !== 'displayName' && singular) ? problems[name] : undefined;
  const create = (): void => {
    setTried(true);
    if (Object.values(problems).some(Boolean)) return;
    const title =
      withTitle && !isComponent ? PRESETS.find((preset) => preset.id === 'titleAndSlug')?.attributes : undefined;
    const attributes = Object.fromEntries(
      Object.entries(title ?? {}).map(([name, attribute]) => [
        name,
        localized ? { ...attribute, pluginOptions: { i18n: { localized: true } } } : attribute,
      ]),
    );
    const info = {
      displayName: displayName.trim(),
      ...(description.trim() ? { description: description.trim() } : {}),
    };
    const schema: Schema = isComponent
      ? {
          collectionName: `components_${toSnakeCase(category)}_${toSnakeCase(pluralize(singular))}`,
          info,
          options: {},
          attributes: {},
        }
      : {
          kind: sort,
          collectionName: toSnakeCase(many),
          info: { singularName: singular, pluralName: many, ...info },
          options: { draftAndPublish: drafts },
          pluginOptions: localized ? { i18n: { localized: true } } : {},
          attributes,
        };
    change((changes) => setDefinition(base, changes, uid, schema));
    void navigate(definitionAddress.to({ uid }));
  };
  return (
    <FormDialog
      title={t('create.title')}
      onClose={onClose}
      onSubmit={create}
      size="lg"
      noValidate
      submit={t('create.submit')}
    >
      <SegmentedControl
        aria-label={t('create.sort')}
        value={sort}
        onChange={(value) => setSort(value as CreatableKind)}
        data={(['collectionType', 'singleType', 'component'] as const).map((value) => ({
          value,
          label: t(`sort.${value}.short`),
        }))}
      />
      <Text size="sm" c="dimmed">
        {t(`sort.${sort}.explanation`)}
      </Text>
      <TextInput
        data-autofocus
        label={t('displayName')}
        required
        value={displayName}
        error={shown('displayName')}
        onChange={(event) => setDisplayName(event.currentTarget.value)}
      />
      <Group grow align="start">
        {isComponent && (
          <Autocomplete
            label={t('create.category')}
            description={t('create.categoryHint')}
            data={[...new Set(Object.keys(all.components).map((each) => each.split('.')[0] ?? ''))]}
            value={category}
            onChange={setCategory}
            error={shown('category')}
          />
        )}
        <TextInput
          label={t(isComponent ? 'create.componentName' : 'create.singular')}
          description={t(isComponent ? 'create.componentNameHint' : 'create.singularHint')}
          value={singular}
          error={shown('singular')}
          onChange={(event) => setTyped({ ...typed, singular: event.currentTarget.value })}
        />
        {!isComponent && (
          <TextInput
            label={t('create.plural')}
            description={
              sort === 'singleType'
                ? t('create.pluralUnused')
                : t('create.pluralHint', { route: `/api/${many || '…'}` })
            }
            value={many}
            error={shown('plural')}
            onChange={(event) => setTyped({ ...typed, plural: event.currentTarget.value })}
          />
        )}
      </Group>
      <Textarea
        label={t('description')}
        description={t('descriptionHint')}
        autosize
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      {!isComponent && (
        <Stack gap="xs">
          <Checkbox
            label={t('draftAndPublish')}
            description={t('draftAndPublishHint')}
            checked={drafts}
            onChange={(event) => setDrafts(event.currentTarget.checked)}
          />
          <Checkbox
            label={t('localized')}
            description={t('localizedHint', { count: locales.available.length })}
            checked={localized}
            onChange={(event) => setLocalized(event.currentTarget.checked)}
          />
          <Checkbox
            label={t('create.withTitle')}
            description={t('create.withTitleHint')}
            checked={withTitle}
            onChange={(event) => setWithTitle(event.currentTarget.checked)}
          />
        </Stack>
      )}
    </FormDialog>
  );
}

function toSnakeCase(name: string): string {
  return name.replaceAll('-', '_');
}
