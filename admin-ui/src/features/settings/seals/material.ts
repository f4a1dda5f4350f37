import type { SealMaterial } from '@/api/sealProfiles';

/** What was chosen in the form. A file that holds both may be chosen twice. */
export interface SealFormValues {
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
const MAX_FILE_BYTES = 1024 * 1024;

/** Reads what was chosen. Of files in PEM only what is asked for leaves this device: certificates here, the key there. */
export async function materialOf(values: SealFormValues): Promise<SealMaterial> {
  if (values.kind === 'pkcs12') {
    const problem = problemOf(values.pkcs12);
    if (problem || !values.pkcs12) throw new UnusableMaterial({ pkcs12: problem });
    return { pkcs12: base64Of(new Uint8Array(await values.pkcs12.arrayBuffer())), password: values.password };
  }
  const wrong = { certificates: problemOf(values.certificates), key: problemOf(values.key) };
  if (wrong.certificates || wrong.key || !values.certificates || !values.key) throw new UnusableMaterial(wrong);
  const certificates = pemBlocks(await values.certificates.text(), /^CERTIFICATE$/);
  const key = pemBlocks(await values.key.text(), /PRIVATE KEY$/);
  if (!certificates || !key)
    throw new UnusableMaterial({
      certificates: certificates ? undefined : 'noCertificate',
      key: key ? undefined : 'noKey',
    });
  return { certificates, key, ...(values.password ? { password: values.password } : {}) };
}

function problemOf(file: File | null): MaterialProblem | undefined {
  return file === null ? 'choose' : file.size > MAX_FILE_BYTES ? 'large' : undefined;
}

/** The blocks of a text in PEM whose label is asked for; empty where there is none. */
export function pemBlocks(text: string, label: RegExp): string {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^]*?-----END \1-----/g);
  return [...blocks]
    .flatMap(([block, name]) => (label.test(name ?? '') ? [`${block.replaceAll('\r\n', '\n')}\n`] : []))
    .join('');
}

/** Not all bytes at once: a call has room for some tens of thousands. */
const CHUNK_BYTES = 8192;

export function base64Of(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES)
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES));
  return btoa(binary);
}
