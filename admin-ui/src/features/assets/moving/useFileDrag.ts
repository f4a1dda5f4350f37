import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { dragData, draggedFiles } from './dragData';

/** Lets a file be dragged, with all that are selected. The menu of the selected does the same. */
export function useDraggableFile(
  documentId: string,
  selected: ReadonlySet<string> | undefined,
): { ref: RefObject<HTMLDivElement | null>; dragged: boolean } {
  const ref = useRef<HTMLDivElement>(null);
  const [dragged, setDragged] = useState(false);
  const selection = useRef(selected);
  useEffect(() => {
    selection.current = selected;
  });
  const may = selected !== undefined;
  useEffect(() => {
    const element = ref.current;
    if (!element || !may) return undefined;
    return draggable({
      element,
      getInitialData: () => dragData(documentId, selection.current ?? new Set()),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [documentId, may]);
  return { ref, dragged };
}

/** Takes the files that are dropped. */
export function useFileTarget(onFiles: ((ids: string[]) => void) | undefined): {
  ref: RefObject<HTMLLIElement | null>;
  over: boolean;
} {
  const ref = useRef<HTMLLIElement>(null);
  const [over, setOver] = useState(false);
  const drop = useRef(onFiles);
  useEffect(() => {
    drop.current = onFiles;
  });
  const may = onFiles !== undefined;
  useEffect(() => {
    const element = ref.current;
    if (!element || !may) return undefined;
    return dropTargetForElements({
      element,
      canDrop: ({ source }) => draggedFiles(source.data).length > 0,
      onDragEnter: () => setOver(true),
      onDragLeave: () => setOver(false),
      onDrop: ({ source }) => {
        setOver(false);
        drop.current?.(draggedFiles(source.data));
      },
    });
  }, [may]);
  return { ref, over };
}
