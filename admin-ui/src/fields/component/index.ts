import { checkCount } from '../shared/checks';
import type { FieldUi } from '../types';
import { Input } from './Input';
import { display } from './display';

export const component: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => (attribute.repeatable ? [] : null),
  check: (attribute, value) => (attribute.repeatable ? checkCount(attribute, value) : null),
};
