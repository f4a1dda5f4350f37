import type { ComponentType } from 'react';
import { Options as biginteger } from './biginteger/Options';
import { Options as blocks } from './blocks/Options';
import { Options as boolean } from './boolean/Options';
import { Options as component } from './component/Options';
import { Options as customField } from './customField/Options';
import { Options as date } from './date/Options';
import { Options as datetime } from './datetime/Options';
import { Options as decimal } from './decimal/Options';
import { Options as dynamiczone } from './dynamiczone/Options';
import { Options as email } from './email/Options';
import { Options as enumeration } from './enumeration/Options';
import { Options as float } from './float/Options';
import { Options as integer } from './integer/Options';
import { Options as json } from './json/Options';
import { Options as media } from './media/Options';
import { Options as password } from './password/Options';
import { Options as relation } from './relation/Options';
import { Options as richtext } from './richtext/Options';
import { Options as string } from './string/Options';
import { Options as text } from './text/Options';
import { Options as time } from './time/Options';
import { Options as timestamp } from './timestamp/Options';
import { Options as uid } from './uid/Options';
import type { FieldKind, OptionsProps } from './types';

/** The settings of each kind of attribute in the type builder. Apart from `registry`: an entry is edited without. */
export const optionForms: Record<FieldKind, ComponentType<OptionsProps>> = {
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
