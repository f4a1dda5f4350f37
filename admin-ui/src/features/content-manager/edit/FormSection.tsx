import type { Attributes } from '@/api/model';
import { Fields } from '@/fields/form/Fields';
import { useShownFields } from '@/fields/form/shownFields';
import classes from './Edit.module.css';
import type { FormPart } from './formColumns';

/** A part of a form below its heading. Nothing while none of its fields is drawn. */
export function FormSection({ attributes, part }: { attributes: Attributes; part: FormPart }) {
  const { label, fields } = part;
  const shown = useShownFields(attributes, fields);
  if (shown.size === 0) return null;
  return (
    <section aria-label={label || undefined}>
      {label && <h2 className={classes.group}>{label}</h2>}
      <Fields at="" attributes={attributes} names={fields} />
    </section>
  );
}
