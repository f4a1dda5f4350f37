import { datetime } from '../datetime';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const timestamp: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
  empty: datetime.empty,
  check: datetime.check,
};
