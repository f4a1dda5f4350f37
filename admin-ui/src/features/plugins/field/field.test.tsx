import { act, fireEvent, screen } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Attributes, ContentType, Model } from '@/api/model';
import type { PluginView } from '@/api/pluginViews';
import { namedView } from '@/fields/customField/base';
import { fits } from '@/fields/plain';
import { emptyModel, renderFields } from '@/fields/testing';
import { handleRequest, type KitDeps } from '../frame/kitHost';
import type { OpenField } from '../frame/openField';
import type { KitRequest, RequestName } from '../frame/protocol';
import { fieldView } from './fieldView';
import { PluginField } from './PluginField';

const served = vi.hoisted(() => ({
  views: [] as unknown[],
  broken: false,
  frame: undefined as undefined | { field: OpenField; onState: (state: string) => void },
}));

vi.mock('@/api/pluginViews', () => ({
  pluginViewsQuery: {
    queryKey: ['plugin-views'],
    queryFn: async () => {
      if (served.broken) throw new Error('away');
      return served.views;
    },
  },
}));
vi.mock('../frame/Frame', () => ({
  Frame: ({ label, field, onState }: { label: string; field: OpenField; onState: (state: string) => void }) => {
    served.frame = { field, onState };
    return <div data-testid="frame">{label}</div>;
  },
}));

const COLOUR = 'plugin::bookings.colour';

function frame() {
  if (!served.frame) throw new Error('no frame was drawn');
  return served.frame;
}

const view = (more: Partial<PluginView> = {}): PluginView => ({
  plugin: 'bookings',
  pluginName: 'Bookings',
  name: 'colour',
  title: 'Colour picker',
  kind: 'field',
  icon: null,
  path: null,
  types: [],
  frame: 'colour.html',
  reads: {},
  ...more,
});

function modelOf(uid: string, attributes: Attributes): Model {
  return { ...emptyModel, contentTypes: [{ uid, attributes } as unknown as ContentType] };
}

describe('the view of a field', () => {
  const model = modelOf('api::event.event', {
    colour: { type: 'string' },
    secret: { type: 'string', private: true },
    part: { type: 'component' },
  });
  const found = (views: PluginView[], path = 'colour', uid = 'api::event.event') =>
    fieldView(views, { plugin: 'bookings', view: 'colour' }, { model, uid, path });

  it('is named by its attribute', () => {
    expect(namedView({ type: 'string', customField: COLOUR })).toEqual({ plugin: 'bookings', view: 'colour' });
    for (const customField of [
      undefined,
      'colour',
      'plugin::bookings',
      'global::colour',
      'plugin::ckeditor.CKEditor',
      'plugin::ckeditor5.CKEditor',
      'plugin::color-picker.color',
      'plugin::multi-select.multi-select',
    ]) {
      expect(namedView({ type: 'customField', ...(customField ? { customField } : {}) })).toBeUndefined();
    }
  });

  it('must exist, support the kind and be granted to read the field', () => {
    const reads = { 'api::event.event': ['colour', 'part'] };
    expect(found([view({ reads })])).toMatchObject({ is: 'frame', path: 'colour.html' });
    expect(found([view({ reads })], 'part.#k1.colour')).toMatchObject({ is: 'frame' });
    expect(found([view({ reads })], 'secret')).toEqual({ is: 'denied', plugin: 'Bookings' });
    expect(found([view({ reads: { 'api::event.event': null } })], 'secret')).toMatchObject({ is: 'denied' });
    expect(found([view()])).toMatchObject({ is: 'denied' });
    for (const views of [
      [],
      [view({ kind: 'panel' })],
      [view({ frame: null })],
      [view({ name: 'other' })],
      [view({ plugin: 'crm' })],
    ])
      expect(found(views)).toEqual({ is: 'missing', plugin: 'bookings' });
  });
});

const fieldOf = (readOnly = false): OpenField & { given: unknown[] } => {
  const given: unknown[] = [];
  const state = {
    name: 'colour',
    label: 'Colour',
    value: '#fff',
    type: 'string',
    required: false,
    readOnly,
    errors: [],
  };
  return {
    given,
    read: () => state,
    watch: () => () => {},
    fits: (value) => fits({ type: 'string' }, value),
    set: (value) => void given.push(value),
  };
};
const ask = (name: RequestName, given: Record<string, unknown>, of?: OpenField) =>
  handleRequest({ id: 1, do: name, with: given } as KitRequest, { field: of } as KitDeps);

