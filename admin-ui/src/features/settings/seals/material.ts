import type { SealMaterial } from '@/api/sealProfiles';

/** What was chosen in the form. A file that holds both may be chosen twice. */
export interface Given {
  kind: 'pkcs12' | 'pem';
  pkcs12: File | null;
  certificates: File | null;
  key: File | null;
  password: string;
}

export type MaterialProblem = 'choose' | 'large' | 'noCertificate' | 'noKey';

/** Why what was chosen is not sent: problems by the fields that have them. */
export class UnusableMaterial extends Error {
  constructor(readonly problems: Partial<Record<'pkcs12' | 'certificates' | 'key', MaterialProblem>>) {
    super('the material of a seal profile cannot be used');
  }
}

/** Bytes of a file at most: a key with its chain has a few thousand. */
const LARGEST = 1024 * 1024;

/** Reads what was chosen. Of files in PEM only what is asked for leaves this device: certificates here, the key there. */
export async function materialOf(given: Given): Promise<SealMaterial> {
  if (given.kind === 'pkcs12') {
    const problem = problemOf(given.pkcs12);
    if (problem || !given.pkcs12) throw new UnusableMaterial({ pkcs12: problem });
    return { pkcs12: base64Of(new Uint8Array(await given.pkcs12.arrayBuffer())), password: given.password };
  }
  const wrong = { certificates: problemOf(given.certificates), key: problemOf(given.key) };
  if (wrong.certificates || wrong.key || !given.certificates || !given.key) throw new UnusableMaterial(wrong);
  const certificates = pemBlocks(await given.certificates.text(), /^CERTIFICATE$/);
  const key = pemBlocks(await given.key.text(), /PRIVATE KEY$/);
  if (!certificates || !key)
    throw new UnusableMaterial({
      certificates: certificates ? undefined : 'noCertificate',
      key: key ? undefined : 'noKey',
    });
  return { certificates, key, ...(given.password ? { password: given.password } : {}) };
}

function problemOf(file: File | null): MaterialProblem | undefined {
  return file === null ? 'choose' : file.size > LARGEST ? 'large' : undefined;
}

/** The blocks of a text in PEM whose label is asked for; empty where there is none. */
export function pemBlocks(text: string, label: RegExp): string {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g);
  return [...blocks]
    .flatMap(([block, name]) => (label.test(name ?? '') ? [`${block.replaceAll('\r\n', '\n')}\n`] : []))
    .join('');
}

/** Not all bytes at once: a call has room for some tens of thousands. */
const AT_ONCE = 8192;

export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += AT_ONCE) binary += String.fromCharCode(...bytes.subarray(at, at + AT_ONCE));
  return btoa(binary);
}
