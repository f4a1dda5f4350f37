type Drag = typeof import('./drag');

let fetched: Drag | undefined;
let fetching: Promise<Drag> | undefined;

/**
 * Makes things draggable once the library for it is there, which no page waits for; for an effect: answers how to end it. Where the library cannot
 * be fetched, what is dragged is still moved by keys and menus.
 */
export function whenDraggable(begin: (drag: Drag) => () => void): () => void {
  if (fetched) return begin(fetched);
  let end: (() => void) | undefined;
  let ended = false;
  fetching ??= import('./drag');
  fetching.then(
    (drag) => {
      fetched = drag;
      if (!ended) end = begin(drag);
    },
    () => {
      fetching = undefined;
    },
  );
  return () => {
    ended = true;
    end?.();
  };
}
