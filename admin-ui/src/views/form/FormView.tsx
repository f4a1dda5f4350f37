import { Alert, Anchor, Button, Group, Stack, Title } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Entry } from '@/api/content';
import type { ContentType, Model } from '@/api/model';
import type { FormHost } from '@/fields/form/context';
import { EntryForm, Fields } from '@/fields/form/Fields';
import { NewEntry } from '@/fields/form/newEntry';
import { followersOf } from '@/fields/form/slugs';
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
  const mayWrite = useCallback((name: string) => isWritable(type, name) || type.can.fields.write === null, [type]);
  const [made] = useState(() => new NewEntry({ model, type, locale, mayWrite }));
  const { store, slugs } = made;
  useEffect(() => slugs.start(), [slugs]);
  const form = useRef<HTMLFormElement>(null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState<'draft' | 'publish' | null>(null);
  const host: FormHost = useMemo(
    () => ({
      store,
      slugs,
      model,
      uid: type.uid,
      locale,
      access: (path) => ({ disabled: !mayWrite(path.split('.')[0] ?? '') }),
    }),
    [store, slugs, model, type, locale, mayWrite],
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
    try {
      onMade(await made.make(names, action, tf));
    } catch (cause) {
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
