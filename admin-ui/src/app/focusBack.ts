/**
 * A dialog that is closed gives the focus back to what opened it. Mantine's do so where they are closed before they are
 * taken away; ours are often simply not drawn any more, and the focus would be nowhere.
 */
export function watchDialogs(): () => void {
  /** Open dialogs, the last on top, each with what had the focus before. */
  let open: { dialog: Element; before: HTMLElement }[] = [];
  let last: HTMLElement | null = null;
  const observer = new MutationObserver(() => {
    const closed = open.filter(({ dialog }) => !dialog.isConnected);
    if (closed.length === 0) return;
    open = open.filter(({ dialog }) => dialog.isConnected);
    if (open.length === 0) observer.disconnect();
    // Whatever the page does itself with the focus comes first.
    requestAnimationFrame(() => {
      const before = closed.find((each) => each.before.isConnected)?.before;
      if (before && (document.activeElement === null || document.activeElement === document.body))
        before.focus({ preventScroll: true });
    });
  });
  const focused = ({ target }: FocusEvent): void => {
    if (!(target instanceof HTMLElement)) return;
    const dialog = target.closest('[role="dialog"]');
    if (dialog && last && !dialog.contains(last) && !open.some((each) => each.dialog === dialog)) {
      if (open.length === 0) observer.observe(document.body, { childList: true, subtree: true });
      open.push({ dialog, before: last });
    }
    last = target;
  };
  document.addEventListener('focusin', focused);
  return () => {
    document.removeEventListener('focusin', focused);
    observer.disconnect();
  };
}
