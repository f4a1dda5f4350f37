import { valueOptions } from '../label';
import { isEmpty } from '../shared/checks';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const enumeration: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
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
