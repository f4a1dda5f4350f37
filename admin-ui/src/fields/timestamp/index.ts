import { datetime } from '../datetime';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const timestamp: FieldUi = {
  ...display,
  Input,
  empty: datetime.empty,
  check: datetime.check,
};
