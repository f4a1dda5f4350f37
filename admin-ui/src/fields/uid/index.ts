import type { FieldUi } from '../types';
import { checkUid } from './check';
import { Input } from './Input';
import { display } from './display';

export const uid: FieldUi = {
  ...display,
  Input,
  empty: (attribute) => attribute.default ?? null,
  check: checkUid,
};
