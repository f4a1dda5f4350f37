import { checkText } from '../shared/checks';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const richtext: FieldUi = {
  ...reading,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: checkText,
};
