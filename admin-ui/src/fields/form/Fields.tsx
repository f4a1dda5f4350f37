import { memo, useMemo } from 'react';
import { registry } from '../registry';
import { FieldsContext, type FieldsProps, FormContext, type FormHost } from './context';
import { Field } from './Field';
import classes from './Form.module.css';

/** The attributes of a type or component, one below the other. */
const Fields = memo(function Fields({ at, attributes, names }: FieldsProps) {
  const visible = names ?? Object.keys(attributes);
  return (
    <div className={classes.fields}>
      {visible.map((name) => {
        const attribute = attributes[name];
        return attribute ? (
          <Field
            key={name}
            path={at === '' ? name : `${at}.${name}`}
            name={name}
            attribute={attribute}
            siblings={attributes}
            registry={registry}
          />
        ) : null;
      })}
    </div>
  );
});

/** An entry's form: fields inside find their values in the host's store. */
export function EntryForm({ host, children }: { host: FormHost; children: React.ReactNode }) {
  const Shown = useMemo(() => Fields, []);
  return (
    <FormContext value={host}>
      <FieldsContext value={Shown}>{children}</FieldsContext>
    </FormContext>
  );
}

export { Fields };
