/**
 * Many processes save one name into one root: every object is there once, whole, and nothing else.
 *
 * node --conditions=@fieldfile/source packages/fs/test/many-processes.ts [processes] [saves each]
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { MARKER } from '../src/root-marker.ts';
import { FileSystemStorage } from '../src/storage.ts';
import { runProgram } from './run-program.ts';
import { temporaryRoot } from './temporary-root.ts';

/** @returns the objects that are missing, torn or double, and what was left; nothing, when all is well. */
export async function manyProcesses(processes: number, saves: number): Promise<readonly string[]> {
  const root = temporaryRoot();
  try {
    const outputs = await Promise.all(
      Array.from({ length: processes }, (_, id) =>
        runProgram(`
          import { FileSystemStorage } from '@fieldfile/fs';
          const storage = new FileSystemStorage({ root: ${JSON.stringify(root)} });
          for (let index = 0; index < ${saves}; index++) {
            const content = \`${id}-\${index} \`.repeat(2000);
            console.log(JSON.stringify([await storage.save('same/name.txt', content), content]));
          }
        `),
      ),
    );
    const contents = new Map<string, string>();
    const wrong: string[] = [];
    for (const line of outputs.flatMap(output => output.trim().split('\n'))) {
      const [name, content] = JSON.parse(line) as [string, string];
      if (contents.has(name)) wrong.push(`${name} was given twice`);
      contents.set(name, content);
    }
    if (contents.size !== processes * saves) wrong.push(`${contents.size} names of ${processes * saves}`);
    const storage = new FileSystemStorage({ root });
    for await (const { name } of storage.list()) {
      await using opened = await storage.open(name);
      if ((await opened.text()) !== contents.get(name)) wrong.push(`${name} holds something else`);
      contents.delete(name);
    }
    for (const name of contents.keys()) wrong.push(`${name} is missing`);
    for (const name of readdirSync(join(root, '.fieldfile')))
      if (name !== MARKER) wrong.push(`${name} is left`);
    return wrong;
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const [processes = 10, saves = 200] = process.argv.slice(2).map(Number);
  const wrong = await manyProcesses(processes, saves);
  for (const line of wrong) console.error(line);
  console.log(`${processes} processes × ${saves} saves of one name: ${wrong.length} wrong`);
  process.exitCode = wrong.length > 0 ? 1 : 0;
}
