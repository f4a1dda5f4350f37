import { useEffect, useState } from 'react';
import type { ContentType } from '@/api/model';
import { useSession } from '@/api/session';
import type { ListSearch } from '../addresses';
import { keepTrail, storeTrail, type Trail } from './keep';
import { extendTrail, goesOn, loadTrail, type Stretch, stretchAround } from './trail';

/** The entries before and after one, in the list from which it was opened. */
export interface Neighbours {
  previous: string | undefined;
  next: string | undefined;
  /** Which entry of the list it is, from 1, and how many it had. */
  number: number;
  total: number;
  /** The page on which a neighbour is has not come yet, or did not come. */
  rest: 'none' | 'pending' | 'failed';
}

/** The side on which an entry is the last that is known, though the list goes on. */
function openEnd(trail: Trail, stretch: Stretch): 1 | -1 | undefined {
  if (stretch.at === stretch.ids.length - 1 && goesOn(trail, stretch, 1)) return 1;
  if (stretch.at === 0 && goesOn(trail, stretch, -1)) return -1;
  return undefined;
}

/** The list of the type as it was left, and the neighbours of an entry in it. The order is that of then: what one changes does not move. */
export function useNeighbours(
  type: ContentType,
  documentId: string | undefined,
): { search: ListSearch | undefined; neighbours: Neighbours | undefined } {
  const { me } = useSession();
  const [trail, setTrail] = useState(() => loadTrail(me.id, type.uid));
  const [failed, setFailed] = useState(false);
  const stretch = trail && documentId ? stretchAround(trail, documentId) : undefined;
  const open = trail && stretch ? openEnd(trail, stretch) : undefined;
  useEffect(() => {
    if (!trail || !stretch || open === undefined) return undefined;
    const leaving = new AbortController();
    extendTrail(type, trail, stretch, open, leaving.signal).then(
      (longer) => {
        if (leaving.signal.aborted) return;
        keepTrail(me.id, type.uid, longer);
        storeTrail(me.id, type.uid);
        setTrail(longer);
      },
      () => leaving.signal.aborted || setFailed(true),
    );
    return () => leaving.abort();
    // The stretch follows from the trail and the entry.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [trail, documentId, open, type, me.id]);
  return {
    search: trail?.search,
    neighbours:
      trail && stretch
        ? {
            previous: stretch.ids[stretch.at - 1],
            next: stretch.ids[stretch.at + 1],
            number: stretch.number,
            total: Math.max(trail.total, stretch.number),
            rest: open === undefined ? 'none' : failed ? 'failed' : 'pending',
          }
        : undefined,
  };
}
