import { isEmpty, isTime } from '../shared/checks';
import { orderedOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const time: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: orderedOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) => (isEmpty(value) || isTime(String(value)) ? null : { key: 'notATime' }),
};
