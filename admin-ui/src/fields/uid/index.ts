import type { FieldUi } from '../types';
import { checkUid } from './check';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const uid: FieldUi = {
  ...reading,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: checkUid,
};
