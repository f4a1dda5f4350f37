import { textOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { checkEmail } from './check';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const email: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: textOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: checkEmail,
};
