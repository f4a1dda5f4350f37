import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Cell } from './Cell';
import { Input } from './Input';
import { Options } from './Options';

export const component: FieldUi = {
  Input,
  Cell,
  Filter: null,
  operators: [],
  Options,
  empty: (attribute) => (attribute.repeatable ? [] : null),
  check: (attribute, value) => (attribute.repeatable ? checkCount(attribute, value) : null),
};
