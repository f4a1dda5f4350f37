import { display as biginteger } from './biginteger/display';
import { display as blocks } from './blocks/display';
import { display as boolean } from './boolean/display';
import { display as component } from './component/display';
import { display as customField } from './customField/display';
import { display as date } from './date/display';
import { display as datetime } from './datetime/display';
import { display as decimal } from './decimal/display';
import { display as dynamiczone } from './dynamiczone/display';
import { display as email } from './email/display';
import { display as enumeration } from './enumeration/display';
import { display as float } from './float/display';
import { display as integer } from './integer/display';
import { display as json } from './json/display';
import { display as media } from './media/display';
import { display as password } from './password/display';
import { display as relation } from './relation/display';
import { display as richtext } from './richtext/display';
import { display as string } from './string/display';
import { display as text } from './text/display';
import { display as time } from './time/display';
import { display as timestamp } from './timestamp/display';
import type { FieldKind, FieldDisplay } from './types';
import { display as uid } from './uid/display';

/** How each kind of attribute is shown, and what it can be asked: what a list needs, without the inputs, which `registry` has as well. */
export const fieldDisplays: Record<FieldKind, FieldDisplay> = {
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
