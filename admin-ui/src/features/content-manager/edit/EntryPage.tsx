import { Button, Center } from '@mantine/core';
import { IconFileOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DocumentState, LoadedEntry } from '@/api/content';
import { modelQuery } from '@/api/contentTypes';
import { contentTypeOf, type ContentType, type Model } from '@/api/model';
import { useSession } from '@/api/session';
import { emptyValue } from '@/fields/form/emptyItem';
import type { Values } from '@/fields/form/values';
import { fromServer } from '@/fields/form/wire';
import { registry } from '@/fields/registry';
import { DelayedContent } from '@/ui/DelayedContent';
import { EmptyState } from '@/ui/EmptyState';
import { ErrorMessage } from '@/ui/ErrorMessage';
import { Editor } from './Editor';
import { copyKey, type LocalCopy, readCopy } from './localCopy';
import { readIfFound } from './readIfFound';
import { createAddress, entryAddress } from './addresses';
import { EntrySession } from './session';
import { registerSession } from './sessions';
import { Skeleton } from './Skeleton';

/** What a page begins with. */
interface LoadedPage {
  read: LoadedEntry | null;
  /** Values that a locale which is not there yet shares with the others. */
  shared: Values;
  documentId: string | undefined;
  copy: LocalCopy | undefined;
  /** How the other locales stand, where this one is not there. */
  state?: DocumentState | null;
}

/** The page of an entry: reads it, and what an earlier page may have left on this device. */
export default function EntryPage() {
  const { t } = useTranslation('editor');
  const params = entryAddress.useParams() as { uid: string; documentId?: string };
  const { locale: requestedLocale } = entryAddress.useSearch();
  const session = useSession();
  const model = useQuery(modelQuery);
  const type = contentTypeOf(model.data, params.uid);
  const locale = type?.localized ? (requestedLocale ?? session.locales.default) : undefined;
  const key = copyKey(
    String(session.me.id),
    params.uid,
    type?.kind === 'singleType' ? 'single' : params.documentId,
    locale,
  );
  const loaded = useQuery({
    queryKey: ['entry', params.uid, params.documentId ?? '', locale ?? ''],
    enabled: type !== undefined && model.data !== undefined,
    // The page itself keeps what it shows in step with the server from here on.
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    queryFn: async ({ signal }): Promise<LoadedPage | 'gone'> => {
      if (!type || !model.data) throw new Error('the model is not there');
      const copy = await readCopy(key).catch(() => undefined);
      const single = type.kind === 'singleType';
      if (!single && params.documentId === undefined) return { read: null, shared: {}, documentId: undefined, copy };
      const id = params.documentId ?? '';
      const read = await readIfFound(type, id, locale, signal);
      if (read) return { read, shared: {}, documentId: read.entry.documentId, copy };
      // Another locale of it may be there.
      for (const { code } of type.localized ? session.locales.available : []) {
        const other = code === locale ? null : await readIfFound(type, id, code, signal);
        if (other)
          return {
            read: null,
            shared: sharedValues(model.data, type, other),
            documentId: other.entry.documentId,
            copy,
            state: other.state,
          };
      }
      return single ? { read: null, shared: {}, documentId: undefined, copy } : 'gone';
    },
  });

  // What the fields load by themselves comes while the server looks for the entry.
  useEffect(() => {
    const kinds = new Set(Object.values(type?.attributes ?? {}).map((attribute) => attribute.type));
    // What does not come is told by the field itself.
    for (const kind of kinds) void registry[kind].preload?.().catch(() => undefined);
  }, [type]);

  const failed = model.error ?? loaded.error;
  if (failed)
    return <ErrorMessage error={failed} retry={() => void (model.error ? model.refetch() : loaded.refetch())} />;
  if (model.isSuccess && !type) return <EntryGone title={t('gone.type')} />;
  if (loaded.data === 'gone') return <EntryGone title={t('gone.entry')} />;
  if (!model.data || !type || !loaded.data) {
    return (
      <DelayedContent>
        <Skeleton />
      </DelayedContent>
    );
  }
  return (
    <LoadedEntryPage
      key={`${params.uid} ${params.documentId ?? ''} ${locale ?? ''}`}
      model={model.data}
      type={type}
      locale={locale}
      loaded={loaded.data}
      copyKey={key}
    />
  );
}

function EntryGone({ title }: { title: string }) {
  const { t } = useTranslation('editor');
  return (
    <Center>
      <EmptyState
        icon={IconFileOff}
        title={title}
        action={<Button onClick={() => window.history.back()}>{t('back')}</Button>}
      >
        {t('gone.hint')}
      </EmptyState>
    </Center>
  );
}

/** The values that all locales have alike. */
function sharedValues(model: Model, type: ContentType, other: LoadedEntry): Values {
  const { values } = fromServer(model, type.attributes, other.entry);
  return Object.fromEntries(
    Object.entries(values).filter(([name]) => type.attributes[name]?.pluginOptions?.i18n?.localized !== true),
  );
}

/** Sessions that go on under another address: a new entry gets its own with its first save. */
const createdSessions = new Map<string, EntrySession>();

interface PageProps {
  model: Model;
  type: ContentType;
  locale: string | undefined;
  loaded: LoadedPage;
  copyKey: string;
}

function LoadedEntryPage({ model, type, locale, loaded, copyKey: key }: PageProps) {
  const search = createAddress.useSearch();
  const [session] = useState(() => {
    const goesOn = loaded.documentId ? createdSessions.get(loaded.documentId) : undefined;
    if (goesOn && loaded.documentId) {
      createdSessions.delete(loaded.documentId);
      return goesOn;
    }
    const initial: Values = {};
    for (const [name, attribute] of Object.entries(type.attributes)) initial[name] = emptyValue(model, attribute);
    return new EntrySession({
      model,
      type,
      documentId: loaded.documentId,
      locale,
      read: loaded.read,
      initial: { ...initial, ...loaded.shared },
      copyKey: key,
      state: loaded.state ?? null,
    });
  });
  const [copy, setCopy] = useState(() => (loaded.copy && session.lacks(loaded.copy) ? loaded.copy : undefined));
  useEffect(() => {
    registerSession(session);
    // A copy of which the server lacks nothing has done its work.
    if (loaded.copy && !copy && !session.unsaved) void session.forget();
    return session.start();
    // Only of what the page began with: a copy that is brought back is dropped once it is saved.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [session]);
  return (
    <Editor
      session={session}
      search={search}
      copy={copy}
      onCopyDone={() => setCopy(undefined)}
      onCreated={(documentId) => createdSessions.set(documentId, session)}
    />
  );
}
