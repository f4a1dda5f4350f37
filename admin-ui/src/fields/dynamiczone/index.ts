import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Input } from './Input';
import { Options } from './Options';

export const dynamiczone: FieldUi = {
  Input,
  Cell,
  Filter: null,
  operators: [],
  Options,
  empty: () => [],
  check: checkCount,
};
