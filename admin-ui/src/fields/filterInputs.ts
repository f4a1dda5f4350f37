import type { ComponentType } from 'react';
import { Filter as biginteger } from './biginteger/Filter';
import { Filter as blocks } from './blocks/Filter';
import { Filter as boolean } from './boolean/Filter';
import { Filter as customField } from './customField/Filter';
import { Filter as date } from './date/Filter';
import { Filter as datetime } from './datetime/Filter';
import { Filter as decimal } from './decimal/Filter';
import { Filter as email } from './email/Filter';
import { Filter as enumeration } from './enumeration/Filter';
import { Filter as float } from './float/Filter';
import { Filter as integer } from './integer/Filter';
import { Filter as json } from './json/Filter';
import { Filter as media } from './media/Filter';
import { Filter as relation } from './relation/Filter';
import { Filter as richtext } from './richtext/Filter';
import { Filter as string } from './string/Filter';
import { Filter as text } from './text/Filter';
import { Filter as time } from './time/Filter';
import { Filter as timestamp } from './timestamp/Filter';
import { Filter as uid } from './uid/Filter';
import type { FieldKind, FilterProps } from './types';

/** What the value of a filter is set with; none where there are no operators. Apart from `registry`: an entry is edited without. */
export const filterInputs: Record<FieldKind, ComponentType<FilterProps> | null> = {
  biginteger,
  blocks,
  boolean,
  component: null,
  customField,
  date,
  datetime,
  decimal,
  dynamiczone: null,
  email,
  enumeration,
  float,
  integer,
  json,
  media,
  password: null,
  relation,
  richtext,
  string,
  text,
  time,
  timestamp,
  uid,
};
