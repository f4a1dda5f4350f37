import { isEmpty } from '../shared/checks';
import { choiceOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const enumeration: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: choiceOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (attribute, value) =>
    isEmpty(value) || (attribute.enum ?? []).includes(String(value))
      ? null
      : { key: 'notOneOf', params: { values: (attribute.enum ?? []).join(', ') } },
};
