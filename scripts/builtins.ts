import type { Plugin } from 'rolldown';

const IMPORT = /^import (?:([\w$]+),? )?(?:\{ (.*) \} )?from "(node:[\w/]+)";$/;

/**
 * Asks for Node's modules by `process.getBuiltinModule`. For an `import`, Node reads every property that the module has,
 * and some of these load a lot: that of `node:http` loads a WebSocket client, in 30 ms. The lines stay the same.
 */
export function builtins(): Plugin {
  return {
    name: 'builtins',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk') file.code = file.code.split('\n').map(withoutImport).join('\n');
    },
  };
}

function withoutImport(line: string): string {
  if (!/^import .*"node:/.test(line)) return line;
  const [, whole, names, module] = IMPORT.exec(line) ?? [];
  if (module === undefined) throw new Error(`Not known how to ask for this: ${line}`);
  const asked = `process.getBuiltinModule("${module}")`;
  const bindings = [whole, names && `{ ${names.replaceAll(' as ', ': ')} }`].filter(Boolean);
  return bindings.map(binding => `const ${binding} = ${asked};`).join(' ');
}
