import { describe, expect, it } from 'vitest';
import {
  choicesOf,
  parseChoice,
  controlOf,
  emptyOf,
  propertiesOf,
  resolveReference,
  type Schema,
  withDefaults,
} from './schema';

const control = (schema: Schema, root: Schema = {}): string => controlOf(schema, root);

describe('the order of fields', () => {
  const properties: Schema['properties'] = { amount: {}, note: {}, received: {} };

  it.each<[readonly string[] | undefined, string[]]>([
    [undefined, ['amount', 'note', 'received']],
    [[], ['amount', 'note', 'received']],
    [
      ['received', 'amount', 'note'],
      ['received', 'amount', 'note'],
    ],
    [['received'], ['received', 'amount', 'note']],
    [
      ['note', 'gone', 'toString', 'note'],
      ['note', 'amount', 'received'],
    ],
  ])('is that of %j, then that of the schema', (order, expected) => {
    expect(propertiesOf({ properties, ...(order ? { order } : {}) }).map(([name]) => name)).toEqual(expected);
  });

  it('needs no properties', () => expect(propertiesOf({ order: ['a'] })).toEqual([]));
});

describe('the control for a schema', () => {
  it.each<[Schema, string]>([
    [{ type: 'string' }, 'text'],
    [{ type: ['string', 'null'] }, 'text'],
    [{ type: 'string', maxLength: 5000 }, 'lines'],
    [{ type: 'string', contentMediaType: 'text/markdown' }, 'lines'],
    [{ type: 'integer' }, 'number'],
    [{ type: 'boolean' }, 'switch'],
    [{ enum: ['a', 'b', null] }, 'choice'],
    [{ oneOf: [{ const: 1, title: 'One' }] }, 'choice'],
    [{ type: 'array', items: { type: 'string' } }, 'words'],
    [{ type: 'array', items: { enum: ['a'] } }, 'choices'],
    [{ type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } }, 'list'],
    [{ type: 'string', format: 'document', contentType: 'api::a.a' }, 'documents'],
    [{ type: 'string', format: 'document' }, 'text'],
    [{ type: 'string', format: 'user' }, 'users'],
    [{ type: 'string', format: 'file', maxLength: 5000 }, 'files'],
    [{ type: 'string', format: 'hologram' }, 'text'],
    [{ type: 'integer', format: 'user' }, 'number'],
    [{ type: 'string', format: 'user', enum: ['1'] }, 'choice'],
    [{ type: 'array', items: { type: 'string', format: 'document', contentType: 'api::a.a' } }, 'documents'],
    [{ type: 'array', items: { type: 'string', format: 'document' } }, 'words'],
    [{ type: 'array', items: { type: 'string', format: 'file' } }, 'files'],
    [{ type: 'object', format: 'conditions', contentType: 'api::a.a', fields: ['a'] }, 'conditions'],
    [{ type: 'object', format: 'conditions', fields: ['a'] }, 'json'],
    [{ type: 'object', format: 'conditions', contentType: 'api::a.a' }, 'json'],
    [{ type: 'string', format: 'conditions', contentType: 'api::a.a', fields: ['a'] }, 'text'],
    [
      { type: 'array', items: { type: 'object', format: 'conditions', contentType: 'api::a.a', fields: ['a'] } },
      'list',
    ],
    [{ type: 'array' }, 'json'],
    [{ type: 'object', properties: {} }, 'group'],
    [{ type: 'object' }, 'json'],
    [{ type: ['string', 'number'] }, 'json'],
    [{ enum: [{}] }, 'json'],
    [{}, 'json'],
  ])('%j is %s', (schema, expected) => expect(control(schema)).toBe(expected));

  it('ends if a schema contains itself', () => {
    const root: Schema = { $defs: { node: { type: 'object', properties: { more: { $ref: '#/$defs/node' } } } } };
    expect(controlOf(resolveReference({ $ref: '#/$defs/node' }, root), root, 9)).toBe('json');
    expect(withDefaults({ $ref: '#/$defs/node' }, undefined, root)).toBeUndefined();
  });

  it('accepts anything for a broken or circular reference', () => {
    expect(resolveReference({ $ref: '#/$defs/none' }, {})).toEqual({});
    expect(resolveReference({ $ref: 'https://elsewhere.example/schema' }, {})).toEqual({});
    expect(
      resolveReference({ $ref: '#/$defs/a' }, { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } }),
    ).toEqual({});
  });
});

describe('choices', () => {
  it('keep the type of their values', () => {
    expect(parseChoice({ enum: [1, '2', null] }, '1')).toBe(1);
    expect(parseChoice({ enum: [1, '2', null] }, '2')).toBe('2');
    expect(parseChoice({ oneOf: [{ const: 7, title: 'Seven' }] }, '7')).toBe(7);
    expect(parseChoice({ enum: ['a'] }, 'b')).toBeUndefined();
  });

  it('are labelled by oneOf', () => {
    expect(choicesOf({ oneOf: [{ const: 'a', title: 'First' }, { const: 'b' }] })).toEqual([
      { value: 'a', label: 'First' },
      { value: 'b', label: 'b' },
    ]);
    expect(choicesOf({ oneOf: [{ type: 'string' }] })).toBeUndefined();
  });
});

describe('defaults', () => {
  const schema: Schema = {
    type: 'object',
    properties: {
      hours: { type: 'integer', default: 24 },
      from: { type: 'object', properties: { name: { type: 'string', default: 'Cairn' } } },
      plain: { type: 'string' },
    },
  };
  it('fill missing values at all depths', () => {
    expect(withDefaults(schema, {})).toEqual({ hours: 24, from: { name: 'Cairn' } });
    expect(withDefaults(schema, { hours: 0, plain: '' })).toEqual({ hours: 0, plain: '', from: { name: 'Cairn' } });
  });
  it('fill a new item', () => {
    expect(emptyOf({ type: 'object' }, {})).toEqual({});
    expect(emptyOf({ type: 'string' }, {})).toBeNull();
    expect(emptyOf({ type: 'integer', default: 3 }, {})).toBe(3);
  });
});
