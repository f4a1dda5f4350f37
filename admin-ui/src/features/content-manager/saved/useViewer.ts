import { useMemo, useState } from 'react';
import type { Model } from '@/api/model';
import { useSession } from '@/api/session';
import type { Viewer } from '@/views/entries/entryQuery';

/** Who looks at a view, and when they began to. */
export function useViewer(model: Model): Viewer {
  const { me, locales } = useSession();
  const [now] = useState(() => new Date());
  return useMemo(
    () => ({ model, now, me: me.email, locale: locales.default }),
    [model, now, me.email, locales.default],
  );
}
