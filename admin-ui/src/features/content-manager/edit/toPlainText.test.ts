import { expect, it } from 'vitest';
import { componentOf } from '@/api/model';
import { testModel } from '@/views/testModel';
import { toPlainText } from './toPlainText';

it('shows days, moments and times in the notation of the reader', () => {
  expect(toPlainText('2026-11-27', { attribute: { type: 'date' } })).toBe('Nov 27, 2026');
  const moment = toPlainText('2026-11-27T12:00:00.000Z', { attribute: { type: 'datetime' } });
  expect(moment).toMatch(/^Nov 2[678], 2026, \d+:\d\d/);
  expect(toPlainText('2026-11-27T12:00:00.000Z', { attribute: { type: 'timestamp' } })).toBe(moment);
  expect(toPlainText('09:30:00.000', { attribute: { type: 'time' } })).toBe('09:30');
});

it('leaves what only looks like a day as it is', () => {
  expect(toPlainText('2026-11-27', { attribute: { type: 'string' } })).toBe('2026-11-27');
  expect(toPlainText('2026-11-27')).toBe('2026-11-27');
  expect(toPlainText('tomorrow', { attribute: { type: 'date' } })).toBe('tomorrow');
  expect(toPlainText('soon', { attribute: { type: 'datetime' } })).toBe('soon');
});

it('shows the days in a component by their labels', () => {
  const [seo] = testModel.components;
  if (!seo) throw new Error('the test model has no component');
  const model = { ...testModel, components: [{ ...seo, attributes: { publishedOn: { type: 'date' as const } } }] };
  expect(componentOf(model, seo.uid)).toBeTruthy();
  const text = toPlainText(
    { id: 1, __component: seo.uid, publishedOn: '2026-01-02' },
    { model, attribute: { type: 'component', component: seo.uid } },
  );
  expect(text).toBe('Published on: Jan 2, 2026');
});
