import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { Options } from './Options';
import { reading } from './reading';

export const component: FieldUi = {
  ...reading,
  Input,
  Filter: null,
  Options,
  empty: (attribute) => (attribute.repeatable ? [] : null),
  check: (attribute, value) => (attribute.repeatable ? checkCount(attribute, value) : null),
};
