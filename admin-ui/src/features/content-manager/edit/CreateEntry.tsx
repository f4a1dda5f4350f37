import { Button, Drawer, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf, type ContentType, type Model } from '@/api/model';
import { useSession } from '@/api/session';
import { PluginField } from '@/features/plugins';
import type { FormHost } from '@/fields/form/context';
import { EntryForm, Fields } from '@/fields/form/Fields';
import { NewEntry } from '@/fields/form/newEntry';
import type { RelationItem } from '@/fields/form/values';
import { relationItemOf } from '@/fields/form/wire';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { closeOnEscape } from '@/ui/closeOnEscape';

interface CreateEntryProps {
  uid: string;
  /** What was looked for, and not found. */
  title: string;
  onCreated: (item: RelationItem) => void;
  onClose: () => void;
}

/** Makes an entry that a relation is to lead to, as a draft, without leaving the page. */
export function CreateEntry({ uid, title, onCreated, onClose }: CreateEntryProps) {
  const { t } = useTranslation('editor');
  const model = useQuery(modelQuery);
  const type = contentTypeOf(model.data, uid);
  return (
    <Drawer
      opened
      onClose={onClose}
      closeOnEscape={false}
      onKeyDown={closeOnEscape(onClose)}
      position="right"
      size="lg"
      title={t('create.title', { type: type?.info.displayName ?? '' })}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {model.data && type && (
        <CreateEntryForm model={model.data} type={type} title={title} onCreated={onCreated} onClose={onClose} />
      )}
    </Drawer>
  );
}

function CreateEntryForm({
  model,
  type,
  title,
  onCreated,
  onClose,
}: Omit<CreateEntryProps, 'uid'> & { model: Model; type: ContentType }) {
  const { t } = useTranslation('editor');
  const { t: tf } = useTranslation('fields');
  const { locales } = useSession();
  const locale = type.localized ? locales.default : undefined;
  const [made] = useState(() => {
    const named = type.titleField ? type.attributes[type.titleField] : undefined;
    const takesTitle = type.titleField && title && (named?.type === 'string' || named?.type === 'text');
    const initial = takesTitle ? { [type.titleField ?? '']: title } : {};
    return new NewEntry({ model, type, locale, mayWrite: () => true, initial });
  });
  const { store, slugs } = made;
  useEffect(() => slugs.start(), [slugs]);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const id = useId();
  const host: FormHost = useMemo(
    () => ({
      id,
      store,
      slugs,
      model,
      uid: type.uid,
      locale,
      access: () => ({ disabled: false }),
      CustomField: PluginField,
    }),
    [id, store, slugs, model, type, locale],
  );
  const create = async () => {
    setBusy(true);
    setError(null);
    try {
      const entry = await made.make(Object.keys(type.attributes), 'draft', tf);
      onCreated({ ...relationItemOf(model, type.uid, entry), status: type.draftAndPublish ? 'draft' : 'published' });
    } catch (cause) {
      setError(cause);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {t('create.text')}
      </Text>
      {error !== null && <ErrorMessage error={error} />}
      <EntryForm host={host}>
        <Fields at="" attributes={type.attributes} />
      </EntryForm>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button loading={busy} onClick={() => void create()}>
          {t('create.do')}
        </Button>
      </Group>
    </Stack>
  );
}
