import { fieldId } from '../shared/inputProps';
import type { EntryStore } from './store';

/** Shows the field of a path, whatever hides it, and puts the focus into it. */
export function goToField(store: EntryStore, path: string): void {
  store.reveal(path);
  let tries = 0;
  const look = () => {
    const element =
      document.getElementById(fieldId(path)) ??
      document.querySelector<HTMLElement>(`[data-field="${CSS.escape(path)}"]`);
    if (element) {
      const target = element.matches('input,textarea,select,button,[contenteditable],[tabindex]')
        ? element
        : (element.querySelector<HTMLElement>('input,textarea,select,button,[contenteditable="true"],[tabindex]') ??
          element);
      target.focus({ preventScroll: true });
      target.scrollIntoView({ block: 'center' });
    } else if ((tries += 1) < 30) {
      // Opened items draw in the next frames; editors are loaded.
      setTimeout(look, 50);
    }
  };
  requestAnimationFrame(look);
}
