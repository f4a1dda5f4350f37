// strapi-mcp: an MCP server, started as an assistant starts it, with an API token and no account of the admin.
import assert from 'node:assert/strict';

// It builds addresses from the second part of the type's name: with the plural there, they are those of the content API.
const ARTICLES = 'api::article.articles';

export default async function calls({ packages, base, token, seeded, call }) {
  const { Client } = packages.require('@modelcontextprotocol/sdk/client/index.js');
  const { StdioClientTransport } = packages.require('@modelcontextprotocol/sdk/client/stdio.js');
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [packages.file('strapi-mcp/build/index.js')],
    env: { PATH: process.env.PATH, STRAPI_URL: base, STRAPI_API_TOKEN: token },
    stderr: 'ignore',
  });
  const client = new Client({ name: 'clients', version: '1.0.0' });
  await client.connect(transport);
  const tool = async (name, args) => {
    const { content, isError } = await client.callTool({ name, arguments: args });
    assert.ok(!isError, content[0].text);
    return content[0].text;
  };
  const json = async (name, args) => JSON.parse(await tool(name, args));

  await call('get_entries', async () => {
    const options = JSON.stringify({
      filters: { rating: { $gt: 5 } },
      sort: ['rating:desc'],
      pagination: { page: 1, pageSize: 5 },
      populate: ['author'],
      fields: ['title'],
    });
    const { data, meta } = await json('get_entries', { contentType: ARTICLES, options });
    assert.deepEqual(
      data.map(({ title, author }) => [title, author.name]),
      [
        ['Third', 'Bob'],
        ['Second', 'Ann'],
      ],
    );
    assert.equal(meta.pagination.total, 2);
  });
  await call('get_entry', async () => {
    const entry = await json('get_entry', {
      contentType: ARTICLES,
      id: seeded.first.documentId,
      options: '{"populate":["tags"]}',
    });
    assert.deepEqual([entry.title, entry.tags.length], ['First', 2]);
  });
  await call('create_entry, update_entry, delete_entry', async () => {
    const made = await json('create_entry', { contentType: ARTICLES, data: { title: 'By an assistant' } });
    assert.equal(
      (await json('update_entry', { contentType: ARTICLES, id: made.documentId, data: { rating: 1 } })).rating,
      1,
    );
    await tool('delete_entry', { contentType: ARTICLES, id: made.documentId });
    // Its answer to what is not there.
    assert.equal(await json('get_entry', { contentType: ARTICLES, id: made.documentId }), null);
  });
  await call('upload_media', async () => {
    const [file] = [
      await json('upload_media', {
        fileData: Buffer.from('hello').toString('base64'),
        fileName: 'mcp.txt',
        fileType: 'text/plain',
      }),
    ].flat();
    assert.deepEqual([file.name, file.mime], ['mcp.txt', 'text/plain']);
  });
  await call('list_content_types needs the admin API', async () => {
    await assert.rejects(tool('list_content_types', {}), /Unable to fetch content types/);
  });
  await client.close();
}
