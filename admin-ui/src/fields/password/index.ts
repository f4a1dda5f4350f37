import { checkText } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const password: FieldUi = {
  ...reading,
  Input,
  Filter: null,
  Options,
  empty: () => undefined,
  check: checkText,
};
