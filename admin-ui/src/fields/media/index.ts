import { presenceOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const media: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: presenceOperators,
  Options,
  empty: () => [],
  check: () => null,
};
