// Calls to content types of plugins, in the project of examples/donkervoort: tsc compiles this file, and nothing runs it.
import { createClient } from '../../src/index.js';
import type { ContentTypes } from './projects/donkervoort.js';

export async function callDonkervoort(): Promise<void> {
  const cairn = createClient<ContentTypes>({ url: 'https://example.org' });
  const journeys = await cairn.collection('journey/journeys').find({ populate: ['definition'], filters: { definition: { key: 'klantreis' } } });
  journeys.data[0]?.definition?.documentId.length;
  // @ts-expect-error not populated
  journeys.data[0]?.items;
  // @ts-expect-error misspelt
  cairn.collection('journey/journeys').find({ filters: { definition: { kei: 'x' } } });
  // @ts-expect-error a type of another project
  cairn.collection('crm/leads');
  // @ts-expect-error users have routes of their own
  cairn.collection('users');
  const article = await cairn.collection('kb/articles').findOne('x', { populate: { section: { fields: ['title'] } }, locale: 'nl' });
  article.data.section?.title.length;
  // @ts-expect-error not in `fields`
  article.data.section?.slug;
  // @ts-expect-error a value of another type
  cairn.collection('journey/phases').update('x', { title: 3 });
}
