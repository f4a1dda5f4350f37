import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { Options } from './Options';
import { display } from './display';

export const component: FieldUi = {
  ...display,
  Input,
  Filter: null,
  Options,
  empty: (attribute) => (attribute.repeatable ? [] : null),
  check: (attribute, value) => (attribute.repeatable ? checkCount(attribute, value) : null),
};
