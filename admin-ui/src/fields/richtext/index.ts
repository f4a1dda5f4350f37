import { checkText } from '../shared/checks';
import { longTextOperators } from '../shared/operators';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const richtext: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: longTextOperators,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: checkText,
};
