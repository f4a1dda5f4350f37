import { Text, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Schema } from '@/api/schemaChanges';
import { FormDialog } from '@/ui/FormDialog';
import { useBuilder } from './builder';
import { editDefinition, renameDefinition, sectionOf } from './model/draft';
import { apiNameProblem } from './model/names';
import { definitionAddress } from './addresses';

/** Gives a content type or component another name in the API. Its entries keep their content. */
export function RenameDialog({ uid, schema, onClose }: { uid: string; schema: Schema; onClose: () => void }) {
  const { t } = useTranslation('builder');
  const { base, all, change } = useBuilder();
  const navigate = useNavigate();
  const isType = sectionOf(uid) === 'contentTypes';
  const [api = '', own = ''] = isType ? uid.slice('api::'.length).split('.') : uid.split('.');
  const [singular, setSingular] = useState(isType ? (schema.info.singularName ?? own) : own);
  const [many, setMany] = useState(schema.info.pluralName ?? '');
  const [category, setCategory] = useState(isType ? '' : api);
  const others = Object.entries(all.contentTypes).filter(([each]) => each !== uid);
  const taken = isType
    ? others.flatMap(([, each]) => [each.info.singularName ?? '', each.info.pluralName ?? ''])
    : Object.keys(all.components)
        .filter((each) => each !== uid && each.startsWith(`${category}.`))
        .map((each) => each.slice(category.length + 1));
  const problem = (found: ReturnType<typeof apiNameProblem>): string | undefined => found && t(`name.api.${found}`);
  const problems = [
    problem(apiNameProblem(singular, taken)),
    isType
      ? many === singular
        ? t('name.same')
        : problem(apiNameProblem(many, taken))
      : problem(apiNameProblem(category, [])),
  ];
  const next = isType
    ? singular === schema.info.singularName
      ? uid
      : `api::${singular}.${singular}`
    : `${category}.${singular}`;
  const rename = (): void => {
    if (problems.some(Boolean)) return;
    const info = isType ? { singularName: singular, pluralName: many } : {};
    change((changes) =>
      next === uid
        ? editDefinition(base, changes, uid, (now) => ({ ...now, info: { ...now.info, ...info } }))
        : renameDefinition(base, changes, uid, next, info),
    );
    onClose();
    if (next !== uid) void navigate(definitionAddress.to({ uid: next }));
  };
  return (
    <FormDialog title={t('rename.title')} onClose={onClose} onSubmit={rename} noValidate submit={t('rename.submit')}>
      <Text size="sm">{t(isType ? 'rename.type' : 'rename.component')}</Text>
      {!isType && (
        <TextInput
          label={t('create.category')}
          value={category}
          error={problems[1]}
          onChange={(event) => setCategory(event.currentTarget.value)}
        />
      )}
      <TextInput
        data-autofocus
        label={t(isType ? 'create.singular' : 'create.componentName')}
        value={singular}
        error={problems[0]}
        onChange={(event) => setSingular(event.currentTarget.value)}
      />
      {isType && (
        <TextInput
          label={t('create.plural')}
          value={many}
          error={problems[1]}
          onChange={(event) => setMany(event.currentTarget.value)}
        />
      )}
      <Text size="xs" c="dimmed">
        {t('rename.uid', { uid: next })}
      </Text>
    </FormDialog>
  );
}
