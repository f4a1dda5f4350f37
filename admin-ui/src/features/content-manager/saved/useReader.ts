import { useMemo, useState } from 'react';
import type { Model } from '@/api/model';
import { useSession } from '@/api/session';
import type { Reader } from '@/views/entries/found';

/** Who looks at a view, and when they began to. */
export function useReader(model: Model): Reader {
  const { me, locales } = useSession();
  const [now] = useState(() => new Date());
  return useMemo(
    () => ({ model, now, me: me.email, locale: locales.default }),
    [model, now, me.email, locales.default],
  );
}
