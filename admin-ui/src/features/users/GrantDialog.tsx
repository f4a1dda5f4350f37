import { Button, Checkbox, Drawer, Group, Radio, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Model } from '@/api/model';
import type { Grant } from '@/api/roles';
import { ConditionBuilder } from '@/views/conditions/ConditionBuilder';
import type { Subject } from './permissions';

interface Props {
  model: Model;
  subject: Subject;
  action: string;
  grant: Grant;
  variables: readonly string[];
  readOnly: boolean;
  onClose: () => void;
  onChange: (grant: Grant) => void;
}

/** Actions that are about an entry that is there, so that it can be asked which. */
const ABOUT_ENTRIES = ['find', 'findOne', 'update', 'delete', 'publish', 'create'];
/** Actions that read or write attributes. */
const ABOUT_FIELDS = ['find', 'findOne', 'create', 'update'];

/** For which entries and attributes something may be done. */
export function GrantDialog({ model, subject, action, grant, variables, readOnly, onClose, onChange }: Props) {
  const { t } = useTranslation(['users', 'common']);
  const [draft, setDraft] = useState(grant);
  const [some, setSome] = useState(grant.where !== undefined);
  const { type } = subject;
  const names = Object.keys(type?.attributes ?? {});
  const title = t('users:grant.title', {
    action: t(`users:action.${action}`, { defaultValue: action }),
    type: subject.label,
  });
  const done = (): void => {
    const { where, fields } = draft;
    onChange({ ...(some && where ? { where } : {}), ...(fields ? { fields } : {}) });
    onClose();
  };
  return (
    <Drawer opened onClose={onClose} title={title} size="xl" closeButtonProps={{ 'aria-label': t('common:close') }}>
      <Stack gap="lg">
        {type && ABOUT_ENTRIES.includes(action) && (
          <Stack gap="sm" component="section">
            <Title order={3}>{t('users:grant.entries')}</Title>
            <Radio.Group
              aria-label={t('users:grant.entries')}
              value={some ? 'some' : 'all'}
              onChange={(value) => setSome(value === 'some')}
            >
              <Group>
                <Radio value="all" label={t('users:grant.allEntries')} disabled={readOnly} />
                <Radio value="some" label={t('users:grant.someEntries')} disabled={readOnly} />
              </Group>
            </Radio.Group>
            {some && (
              <ConditionBuilder
                model={model}
                type={type}
                value={draft.where}
                onChange={(where) => setDraft((old) => ({ ...old, where }))}
                variables={variables}
                readOnly={readOnly}
              />
            )}
          </Stack>
        )}
        {type && ABOUT_FIELDS.includes(action) && (
          <Stack gap="sm" component="section">
            <Title order={3}>{t('users:grant.fields')}</Title>
            <Radio.Group
              aria-label={t('users:grant.fields')}
              value={draft.fields ? 'some' : 'all'}
              onChange={(value) => setDraft({ ...draft, fields: value === 'some' ? names : undefined })}
            >
              <Group>
                <Radio value="all" label={t('users:grant.allFields')} disabled={readOnly} />
                <Radio value="some" label={t('users:grant.someFields')} disabled={readOnly} />
              </Group>
            </Radio.Group>
            {draft.fields && (
              <Checkbox.Group
                value={draft.fields}
                onChange={(fields) => setDraft({ ...draft, fields: names.filter((name) => fields.includes(name)) })}
                aria-label={t('users:grant.someFields')}
              >
                <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xs">
                  {names.map((name) => (
                    <Checkbox
                      key={name}
                      value={name}
                      label={type?.attributes[name]?.label ?? name}
                      disabled={readOnly}
                    />
                  ))}
                </SimpleGrid>
              </Checkbox.Group>
            )}
            <Text size="sm" c="dimmed">
              {t('users:grant.fieldsHint')}
            </Text>
          </Stack>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t(readOnly ? 'common:close' : 'common:cancel')}
          </Button>
          {!readOnly && <Button onClick={done}>{t('common:done')}</Button>}
        </Group>
      </Stack>
    </Drawer>
  );
}
