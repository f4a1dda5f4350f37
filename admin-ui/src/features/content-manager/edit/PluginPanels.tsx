import { Suspense, useMemo } from 'react';
import type { Subject } from '@/api/editorial';
import { isFor, loadPanels, type OpenForm, usePluginViews } from '@/features/plugins';
import { labelOf } from '@/fields/label';
import { plainValueOf } from '@/fields/plain';
import { toServer } from '@/fields/form/wire';
import { lazyPart } from '@/ui/lazyPart';
import { isWritable } from '@/views/fieldPath';
import type { EntrySession } from './session';

const Panels = lazyPart(loadPanels);

/** What plugins show beside an entry. Fetched only where there is something. */
export function PluginPanels({ session, subject }: { session: EntrySession; subject: Subject }) {
  const { uid, documentId, locale } = subject;
  const any = usePluginViews().some((view) => isFor(view, 'panel', uid));
  const form = useMemo((): OpenForm => {
    const { store, model, type } = session;
    return {
      contentType: uid,
      documentId,
      locale: locale ?? undefined,
      read: () => toServer(model, type.attributes, store.values, store.ids, Object.keys(type.attributes)),
      watch: (listener) => store.subscribeAll(listener),
      labelOf: (name) => {
        const attribute = type.attributes[name];
        return attribute && plainValueOf(attribute) && isWritable(type, name) ? labelOf(name, attribute) : undefined;
      },
      apply: (values) => store.assign(values),
    };
  }, [session, uid, documentId, locale]);
  return any ? (
    <Suspense>
      <Panels form={form} />
    </Suspense>
  ) : null;
}
