import { checkNumber } from '../shared/checks';
import type { FieldUi } from '../types';
import { Filter } from './Filter';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const float: FieldUi = {
  ...display,
  Input,
  Filter,
  Options,
  empty: (attribute) => attribute.default ?? null,
  check: (attribute, value) => checkNumber(attribute, value, false),
};
