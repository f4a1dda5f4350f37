// What calls may and may not say in the sample project: tsc compiles this file, and nothing runs it.
import { createClient } from '../../src/index.js';
import type { ContentTypes, Query, Update } from './projects/sample.js';

// As Next.js and other frameworks extend the options of `fetch`.
declare global {
  interface RequestInit {
    next?: { revalidate?: number };
  }
}

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const check = <T extends true>(): T | undefined => undefined;

export async function callSample(given: Query<'api::update.update'>): Promise<void> {
  const cairn = createClient<ContentTypes>({ url: 'https://example.org' });
  const updates = cairn.collection('updates');

  // ---- what is read follows the query ----
  const { data, meta } = await updates.find({
    populate: ['phase', 'vehicle.customer'],
    filters: { title: { $containsi: 'x' } },
    sort: 'happenedOn:desc',
  });
  check<Equal<(typeof data)[0], Update<{ populate: readonly ['phase', 'vehicle.customer'] }>>>();
  data[0]?.phase?.title.length;
  data[0]?.vehicle?.customer?.name.length;
  meta.pagination.pageCount.toFixed();
  // @ts-expect-error not populated
  data[0]?.images;
  // @ts-expect-error not populated below
  data[0]?.phase?.updates;
  // @ts-expect-error no such field
  data[0]?.titel;
  const few = await updates.findOne('x', { fields: ['title'], status: 'draft' });
  check<Equal<(typeof few.data)['title'], string | null>>();
  // @ts-expect-error not in `fields`
  few.data.happenedOn;

  // ---- writes about a version, and live updates ----
  if (few.version !== undefined) await updates.update('x', { title: 'x' }, {}, { ifMatch: few.version });
  // @ts-expect-error a version may be missing
  await updates.update('x', { title: 'x' }, {}, { ifMatch: few.version });
  // @ts-expect-error only writes are about a version
  await updates.find({}, { ifMatch: '7' });
  for await (const event of cairn.listen(['api::update.update'], { silence: 5_000 })) {
    if (event.event === 'ready' || event.event === 'reset') continue;
    check<Equal<(typeof event)['uid'], keyof ContentTypes['models'] & string>>();
    event.documentId.length;
  }
  // @ts-expect-error no such content type
  cairn.listen(['api::nothing.nothing']);

  for await (const update of updates.findAll({ populate: { phase: { fields: ['slug'] } } })) {
    update.phase?.slug.length;
    // @ts-expect-error not in `fields` of what is populated
    update.phase?.title;
  }
  // A query that is known only when it runs promises nothing that has to be populated.
  const some = await updates.find(given);
  some.data[0]?.title.length;
  // @ts-expect-error
  some.data[0]?.phase;
  const home = await cairn.single('portal-home').find();
  home.data.documentId.length;

  await updates.find({}, { next: { revalidate: 60 }, timeout: 0 });
  // @ts-expect-error the client chooses the method
  await updates.find({}, { method: 'POST' });

  // ---- what is asked for has to exist ----
  // @ts-expect-error
  cairn.collection('update');
  // @ts-expect-error a single type
  cairn.collection('portal-home');
  // @ts-expect-error a collection type
  cairn.single('updates');
  // @ts-expect-error misspelt
  updates.find({ filters: { titel: 'x' } });
  // @ts-expect-error misspelt, beside one that is not
  updates.find({ filters: { title: 'x', titel: 'x' } });
  // @ts-expect-error in a list
  updates.find({ filters: { $or: [{ title: 'x', titel: 'x' }] } });
  // @ts-expect-error of a relation
  updates.find({ filters: { phase: { slug: 'x', slugg: 'x' } } });
  // @ts-expect-error a value of another type
  updates.find({ filters: { phase: { order: { $gt: 'x' } } } });
  // @ts-expect-error
  updates.find({ populate: ['fase'] });
  // @ts-expect-error
  updates.find({ populate: { phase: true, fase: true } });
  // @ts-expect-error
  updates.find({ populate: { phase: { fields: ['titel'] } } });
  // @ts-expect-error
  updates.find({ populate: { phase: { filters: { title: 'x', titel: 'x' } } } });
  // @ts-expect-error
  updates.find({ sort: 'titel' });
  // @ts-expect-error
  updates.find({ pagination: { pagesize: 3 } });
  // @ts-expect-error
  updates.find({ pupulate: ['phase'] });
  // @ts-expect-error one entry has no pages
  updates.findOne('x', { pagination: { page: 1 } });
  // @ts-expect-error pages are counted by the client
  updates.findAll({ pagination: { page: 2 } });

  // ---- what is written ----
  const faqs = cairn.collection('faqs');
  await faqs.create({ slug: 'x', question: 'x', answer: 'x', category: 'order', phase: { connect: ['abc'] } });
  // @ts-expect-error lacks what is required
  faqs.create({ slug: 'x' });
  // @ts-expect-error no such value
  faqs.update('x', { category: 'other' });
  // @ts-expect-error no such field
  faqs.update('x', { awnser: 'x' });
  // @ts-expect-error another type
  faqs.update('x', { order: 'first' });
  // @ts-expect-error writes have no filters
  faqs.update('x', { order: 1 }, { filters: { slug: 'x' } });
  const written = await faqs.update('x', { order: null }, { populate: ['phase'] });
  written.data.phase?.slug.length;

  // ---- files and users ----
  const file = await cairn.files.upload(new Blob([]), { name: 'x.png', alternativeText: 'x' });
  file.url.length;
  // @ts-expect-error only where `fields` names it
  file.srcset;
  // @ts-expect-error
  cairn.files.upload(new Blob([]), { alt: 'x' });
  const me = await cairn.users.me({ populate: ['role'] });
  me.role?.name.length;
  // @ts-expect-error never returned
  me.password;
  const { jwt, user } = await cairn.users.signIn('x', 'y');
  check<Equal<typeof jwt, string>>();
  user.username.length;
}
