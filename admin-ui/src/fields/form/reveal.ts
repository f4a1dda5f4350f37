import { fieldId } from '../shared/inputProps';
import type { EntryStore } from './store';

const INPUTS = 'input,textarea,select,button,[contenteditable="true"],[tabindex]';

/** Shows the field of a path, whatever hides it, and puts the focus into it. `form`: begins the ids of its inputs, where it is not the form of the page. */
export function goToField(store: EntryStore, path: string, form?: string): void {
  const [id, within] = form ? [`${form}-${fieldId(path)}`, `[data-form="${form}"] `] : [fieldId(path), ''];
  let tries = 0;
  const look = () => {
    // What hides it may have been loaded just now.
    store.reveal(path);
    const element =
      document.getElementById(id) ?? document.querySelector<HTMLElement>(`${within}[data-field="${CSS.escape(path)}"]`);
    const input = element?.matches('input,textarea,select,button,[contenteditable],[tabindex]')
      ? element
      : [...(element?.querySelectorAll<HTMLElement>(INPUTS) ?? [])].find((each) => !each.closest('[role="toolbar"]'));
    input?.focus({ preventScroll: true });
    (input ?? element)?.scrollIntoView({ block: 'center' });
    // Opened items draw in the next frames; editors are loaded.
    const isHidden = !input || input.checkVisibility?.() === false;
    if (isHidden && (tries += 1) < 30) setTimeout(look, 50);
  };
  store.reveal(path);
  requestAnimationFrame(look);
}
