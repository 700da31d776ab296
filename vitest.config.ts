import { availableParallelism } from 'node:os';
import { defineConfig, type ViteUserConfigFnObject } from 'vitest/config';

// `vitest run --mode quick`, `versions`, `ci` or `deep`; without a mode, what `npm test` does. CONTRIBUTING.md says what each is for.
const MINUTE = 60_000;
const TEST_MINUTES: Readonly<Record<string, number>> = { quick: 1, versions: 2, test: 1, ci: 10, deep: 180 };

/** What the quick run leaves to `npm test`: clouds, other bindings, contracts run on mistakes, and processes of their own. */
const SLOW = [
  'apps/{crash/src,demo/src,demo/src/leak}/{crash,recovery,demo,leak,memory}.test.ts',
  'packages/{s3,gcs,azure}/src/{conformance,customer-key,every-request,faults,given-up,storage,url}.test.ts',
  'packages/sftp/src/**',
  'apps/demo/src/browser/**',
  'packages/browser/test/**',
  'apps/serving-checks/src/**',
  'apps/upload-checks/src/large/**',
  'packages/test-servers/src/**',
  'packages/{drizzle,knex,typeorm,mikro-orm,prisma}/**',
  'packages/**/*{mutants,node-test,processes,readme}.test.ts',
];
/** What tells nothing of another version of Node: contracts run on mistakes, kills, rivals, and examples in processes of their own. */
const SAME_ON_ALL = [
  'apps/{bench,crash,serving-checks,upload-checks}/**',
  'packages/sftp/**',
  'packages/browser/test/**',
  'packages/http/test/tus-{many,memory,processes}.test.ts',
  'packages/image/test/{crash,memory,queue}/**',
  'apps/demo/src/browser/**',
  'packages/conformance/test/**',
  'packages/**/*{mutants,node-test,guide,readme,examples}.test.ts',
];
/** Titles that name no database which is a server to start. */
const NEEDS_NO_SERVER = /^(?!.*(PostgreSQL|MariaDB))/;

// Tests run from source: the condition below is what every package's `exports` names first.
const config: ViteUserConfigFnObject = defineConfig(({ mode }) => {
  const quick = mode === 'quick';
  /** On another version of Node than the workspace's. */
  const versions = mode === 'versions';
  return {
    resolve: { conditions: ['@fieldfile/source'] },
    // Not `module`: there the AWS SDK has files for bundlers, which Node cannot load. Not `import`, which `require` would take, too.
    ssr: { resolve: { conditions: ['@fieldfile/source', 'node'] } },
    test: {
      include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/src/**/*.test.ts'],
      exclude: [
        // The crash harness runs from source in processes of its own, with syntax that Node 22 does not know. The demo's crash lab runs it.
        ...(Number.parseInt(process.versions.node, 10) < 24
          ? ['apps/crash/**', 'apps/demo/src/labs/small-disk.test.ts']
          : []),
        ...(quick ? SLOW : []),
        ...(versions ? SAME_ON_ALL : []),
      ],
      ...((quick || versions) && { testNamePattern: NEEDS_NO_SERVER }),
      env: { FIELDFILE_TEST_LOAD: quick || versions ? 'test' : mode },
      pool: 'forks',
      maxWorkers: availableParallelism(), // they wait for disks and servers as often as they compute
      execArgv: ['--expose-gc'],
      testTimeout: (TEST_MINUTES[mode] ?? 1) * MINUTE,
      hookTimeout: MINUTE,
      // What is polled is waited for; how long that takes is the machine's business.
      expect: { poll: { timeout: MINUTE / 3 } },
    },
  };
});

export default config;
