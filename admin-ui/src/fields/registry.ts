import { biginteger } from './biginteger';
import { blocks } from './blocks';
import { boolean } from './boolean';
import { component } from './component';
import { customField } from './customField';
import { date } from './date';
import { datetime } from './datetime';
import { decimal } from './decimal';
import { dynamiczone } from './dynamiczone';
import { email } from './email';
import { enumeration } from './enumeration';
import { float } from './float';
import { integer } from './integer';
import { json } from './json';
import { media } from './media';
import { password } from './password';
import { relation } from './relation';
import { richtext } from './richtext';
import { string } from './string';
import { text } from './text';
import { time } from './time';
import { timestamp } from './timestamp';
import type { FieldKind, FieldUi } from './types';
import { uid } from './uid';

/** How each kind of attribute is edited and read; `filterInputs` and `optionForms` have how it is filtered and set up. A kind that is missing here does not compile. */
export const registry: Record<FieldKind, FieldUi> = {
  biginteger,
  blocks,
  boolean,
  component,
  customField,
  date,
  datetime,
  decimal,
  dynamiczone,
  email,
  enumeration,
  float,
  integer,
  json,
  media,
  password,
  relation,
  richtext,
  string,
  text,
  time,
  timestamp,
  uid,
};
