// Imports a small project of a real Strapi 4: its archive, its database, and its archive once more after a kill.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

/**
 * Makes the project in `strapi` with `fixtures/strapi4/make.sh` and imports it. `project` returns the path of a project; `runImport`, `comparable`
 * and `check` are those of `run.mjs`.
 */
export async function importStrapi4({ fixtures, strapi, project, runImport, comparable, check }) {
  const made = project('strapi4-fixtures');
  execFileSync(path.join(fixtures, 'strapi4/make.sh'), [strapi, made], { stdio: ['ignore', 'ignore', 'inherit'] });
  const store = (source, name, options) => {
    fs.mkdirSync(project(name), { recursive: true });
    return runImport(['strapi', source, '--yes', '--json', '--project', project(name)], options);
  };
  const archive = path.join(made, 'export.tar.gz');
  const whole = await store(archive, 'strapi4');
  check('an archive of Strapi 4 is imported', whole.status === 0, whole.message || whole.out);
  if (whole.status !== 0) return;
  const { strapi: version, types, links, hashes } = JSON.parse(whole.out);
  check('its version is in the report', /^4\./.test(version), version);
  const articles = types['api::article.article'];
  // Four rows, of which two are published and get a draft beside them.
  check('all articles are imported', articles.imported === 6 && articles.inArchive === 6, JSON.stringify(articles));
  check('all links are imported', links.imported === links.inArchive, JSON.stringify(links));
  check('each type has a hash', Object.values(hashes).every((hash) => /^[0-9a-f]{64}$/.test(hash)), JSON.stringify(hashes));

  const direct = await store(strapi, 'strapi4-direct');
  check('a database of Strapi 4 is imported', direct.status === 0, direct.message);
  check('it has the content of the archive', direct.status === 0 && comparable(direct.out) === comparable(whole.out), direct.out.slice(0, 2000));

  const killed = await store(archive, 'strapi4-killed', { killedAfter: whole.seconds * 500 });
  const again = killed.status === 0 ? killed : await store(archive, 'strapi4-killed');
  check('an import that was killed goes on with the same document ids', again.status === 0 && comparable(again.out) === comparable(whole.out), again.message);
}
