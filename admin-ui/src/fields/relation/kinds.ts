import type { Attribute } from '@/api/model';

/** Whether the relation leads to several entries. */
export function leadsToMany(attribute: Attribute): boolean {
  return (attribute.relation ?? '').endsWith('Many');
}

/** Whether it may lead to entries of any type. */
export function leadsAnywhere(attribute: Attribute): boolean {
  return attribute.relation === 'morphToOne' || attribute.relation === 'morphToMany';
}

/** Whether it is the other end of a morph relation, which is changed from there. */
export function isMorphInverse(attribute: Attribute): boolean {
  return attribute.relation === 'morphOne' || attribute.relation === 'morphMany';
}
