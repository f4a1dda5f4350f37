import { valueOptions } from '../label';
import { isEmpty } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const enumeration: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: (attribute, value) =>
    isEmpty(value) || (attribute.enum ?? []).includes(String(value))
      ? null
      : {
          key: 'notOneOf',
          params: {
            values: valueOptions(attribute)
              .map(({ label }) => label)
              .join(', '),
          },
        },
};
