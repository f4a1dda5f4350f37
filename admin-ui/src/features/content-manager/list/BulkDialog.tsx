import { Alert, Group, Radio, Select, Text, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ContentType } from '@/api/model';
import { createRelease, releasesQuery } from '@/api/releases';
import { labelOf } from '@/fields/label';
import { registry } from '@/fields/registry';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { FormDialog } from '@/ui/FormDialog';
import { isWritable } from '@/views/fieldPath';
import { isInlineEditable } from '@/views/table/inlineEditable';
import { PeopleFields, type PeopleChoice } from './PeopleFields';
import { PublicationStateCounts } from './PublicationStateCounts';
import type { BulkAction, BulkKind } from './bulk';

interface Props {
  kind: BulkKind;
  type: ContentType;
  ids: readonly string[];
  /** The language it is done in, where the type has languages. */
  locale: string | undefined;
  run: (action: BulkAction) => void;
  close: () => void;
}

/** What is about to happen, to how many, and what that means; asked once, since undoing thousands takes long. */
export function BulkDialog({ kind, type, ids, locale, run, close }: Props) {
  const { t } = useTranslation(['list', 'common']);
  const count = ids.length;
  const [people, setPeople] = useState<PeopleChoice>({ users: [], keep: true });
  const [field, setField] = useState<string | null>(null);
  const [value, setValue] = useState<unknown>(null);
  const attribute = field ? type.attributes[field] : undefined;
  const [release, setRelease] = useState<ReleaseChoice>({ id: null, name: '', action: 'publish' });
  const [error, setError] = useState<unknown>();
  const queries = useQueryClient();
  const ready =
    kind === 'edit'
      ? attribute !== undefined && registry[attribute.type].check(attribute, value) === null
      : kind === 'release'
        ? release.id !== null || release.name.trim() !== ''
        : kind !== 'assign' || people.users.length > 0 || !people.keep;
  const missing = kind === 'edit' || kind === 'release' || kind === 'assign' ? t(`list:bulk.missing.${kind}`) : true;
  const go = async (): Promise<void> => {
    if (kind === 'edit') {
      if (field) run({ kind, field, value });
    } else if (kind === 'release') {
      const id = release.id ?? (await createRelease(release.name.trim())).id;
      void queries.invalidateQueries({ queryKey: ['releases'] });
      run({ kind, release: id, action: release.action });
    } else if (kind === 'assign') {
      run({ kind, ...people });
    } else run({ kind });
    close();
  };
  const { Input } = attribute ? registry[attribute.type] : { Input: null };
  return (
    <FormDialog
      title={t(`list:bulk.title.${kind}`, { count })}
      onClose={close}
      onSubmit={() => go().catch(setError)}
      error={error}
      submit={t(`list:bulk.button.${kind}`, { count })}
      disabled={!ready && missing}
      danger={kind === 'delete'}
    >
      <Text size="sm">{t(`list:bulk.explain.${kind}`, { count })}</Text>
      {type.localized && locale && kind !== 'delete' && <Text size="sm">{t('list:bulk.inLocale', { locale })}</Text>}
      {kind === 'edit' && (
        <Select
          label={t('list:bulk.field')}
          searchable
          allowDeselect={false}
          data={Object.entries(type.attributes)
            .filter(
              ([name, definition]) =>
                isWritable(type, name) &&
                isInlineEditable(definition) &&
                definition.unique !== true &&
                definition.type !== 'uid',
            )
            .map(([name, definition]) => ({ value: name, label: labelOf(name, definition) }))}
          value={field}
          onChange={(next) => {
            setField(next);
            setValue(null);
          }}
        />
      )}
      {attribute && field && Input && (
        <Input
          name={`bulk.${field}`}
          label={labelOf(field, attribute)}
          attribute={attribute}
          value={value as never}
          onChange={setValue as never}
        />
      )}
      {kind === 'release' && <ReleaseFields choice={release} onChange={setRelease} />}
      {kind === 'assign' && <PeopleFields choice={people} onChange={setPeople} />}
      {(kind === 'publish' || kind === 'unpublish') && (
        <PublicationStateCounts kind={kind} type={type} ids={ids} locale={locale} />
      )}
      {kind === 'unpublish' && <Alert color="yellow">{t('list:bulk.visitors')}</Alert>}
    </FormDialog>
  );
}

interface ReleaseChoice {
  id: number | null;
  name: string;
  action: 'publish' | 'unpublish';
}

function ReleaseFields({ choice, onChange }: { choice: ReleaseChoice; onChange: (choice: ReleaseChoice) => void }) {
  const { t } = useTranslation('list');
  const { data, error } = useQuery(releasesQuery('open'));
  return (
    <>
      {error && <ErrorMessage error={error} />}
      {data && data.length > 0 && (
        <Select
          label={t('bulk.release')}
          placeholder={t('bulk.newRelease')}
          clearable
          data={data.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={choice.id === null ? null : String(choice.id)}
          onChange={(id) => onChange({ ...choice, id: id === null ? null : Number(id) })}
        />
      )}
      {choice.id === null && (
        <TextInput
          label={t('bulk.releaseName')}
          value={choice.name}
          onChange={(event) => onChange({ ...choice, name: event.currentTarget.value })}
        />
      )}
      <Radio.Group
        label={t('bulk.releaseAction')}
        value={choice.action}
        onChange={(action) => onChange({ ...choice, action: action as 'publish' | 'unpublish' })}
      >
        <Group mt="xs">
          <Radio value="publish" label={t('bulk.releasePublish')} />
          <Radio value="unpublish" label={t('bulk.releaseUnpublish')} />
        </Group>
      </Radio.Group>
    </>
  );
}
