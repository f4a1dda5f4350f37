import { isDay, isEmpty } from '../shared/checks';
import { orderedOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const date: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: orderedOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (_attribute, value) => (isEmpty(value) || isDay(String(value)) ? null : { key: 'notADate' }),
};
