import { orderedOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { check } from './check';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const biginteger: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: orderedOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check,
};
