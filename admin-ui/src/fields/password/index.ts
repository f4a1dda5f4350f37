import { checkText } from '../shared/checks';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Input } from './Input';
import { Options } from './Options';

export const password: FieldUi = {
  Input,
  Cell,
  Filter: null,
  operators: [],
  Options,
  empty: () => undefined,
  check: checkText,
};
