import { describe, expect, it } from 'vitest';
import { choicesOf, chosen, controlOf, emptyOf, resolve, type Schema, withDefaults } from './schema';

const control = (schema: Schema, root: Schema = {}): string => controlOf(schema, root);

describe('how a value of a schema is asked for', () => {
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
    [{ type: 'array' }, 'json'],
    [{ type: 'object', properties: {} }, 'group'],
    [{ type: 'object' }, 'json'],
    [{ type: ['string', 'number'] }, 'json'],
    [{ enum: [{}] }, 'json'],
    [{}, 'json'],
  ])('%j is %s', (schema, expected) => expect(control(schema)).toBe(expected));

  it('ends where a schema contains itself', () => {
    const root: Schema = { $defs: { node: { type: 'object', properties: { more: { $ref: '#/$defs/node' } } } } };
    expect(controlOf(resolve({ $ref: '#/$defs/node' }, root), root, 9)).toBe('json');
    expect(withDefaults({ $ref: '#/$defs/node' }, undefined, root)).toBeUndefined();
  });

  it('takes a reference that leads nowhere, or in a circle, for anything', () => {
    expect(resolve({ $ref: '#/$defs/none' }, {})).toEqual({});
    expect(resolve({ $ref: 'https://elsewhere.example/schema' }, {})).toEqual({});
    expect(resolve({ $ref: '#/$defs/a' }, { $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } })).toEqual(
      {},
    );
  });
});

describe('choices', () => {
  it('keep the type of what they stand for', () => {
    expect(chosen({ enum: [1, '2', null] }, '1')).toBe(1);
    expect(chosen({ enum: [1, '2', null] }, '2')).toBe('2');
    expect(chosen({ oneOf: [{ const: 7, title: 'Seven' }] }, '7')).toBe(7);
    expect(chosen({ enum: ['a'] }, 'b')).toBeUndefined();
  });

  it('have the names of oneOf', () => {
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
  it('stand below what is given, in all depth', () => {
    expect(withDefaults(schema, {})).toEqual({ hours: 24, from: { name: 'Cairn' } });
    expect(withDefaults(schema, { hours: 0, plain: '' })).toEqual({ hours: 0, plain: '', from: { name: 'Cairn' } });
  });
  it('make a new item', () => {
    expect(emptyOf({ type: 'object' }, {})).toEqual({});
    expect(emptyOf({ type: 'string' }, {})).toBeNull();
    expect(emptyOf({ type: 'integer', default: 3 }, {})).toBe(3);
  });
});
