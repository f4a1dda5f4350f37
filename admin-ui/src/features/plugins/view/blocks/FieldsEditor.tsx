import { Button, Group, Modal, Skeleton, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useContext, useEffect, useId, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import { type LoadedEntry, readEntry } from '@/api/content';
import type { ContentType } from '@/api/model';
import { UnsavedChangesDialog } from '@/features/settings';
import type { FormHost } from '@/fields/form/context';
import { EntryForm, Fields } from '@/fields/form/Fields';
import { closeOnEscape } from '@/ui/closeOnEscape';
import { DelayedContent } from '@/ui/DelayedContent';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { announce } from '@/ui/live';
import { isWritable } from '@/views/fieldPath';
import { PluginField } from '../../field/PluginField';
import { useView } from '../context';
import { EditingContext } from '../editing';
import { useFieldEdits } from '../useFieldEdits';
import { ConflictNote } from './ConflictNote';
import type { RenderValue, ResolvedItem } from './DocumentFields';
import classes from './Fields.module.css';
import { PersonInput } from './PersonInput';

interface Props {
  type: ContentType;
  documentId: string;
  locale: string | undefined;
  /** The attributes that are edited. */
  names: readonly string[];
  items: readonly ResolvedItem[];
  renderValue: RenderValue;
  /** The heading of the block. */
  label: string | undefined;
  onClose: () => void;
}

/** Some fields of a document in inputs, where their values stood. */
export default function FieldsEditor(props: Props) {
  const { type, documentId, locale } = props;
  // Each time the inputs open, what there is now is read: the save names the version that was seen.
  const [opened] = useState(() => Date.now());
  const entry = useQuery({
    queryKey: ['field-edits', type.uid, documentId, locale ?? '', opened],
    queryFn: ({ signal }) => readEntry(type, documentId, { locale, signal }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
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
  return <Editor {...props} read={entry.data} />;
}

function Editor({
  type,
  documentId,
  locale,
  names,
  items,
  renderValue,
  label,
  onClose,
  read,
}: Props & { read: LoadedEntry }) {
  const { t } = useTranslation(['pluginView', 'common']);
  const { model } = useView();
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const { begin } = useContext(EditingContext);
  const [asking, setAsking] = useState(false);
  const edits = useFieldEdits({ model, type, documentId, locale, names, read });
  const { store, save } = edits;
  const isDirty = (): boolean => edits.changed().length > 0;
  const dirty = useSyncExternalStore(store.subscribeAll, isDirty);
  useEffect(() => {
    // The view around is held as it is while this is open; which view that was is decided once.
    const end = begin({ isDirty: () => edits.changed().length > 0 });
    form.current
      ?.querySelector<HTMLElement>('input:not([type="hidden"]), textarea, button, [contenteditable="true"]')
      ?.focus();
    return end;
    // oxlint-disable-next-line react/exhaustive-deps
  }, []);
  const people = useMemo(
    () => new Set(items.filter(({ format }) => format?.kind === 'user').map(({ field }) => field)),
    [items],
  );
  const host: FormHost = useMemo(
    () => ({
      id,
      store,
      model,
      uid: type.uid,
      documentId,
      locale,
      access: (path) => ({ disabled: !isWritable(type, path.split('.')[0] ?? '') }),
      CustomField: PluginField,
    }),
    [id, store, model, type, documentId, locale],
  );
  const submit = (): void => {
    if (save.isPending) return;
    if (edits.changed().length === 0) return onClose();
    edits.submit(() => {
      announce(t('pluginView:fields.saved'));
      onClose();
    });
  };
  const cancel = (): void => {
    if (dirty) setAsking(true);
    else onClose();
  };
  return (
    // Esc reaches the inputs, which have the focus.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <form
      ref={form}
      noValidate
      className={classes.editor}
      aria-label={label ? t('pluginView:fields.editNamed', { name: label }) : t('pluginView:fields.editing')}
      onKeyDown={closeOnEscape(cancel)}
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        submit();
      }}
    >
      <Stack gap="md">
        {edits.conflict ? (
          <ConflictNote
            conflict={edits.conflict}
            model={model}
            type={type}
            items={items}
            renderValue={renderValue}
            saveMine={submit}
            takeTheirs={onClose}
          />
        ) : (
          save.error && edits.isUnexplained && <ErrorMessage error={save.error} />
        )}
        <EntryForm host={host}>
          <Stack gap="md">
            {names.map((name) =>
              people.has(name) ? (
                <PersonInput key={name} name={name} attribute={type.attributes[name]} />
              ) : (
                <Fields key={name} at="" attributes={type.attributes} names={[name]} />
              ),
            )}
          </Stack>
        </EntryForm>
        <Group gap="xs">
          <Button type="submit" size="sm" loading={save.isPending}>
            {t('common:save')}
          </Button>
          <Button size="sm" variant="default" onClick={cancel}>
            {t('common:cancel')}
          </Button>
        </Group>
      </Stack>
      <UnsavedChangesDialog dirty={dirty && !save.isSuccess} isLeaving={leavesView} />
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('common:unsaved.title')}
        closeButtonProps={{ 'aria-label': t('common:unsaved.stay') }}
      >
        <Stack gap="md">
          <Text size="sm">{t('common:unsaved.text')}</Text>
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {t('common:unsaved.stay')}
            </Button>
            <Button color="red" onClick={onClose}>
              {t('pluginView:fields.discard')}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </form>
  );
}

interface Place {
  pathname: string;
  search: unknown;
}

/** Parts of an address that the form shows, in the page's place. */
const FORM_PARTS = ['form', 'field', 'panel', 'preview', 'beside'];

/** Whether what is typed goes with a change of address: another page or language, or the form in the page's place. Tabs and filters are asked about where they are. */
function leavesView({ current, next }: { current: Place; next: Place }): boolean {
  const searchOf = ({ search }: Place): Record<string, unknown> => (search ?? {}) as Record<string, unknown>;
  const isForm = (place: Place): boolean => FORM_PARTS.some((part) => searchOf(place)[part] !== undefined);
  return (
    current.pathname !== next.pathname ||
    isForm(current) !== isForm(next) ||
    searchOf(current).locale !== searchOf(next).locale
  );
}
