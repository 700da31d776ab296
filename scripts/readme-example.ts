/** What a README tells its user to do first. */
export interface Example {
  /** Everything a shell is told up to the first program, in this order. */
  readonly commands: readonly string[];
  /** Paths and texts of the files that are shown before the program. */
  readonly files: ReadonlyMap<string, string>;
  readonly program: string;
  /** The script of the test runner that the program is for, below `node_modules`. */
  readonly testRunner: string | undefined;
  /** What the comments behind `console.log` say is printed. */
  readonly printed: readonly RegExp[];
}

/** The first program of a README, with everything that is printed above it. */
export function firstExample(readme: string): Example {
  const commands: string[] = [];
  const files = new Map<string, string>();
  for (const [, language, text = ''] of readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)) {
    if (language === 'sh') commands.push(text);
    else if (language === 'prisma') files.set('prisma/schema.prisma', text);
    else if (language === 'ts' || language === 'typescript') {
      if (!commands.some(command => command.includes('npm i'))) break;
      const testRunner = /from 'vitest'/.test(text) ? 'vitest/vitest.mjs' : undefined;
      return { commands, files, program: text, testRunner, printed: printedBy(text) };
    }
  }
  throw new Error('This README has no line that installs, and a TypeScript example after it.');
}

function printedBy(program: string): RegExp[] {
  return Array.from(program.matchAll(/console\.log\(.*\);? +\/\/ (.*)$/gm), ([, said = '']) => pattern(said));
}

/** Random parts of names, years and what is left out differ. */
function pattern(said: string): RegExp {
  const escaped = said.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(
    escaped
      .replaceAll('x7Kp2Qz', '\\w{7}')
      .replace(/\b20\d\d\b/g, '20\\d\\d')
      .replaceAll('…', '.*'),
  );
}
