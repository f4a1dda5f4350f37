const DRAG_KEY = 'cairnFiles';

/** What is carried: the file that was taken hold of, and where it is among the selected, all of them. */
export function dragData(documentId: string, selected: ReadonlySet<string>): Record<string, unknown> {
  return { [DRAG_KEY]: selected.has(documentId) ? [...selected] : [documentId] };
}

/** The files among what is carried; none where something else is. */
export function draggedFiles(data: Record<string | symbol, unknown>): string[] {
  const ids = data[DRAG_KEY];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
}
