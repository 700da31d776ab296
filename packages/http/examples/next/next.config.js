import { join } from 'node:path';

// The packages are found in the workspace above. An application of its own needs none of this.
const root = join(import.meta.dirname, '../../../..');

export default { turbopack: { root }, outputFileTracingRoot: root };
