import { describe, expect, it } from 'vitest';
import { parseLossless } from './lossless';

// Node before 21 does not tell a reviver the source, so what the browser does is tried there as well.
const told = (() => {
  let source: unknown;
  JSON.parse('1', ((_key: string, _value: unknown, context?: { source?: string }) => {
    source = context?.source;
    return null;
  }) as (key: string, value: unknown) => unknown);
  return source !== undefined;
})();

describe('JSON parsing', () => {
  it('parses JSON', () => {
    expect(parseLossless('{"a":[1,2.5,"x",null,true]}')).toEqual({ a: [1, 2.5, 'x', null, true] });
  });

  it.runIf(told)('preserves digits that a number would lose', () => {
    expect(parseLossless('{"a":12345678901234567.89,"b":1.50,"c":0.1}')).toEqual({
      a: '12345678901234567.89',
      b: '1.50',
      c: 0.1,
    });
  });
});
