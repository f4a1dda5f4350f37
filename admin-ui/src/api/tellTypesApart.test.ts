import { expect, it } from 'vitest';
import type { ContentType } from './model';
import { pluralNameOf } from './model';
import { tellTypesApart } from './tellTypesApart';

const typeOf = (uid: string, displayName: string, displayNamePlural?: string) =>
  ({ uid, info: { displayName, displayNamePlural, singularName: uid.split('.')[1] } }) as unknown as ContentType;
const namesOf = (...types: ContentType[]) => tellTypesApart(types).map(({ info }) => info.displayName);

it('leaves names alone that one type has', () => {
  expect(namesOf(typeOf('api::event.event', 'Event'), typeOf('plugin::crm.deal', 'Deal'))).toEqual(['Event', 'Deal']);
});

it('says which plugin a type belongs to that is called like another', () => {
  const types = [typeOf('api::event.event', 'Event'), typeOf('plugin::room-bookings.event', 'Event', 'Events')];
  expect(namesOf(...types)).toEqual(['Event', 'Event (Room bookings)']);
  expect(tellTypesApart(types).map(pluralNameOf)).toEqual(['Event', 'Events (Room bookings)']);
  expect(namesOf(typeOf('plugin::a.event', 'Event'), typeOf('plugin::b.event', 'Event'))).toEqual([
    'Event (A)',
    'Event (B)',
  ]);
});

it('says the API IDs of two types of the project', () => {
  expect(namesOf(typeOf('api::event.event', 'Event'), typeOf('api::gig.gig', 'Event'))).toEqual([
    'Event (event)',
    'Event (gig)',
  ]);
});
