import { reading as biginteger } from './biginteger/reading';
import { reading as blocks } from './blocks/reading';
import { reading as boolean } from './boolean/reading';
import { reading as component } from './component/reading';
import { reading as customField } from './customField/reading';
import { reading as date } from './date/reading';
import { reading as datetime } from './datetime/reading';
import { reading as decimal } from './decimal/reading';
import { reading as dynamiczone } from './dynamiczone/reading';
import { reading as email } from './email/reading';
import { reading as enumeration } from './enumeration/reading';
import { reading as float } from './float/reading';
import { reading as integer } from './integer/reading';
import { reading as json } from './json/reading';
import { reading as media } from './media/reading';
import { reading as password } from './password/reading';
import { reading as relation } from './relation/reading';
import { reading as richtext } from './richtext/reading';
import { reading as string } from './string/reading';
import { reading as text } from './text/reading';
import { reading as time } from './time/reading';
import { reading as timestamp } from './timestamp/reading';
import type { FieldKind, FieldReading } from './types';
import { reading as uid } from './uid/reading';

/** How each kind of attribute is shown, and what it can be asked: what a list needs, without the inputs, which `registry` has as well. */
export const readings: Record<FieldKind, FieldReading> = {
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
