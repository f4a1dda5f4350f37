import { Card, Checkbox, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSession } from '@/api/session';
import type { Schema } from '@/api/schemaChanges';
import { useBuilder } from './builder';
import { editDefinition, sectionOf } from './model/draft';

/** What a content type or component is called and how it works. Written into the working copy when a field is left. */
export function DefinitionSettings({ uid, schema }: { uid: string; schema: Schema }) {
  const { t } = useTranslation('builder');
  const { base, change, locked, problems } = useBuilder();
  const { locales } = useSession();
  const isType = sectionOf(uid) === 'contentTypes';
  const set = (make: (schema: Schema) => Schema): void => change((changes) => editDefinition(base, changes, uid, make));
  const cairnOption = (name: 'previewUrl' | 'collation') => ({
    disabled: locked,
    value: schema.options?.cairn?.[name] ?? '',
    error: problems.find((problem) => problem.path === `options.cairn.${name}`)?.message,
    onSave: (text: string) => set((now) => withCairnOption(now, name, text)),
  });
  return (
    <Card withBorder padding="md" component="section" aria-labelledby="definition-settings">
      <Title order={2} id="definition-settings" mb="xs">
        {t('settings')}
      </Title>
      <Stack gap="sm">
        <SettingInput
          label={t('displayName')}
          disabled={locked}
          value={schema.info.displayName ?? ''}
          onSave={(displayName) => displayName && set((now) => ({ ...now, info: { ...now.info, displayName } }))}
        />
        <SettingInput
          label={t('description')}
          description={t('descriptionHint')}
          long
          disabled={locked}
          value={schema.info.description ?? ''}
          onSave={(description) => set((now) => ({ ...now, info: withText(now.info, 'description', description) }))}
        />
        {isType && (
          <>
            <Checkbox
              label={t('draftAndPublish')}
              description={t('draftAndPublishHint')}
              disabled={locked}
              checked={schema.options?.draftAndPublish === true}
              onChange={(event) => {
                const draftAndPublish = event.currentTarget.checked;
                set((now) => ({ ...now, options: { ...now.options, draftAndPublish } }));
              }}
            />
            <Checkbox
              label={t('localized')}
              description={t('localizedHint', { count: locales.available.length })}
              disabled={locked}
              checked={schema.pluginOptions?.i18n?.localized === true}
              onChange={(event) => {
                const localized = event.currentTarget.checked;
                set((now) => ({
                  ...now,
                  pluginOptions: { ...now.pluginOptions, i18n: { ...now.pluginOptions?.i18n, localized } },
                }));
              }}
            />
            <Checkbox
              label={t('privateFiles')}
              description={t('privateFilesHint')}
              disabled={locked}
              checked={schema.pluginOptions?.upload?.private === true}
              onChange={(event) => {
                const isPrivate = event.currentTarget.checked;
                set((now) => ({
                  ...now,
                  pluginOptions: { ...now.pluginOptions, upload: { ...now.pluginOptions?.upload, private: isPrivate } },
                }));
              }}
            />
            <SettingInput label={t('previewUrl')} description={t('previewUrlHint')} {...cairnOption('previewUrl')} />
            <SettingInput label={t('collation')} description={t('collationHint')} {...cairnOption('collation')} />
            <Text size="xs" c="dimmed">
              {t('route', {
                route: `/api/${(schema.kind === 'singleType' ? schema.info.singularName : schema.info.pluralName) ?? ''}`,
              })}
            </Text>
          </>
        )}
      </Stack>
    </Card>
  );
}

/** An empty text takes the option out, and `cairn` with its last one. */
function withCairnOption(schema: Schema, name: 'previewUrl' | 'collation', text: string): Schema {
  const { [name]: _old, ...rest } = schema.options?.cairn ?? {};
  const cairn = text ? { ...rest, [name]: text } : rest;
  const { cairn: _cairn, ...options } = schema.options ?? {};
  return { ...schema, options: Object.keys(cairn).length > 0 ? { ...options, cairn } : options };
}

function withText(info: Schema['info'], key: 'description', text: string): Schema['info'] {
  const { [key]: _old, ...rest } = info;
  return text ? { ...rest, [key]: text } : rest;
}

interface SettingInputProps {
  label: string;
  description?: string;
  long?: boolean;
  disabled: boolean;
  value: string;
  error?: string;
  onSave: (value: string) => void;
}

/** A text that counts when it is left, so that a step back takes back all of it. */
function SettingInput({ long = false, value, onSave, ...props }: SettingInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  const save = (): void => {
    if (typed !== null && typed.trim() !== value) onSave(typed.trim());
    setTyped(null);
  };
  const shared = { ...props, value: typed ?? value, onBlur: save };
  return long ? (
    <Textarea {...shared} autosize maxRows={8} onChange={(event) => setTyped(event.currentTarget.value)} />
  ) : (
    <TextInput
      {...shared}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') save();
      }}
    />
  );
}
