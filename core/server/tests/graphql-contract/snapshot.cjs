// Keeps and restores the content of a running Strapi on SQLite: making it anew through the API takes most of a recording's time.
//
//   APP=folder-of-the-app node snapshot.cjs save|restore NAME
const path = require('node:path');

const app = path.resolve(process.env.APP);
const Database = require(path.join(app, 'node_modules/better-sqlite3'));
const [, , command, name] = process.argv;
const file = path.join(app, `.tmp/snapshot-${name}.db`);
const database = new Database(path.join(app, '.tmp/data.db'), { timeout: 20000 });
database.pragma('foreign_keys = OFF');

if (command === 'save') {
  require('node:fs').rmSync(file, { force: true });
  database.prepare('VACUUM INTO ?').run(file);
} else {
  database.prepare('ATTACH ? AS kept').run(file);
  const tables = database.prepare("SELECT name FROM kept.sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck().all();
  database.transaction(() => {
    for (const table of tables) database.exec(`DELETE FROM main."${table}"; INSERT INTO main."${table}" SELECT * FROM kept."${table}"`);
  }).immediate();
}
database.close();
