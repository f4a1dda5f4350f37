import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const relation: FieldUi = {
  ...reading,
  Input,
  Filter,
  Options,
  empty: () => [],
  check: () => null,
};
