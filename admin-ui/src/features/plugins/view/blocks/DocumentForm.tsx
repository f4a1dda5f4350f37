import { Button, Group, Skeleton, Stack, Title } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { readEntry, type LoadedEntry, saveEntry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { FormHost } from '@/fields/form/context';
import { EntryForm, Fields } from '@/fields/form/Fields';
import { EntryStore } from '@/fields/form/store';
import { fromServer, toServer } from '@/fields/form/wire';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { SavedNote } from '@/ui/SavedNote';
import type { FormViewDef } from '@/views/definition';
import { useEntriesChanged } from '@/views/entries/useEntryRows';
import { isWritable } from '@/views/fieldPath';
import { useLabels } from '../context';
import { fieldProblemsOf } from '../fieldProblems';

interface Props {
  model: Model;
  type: ContentType;
  definition: FormViewDef;
  documentId: string;
  locale: string | undefined;
}

/** Some fields of a document that is there, to be changed. */
export function DocumentForm(props: Props) {
  const { type, documentId, locale } = props;
  const [version, setVersion] = useState(0);
  const entry = useQuery({
    queryKey: ['plugin-view', 'document', type.uid, documentId, locale ?? '', version],
    queryFn: ({ signal }) => readEntry(type, documentId, { locale, signal }),
    // What is being typed is not replaced by what somebody else saved: the version that was read goes with the save.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (entry.error) return <ErrorMessage error={entry.error} retry={() => void entry.refetch()} />;
  if (!entry.data) {
    return (
      <DelayedContent>
        <Skeleton h={160} />
      </DelayedContent>
    );
  }
  return <DocumentEditor key={version} {...props} read={entry.data} reload={() => setVersion(version + 1)} />;
}

function DocumentEditor({
  model,
  type,
  definition,
  documentId,
  locale,
  read,
  reload,
}: Props & { read: LoadedEntry; reload: () => void }) {
  const { t } = useTranslation(['pluginView', 'common']);
  const label = useLabels();
  const changed = useEntriesChanged();
  const [store] = useState(() => {
    const formValues = fromServer(model, type.attributes, read.entry);
    return new EntryStore(formValues.values, formValues.ids);
  });
  const [token, setToken] = useState(read.version);
  const names = definition.sections.flatMap(({ fields }) => fields);
  const host: FormHost = useMemo(
    () => ({
      id: `plugin-${documentId}`,
      store,
      model,
      uid: type.uid,
      documentId,
      locale,
      access: (path) => ({ disabled: !isWritable(type, path.split('.')[0] ?? '') }),
    }),
    [store, model, type, documentId, locale],
  );
  const save = useMutation({
    mutationFn: () =>
      saveEntry(
        type,
        documentId,
        toServer(
          model,
          type.attributes,
          store.values,
          store.ids,
          names.filter((name) => isWritable(type, name)),
        ),
        { precondition: { version: token }, locale },
      ),
    onMutate: () => store.setErrors(new Map()),
    onSuccess: async (saved) => {
      setToken(saved.version);
      await changed(type.uid);
    },
    onError: (cause) => {
      store.setErrors(fieldProblemsOf(cause, { store, type, model, names }).fields);
    },
  });
  const conflict = save.error instanceof ApiError && (save.error.status === 409 || save.error.status === 412);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (!save.isPending) save.mutate();
      }}
    >
      <Stack gap="md" maw={720}>
        {save.error && <ErrorMessage error={save.error} retry={conflict ? reload : undefined} />}
        <EntryForm host={host}>
          {definition.sections.map((section, at) => (
            // eslint-disable-next-line react/no-array-index-key
            <section key={at} aria-label={label(section.label)}>
              {section.label && (
                <Title order={4} size="h5" mb="xs">
                  {label(section.label)}
                </Title>
              )}
              <Fields at="" attributes={type.attributes} names={section.fields} />
            </section>
          ))}
        </EntryForm>
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('common:save')}
          </Button>
          <SavedNote shown={save.isSuccess} />
        </Group>
      </Stack>
    </form>
  );
}
