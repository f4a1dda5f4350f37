import type { Edge } from '@atlaskit/pragmatic-drag-and-drop-hitbox/closest-edge';
import { type RefObject, useEffect, useState } from 'react';
import { whenDraggable } from '@/ui/whenDraggable';

/** Makes a line of a list draggable by its handle, among the lines of the same list. */
export function useDraggable(
  list: string,
  key: string,
  line: RefObject<HTMLElement | null>,
  handle: RefObject<HTMLElement | null>,
  disabled: boolean,
): { dragged: boolean; edge: Edge | null } {
  const [dragged, setDragged] = useState(false);
  const [edge, setEdge] = useState<Edge | null>(null);
  useEffect(() => {
    const [element, dragHandle] = [line.current, handle.current];
    if (!element || !dragHandle || disabled) return undefined;
    return whenDraggable(({ attachClosestEdge, combine, draggable, dropTargetForElements, extractClosestEdge }) =>
      combine(
        draggable({
          element,
          dragHandle,
          getInitialData: () => ({ list, key }),
          onDragStart: () => setDragged(true),
          onDrop: () => setDragged(false),
        }),
        dropTargetForElements({
          element,
          canDrop: ({ source }) => source.data.list === list,
          getData: ({ input, element: over }) =>
            attachClosestEdge({ list, key }, { input, element: over, allowedEdges: ['top', 'bottom'] }),
          onDrag: ({ self, source }) => setEdge(source.data.key === key ? null : extractClosestEdge(self.data)),
          onDragLeave: () => setEdge(null),
          onDrop: () => setEdge(null),
        }),
      ),
    );
  }, [list, key, line, handle, disabled]);
  return { dragged, edge };
}

/** Tells where a line was dropped: the key of the one that moved, and its new place. */
export function useDropped(list: string, keys: () => string[], onMove: (key: string, to: number) => void): void {
  useEffect(
    () =>
      whenDraggable(({ extractClosestEdge, monitorForElements }) =>
        monitorForElements({
          canMonitor: ({ source }) => source.data.list === list,
          onDrop: ({ source, location }) => {
            const target = location.current.dropTargets.find((each) => each.data.list === list);
            if (!target) return;
            const to = placeAfterDrop(
              keys(),
              String(source.data.key),
              String(target.data.key),
              extractClosestEdge(target.data) === 'bottom',
            );
            if (to !== null) onMove(String(source.data.key), to);
          },
        }),
      ),
    [list, keys, onMove],
  );
}

/** The place of what was dropped before or behind another, once it is taken out of its old one. */
export function placeAfterDrop(keys: readonly string[], moved: string, over: string, behind: boolean): number | null {
  const [from, at] = [keys.indexOf(moved), keys.indexOf(over)];
  if (from < 0 || at < 0 || from === at) return null;
  const gap = at + (behind ? 1 : 0);
  const to = from < gap ? gap - 1 : gap;
  return to === from ? null : to;
}
