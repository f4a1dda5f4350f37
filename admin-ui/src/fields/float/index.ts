import { checkNumber } from '../shared/checks';
import { orderedOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const float: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: orderedOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (attribute, value) => checkNumber(attribute, value, false),
};
