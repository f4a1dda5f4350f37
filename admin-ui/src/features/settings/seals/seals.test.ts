import { describe, expect, it } from 'vitest';
import { expiryOf } from './expiry';
import { base64Of, type SealFormValues, materialOf, pemBlocks } from './material';

const now = Date.parse('2026-11-21T12:00:00Z');

describe('a certificate', () => {
  it.each([
    ['2027-11-21T12:00:00Z', 'valid'],
    ['2026-12-22T12:00:00Z', 'valid'],
    ['2026-12-21T12:00:00Z', 'soon'],
    ['2026-11-21T12:00:01Z', 'soon'],
    ['2026-11-21T11:59:59Z', 'expired'],
  ])('that ends at %s is %s', (notAfter, expected) => {
    expect(expiryOf({ notBefore: '2025-01-01T00:00:00Z', notAfter }, now)).toBe(expected);
  });

  it('that starts later is not valid yet', () => {
    expect(expiryOf({ notBefore: '2026-11-22T00:00:00Z', notAfter: '2026-12-01T00:00:00Z' }, now)).toBe('early');
  });
});

const block = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const CHAIN = block('CERTIFICATE', 'b25l') + block('CERTIFICATE', 'dHdv');
const KEY = block('ENCRYPTED PRIVATE KEY', 'a2V5');

/** jsdom's files cannot be read. */
const file = (text: string, size = text.length): File =>
  ({ size, text: async () => text, arrayBuffer: async () => new TextEncoder().encode(text).buffer }) as unknown as File;

const given = (more: Partial<SealFormValues>): SealFormValues => ({
  kind: 'pem',
  pkcs12: null,
  certificates: null,
  key: null,
  password: '',
  ...more,
});

describe('the material of a profile', () => {
  it('is split by its PEM labels', () => {
    const text = `Bag Attributes\r\n${block('EC PARAMETERS', 'eA==')}${KEY}${CHAIN}`;
    expect(pemBlocks(text, /^CERTIFICATE$/)).toBe(CHAIN);
    expect(pemBlocks(text, /PRIVATE KEY$/)).toBe(KEY);
    expect(pemBlocks('-----BEGIN CERTIFICATE-----\nx', /^CERTIFICATE$/)).toBe('');
    expect(pemBlocks(CHAIN.replaceAll('\n', '\r\n'), /^CERTIFICATE$/)).toBe(CHAIN);
  });

  it('is sent as base64, whatever its length', () => {
    const bytes = Uint8Array.from({ length: 100_000 }, (_, at) => at % 256);
    expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'));
  });

  it('is sent without other blocks', async () => {
    const both = file(KEY + CHAIN);
    expect(await materialOf(given({ certificates: both, key: both }))).toEqual({ certificates: CHAIN, key: KEY });
    expect(await materialOf(given({ certificates: file(CHAIN), key: file(KEY), password: 'p' }))).toEqual({
      certificates: CHAIN,
      key: KEY,
      password: 'p',
    });
    expect(await materialOf(given({ kind: 'pkcs12', pkcs12: file('x'), key: both, password: '' }))).toEqual({
      pkcs12: 'eA==',
      password: '',
    });
  });

  it.each([
    [given({}), { certificates: 'choose', key: 'choose' }],
    [given({ kind: 'pkcs12' }), { pkcs12: 'choose' }],
    [given({ kind: 'pkcs12', pkcs12: file('x', 2_000_000) }), { pkcs12: 'large' }],
    [given({ certificates: file(KEY), key: file(CHAIN) }), { certificates: 'noCertificate', key: 'noKey' }],
    [given({ certificates: file(CHAIN), key: file('x') }), { key: 'noKey' }],
  ] as const)('is not sent if it is unusable: %#', async (wrong, problems) => {
    await expect(materialOf(wrong)).rejects.toMatchObject({ problems });
  });
});
