import { useMaybeForm } from '../form/context';
import type { InputProps } from '../types';

/** What all of Mantine's inputs take, from what a field is given: label, error and reason are tied to the input by it. */
export function useInputProps(props: Omit<InputProps, 'value' | 'onChange'>) {
  const description =
    props.disabled && props.reason ? props.reason : (props.attribute.hint ?? props.attribute.description);
  return {
    id: useFieldId(props.name),
    name: props.name,
    label: props.label,
    description,
    error: props.error,
    disabled: props.disabled ?? false,
    withAsterisk: props.required ?? false,
    'aria-required': props.required ? true : undefined,
    'data-autofocus': props.autoFocus || undefined,
    lang: props.locale,
  } as const;
}

/** The id of the input of a path in the form that it is in. */
export function useFieldId(name: string): string {
  const form = useMaybeForm()?.id;
  return form ? `${form}-${fieldId(name)}` : fieldId(name);
}

/** The id of the input of a path in the form of the page; summaries of mistakes link to it. */
export function fieldId(name: string): string {
  return `field-${name.replaceAll(/[^\w-]/g, '_')}`;
}
