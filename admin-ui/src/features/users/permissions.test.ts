import { describe, expect, it } from 'vitest';
import { isNarrowed, pluginSubject, samePermissions, type Subject, withAll, withGrant } from './permissions';

const news: Subject = { uid: 'api::news.news', label: 'News', actions: ['find', 'update'] };

describe('permissions', () => {
  it('are added and removed with their subject', () => {
    const some = withGrant({}, news.uid, 'find', {});
    expect(some).toEqual({ 'api::news.news': { find: {} } });
    expect(withGrant(some, news.uid, 'find', undefined)).toEqual({});
    expect(withGrant(some, 'api::faq.faq', 'find', undefined)).toEqual(some);
  });

  it('keep their restrictions when all are allowed', () => {
    const narrowed = { 'api::news.news': { update: { fields: ['title'] } } };
    expect(withAll(narrowed, news, true)).toEqual({ 'api::news.news': { find: {}, update: { fields: ['title'] } } });
    expect(withAll(narrowed, news, false)).toEqual({});
  });

  it('of a plugin are all or nothing, by their titles', () => {
    const crm = pluginSubject({
      plugin: 'crm',
      name: 'CRM',
      permissions: [{ name: 'deals.read', title: 'See deals' }],
    });
    expect(crm).toEqual({
      uid: 'plugin::crm',
      label: 'CRM',
      actions: ['deals.read'],
      titles: { 'deals.read': 'See deals' },
    });
    expect(withAll({}, crm, true)).toEqual({ 'plugin::crm': { 'deals.read': {} } });
  });

  it('are equal in any order', () => {
    expect(
      samePermissions(
        { a: { x: {}, y: { fields: ['t'] } }, b: { z: {} } },
        { b: { z: {} }, a: { y: { fields: ['t'] }, x: {} } },
      ),
    ).toBe(true);
    expect(samePermissions({ a: { x: {} } }, { a: { x: { fields: [] } } })).toBe(false);
  });

  it('report whether they are restricted', () => {
    expect(isNarrowed({})).toBe(false);
    expect(isNarrowed(undefined)).toBe(false);
    expect(isNarrowed({ where: { slug: { $eq: 'x' } } })).toBe(true);
  });
});
