import { writeSync } from 'node:fs';
import { crashIn } from './crash-lab.ts';

// The run of the crash lab whose disk is full. The disk is mounted: node small-disk-child.ts FOLDER

const [, , folder = ''] = process.argv;
writeSync(1, JSON.stringify(await crashIn(folder, { kind: 'fault', fault: 'disk-full' })));