describe('a value set by a frame', () => {
  it.each([
    [{ type: 'string' }, 'x', 3],
    [{ type: 'integer' }, 3, [3]],
    [{ type: 'decimal' }, '12345678901234567.89', true],
    [{ type: 'boolean' }, false, 'no'],
    [{ type: 'customField', customField: 'plugin::color-picker.color' }, '#fff', {}],
  ] as const)('must have the kind of %j', (attribute, good, bad) => {
    expect(fits(attribute, good)).toBe(true);
    expect(fits(attribute, null)).toBe(true);
    expect(fits(attribute, bad)).toBe(false);
  });

  it('can be anything for JSON fields, and nothing for composite fields', () => {
    expect(fits({ type: 'customField', customField: COLOUR }, { a: [1] })).toBe(true);
    expect(fits({ type: 'media' }, null)).toBe(false);
  });

  it('is set in the form', async () => {
    const open = fieldOf();
    expect(await ask('field.get', {}, open)).toMatchObject({ value: '#fff', type: 'string' });
    await ask('field.set', { value: '#000' }, open);
    await ask('field.set', { value: null }, open);
    expect(open.given).toEqual(['#000', null]);
  });

  it('is refused if the field cannot hold it', async () => {
    const open = fieldOf();
    await expect(ask('field.set', {}, open)).rejects.toMatchObject({ code: 'invalid' });
    await expect(ask('field.set', { value: { a: 1 } }, open)).rejects.toMatchObject({ code: 'invalid' });
    await expect(ask('field.set', { value: 'é'.repeat(600_000) }, open)).rejects.toMatchObject({ code: 'invalid' });
    await expect(ask('field.set', { value: 'x' }, fieldOf(true))).rejects.toMatchObject({ code: 'denied' });
    for (const name of ['field.get', 'field.set'] as const)
      await expect(ask(name, { value: 'x' })).rejects.toMatchObject({ code: 'not-found' });
    expect(open.given).toEqual([]);
  });
});

describe('a plugin field', () => {
  const attributes: Attributes = { colour: { type: 'string', customField: COLOUR, required: true } };
  const uid = 'plugin::bookings.event';
  const draw = () =>
    renderFields(attributes, { colour: '#fff' }, modelOf(uid, attributes), { uid, CustomField: PluginField });

  beforeEach(() => {
    served.views = [view()];
    served.frame = undefined;
    served.broken = false;
  });

  it('is rendered by its view, with the parts that every field has', async () => {
    const { store } = await draw();
    expect((await screen.findByTestId('frame')).textContent).toBe('Colour, Colour picker');
    expect(screen.getByRole('group', { name: /^Colour/ })).toBeTruthy();
    const { field } = frame();
    expect(field.read()).toEqual({
      name: 'colour',
      label: 'Colour',
      value: '#fff',
      type: 'string',
      required: true,
      readOnly: false,
      errors: [],
    });
    let told = 0;
    const stop = field.watch(() => {
      told += 1;
    });
    act(() => field.set('#000'));
    expect(store.get('colour')).toBe('#000');
    expect(field.read().value).toBe('#000');
    act(() => field.set('#000'));
    expect(told).toBe(1);
    act(() => store.setErrors(new Map([['colour', 'No colour']])));
    expect(field.read().errors).toEqual(['No colour']);
    expect(screen.getByText('No colour')).toBeTruthy();
    stop();
    act(() => void store.undo());
    expect(field.read().value).toBe('#fff');
    expect(told).toBe(2);
  });

  it('uses the standard input if the plugin is missing', async () => {
    served.views = [];
    const { store } = await draw();
    expect(await screen.findByText(/This field .*comes from the plugin “bookings”/)).toBeTruthy();
    fireEvent.change(screen.getByLabelText(/^Colour/), { target: { value: 'red' } });
    expect(store.get('colour')).toBe('red');
  });

  it('retries if the views could not be loaded', async () => {
    served.broken = true;
    await draw();
    fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    served.broken = false;
    fireEvent.click(await screen.findByRole('button', { name: 'Try again' }));
    expect(await screen.findByTestId('frame')).toBeTruthy();
  });

  it('uses the standard input if the frame does not start', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      await draw();
      await screen.findByTestId('frame');
      act(() => vi.advanceTimersByTime(20_000));
      expect(screen.getByLabelText(/^Colour/).tagName).toBe('INPUT');
      fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
      await screen.findByTestId('frame');
      act(() => frame().onState('ready'));
      act(() => vi.advanceTimersByTime(20_000));
      expect(screen.getByTestId('frame')).toBeTruthy();
      act(() => frame().onState('left'));
      act(() => vi.advanceTimersByTime(1));
      expect(screen.queryByTestId('frame')).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });
});
