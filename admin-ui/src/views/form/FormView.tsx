import { Alert, Anchor, Button, Group, Stack, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ApiError } from '@/api/client';
import { runEntryAction, type Entry, type LoadedEntry, saveEntry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { FormHost } from '@/fields/form/context';
import { emptyValue } from '@/fields/form/emptyItem';
import { EntryForm, Fields } from '@/fields/form/Fields';
import { followersOf, followTargets } from '@/fields/form/followTargets';
import { serverProblemText } from '@/fields/form/serverProblem';
import { EntryStore } from '@/fields/form/store';
import { toKeys, type Values } from '@/fields/form/values';
import { toServer } from '@/fields/form/wire';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { titleOf } from '../cells/Card';
import { navigateOnClick } from '../cells/navigateOnClick';
import { type FormViewDef, labelText } from '../definition';
import { useEntriesChanged } from '../entries/useEntryRows';
import { isWritable } from '../fieldPath';
import classes from './Form.module.css';

interface Props {
  model: Model;
  type: ContentType;
  definition: FormViewDef;
  /** The language that the entry is made in, where the type has languages. */
  locale: string | undefined;
  href: (entry: Entry) => string;
  open: (entry: Entry) => void;
}

/** Makes entries, with the fields that were chosen for it and no others; after each it is empty again. */
export function FormView(props: Props) {
  const { t } = useTranslation('views');
  const { type, href, open } = props;
  const [created, setCreated] = useState<Entry[]>([]);
  const changed = useEntriesChanged();
  const [last] = created;
  return (
    <Stack maw={720}>
      {last && (
        <Alert color="teal" role="status" icon={<IconCircleCheck aria-hidden />} py="xs">
          {t('form.made', { count: created.length })}{' '}
          <Anchor href={href(last)} onClick={navigateOnClick(() => open(last))} inherit underline="always">
            {titleOf(type, last)}
          </Anchor>
        </Alert>
      )}
      <OneEntry
        key={created.length}
        {...props}
        again={created.length > 0}
        onMade={(entry) => {
          setCreated([entry, ...created]);
          announce(t('form.made', { count: created.length + 1 }));
          void changed(type.uid);
        }}
      />
    </Stack>
  );
}

function OneEntry({
  model,
  type,
  definition,
  locale,
  again,
  onMade,
}: Props & { again: boolean; onMade: (entry: Entry) => void }) {
  const { t, i18n } = useTranslation('views');
  const { t: tf } = useTranslation('fields');
  const [store] = useState(() => {
    const values: Values = {};
    for (const [name, attribute] of Object.entries(type.attributes)) values[name] = emptyValue(model, attribute);
    return new EntryStore(values);
  });
  const mayWrite = useCallback((name: string) => isWritable(type, name) || type.can.fields.write === null, [type]);
  useEffect(() => followTargets(store, type.attributes, mayWrite), [store, type, mayWrite]);
  const form = useRef<HTMLFormElement>(null);
  // A document that was made but could not be published is published by the next try, not made twice.
  const [draft, setDraft] = useState<LoadedEntry | undefined>();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<'draft' | 'publish' | null>(null);
  const host: FormHost = useMemo(
    () => ({
      store,
      model,
      uid: type.uid,
      locale,
      access: (path) => ({ disabled: !mayWrite(path.split('.')[0] ?? '') }),
    }),
    [store, model, type, locale, mayWrite],
  );
  // After one is made the next is begun: where the reader was is not there any more.
  useEffect(() => {
    if (again) form.current?.querySelector<HTMLElement>('input, textarea, [contenteditable="true"]')?.focus();
  }, [again]);
  const fields = definition.sections.flatMap((section) => section.fields);
  const names = [...fields, ...followersOf(type.attributes, fields).filter(mayWrite)];
  const make = async (action: 'draft' | 'publish'): Promise<void> => {
    setBusy(action);
    setError(null);
    store.setErrors(new Map());
    try {
      const body = toServer(model, type.attributes, store.values, store.ids, names);
      const saved = await saveEntry(type, draft?.entry.documentId, body, { precondition: draft ?? 'absent', locale });
      const { entry, version } = saved;
      setDraft(saved);
      if (action === 'publish')
        await runEntryAction(type, entry.documentId, 'publish', locale ? { locales: [locale] } : {}, { version });
      onMade(entry);
    } catch (cause) {
      if (cause instanceof ApiError) {
        const found = cause.problems.map(
          (problem) =>
            [
              toKeys(store.values, type.attributes, model, problem.path),
              serverProblemText(tf, problem.message),
            ] as const,
        );
        store.setErrors(new Map(found.filter(([path]) => path !== '')));
      }
      setError(cause);
      requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
    } finally {
      setBusy(null);
    }
  };
  const publishes = type.draftAndPublish && type.can.publish;
  return (
    <form
      ref={form}
      onSubmit={(event) => {
        event.preventDefault();
        void make('draft');
      }}
    >
      <Stack gap="lg">
        {error !== null && <ErrorMessage error={error} title={t('form.failed')} />}
        <EntryForm host={host}>
          {definition.sections.map((section, at) => {
            const label = labelText(section.label, i18n.resolvedLanguage ?? 'en');
            return (
              <section key={at} className={classes.section} aria-label={label}>
                {label && (
                  <Title order={2} size="h3" mb="xs">
                    {label}
                  </Title>
                )}
                <Fields at="" attributes={type.attributes} names={section.fields} />
              </section>
            );
          })}
        </EntryForm>
        <Group>
          <Button
            type="submit"
            loading={busy === 'draft'}
            disabled={busy !== null}
            variant={publishes ? 'default' : 'filled'}
          >
            {t(type.draftAndPublish ? 'form.draft' : 'form.save')}
          </Button>
          {publishes && (
            <Button loading={busy === 'publish'} disabled={busy !== null} onClick={() => void make('publish')}>
              {t('form.publish')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
