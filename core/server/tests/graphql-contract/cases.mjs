// Reads the cases: documents of GraphQL, in files by area.
//
//   # fixture: library            at the top of a file: what its cases start from; none: empty
//   ### name-of-a-case            a case, up to the next one
//   # fixture: site               in a case: instead of the file's
//   # mutates                     the content is made anew afterwards
//   # as: public                  the caller: token (full access, the default), readonly, public, or a captured token: <jwt>
//   # variables: {"a": 1}         JSON
//   # operation: A                operationName
//   # method: GET                 instead of POST
//   # body: [{"query": "{…}"}]    this JSON instead of a query
//   # rest: POST /genres {…}      a request to the REST API before; compared with nothing
//   # capture: {"made": "data.createBook.documentId"}   values of the answer by path, of the last rest line where one is
//   # unordered: data.books       a list whose order says nothing
//   # then                        a further step
//
// <name> stands for a captured value.
import fs from 'node:fs';
import path from 'node:path';

const isOption = /^# (fixture|mutates|as|variables|operation|method|body|rest|capture|unordered|then)(?:: (.*))?$/;

export function readCases(folder) {
  const cases = [];
  for (const file of fs.readdirSync(folder).filter((name) => name.endsWith('.graphql')).sort()) {
    const [head, ...blocks] = fs.readFileSync(path.join(folder, file), 'utf8').split(/^### /m);
    const fixture = /^# fixture: (\w+)$/m.exec(head)?.[1] ?? '';
    for (const block of blocks) cases.push({ area: file.replace(/\.graphql$/, ''), ...readCase(block, fixture) });
  }
  const twice = cases.find(({ id }, at) => cases.findIndex((other) => other.id === id) !== at);
  if (twice) throw new Error(`there are two cases called ${twice.id}`);
  return cases;
}

function readCase(block, fixture) {
  const [id, ...lines] = block.trimEnd().split('\n');
  const one = { id: id.trim(), fixture, mutates: false, steps: [newStep()] };
  for (const line of lines) {
    const [, option, value] = isOption.exec(line) ?? [];
    const step = one.steps.at(-1);
    if (option === undefined) step.query += `${line}\n`;
    else if (option === 'fixture') one.fixture = value === 'none' ? '' : value;
    else if (option === 'mutates') one.mutates = true;
    else if (option === 'then') one.steps.push(newStep());
    else if (option === 'rest') step.rest.push(readRest(value));
    else if (option === 'capture' && step.query === '' && step.rest.length > 0) step.rest.at(-1).capture = JSON.parse(value);
    else step[option] = ['variables', 'body', 'capture'].includes(option) ? JSON.parse(value) : value;
  }
  for (const step of one.steps) step.query = step.query.trim();
  return one;
}

function newStep() {
  return { query: '', as: 'token', variables: undefined, method: 'POST', rest: [], capture: {} };
}

function readRest(text) {
  const [, method, address, body] = /^(\w+) (\S+)(?: (.*))?$/.exec(text);
  return { method, address, body: body === undefined ? undefined : JSON.parse(body), capture: {} };
}
