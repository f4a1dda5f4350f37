import { datetime } from '../datetime';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';

export const timestamp: FieldUi = {
  Input,
  Cell,
  Filter,
  operators: datetime.operators,
  Options,
  empty: datetime.empty,
  check: datetime.check,
};
