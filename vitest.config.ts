import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfig } from 'vitest/config';

// Tests run from source: the condition below is what every package's `exports` names first.
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@fieldfile/source'] },
  // Not `module`: there the AWS SDK has files for bundlers, which Node cannot load. Not `import`, which `require` would take, too.
  ssr: { resolve: { conditions: ['@fieldfile/source', 'node'] } },
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
    // The crash harness runs from source in processes of its own, with syntax that Node 22 does not know.
    exclude: Number.parseInt(process.versions.node, 10) < 24 ? ['apps/crash/**'] : [],
    pool: 'forks',
    maxWorkers: availableParallelism(), // they wait for disks and servers as often as they compute
    execArgv: ['--expose-gc'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});

export default config;
