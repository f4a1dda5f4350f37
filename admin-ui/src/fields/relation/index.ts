import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const relation: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: ['$in', '$notIn', '$null', '$notNull'],
  Options,
  empty: () => [],
  check: () => null,
};
