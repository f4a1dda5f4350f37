import { useTranslation } from 'react-i18next';
import type { Attribute } from '@/api/model';
import { useError, useForm, useValue } from '@/fields/form/context';
import { labelOf } from '@/fields/label';
import { UserField } from '../../schema/UserField';

/** Chooses a colleague for an attribute that holds the id of one. */
export function PersonInput({ name, attribute }: { name: string; attribute: Attribute | undefined }) {
  useTranslation('plugin');
  const { id, store } = useForm();
  const value = useValue(name);
  const error = useError(name);
  const values = value === null || value === undefined || value === '' ? [] : [String(value)];
  return (
    <UserField
      label={labelOf(name, attribute)}
      // What a plugin says of the id is of no use where names are chosen.
      description={undefined}
      error={error}
      disabled={false}
      required={attribute?.required ?? false}
      name={`${id ?? ''}-${name}`}
      placeholder={undefined}
      values={values}
      many={false}
      maxItems={undefined}
      onChange={([chosen]) => {
        const number = attribute?.type === 'integer';
        store.set(name, chosen === undefined ? null : number ? Number(chosen) : chosen);
      }}
    />
  );
}
