import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** The content type that the site shows. */
export const STORY = 'api::story.story';

/**
 * Starts a site for previews, and writes the content type of its stories, with these attributes, into a folder. A page passes on the token that it is called with,
 * and shows the status and the title that Cairn answers. `base`: asked for each page, as the server starts after the type is written.
 */
export async function startStorySite(folder: string, attributes: object, base: () => string): Promise<Server> {
  const site = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://site');
    const headers = { 'Cairn-Preview': searchParams.get('token') ?? '' };
    void fetch(`${base()}/api/stories${pathname}`, { headers }).then(async (answer) => {
      const { data } = (await answer.json()) as { data: { title: string } | null };
      response.writeHead(200, { 'Content-Type': 'text/html' });
      response.end(`<!doctype html><html lang="en"><title>Site</title><h1>${answer.status} ${data?.title ?? ''}</h1>`);
    });
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  const previewUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/{documentId}?token={token}`;
  const type = join(folder, 'api/story/content-types/story');
  mkdirSync(type, { recursive: true });
  const schema = {
    kind: 'collectionType',
    collectionName: 'stories',
    info: { singularName: 'story', pluralName: 'stories', displayName: 'Story' },
    options: { draftAndPublish: true, cairn: { previewUrl } },
    attributes,
  };
  writeFileSync(join(type, 'schema.json'), JSON.stringify(schema));
  return site;
}
