import { expect, test } from 'vitest';
import { TYPE_ICONS } from '@/ui/typeIcons';
import { ICON_NAMES } from './icons';

test('every icon that is offered can be drawn, and has a name that schema files may have', () => {
  expect(Object.keys(TYPE_ICONS).toSorted()).toEqual(ICON_NAMES.toSorted());
  for (const name of ICON_NAMES) expect(name).toMatch(/^[a-z][a-z0-9-]{0,49}$/);
});
