import type { S3StorageOptions } from '../src/options.ts';
import { S3Storage } from '../src/storage.ts';

// proving.ts OPTIONS: saves a stream of several parts, before which conditions are proved.

const storage = new S3Storage(JSON.parse(process.argv[2] ?? '{}') as S3StorageOptions);
await storage.save('large.bin', new Blob([new Uint8Array(11 * 1024 * 1024)]).stream());
