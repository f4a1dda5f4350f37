import { longTextOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const blocks: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: longTextOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: () => null,
};
