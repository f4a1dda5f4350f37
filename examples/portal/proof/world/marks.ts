import { randomBytes } from 'node:crypto';

/** What a mark was planted in, as far as scopes of delegates tell it apart. */
export type Part =
  | 'account'
  | 'vehicle'
  | 'timeline'
  | 'draft'
  | 'documents'
  | 'payments'
  | 'choices'
  | 'service'
  | 'serviceTitle'
  | 'ratings'
  | 'reports'
  | 'signing'
  | 'journey'
  | 'sales'
  | 'help';

/** A text that is nowhere but in one person's data. */
export interface Mark {
  text: string;
  tenant: string;
  owner: string;
  part: Part;
  /** True for names and bytes of files, which the team has uploaded to the media library. */
  isFile: boolean;
}

/** All marks of a proof. */
export class Marks {
  readonly all: Mark[] = [];
  private number = 0;

  /** A new word of lower-case letters and digits. */
  word(tenant: string, owner: string, part: Part, isFile = false): string {
    return this.keep(`mk${randomBytes(8).toString('hex')}`, tenant, owner, part, isFile);
  }

  /** A new amount, which no other sum of the proof is. */
  amount(tenant: string, owner: string, part: Part): number {
    this.number += 1;
    const text = `${7000 + this.number}.${11 + (this.number % 80)}`;
    return Number(this.keep(text.replace(/0$/, '3'), tenant, owner, part));
  }

  /** A new number of a vehicle: 17 letters and digits. */
  vin(tenant: string, owner: string): string {
    return this.keep(`XL9${randomBytes(7).toString('hex').toUpperCase()}`, tenant, owner, 'vehicle');
  }

  /** The marks that a text has, in whatever case. */
  find(text: string): Mark[] {
    if (!/mk[0-9a-f]{16}|XL9[0-9A-F]{14}|7\d{3}\.\d\d/i.test(text)) return [];
    const lower = text.toLowerCase();
    return this.all.filter((mark) => lower.includes(mark.text.toLowerCase()));
  }

  private keep(text: string, tenant: string, owner: string, part: Part, isFile = false): string {
    this.all.push({ text, tenant, owner, part, isFile });
    return text;
  }
}
