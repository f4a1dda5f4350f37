import type { TFunction } from 'i18next';

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function isField(target: EventTarget | null): target is Field {
  return (
    target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
  );
}

/** What is wrong with a field, as the browser found. */
function problemOf(field: Field, t: TFunction): string {
  const { validity } = field;
  if (validity.valueMissing) return t('common:invalid.missing');
  if (validity.typeMismatch && field.type === 'email') return t('frame:signIn.emailProblem');
  if (validity.typeMismatch) return t('common:invalid.address');
  if (validity.tooShort && 'minLength' in field) return t('frame:password.problem', { count: field.minLength });
  if (validity.rangeUnderflow && 'min' in field) return t('common:invalid.min', { min: field.min });
  if (validity.rangeOverflow && 'max' in field) return t('common:invalid.max', { max: field.max });
  return t('common:invalid.other');
}

/**
 * What the browser says of fields that are missing or wrong is in the words and the language of the admin: its own
 * are in the language of the browser. Forms that say it at their fields have `noValidate`, and are not concerned.
 */
export function wordValidity(t: TFunction): () => void {
  const worded = new Set<Field>();
  const clear = (field: Field): void => {
    if (worded.delete(field)) field.setCustomValidity('');
  };
  const onInvalid = ({ target }: Event): void => {
    if (!isField(target)) return;
    clear(target);
    if (target.validity.customError || target.validity.valid) return;
    target.setCustomValidity(problemOf(target, t));
    worded.add(target);
  };
  const onInput = ({ target }: Event): void => {
    if (isField(target)) clear(target);
  };
  // A value may have been chosen without a key, as by the button that clears a field: each attempt is judged anew. Enter clicks as well.
  const onClick = ({ target }: Event): void => {
    if (target instanceof Element && target.closest('button, input[type="submit"]'))
      for (const field of worded) clear(field);
  };
  document.addEventListener('invalid', onInvalid, true);
  document.addEventListener('input', onInput, true);
  document.addEventListener('click', onClick, true);
  return () => {
    document.removeEventListener('invalid', onInvalid, true);
    document.removeEventListener('input', onInput, true);
    document.removeEventListener('click', onClick, true);
  };
}
