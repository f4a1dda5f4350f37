import { datetime } from '../datetime';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const timestamp: FieldUi = {
  ...reading,
  Input,
  Filter,
  Options,
  empty: datetime.empty,
  check: datetime.check,
};
